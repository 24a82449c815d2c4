#include "schedule/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "schedule/control_scheduler.h"
#include "support/answer.h"
#include "support/firing_test.h"

namespace broadcast::schedule {
namespace {

using storage::Transaction;
using test::EntryId;
using test::Eventually;
using test::Must;

constexpr absl::Duration kDay = absl::Hours(24);

class SchedulerTest : public test::FiringTest {
 protected:
  std::unique_ptr<Scheduler> Start() {
    auto scheduler = std::make_unique<Scheduler>(
        Scheduler::Options{.database = &database(),
                           .clock = &clock(),
                           .ids = &ids(),
                           .log = &test().log(),
                           .metrics = &metrics_,
                           .policy = policy_,
                           .on_fired = [this] { ++woken_; }});
    scheduler->Start();
    return scheduler;
  }

  bool Operations(int64_t count) {
    return Eventually([&] { return Count("operations") == count; });
  }

  // Until the thread has looked and sleeps, as far as one can tell.
  void LetItLook() {
    EXPECT_TRUE(Eventually([&] { return metrics_.looks.Value() > 0; }));
  }

  SchedulerMetrics metrics_{test().registry()};
  std::atomic<int> woken_{0};
};

TEST_P(SchedulerTest, WhatIsOverdueAtTheStartFiresOnceEach) {
  PlantDue(1, 600, clock().Now() - 3 * kDay);
  const auto scheduler = Start();
  EXPECT_TRUE(Operations(600));
  EXPECT_TRUE(Eventually([&] { return metrics_.fired.Value() == 600; }));
  EXPECT_EQ(metrics_.missed.Value(), 3 * 600);
  EXPECT_EQ(metrics_.lateness_seconds.Collect().histogram.sample_count, 600);
  EXPECT_GE(woken_, 3);
}

TEST_P(SchedulerTest, ItSleepsUntilAnEntryIsDue) {
  PlantDue(1, 1, clock().Now() + absl::Seconds(3));
  PlantDue(2, 1, clock().Now() + absl::Hours(3));
  const auto scheduler = Start();
  LetItLook();
  EXPECT_EQ(Count("operations"), 0);
  clock().Advance(absl::Seconds(3));
  EXPECT_TRUE(Operations(1));
  clock().Advance(absl::Hours(3));
  EXPECT_TRUE(Operations(2));
}

TEST_P(SchedulerTest, AChangeWakesIt) {
  PlantDue(1, 1, clock().Now() + kDay);
  const auto scheduler = Start();
  LetItLook();
  SetEntry(EntryId(1, 0), absl::StrCat("next_send_time = ",
                                       absl::ToUnixMicros(clock().Now())));
  scheduler->Wake();
  EXPECT_TRUE(Operations(1));
}

TEST_P(SchedulerTest, AClockThatJumpsIsNoticed) {
  PlantDue(1, 1, clock().Now() + absl::Minutes(30));
  const auto scheduler = Start();
  LetItLook();
  clock().SetNow(clock().Now() + absl::Hours(1));
  EXPECT_TRUE(Operations(1));
}

TEST_P(SchedulerTest, APauseHoldsItUntilItIsResumed) {
  Must(Do([](Transaction& transaction) {
    return PauseScheduler(transaction, {}, "");
  }));
  PlantDue(1, 1, clock().Now());
  const auto scheduler = Start();
  EXPECT_TRUE(Eventually([&] { return metrics_.paused.Value() == 1; }));
  EXPECT_EQ(Count("operations"), 0);
  Must(Do([](Transaction& transaction) {
    return ResumeScheduler(transaction, {});
  }));
  scheduler->Wake();
  EXPECT_TRUE(Operations(1));
  EXPECT_EQ(metrics_.paused.Value(), 0);
}

TEST_P(SchedulerTest, ItGoesOnAfterTheDatabaseHasRefused) {
  PlantDue(1, 1, clock().Now());
  raw().Execute("ALTER TABLE scheduler RENAME TO away");
  const auto scheduler = Start();
  EXPECT_TRUE(Eventually([&] { return metrics_.failures.Value() >= 2; }));
  raw().Execute("ALTER TABLE away RENAME TO scheduler");
  EXPECT_TRUE(Operations(1));
}

TEST_P(SchedulerTest, TwoOfThemShareTheWorkAndFireOnce) {
  PlantDue(1, 1000, clock().Now());
  {
    const auto one = Start();
    const auto two = Start();
    EXPECT_TRUE(Operations(1000));
  }
  EXPECT_EQ(metrics_.fired.Value(), 1000);
  EXPECT_EQ(Count("entries WHERE occurrence_count = 1"), 1000);
}

TEST_P(SchedulerTest, ItStopsInTheMiddleOfMuch) {
  PlantDue(1, 3000, clock().Now());
  auto scheduler = Start();
  EXPECT_TRUE(Eventually([&] { return woken_ > 0; }));
  scheduler->Stop();
  const int64_t fired = Count("operations");
  EXPECT_EQ(Count("entries WHERE occurrence_count = 1"), fired);
  EXPECT_EQ(Count("ready"), 2 * fired);
  scheduler = Start();
  EXPECT_TRUE(Operations(3000));
}

INSTANTIATE_TEST_SUITE_P(Backends, SchedulerTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::schedule
