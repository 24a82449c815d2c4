#include "sync/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "support/answer.h"
#include "sync_fixture.h"

namespace broadcast::sync {
namespace {

using test::Eventually;

class PlannerTest : public test::SyncTest {
 protected:
  std::unique_ptr<Planner> Start() {
    auto planner = std::make_unique<Planner>(
        Planner::Options{.database = &database(),
                         .clock = &clock(),
                         .log = &test().log(),
                         .policy = policy_,
                         .on_planned = [this] { ++woken_; }});
    planner->Start();
    return planner;
  }

  bool Planned() {
    return Eventually([&] { return Count("plans WHERE done = 0") == 0; });
  }

  std::atomic<int> woken_{0};
};

TEST_P(PlannerTest, WhatWaitsAtTheStartIsPlanned) {
  const std::string feed = MakeFeed("news", {});
  UpsertMany(feed, 450);
  AddChannel(feed, Channel(0), true);
  AddChannel(feed, Channel(1), true);
  const auto planner = Start();
  EXPECT_TRUE(Planned());
  EXPECT_TRUE(Eventually([&] { return woken_ >= 6; }));
  EXPECT_EQ(Count("ready"), 900);
}

TEST_P(PlannerTest, APlanWakesIt) {
  const auto planner = Start();
  const std::string feed = MakeFeed("news", {});
  Upsert(feed, "a", "a");
  AddChannel(feed, Channel(0), true);
  planner->Wake();
  EXPECT_TRUE(Planned());
}

TEST_P(PlannerTest, AMigrationGoesOnWhenItsCopiesHaveEnded) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver();
  MigrateCommand command{.channel_id = Channel(0),
                         .target_channel_id = Channel(1),
                         .delete_old = true,
                         .operation_id = ids_.Next()};
  Do([&](storage::Transaction& write) {
    return StartMigrate(write, test::kEverybody, {}, policy_, command, true,
                        {.as_of = write.now()});
  });
  const auto planner = Start();
  EXPECT_TRUE(Eventually(
      [&] { return Count("plans WHERE phase = 'confirming'") == 1; }));
  Deliver();
  EXPECT_TRUE(Eventually([&] {
    clock().Advance(absl::Seconds(1));
    return Count("plans WHERE done = 0") == 0;
  }));
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), testing::IsEmpty());
}

TEST_P(PlannerTest, TwoShareTheirWork) {
  const std::string feed = MakeFeed("news", {});
  UpsertMany(feed, 300);
  for (int i = 0; i < kPairs; ++i) AddChannel(feed, Channel(i), true);
  const auto one = Start();
  const auto two = Start();
  EXPECT_TRUE(Planned());
  EXPECT_EQ(Count("ready"), 300 * kPairs);
  EXPECT_EQ(Count("operations WHERE state = 'planning'"), 0);
}

TEST_P(PlannerTest, StoppedItPlansNoMore) {
  const auto planner = Start();
  planner->Stop();
  const std::string feed = MakeFeed("news", {});
  Upsert(feed, "a", "a");
  AddChannel(feed, Channel(0), true);
  planner->Wake();
  EXPECT_EQ(Count("plans WHERE done = 0"), 1);
}

INSTANTIATE_TEST_SUITE_P(Backends, PlannerTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::sync
