#include "schedule/fire_due.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "schedule/control_scheduler.h"
#include "support/firing_test.h"

namespace broadcast::schedule {
namespace {

using storage::Entry;
using storage::EntryState;
using storage::Outcome;
using storage::Transaction;
using test::ClosedId;
using test::EntryId;
using test::Must;
using test::OpenId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr absl::Duration kDay = absl::Hours(24);

class FireDueTest : public test::FiringTest {
 protected:
  absl::StatusOr<FiredDue> TryFire(int64_t most = 100) {
    const auto firing_ids = NewFiringIds(ids(), most);
    return Do([&](Transaction& transaction) {
      return FireDue(transaction, policy_, firing_ids);
    });
  }
  FiredDue Fire(int64_t most = 100) { return Must(TryFire(most)); }

  // Whole microseconds, as they are stored.
  absl::Time Now() { return clock().Now(); }

  const std::string entry_ = EntryId(1, 0);
};

TEST_P(FireDueTest, WhatIsDueFiresOnceAndIsDueAgainInItsPhase) {
  const absl::Time due = Now() - absl::Minutes(1);
  PlantDue(1, 1, due);
  PlantDue(2, 1, Now() + absl::Hours(1));
  const FiredDue fired = Fire();
  EXPECT_EQ(fired.fired, 1);
  EXPECT_THAT(fired.skipped, IsEmpty());
  EXPECT_FALSE(fired.more_due);
  EXPECT_EQ(fired.missed, 0);
  ASSERT_THAT(fired.lateness, SizeIs(1));
  EXPECT_GE(fired.lateness[0], absl::Minutes(1));
  EXPECT_LT(fired.lateness[0], absl::Minutes(3));
  EXPECT_EQ(fired.next_due, Now() + absl::Hours(1));

  const Entry entry = EntryOf(entry_);
  EXPECT_EQ(entry.next_send_time, due + kDay);
  EXPECT_EQ(entry.occurrence_count, 1);
  EXPECT_EQ(entry.last_outcome, Outcome::kSending);
  EXPECT_EQ(entry.revision, 1);
  EXPECT_TRUE(entry.last_send_time.has_value());
  EXPECT_EQ(Count("operations WHERE kind = 'broadcast' AND occurrence = 1 AND "
                  "planned = 2 AND operation_id = '" +
                  *entry.current_operation_id + "'"),
            1);
  EXPECT_EQ(Count("ready"), 2);
  EXPECT_EQ(Fire().fired, 0);
}

TEST_P(FireDueTest, AfterDaysOfDownTimeOneFiringKeepsThePhase) {
  const absl::Time due = Now() - 3 * kDay - absl::Hours(5);
  PlantDue(1, 1, due);
  const FiredDue fired = Fire();
  EXPECT_EQ(fired.fired, 1);
  EXPECT_EQ(fired.missed, 3);
  EXPECT_EQ(EntryOf(entry_).next_send_time, due + 4 * kDay);
  EXPECT_EQ(Count("operations"), 1);
}

TEST_P(FireDueTest, ALongIntervalKnowsNoSummerTime) {
  const absl::Time due = Now() - absl::Seconds(1);
  PlantDue(1, 1, due, 200 * kDay);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(Fire().fired, 1);
    EXPECT_EQ(EntryOf(entry_).next_send_time, due + i * 200 * kDay);
    EndBroadcast(entry_);
    clock().Advance(200 * kDay);
  }
}

TEST_P(FireDueTest, NothingFiresBeforeItsTimeWhateverTheClockDoes) {
  PlantDue(1, 1, Now() + absl::Hours(1));
  EXPECT_EQ(Fire().fired, 0);
  clock().Advance(absl::Hours(1));
  EXPECT_EQ(Fire().fired, 1);
  EndBroadcast(entry_);
  clock().SetNow(clock().Now() - absl::Hours(1));
  EXPECT_EQ(Fire().fired, 0);
  clock().SetNow(clock().Now() + absl::Hours(2));
  EXPECT_EQ(Fire().fired, 0);
  EXPECT_EQ(Count("operations"), 1);
}

TEST_P(FireDueTest, OnlyTheFirstOccurrenceHasNoJitter) {
  PlantDue(1, 1, Now());
  Must(TryFire());
  EXPECT_EQ(Count("ready r JOIN deliveries d ON d.delivery_id = r.delivery_id "
                  "WHERE r.not_before <= d.create_time"),
            2);
  EndBroadcast(entry_);
  clock().Advance(kDay);
  Must(TryFire());
  const int64_t jitter = absl::ToInt64Microseconds(JitterOf(entry_, kDay));
  EXPECT_GT(jitter, 0);
  EXPECT_EQ(Count("ready r JOIN deliveries d ON d.delivery_id = r.delivery_id "
                  "WHERE r.not_before = d.create_time + " +
                  std::to_string(jitter)),
            2);
}

TEST(JitterTest, IsBoundedAndStable) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_LT(JitterOf(EntryId(1, i), kDay), absl::Seconds(30));
    EXPECT_LT(JitterOf(EntryId(1, i), absl::Minutes(1)), absl::Seconds(0.6));
    EXPECT_GE(JitterOf(EntryId(1, i), absl::Minutes(1)), absl::ZeroDuration());
  }
  // Written down: a later version must not move it.
  EXPECT_EQ(absl::ToInt64Microseconds(JitterOf(EntryId(1, 0), kDay)), 17163572);
}

TEST_P(FireDueTest, ABroadcastExpiresWithItsIntervalOrInADay) {
  PlantDue(1, 1, Now(), absl::Minutes(10));
  PlantDue(2, 1, Now(), 30 * kDay);
  EXPECT_EQ(Fire().fired, 2);
  EXPECT_EQ(Count("deliveries WHERE deadline - create_time = 600000000"), 2);
  EXPECT_EQ(Count("deliveries WHERE deadline - create_time = 86400000000"), 2);
}

TEST_P(FireDueTest, WithoutContentItIsSkippedVisiblyAndFailsNothing) {
  const absl::Time due = Now() - absl::Minutes(1);
  PlantDue(1, 1, due);
  SetEntry(entry_, "open_content_id = NULL, closed_content_id = NULL");
  const FiredDue fired = Fire();
  EXPECT_EQ(fired.fired, 0);
  EXPECT_THAT(fired.skipped, ElementsAre(Pair("no_content", 1)));
  const Entry entry = EntryOf(entry_);
  EXPECT_EQ(entry.next_send_time, due + kDay);
  EXPECT_EQ(entry.last_error, "no_content");
  EXPECT_TRUE(entry.last_error_time.has_value());
  EXPECT_EQ(entry.occurrence_count, 0);
  EXPECT_EQ(entry.consecutive_failure_count, 0);
  EXPECT_EQ(entry.failure_count, 0);
  EXPECT_EQ(entry.state, EntryState::kActive);
  EXPECT_EQ(entry.last_outcome, Outcome::kPending);
  EXPECT_EQ(raw().Text("SELECT detail FROM events WHERE kind = "
                       "'entry.skipped'"),
            R"({"reason":"no_content"})");
  EXPECT_EQ(Count("operations"), 0);
}

TEST_P(FireDueTest, TheServersDefaultIsStoredWhenItIsSent) {
  PlantDue(1, 1, Now());
  SetEntry(entry_, "open_content_id = NULL, closed_content_id = NULL");
  policy_.default_open_content = {.content_id = std::string(64, 'a'),
                                  .body = "{}"};
  EXPECT_EQ(Fire().fired, 1);
  EXPECT_EQ(Count("deliveries WHERE side = 'open' AND content_id = '" +
                  std::string(64, 'a') + "'"),
            1);
  EXPECT_EQ(Count("deliveries"), 1);
}

TEST_P(FireDueTest, ADisabledSideIsLeftOutAndTwoAreSkipped) {
  PlantDue(1, 2, Now());
  SetChannel(OpenId(1, 0), "state = 'disabled'");
  SetChannel(OpenId(1, 1), "state = 'disabled'");
  SetChannel(ClosedId(1, 1), "state = 'disabled'");
  const FiredDue fired = Fire();
  EXPECT_EQ(fired.fired, 1);
  EXPECT_THAT(fired.skipped, ElementsAre(Pair("channel_disabled", 1)));
  EXPECT_EQ(Count("deliveries WHERE side = 'closed'"), 1);
  EXPECT_EQ(Count("deliveries"), 1);
}

TEST_P(FireDueTest, AnAccountThatIsGoneSkips) {
  PlantDue(1, 1, Now());
  accounts_.clear();
  EXPECT_THAT(Fire().skipped, ElementsAre(Pair("account_unavailable", 1)));
}

TEST_P(FireDueTest, WhatStillRunsIsSkipped) {
  PlantDue(1, 1, Now(), absl::Minutes(1));
  EXPECT_EQ(Fire().fired, 1);
  clock().Advance(absl::Minutes(1));
  const FiredDue fired = Fire();
  EXPECT_EQ(fired.fired, 0);
  EXPECT_THAT(fired.skipped, ElementsAre(Pair("still_running", 1)));
  EXPECT_GT(EntryOf(entry_).next_send_time, clock().Now());
  EndBroadcast(entry_);
  clock().Advance(absl::Minutes(1));
  EXPECT_EQ(Fire().fired, 1);
  EXPECT_EQ(EntryOf(entry_).occurrence_count, 2);
}

TEST_P(FireDueTest, PausedAndDisabledEntriesDoNotFire) {
  PlantDue(1, 3, Now());
  SetEntry(EntryId(1, 0), "state = 'paused'");
  SetEntry(EntryId(1, 1), "state = 'disabled'");
  EXPECT_EQ(Fire().fired, 1);
}

TEST_P(FireDueTest, APausedSchedulerFiresNothingUntilItIsResumed) {
  PlantDue(1, 1, Now());
  Must(Do([](Transaction& transaction) {
    return PauseScheduler(transaction, {}, "");
  }));
  EXPECT_TRUE(Fire().paused);
  EXPECT_EQ(Count("operations"), 0);
  clock().Advance(5 * kDay);
  Must(Do([](Transaction& transaction) {
    return ResumeScheduler(transaction, {});
  }));
  EXPECT_EQ(Fire().fired, 1);
  EXPECT_EQ(Count("operations"), 1);
}

TEST_P(FireDueTest, APassIsBoundedAndSaysThatMoreAreDue) {
  PlantDue(1, 25, Now());
  EXPECT_TRUE(Fire(10).more_due);
  EXPECT_TRUE(Fire(10).more_due);
  const FiredDue last = Fire(10);
  EXPECT_EQ(last.fired, 5);
  EXPECT_FALSE(last.more_due);
  EXPECT_EQ(Count("operations"), 25);
}

TEST_P(FireDueTest, TenThousandOverdueFireOnceEach) {
  constexpr int kEntries = 10'000;
  PlantDue(1, kEntries, Now() - 2 * kDay);
  int64_t fired = 0;
  int passes = 0;
  for (bool more = true; more; ++passes) {
    const FiredDue pass = Fire(250);
    EXPECT_LE(pass.fired, 250);
    fired += pass.fired;
    more = pass.more_due;
  }
  EXPECT_EQ(fired, kEntries);
  EXPECT_EQ(passes, kEntries / 250);
  EXPECT_EQ(Count("operations"), kEntries);
  EXPECT_EQ(Count("ready"), 2 * kEntries);
  EXPECT_EQ(raw().Number("SELECT count(DISTINCT entry_id) FROM operations"),
            kEntries);
}

TEST_P(FireDueTest, ThreadsThatRaceFireEachOccurrenceOnce) {
  constexpr int kThreads = 8;
  constexpr int kEntries = 200;
  PlantDue(1, kEntries, Now());
  std::atomic<int64_t> fired{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int pass = 0; pass < 20; ++pass) {
        const auto answer = TryFire(17);
        ASSERT_TRUE(answer.ok()) << answer.status();
        fired += answer->fired;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  fired += Fire(kEntries).fired;
  EXPECT_EQ(fired, kEntries);
  EXPECT_EQ(Count("operations"), kEntries);
  EXPECT_EQ(Count("entries WHERE occurrence_count = 1"), kEntries);
}

INSTANTIATE_TEST_SUITE_P(Backends, FireDueTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::schedule
