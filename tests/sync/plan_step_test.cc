#include "sync/plan_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync_fixture.h"

namespace broadcast::sync {
namespace {

using storage::OperationState;
using storage::Transaction;
using test::Fate;
using test::Must;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kTombstone[] = "This message has been removed.";

class PlanStepTest : public test::SyncTest {};

TEST_P(PlanStepTest, WithoutAPlanThereIsNothingToDo) {
  EXPECT_EQ(Step().key, PlanKey());
}

TEST_P(PlanStepTest, FillingSendsWhatIsOpenInChunks) {
  const std::string feed = MakeFeed("news", {});
  UpsertMany(feed, 450);
  AddChannel(feed, Channel(0), true);
  EXPECT_EQ(Count("plans WHERE done = 0"), 1);
  EXPECT_EQ(Plan(), 200);
  EXPECT_EQ(Count("plans WHERE done = 0"), 0);
  EXPECT_EQ(Count("operations WHERE kind = 'fill' AND state = 'running' AND "
                  "planned = 450"),
            1);
  EXPECT_EQ(Deliver(), 450);
  EXPECT_EQ(Count("operations WHERE kind = 'fill' AND state = 'finished' AND "
                  "sent = 450"),
            1);
  const auto shown = Shown(Channel(0));
  ASSERT_THAT(shown, SizeIs(450));
  EXPECT_EQ(shown[0], "text 0");
  EXPECT_EQ(shown[449], "text 449");
}

TEST_P(PlanStepTest, AnUnfinishedPlanGoesOnWhereItWas) {
  const std::string feed = MakeFeed("news", {});
  UpsertMany(feed, 450);
  AddChannel(feed, Channel(0), true);
  EXPECT_EQ(Step().deliveries, 200);
  EXPECT_EQ(Deliver(), 200);  // what is planned is sent already
  Reopen();
  clock().Advance(absl::Minutes(1));  // the new process begins with its time
  EXPECT_EQ(Plan(), 200);
  EXPECT_EQ(Deliver(), 250);
  EXPECT_THAT(Shown(Channel(0)), SizeIs(450));
  EXPECT_EQ(Count("operations WHERE kind = 'fill' AND state = 'finished'"), 1);
}

TEST_P(PlanStepTest, ClearingTakesBackWhatTheFeedPosted) {
  const std::string feed = MakeFeed("news", {Channel(0), Channel(1)});
  const std::string other = MakeFeed("other", {Channel(0)});
  Upsert(feed, "a", "news a");
  Upsert(other, "a", "other a");
  Deliver();
  Upsert(feed, "b", "news b");  // still waits to be sent
  ASSERT_THAT(RemoveChannel(feed, Channel(0), true), test::IsOk());
  Plan();
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("other a"));
  EXPECT_THAT(Shown(Channel(1)), ElementsAre("news a", "news b"));
  EXPECT_EQ(Count("operations WHERE state <> 'finished'"), 0);
}

TEST_P(PlanStepTest, AChannelThatIsBackKeepsItsMessages) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "news a");
  Deliver();
  ASSERT_THAT(RemoveChannel(feed, Channel(0), true), test::IsOk());
  AddChannel(feed, Channel(0), false);
  Plan();
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("news a"));
}

TEST_P(PlanStepTest, SyncPutsRightWhatWentWrong) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "kept", "kept");
  Upsert(feed, "failed", "failed");
  Upsert(feed, "stale", "old");
  Upsert(feed, "closed", "closed");
  int sent = 0;
  Deliver([&](const auto&) { return ++sent == 2 ? Fate::kFail : Fate::kDo; });
  Upsert(feed, "stale", "new");
  ASSERT_THAT(Close(feed, "closed"), test::IsOk());
  Deliver([](const auto&) { return Fate::kFail; });
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("kept", "old", "closed"));

  const WholePlan plan = ReadPlan(Channel(0));
  EXPECT_EQ(plan.counts, (Counts{.open_posts = 3,
                                 .tracked = 3,
                                 .missing = 1,
                                 .orphaned = 1,
                                 .changed = 1,
                                 .kept = 1}));
  ASSERT_THAT(plan.samples, SizeIs(3));
  EXPECT_EQ(plan.samples[0].external_id, "failed");
  EXPECT_EQ(plan.samples[1].verdict, Verdict::kEdit);
  EXPECT_EQ(plan.samples[2].verdict, Verdict::kDelete);

  const StartedSync started = Sync(Channel(0));
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("kept", "new", "failed"));
  const storage::Operation operation =
      FindOperation(started.operation->operation_id);
  EXPECT_EQ(operation.state, OperationState::kFinished);
  EXPECT_EQ(operation.client_id, test::ClientId(1));
  EXPECT_EQ(operation.progress.sent, 3);
  EXPECT_EQ(operation.sent_actions.edits, 1);
  EXPECT_EQ(operation.sent_actions.deletes, 1);
  EXPECT_EQ(Count("plans WHERE done = 1 AND missing = 1 AND orphaned = 1 AND "
                  "changed = 1 AND kept = 1"),
            1);
  EXPECT_EQ(ReadPlan(Channel(0)).actions.all(), 0);
}

TEST_P(PlanStepTest, WhatIsUnknownIsNeitherSentNorDeleted) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  MakeTelegram(Channel(0));
  Upsert(feed, "a", "a");
  Upsert(feed, "b", "b");
  int sent = 0;
  Deliver([&](const auto&) {
    return ++sent == 1 ? Fate::kLoseAnswer : Fate::kLoseAll;
  });
  ASSERT_THAT(Close(feed, "a"), test::IsOk());
  const WholePlan plan = ReadPlan(Channel(0));
  EXPECT_EQ(plan.counts.unknown, 2);
  EXPECT_EQ(plan.actions.all(), 0);
  EXPECT_EQ(plan.hash, "");
  EXPECT_FALSE(Must(TryStart(plan)).operation.has_value());
}

TEST_P(PlanStepTest, WhatIsTooOldToBeDeletedBecomesATombstone) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  MakeTelegram(Channel(0));
  Upsert(feed, "old", "old");
  Deliver();
  clock().Advance(absl::Hours(47) + absl::Minutes(55));
  Upsert(feed, "young", "young");
  Upsert(feed, "stays", "stays");
  Deliver();
  ASSERT_THAT(RemoveChannel(feed, Channel(0), false), test::IsOk());
  const WholePlan plan = ReadPlan(Channel(0));
  EXPECT_EQ(plan.actions.tombstones, 1);
  EXPECT_EQ(plan.actions.deletes, 2);
  Sync(Channel(0));
  EXPECT_THAT(Shown(Channel(0)), ElementsAre(kTombstone));
  EXPECT_EQ(ReadPlan(Channel(0)).counts.tracked, 0);
}

TEST_P(PlanStepTest, WhatThePlatformKeepsIsReportedUntilItIsOld) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  MakeTelegram(Channel(0));
  Upsert(feed, "a", "a");
  Deliver();
  ASSERT_THAT(Close(feed, "a"), test::IsOk());
  Deliver([](const auto&) { return Fate::kForbid; });
  WholePlan plan = ReadPlan(Channel(0));
  EXPECT_EQ(plan.counts.undeletable, 1);
  EXPECT_EQ(plan.actions.all(), 0);
  clock().Advance(absl::Hours(48));
  plan = ReadPlan(Channel(0));
  EXPECT_EQ(plan.actions.tombstones, 1);
  Sync(Channel(0));
  EXPECT_THAT(Shown(Channel(0)), ElementsAre(kTombstone));
}

TEST_P(PlanStepTest, ModesDoTheirPart) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver();
  ASSERT_THAT(Close(feed, "a"), test::IsOk());
  Upsert(feed, "b", "b");
  Deliver([](const auto&) { return Fate::kFail; });
  const auto sync = [&](storage::PlanMode mode) {
    const WholePlan plan = Must(
        TryRead({.channel_id = Channel(0), .mode = mode}, test::kEverybody));
    Must(TryStart(plan, {.mode = mode}));
    Plan();
    Deliver();
    return plan;
  };
  WholePlan plan = sync(storage::PlanMode::kPostOnly);
  EXPECT_EQ(plan.actions.posts, 1);
  EXPECT_EQ(plan.actions.deletes, 0);
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("a", "b"));
  plan = sync(storage::PlanMode::kDeleteOnly);
  EXPECT_EQ(plan.actions.deletes, 1);
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("b"));
}

TEST_P(PlanStepTest, AScopeIsAFeedOrAll) {
  const std::string first = MakeFeed("first", {Channel(0), Channel(1)});
  const std::string second = MakeFeed("second", {Channel(1), Channel(2)});
  MakeFeed("forgetful", {Channel(3)}, false);
  Upsert(first, "a", "first");
  Upsert(second, "a", "second");
  Deliver([](const auto&) { return Fate::kFail; });

  const auto of_feed = Must(TryRead({.feed_id = first}, test::kEverybody));
  EXPECT_EQ(of_feed.actions.posts, 2);
  EXPECT_THAT(of_feed.channels, SizeIs(2));
  const auto all = Must(TryRead({}, test::kEverybody));
  EXPECT_EQ(all.actions.posts, 4);
  EXPECT_THAT(all.channels, SizeIs(3));
  const auto others = storage::Scope::OneClient(test::ClientId(2));
  EXPECT_EQ(Must(TryRead({}, others)).actions.all(), 0);
  EXPECT_THAT(TryRead({.feed_id = first}, others),
              test::HasReason("FEED_NOT_FOUND"));
  EXPECT_THAT(TryRead({.channel_id = Channel(0)}, others),
              test::HasReason("CHANNEL_NOT_FOUND"));

  Must(TryStart(of_feed, {.feed_id = first}));
  Plan();
  Deliver();
  EXPECT_THAT(Shown(Channel(1)), ElementsAre("first"));
  Must(TryStart(Must(TryRead({}, test::kEverybody))));
  Plan();
  Deliver();
  EXPECT_THAT(Shown(Channel(1)), ElementsAre("first", "second"));
  EXPECT_THAT(Shown(Channel(2)), ElementsAre("second"));
  EXPECT_EQ(Must(TryRead({}, test::kEverybody)).actions.all(), 0);
}

TEST_P(PlanStepTest, WhatCannotBeSyncedSaysWhy) {
  const std::string forgetful = MakeFeed("forgetful", {Channel(0)}, false);
  EXPECT_THAT(TryRead({.feed_id = forgetful}, test::kEverybody),
              test::HasReason("TRACKING_DISABLED"));
  raw().Execute(absl::StrCat(
      "UPDATE channels SET state = 'disabled' WHERE channel_id = '", Channel(1),
      "'"));
  EXPECT_THAT(TryRead({.channel_id = Channel(1)}, test::kEverybody),
              test::HasReason("CHANNEL_NOT_ACTIVE"));
  accounts_.erase("main");
  EXPECT_THAT(TryRead({.channel_id = Channel(0)}, test::kEverybody),
              test::HasReason("ACCOUNT_UNAVAILABLE"));
}

TEST_P(PlanStepTest, OneSyncOfAChannelAtATime) {
  const std::string feed = MakeFeed("news", {Channel(0), Channel(1)});
  Upsert(feed, "a", "a");
  Deliver([](const auto&) { return Fate::kFail; });
  const WholePlan plan = ReadPlan(Channel(0));
  const StartedSync first = Must(TryStart(plan));
  EXPECT_THAT(TryStart(plan), test::HasReason("SYNC_RUNNING"));
  Plan();
  EXPECT_THAT(TryStart(plan), test::HasReason("SYNC_RUNNING"));
  EXPECT_THAT(TryStart(ReadPlan(Channel(1))), test::IsOk());
  Plan();
  Deliver();
  EXPECT_EQ(FindOperation(first.operation->operation_id).state,
            OperationState::kFinished);
  EXPECT_THAT(TryStart(plan), test::IsOk());
}

TEST_P(PlanStepTest, ACancelledSyncPlansNoMore) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  UpsertMany(feed, 300);
  Deliver([](const auto&) { return Fate::kFail; });
  const StartedSync started = Must(TryStart(ReadPlan(Channel(0))));
  EXPECT_EQ(Step().deliveries, 200);
  Do([&](Transaction& write) {
    return storage::CancelOperation(write, test::kEverybody,
                                    started.operation->operation_id);
  });
  EXPECT_EQ(Step().key, PlanKey());
  EXPECT_EQ(Deliver(), 0);
  const auto operation = FindOperation(started.operation->operation_id);
  EXPECT_EQ(operation.state, OperationState::kFinished);
  EXPECT_EQ(operation.progress.cancelled, 200);
  EXPECT_EQ(ReadPlan(Channel(0)).actions.posts, 300);
}

TEST_P(PlanStepTest, AChannelThatNobodySendsToEndsItsPlan) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver([](const auto&) { return Fate::kFail; });
  const StartedSync started = Must(TryStart(ReadPlan(Channel(0))));
  accounts_.erase("main");
  Plan();
  EXPECT_EQ(FindOperation(started.operation->operation_id).state,
            OperationState::kFinished);
  EXPECT_EQ(Count("events WHERE kind = 'channel.sync_stopped'"), 1);
}

TEST_P(PlanStepTest, APostponedPlanLetsOthersBefore) {
  const std::string feed = MakeFeed("news", {Channel(0), Channel(1)});
  Upsert(feed, "a", "a");
  Deliver([](const auto&) { return Fate::kFail; });
  Must(TryStart(Must(TryRead({.feed_id = feed}, test::kEverybody))));
  const auto plans = raw().Text(
      "SELECT channel_id FROM plans ORDER BY next_time, operation_id, "
      "channel_id LIMIT 1");
  const std::string operation = raw().Text("SELECT operation_id FROM plans");
  Must(Write([&](Transaction& write) {
    return PostponePlan(write, {operation, plans},
                        write.now() + absl::Minutes(1));
  }));
  EXPECT_NE(Step().key.channel_id, plans);
  EXPECT_EQ(Step().key, PlanKey());
  clock().Advance(absl::Minutes(2));
  EXPECT_EQ(Step().key.channel_id, plans);
}

TEST_P(PlanStepTest, ARequestIsAnsweredAgainAsTheFirstTime) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver([](const auto&) { return Fate::kFail; });
  const storage::RequestKey key{.scope = "*",
                                .method = "Sync",
                                .request_id = "once",
                                .payload_hash = "hash"};
  const WholePlan plan = ReadPlan(Channel(0));
  const StartedSync first = Must(TryStart(plan, {}, key));
  const auto again = Do([&](Transaction& read) {
    return FindStartedSync(read, test::kEverybody, key);
  });
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->operation->operation_id, first.operation->operation_id);
  EXPECT_EQ(again->plan.counts, plan.counts);
  EXPECT_EQ(again->plan.fingerprint(), plan.fingerprint());
  const StartedSync replayed = Must(TryStart(plan, {}, key));
  EXPECT_TRUE(replayed.replayed);
  storage::RequestKey other = key;
  other.payload_hash = "other";
  EXPECT_THAT(TryStart(plan, {}, other), test::HasReason("REQUEST_ID_REUSED"));
}

TEST_P(PlanStepTest, APlanIsDoneAsItWasShownOrNotAtAll) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Upsert(feed, "b", "b", clock().Now() + absl::Minutes(5));
  Upsert(feed, "c", "c");
  int sent = 0;
  Deliver([&](const auto&) { return ++sent == 1 ? Fate::kFail : Fate::kDo; });
  const WholePlan plan = ReadPlan(Channel(0));
  const auto token = PlanTokenFrom(plan.fingerprint());
  ASSERT_TRUE(token.has_value());
  const PlanQuestion question{.channel_id = Channel(0), .expected = token};
  EXPECT_EQ(Must(TryRead(question, test::kEverybody)).hash, plan.hash);

  // An expiry in between changes nothing, before and after it is seen to.
  clock().Advance(absl::Minutes(6));
  EXPECT_EQ(Must(TryRead(question, test::kEverybody)).hash, plan.hash);
  Expire();
  EXPECT_EQ(Must(TryRead(question, test::kEverybody)).hash, plan.hash);
  Deliver();
  EXPECT_EQ(Must(TryRead(question, test::kEverybody)).hash, plan.hash);

  ASSERT_THAT(Close(feed, "a"), test::IsOk());
  EXPECT_THAT(TryRead(question, test::kEverybody),
              test::HasReason("PLAN_CHANGED"));
  clock().Advance(absl::Minutes(10));
  EXPECT_THAT(TryRead(question, test::kEverybody),
              test::HasReason("PLAN_EXPIRED"));
}

TEST_P(PlanStepTest, WhatHasBecomeATombstoneIsEditedNoMore) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  MakeTelegram(Channel(0));
  Upsert(feed, "a", "a");
  Deliver();
  clock().Advance(absl::Hours(50));
  ASSERT_THAT(Close(feed, "a"), test::IsOk());
  Deliver([&](const storage::TakenDelivery& taken) {
    if (taken.action == storage::DeliveryAction::kTombstone) {
      Upsert(feed, "a", "changed");  // while that is under way
    }
    return test::Fate::kDo;
  });
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre(kTombstone));
  Sync(Channel(0));
  EXPECT_THAT(Shown(Channel(0)), ElementsAre(kTombstone, "changed"));
}

TEST_P(PlanStepTest, WhatIsOpenedAgainBeforeItIsATombstoneStays) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  MakeTelegram(Channel(0));
  Upsert(feed, "a", "a");
  Deliver();
  clock().Advance(absl::Hours(50));
  ASSERT_THAT(Close(feed, "a"), test::IsOk());
  Upsert(feed, "a", "changed");  // while that waits
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("changed"));
  EXPECT_EQ(ReadPlan(Channel(0)).actions.all(), 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, PlanStepTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::sync
