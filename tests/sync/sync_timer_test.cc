// The thread that syncs all channels on a schedule, on both backends.
#include "sync/sync_timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "storage/schedule.h"
#include "support/answer.h"
#include "sync_fixture.h"

namespace broadcast::sync {
namespace {

using test::Eventually;
using test::Must;
using testing::ElementsAre;

constexpr absl::Duration kInterval = absl::Hours(6);

class SyncTimerTest : public test::SyncTest {
 protected:
  std::unique_ptr<SyncTimer> Start(absl::Duration interval = kInterval) {
    auto timer = std::make_unique<SyncTimer>(
        SyncTimer::Options{.database = &database(),
                           .clock = &clock(),
                           .log = &test().log(),
                           .metrics = &metrics_,
                           .policy = policy_,
                           .interval = interval,
                           .on_started = [this] { ++told_; }});
    timer->Start();
    return timer;
  }

  // A feed whose post is missing in these channels.
  std::string MakeMissing(const std::vector<std::string>& channel_ids) {
    const std::string feed = MakeFeed("news", {});
    Upsert(feed, "a", "a");
    for (const std::string& id : channel_ids) AddChannel(feed, id, false);
    return feed;
  }

  std::optional<absl::Time> Next() {
    return Do([](storage::Transaction& transaction) {
      return storage::FindNextSync(transaction);
    });
  }
  // Whether the next one is known to be due within the interval.
  bool Waits(absl::Duration interval = kInterval) {
    return Eventually([&] {
      const auto next = Next();
      return next.has_value() && *next > clock().Now() &&
             *next <= clock().Now() + interval + absl::Minutes(1);
    });
  }

  bool Became(const prometheus::Counter& counter, double value) {
    return Eventually([&] { return counter.Value() == value; });
  }

  int64_t Syncs() { return Count("operations WHERE kind = 'sync'"); }

  void Finish() {
    Plan();
    Deliver();
  }

  SyncTimerMetrics metrics_{test().registry()};
  std::atomic<int> told_{0};
};

TEST_P(SyncTimerTest, OneIntervalAfterTheStartWhatIsMissingIsPosted) {
  MakeMissing({Channel(0), Channel(1)});
  const auto timer = Start();
  EXPECT_TRUE(Waits());
  EXPECT_EQ(Syncs(), 0);
  clock().Advance(kInterval + absl::Minutes(1));
  EXPECT_TRUE(Became(metrics_.started, 1));
  EXPECT_TRUE(Eventually([&] { return told_ == 1; }));
  EXPECT_EQ(Syncs(), 1);
  EXPECT_EQ(Count("plans"), 2);
  Finish();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("a"));
  EXPECT_THAT(Shown(Channel(1)), ElementsAre("a"));
}

TEST_P(SyncTimerTest, TwoOfThemStartOneEachInterval) {
  const std::string feed = MakeMissing({Channel(0)});
  const auto one = Start();
  const auto two = Start();
  for (int round = 1; round <= 3; ++round) {
    EXPECT_TRUE(Waits());
    AddChannel(feed, Channel(round), false);
    clock().Advance(kInterval + absl::Minutes(1));
    EXPECT_TRUE(Became(metrics_.started, round));
    EXPECT_TRUE(Waits());
    EXPECT_EQ(Syncs(), round);
    Finish();
    EXPECT_THAT(Shown(Channel(round)), ElementsAre("a"));
  }
  EXPECT_EQ(metrics_.idle.Value() + metrics_.running.Value(), 0);
}

TEST_P(SyncTimerTest, WhereNothingIsToBeDoneNothingIsStarted) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  const auto timer = Start();
  EXPECT_TRUE(Waits());
  clock().Advance(kInterval + absl::Minutes(1));
  EXPECT_TRUE(Became(metrics_.idle, 1));
  EXPECT_EQ(Syncs(), 0);
  EXPECT_EQ(told_, 0);
}

TEST_P(SyncTimerTest, WhatCannotBeSyncedIsLeftAlone) {
  const std::string untracked = MakeFeed("untracked", {}, false);
  Upsert(untracked, "b", "b");
  AddChannel(untracked, Channel(0), false);
  MakeMissing({Channel(1), Channel(2)});
  raw().Execute(absl::StrCat(
      "UPDATE channels SET state = 'disabled' WHERE channel_id = '", Channel(1),
      "'"));
  const auto timer = Start();
  EXPECT_TRUE(Waits());
  clock().Advance(kInterval + absl::Minutes(1));
  EXPECT_TRUE(Became(metrics_.started, 1));
  EXPECT_EQ(Count(absl::StrCat("plans WHERE channel_id = '", Channel(2), "'")),
            1);
  EXPECT_EQ(Count("plans"), 1);
}

TEST_P(SyncTimerTest, WhileOneRunsTheNextIsSkipped) {
  MakeMissing({Channel(0)});
  const auto timer = Start();
  EXPECT_TRUE(Waits());
  clock().Advance(kInterval + absl::Minutes(1));
  EXPECT_TRUE(Became(metrics_.started, 1));
  clock().Advance(kInterval);
  EXPECT_TRUE(Became(metrics_.running, 1));
  EXPECT_EQ(metrics_.failures.Value(), 0);
  EXPECT_EQ(Syncs(), 1);
  Finish();
  EXPECT_TRUE(Waits());
  clock().Advance(kInterval);
  EXPECT_TRUE(Became(metrics_.idle, 1));
  EXPECT_EQ(Syncs(), 1);
}

TEST_P(SyncTimerTest, AChannelWhereOneRunsKeepsUpNoOther) {
  MakeMissing({Channel(0), Channel(1)});
  Must(TryStart(ReadPlan(Channel(0))));
  const auto timer = Start();
  EXPECT_TRUE(Waits());
  clock().Advance(kInterval + absl::Minutes(1));
  EXPECT_TRUE(Became(metrics_.started, 1));
  EXPECT_EQ(Syncs(), 2);
  EXPECT_EQ(Count(absl::StrCat("plans WHERE channel_id = '", Channel(0), "'")),
            1);
  EXPECT_EQ(Count(absl::StrCat("plans WHERE channel_id = '", Channel(1), "'")),
            1);
}

TEST_P(SyncTimerTest, WhatWasMissedIsDoneOnce) {
  MakeMissing({Channel(0)});
  auto timer = Start();
  EXPECT_TRUE(Waits());
  timer.reset();
  const absl::Time first = *Next();
  clock().Advance(10 * kInterval + absl::Hours(1));
  timer = Start();
  EXPECT_TRUE(Became(metrics_.started, 1));
  EXPECT_TRUE(Eventually([&] { return *Next() == first + 10 * kInterval; }));
  EXPECT_EQ(Syncs(), 1);
}

TEST_P(SyncTimerTest, AShorterIntervalCountsAtOnce) {
  MakeMissing({Channel(0)});
  auto timer = Start(absl::Hours(24 * 30));
  EXPECT_TRUE(Waits(absl::Hours(24 * 30)));
  timer.reset();
  EXPECT_GT(*Next(), clock().Now() + absl::Hours(24 * 29));
  timer = Start();
  EXPECT_TRUE(Waits());
  clock().Advance(kInterval + absl::Minutes(1));
  EXPECT_TRUE(Became(metrics_.started, 1));
}

// It is as if another one had taken it, and had ended before it was started.
TEST_P(SyncTimerTest, WhatWasTakenAndNotStartedIsTakenAgain) {
  MakeMissing({Channel(0)});
  const absl::Time held_until = clock().Now() + absl::Minutes(1);
  Do([&](storage::Transaction& write) {
    return storage::MoveNextSync(write, std::nullopt, held_until);
  });
  const auto timer = Start();
  clock().Advance(absl::Minutes(2));
  EXPECT_TRUE(Became(metrics_.started, 1));
}

TEST_P(SyncTimerTest, ItGoesOnAfterTheDatabaseHasRefusedIt) {
  MakeMissing({Channel(0)});
  raw().Execute("ALTER TABLE scheduler RENAME TO away");
  const auto timer = Start();
  EXPECT_TRUE(Eventually([&] { return metrics_.failures.Value() >= 2; }));
  raw().Execute("ALTER TABLE away RENAME TO scheduler");
  EXPECT_TRUE(Waits());
  clock().Advance(kInterval + absl::Minutes(1));
  EXPECT_TRUE(Became(metrics_.started, 1));
}

TEST_P(SyncTimerTest, MuchIsReadInParts) {
  const std::string feed = MakeFeed("news", {});
  UpsertMany(feed, 1200);
  for (int i = 0; i < kPairs; ++i) AddChannel(feed, Channel(i), false);
  const auto timer = Start();
  EXPECT_TRUE(Waits());
  clock().Advance(kInterval + absl::Minutes(1));
  EXPECT_TRUE(Became(metrics_.started, 1));
  EXPECT_EQ(Count("plans"), kPairs);
}

INSTANTIATE_TEST_SUITE_P(Backends, SyncTimerTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::sync
