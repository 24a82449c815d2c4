// A sync that first asks which messages are still there.
#include "sync/probe_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "sync_fixture.h"

namespace broadcast::sync {
namespace {

using storage::OperationState;
using storage::PlanMode;
using storage::Transaction;
using test::Fate;
using test::Must;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ProbeMessagesTest : public test::SyncTest {
 protected:
  void SetUp() override {
    SyncTest::SetUp();
    MakeTelegram(Channel(0));
  }

  WholePlan ReadVerifying(PlanMode mode = PlanMode::kFull) {
    return Must(
        TryRead({.channel_id = Channel(0), .mode = mode, .verify = true},
                test::kEverybody));
  }
  std::string Start(const WholePlan& plan, PlanMode mode = PlanMode::kFull) {
    const StartedSync started =
        Must(TryStart(plan, {.mode = mode, .verify = true}));
    return started.operation->operation_id;
  }
  void DeleteByHand(const std::string& text) {
    for (const auto& [id, message] : shown_.At(Channel(0))) {
      if (Must(FromJson(message.content)).text != text) continue;
      return shown_.DeleteByHand(Channel(0), id);
    }
    FAIL() << text << " is not there";
  }
  int64_t Lost() { return Count("messages WHERE state = 'lost'"); }
};

TEST_P(ProbeMessagesTest, WhatIsLostIsPostedAgainAndNothingElseChanges) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  UpsertMany(feed, 10);
  Deliver();
  DeleteByHand("text 3");
  DeleteByHand("text 7");
  const auto before = shown_.At(Channel(0));
  EXPECT_THAT(ReadPlan(Channel(0)).channels, IsEmpty());

  const WholePlan plan = ReadVerifying();
  EXPECT_EQ(plan.probes, 10);
  EXPECT_EQ(plan.actions.all(), 0);
  EXPECT_EQ(plan.hash, "");
  EXPECT_EQ(plan.counts.kept, 10);
  ASSERT_THAT(plan.channels, SizeIs(1));
  const std::string operation_id = Start(plan);
  EXPECT_EQ(Step().deliveries, 10);
  EXPECT_EQ(Plan(), 0);
  EXPECT_EQ(Count("plans WHERE done = 0 AND phase = 'probing'"), 1);
  EXPECT_EQ(Deliver(), 10);
  EXPECT_EQ(Lost(), 2);
  EXPECT_EQ(shown_.At(Channel(0)).size(), before.size());

  clock().Advance(absl::Minutes(1));
  EXPECT_EQ(Plan(), 2);
  EXPECT_EQ(Count("plans WHERE done = 1 AND phase = '' AND missing = 2 AND "
                  "kept = 8"),
            1);
  Deliver();
  EXPECT_THAT(Shown(Channel(0)),
              ElementsAre("text 0", "text 1", "text 2", "text 4", "text 5",
                          "text 6", "text 8", "text 9", "text 3", "text 7"));
  for (const auto& [id, message] : before) {
    ASSERT_EQ(shown_.At(Channel(0)).count(id), 1) << id;
    EXPECT_EQ(shown_.At(Channel(0)).at(id).content, message.content);
    EXPECT_EQ(shown_.At(Channel(0)).at(id).post_time, message.post_time);
  }
  const storage::Operation operation = FindOperation(operation_id);
  EXPECT_EQ(operation.state, OperationState::kFinished);
  EXPECT_EQ(operation.progress.planned, 12);
  EXPECT_EQ(operation.progress.sent, 12);
  EXPECT_EQ(operation.sent_actions.probes, 10);
  EXPECT_EQ(operation.sent_actions.lost, 2);
  EXPECT_THAT(ReadPlan(Channel(0)).channels, IsEmpty());
}

TEST_P(ProbeMessagesTest, OnlyWhatThePlatformHasToldOfIsAskedAbout) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "unknown", "unknown");
  Deliver([](const auto&) { return Fate::kLoseAll; });
  Upsert(feed, "kept", "kept");
  Upsert(feed, "stays", "stays");
  Deliver();
  ASSERT_THAT(Close(feed, "stays"), test::IsOk());
  Deliver([](const auto&) { return Fate::kForbid; });
  Upsert(feed, "pending", "pending");
  const WholePlan plan = ReadVerifying();
  EXPECT_EQ(plan.counts.tracked, 4);
  EXPECT_EQ(plan.probes, 2);
  DeleteByHand("stays");
  Start(plan);
  EXPECT_EQ(Plan(), 2);
  Deliver();
  clock().Advance(absl::Minutes(1));
  Plan();
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("kept", "pending"));
  EXPECT_EQ(ReadPlan(Channel(0)).counts.undeletable, 0);
}

TEST_P(ProbeMessagesTest, APartIsAskedAboutBeforeTheNext) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  const std::string other = MakeFeed("other", {Channel(0)});
  UpsertMany(feed, 210);
  Upsert(other, "a", "other a");
  Deliver();
  Start(ReadVerifying());
  int64_t asked = 0;
  for (const int64_t part : {200, 11}) {
    EXPECT_EQ(Plan(), part);
    clock().Advance(absl::Minutes(1));
    EXPECT_EQ(Plan(), 0);  // they have not ended
    EXPECT_EQ(Deliver(), part);
    clock().Advance(absl::Minutes(1));
    asked += part;
    EXPECT_EQ(Count("deliveries WHERE action = 'probe'"), asked);
  }
  Plan();
  EXPECT_EQ(Count("plans WHERE done = 0"), 0);
  EXPECT_EQ(Count("operations WHERE kind = 'sync' AND state = 'finished' AND "
                  "planned = 211 AND probes_sent = 211"),
            1);
}

TEST_P(ProbeMessagesTest, ProbingGoesOnWhereItWas) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  UpsertMany(feed, 203);
  Deliver();
  DeleteByHand("text 202");
  Start(ReadVerifying());
  EXPECT_EQ(Step().deliveries, 200);
  Reopen();
  clock().Advance(absl::Minutes(1));  // the new process begins with its time
  EXPECT_EQ(Deliver(), 200);
  EXPECT_EQ(Plan(), 3);
  Deliver();
  clock().Advance(absl::Minutes(1));
  EXPECT_EQ(Plan(), 1);
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), SizeIs(203));
}

TEST_P(ProbeMessagesTest, WhoOnlyDeletesPostsNothingOfWhatIsLost) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "lost", "lost");
  Upsert(feed, "orphan", "orphan");
  Deliver();
  ASSERT_THAT(Close(feed, "orphan"), test::IsOk());
  Deliver([](const auto&) { return Fate::kFail; });
  DeleteByHand("lost");
  const WholePlan plan = ReadVerifying(PlanMode::kDeleteOnly);
  EXPECT_EQ(plan.probes, 2);
  EXPECT_EQ(plan.actions.deletes, 1);
  Start(plan, PlanMode::kDeleteOnly);
  Plan();
  Deliver();
  clock().Advance(absl::Minutes(1));
  Plan();
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), IsEmpty());
  EXPECT_EQ(Lost(), 1);
  EXPECT_EQ(ReadPlan(Channel(0)).actions.posts, 1);
}

TEST_P(ProbeMessagesTest, WhereNobodyCanBeAskedNobodyIs) {
  const std::string feed = MakeFeed("news", {Channel(0), Channel(1)});
  Upsert(feed, "a", "a");
  Deliver();
  const auto read = [&] {
    return Must(TryRead({.feed_id = feed, .verify = true}, test::kEverybody));
  };
  WholePlan plan = read();
  EXPECT_EQ(plan.probes, 1);
  ASSERT_THAT(plan.channels, SizeIs(1));
  EXPECT_EQ(plan.channels[0].channel_id, Channel(0));
  // The other one does at once what there is to do.
  Upsert(feed, "b", "b");
  Deliver([](const auto& taken) {
    return taken.address == Channel(1) ? Fate::kFail : Fate::kDo;
  });
  plan = read();
  EXPECT_EQ(plan.probes, 2);
  EXPECT_THAT(plan.channels, SizeIs(2));
  Start(plan);
  Plan();
  EXPECT_EQ(Count("plans WHERE done = 1 AND phase = ''"), 1);
  EXPECT_EQ(Count("deliveries WHERE action = 'probe'"), 2);
  Deliver();
  EXPECT_THAT(Shown(Channel(1)), ElementsAre("a", "b"));
}

TEST_P(ProbeMessagesTest, ChannelsDoNotWaitForEachOther) {
  MakeTelegram(Channel(1));
  const std::string feed = MakeFeed("news", {Channel(0), Channel(1)});
  Upsert(feed, "a", "a");
  Deliver();
  DeleteByHand("a");
  Start(Must(TryRead({.feed_id = feed, .verify = true}, test::kEverybody)));
  Plan();
  raw().Execute(absl::StrCat(
      "UPDATE channel_queues SET not_before = 9000000000000000 WHERE "
      "channel_id = '",
      Channel(1), "'"));
  EXPECT_EQ(Deliver(), 1);
  clock().Advance(absl::Minutes(1));
  EXPECT_EQ(Plan(), 1);
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("a"));
  EXPECT_EQ(Count("plans WHERE done = 0"), 1);
}

TEST_P(ProbeMessagesTest, AProbeThatFailsLosesNothing) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver();
  DeleteByHand("a");
  const std::string operation_id = Start(ReadVerifying());
  Plan();
  Deliver([](const auto&) { return Fate::kFail; });
  clock().Advance(absl::Minutes(1));
  Plan();
  EXPECT_EQ(FindOperation(operation_id).state, OperationState::kFinished);
  EXPECT_EQ(FindOperation(operation_id).progress.failed, 1);
  EXPECT_EQ(Lost(), 0);
  EXPECT_EQ(ReadPlan(Channel(0)).counts.kept, 1);
}

TEST_P(ProbeMessagesTest, WhoStopsTheSyncIsAskedNothingMore) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  UpsertMany(feed, 20);
  Deliver();
  const std::string operation_id = Start(ReadVerifying());
  Step();
  Do([&](Transaction& write) {
    return storage::CancelOperation(write, test::kEverybody, operation_id);
  });
  clock().Advance(absl::Minutes(1));
  EXPECT_EQ(Plan(), 0);
  EXPECT_EQ(Deliver(), 0);
  const storage::Operation operation = FindOperation(operation_id);
  EXPECT_EQ(operation.state, OperationState::kFinished);
  EXPECT_EQ(operation.progress.cancelled, 20);
}

TEST_P(ProbeMessagesTest, AChannelThatIsDisabledMeanwhileEndsItsPlan) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver();
  Start(ReadVerifying());
  raw().Execute("UPDATE channels SET state = 'disabled'");
  Plan();
  EXPECT_EQ(Count("plans WHERE done = 0"), 0);
  EXPECT_EQ(Count("operations WHERE state <> 'finished'"), 0);
}

TEST_P(ProbeMessagesTest, WhatNobodyAnswersIsNotWaitedForForEver) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  UpsertMany(feed, 20);
  Deliver();
  Start(ReadVerifying());
  EXPECT_EQ(Plan(), 20);
  clock().Advance(absl::Hours(49));
  EXPECT_EQ(Plan(), 0);
  EXPECT_EQ(Count("plans WHERE done = 1 AND kept = 20"), 1);
}

TEST_P(ProbeMessagesTest, AReplayTellsHowManyWereAskedAbout) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver();
  const WholePlan plan = ReadVerifying();
  EXPECT_EQ(Must(RecordedFrom(RecordOf(plan, "id"))).plan.probes, 1);
}

INSTANTIATE_TEST_SUITE_P(Backends, ProbeMessagesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::sync
