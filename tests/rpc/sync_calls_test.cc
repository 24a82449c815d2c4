// BroadcastService.Sync.

#include "absl/strings/str_cat.h"
#include "sync_calls_fixture.h"

namespace broadcast::test {
namespace {

using testing::SizeIs;

using Fields = std::vector<std::string>;

class SyncTest : public SyncCallTest {
 protected:
  v1::SyncRequest OfChannel(bool validate_only = false) {
    v1::SyncRequest request;
    request.set_channel_id(channel_.channel_id());
    request.set_validate_only(validate_only);
    return request;
  }

  // One post is missing, one is to be edited, and one message is orphaned.
  void Spoil() {
    Post(feed_, "missing", "missing");
    LoseMessages();
    Post(feed_, "stale", "old");
    Post(feed_, "closed", "closed");
    SendAll();
    EXPECT_THAT(Call(Upsert(feed_, "stale", "new")), Succeeds());
    raw().Execute(
        "UPDATE posts SET state = 'closed', close_time = 1 WHERE external_id = "
        "'closed'");
  }
};

TEST_P(SyncTest, ShowsWhatItWouldDoAndLeavesNoTrace) {
  Spoil();
  const int64_t rows = AllRows();
  const auto reply = Call(OfChannel(true));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply->has_operation());
  const v1::SyncPlan& plan = reply->plan();
  EXPECT_EQ(plan.open_post_count(), 2);
  EXPECT_EQ(plan.tracked_message_count(), 2);
  EXPECT_EQ(plan.post_count(), 1);
  EXPECT_EQ(plan.edit_count(), 1);
  EXPECT_EQ(plan.delete_count(), 1);
  EXPECT_EQ(plan.tombstone_count(), 0);
  EXPECT_EQ(plan.kept_count(), 0);
  EXPECT_NE(plan.plan_fingerprint(), "");
  ASSERT_THAT(plan.sample_actions(), SizeIs(3));
  const v1::SyncAction& post = plan.sample_actions(0);
  EXPECT_EQ(post.kind(), v1::SyncAction::KIND_POST);
  EXPECT_EQ(post.channel_id(), channel_.channel_id());
  EXPECT_EQ(post.feed_id(), feed_.feed_id());
  EXPECT_EQ(post.external_id(), "missing");
  EXPECT_EQ(post.message_id(), "");
  EXPECT_EQ(plan.sample_actions(1).kind(), v1::SyncAction::KIND_EDIT);
  EXPECT_NE(plan.sample_actions(1).message_id(), "");
  EXPECT_EQ(plan.sample_actions(2).kind(), v1::SyncAction::KIND_DELETE);
  EXPECT_EQ(AllRows(), rows);
  EXPECT_EQ(planner_woken_, 0);
}

TEST_P(SyncTest, SetsInMotionWhatThePlannerDoes) {
  Spoil();
  const auto reply = Call(OfChannel());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->operation().kind(), v1::Operation::KIND_SYNC);
  EXPECT_EQ(reply->operation().state(), v1::Operation::STATE_PLANNING);
  EXPECT_EQ(reply->operation().client_id(), ClientId(1));
  EXPECT_TRUE(reply->operation().has_sync_result());
  EXPECT_EQ(reply->plan().post_count(), 1);
  EXPECT_EQ(planner_woken_, 1);
  EXPECT_EQ(Count("plans WHERE done = 0 AND kind = 'sync'"), 1);
  EXPECT_EQ(Count("audit_events WHERE method = 'Sync' AND outcome = 'OK' AND "
                  "row_count = 1"),
            1);
  v1::GetOperationRequest request;
  request.set_operation_id(reply->operation().operation_id());
  EXPECT_THAT(Call(request), Succeeds());

  const auto beside = Call(OfChannel());
  EXPECT_THAT(beside, FailsWith("SYNC_RUNNING"));
  EXPECT_EQ(beside.failure().metadata.at("operation_id"),
            reply->operation().operation_id());
  EndOperations();
  EXPECT_THAT(Call(OfChannel()), Succeeds());
}

TEST_P(SyncTest, WithNothingToDoNothingIsDone) {
  const int64_t rows = AllRows();
  const auto reply = Call(OfChannel());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply->has_operation());
  EXPECT_EQ(reply->plan().open_post_count(), 0);
  EXPECT_EQ(AllRows(), rows);
  EXPECT_EQ(Count("audit_events WHERE method = 'Sync'"), 0);
}

TEST_P(SyncTest, BadInputIsToldAtOnceAndLeavesNoTrace) {
  const int64_t rows = AllRows();
  v1::SyncRequest request;
  request.set_channel_id("me");
  request.set_mode(static_cast<v1::SyncMode>(9));
  request.set_expected_plan("what I saw");
  request.set_max_deletes(-1);
  request.set_request_id(std::string(37, 'r'));
  EXPECT_THAT(Call(request),
              HasViolationsOf(Fields{"channel_id", "mode", "expected_plan",
                                     "max_deletes", "request_id"}));
  EXPECT_THAT(Call(v1::SyncRequest()), HasViolationsOf(Fields{"channel_id"}));
  request = {};
  request.set_feed_id("");
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"feed_id"}));
  request = {};
  request.set_all(false);
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"all"}));
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(SyncTest, AScopeMustBeThere) {
  v1::SyncRequest request;
  request.set_channel_id(OpenId(9, 9));
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_NOT_FOUND"));
  request.set_feed_id(OpenId(9, 9));
  EXPECT_THAT(Call(request), FailsWith("FEED_NOT_FOUND"));
  raw().Execute("UPDATE feeds SET tracking = 0");
  request.set_feed_id(feed_.feed_id());
  EXPECT_THAT(Call(request), FailsWith("TRACKING_DISABLED"));
}

TEST_P(SyncTest, AChannelMustBeReachableUnlessItIsOneOfMany) {
  Spoil();
  v1::SyncRequest all;
  all.set_all(true);
  all.set_validate_only(true);
  EXPECT_EQ(Call(all)->plan().post_count(), 1);
  Serve([](rpc::Policy& policy) { policy.accounts.erase("log"); });
  EXPECT_THAT(Call(OfChannel()), FailsWith("ACCOUNT_UNAVAILABLE"));
  EXPECT_EQ(Call(all)->plan().post_count(), 0);
  Serve();
  raw().Execute("UPDATE channels SET state = 'disabled'");
  EXPECT_THAT(Call(OfChannel()), FailsWith("CHANNEL_NOT_ACTIVE"));
  EXPECT_EQ(Call(all)->plan().post_count(), 0);
}

TEST_P(SyncTest, TheAccountMustHaveTheRightsThatAreNeeded) {
  Spoil();
  AnswerOf(channel_, {.result = rpc::Probed::Result::kAnswered,
                      .present = true,
                      .may_post = true});
  const auto refused = Call(OfChannel());
  EXPECT_THAT(refused, FailsWith("BOT_RIGHTS_MISSING"));
  EXPECT_EQ(refused.failure().metadata.at("rights"), "edit,delete");
  AnswerOf(channel_, {.result = rpc::Probed::Result::kAnswered});
  EXPECT_EQ(Call(OfChannel()).failure().metadata.at("rights"),
            "post,edit,delete");
  v1::SyncRequest request = OfChannel();
  request.set_mode(v1::SYNC_MODE_DELETE_ONLY);
  EXPECT_EQ(Call(request).failure().metadata.at("rights"), "delete");
  AnswerOf(channel_, {.result = rpc::Probed::Result::kNoAccount});
  EXPECT_THAT(Call(OfChannel()), FailsWith("ACCOUNT_UNAVAILABLE"));
  // Nobody is asked about one of many, and what cannot be asked can wait.
  request.set_feed_id(feed_.feed_id());
  request.set_validate_only(true);
  EXPECT_THAT(Call(request), Succeeds());
  AnswerOf(channel_, {.result = rpc::Probed::Result::kNotAsked,
                      .problem = "connect_failed"});
  EXPECT_THAT(Call(OfChannel()), Succeeds());
}

TEST_P(SyncTest, DoesThePlanThatWasShownOrNone) {
  Spoil();
  const std::string shown = Call(OfChannel(true))->plan().plan_fingerprint();
  v1::SyncRequest request = OfChannel();
  request.set_expected_plan(shown);
  Post(feed_, "another", "another");
  LoseMessages();
  EXPECT_THAT(Call(request), FailsWith("PLAN_CHANGED"));
  request.set_expected_plan(Call(OfChannel(true))->plan().plan_fingerprint());
  v1::SyncRequest other = request;
  other.set_mode(v1::SYNC_MODE_DELETE_ONLY);
  EXPECT_THAT(Call(other), FailsWith("PLAN_CHANGED"));
  clock().Advance(absl::Minutes(14));
  EXPECT_THAT(Call(request), Succeeds());
  clock().Advance(absl::Minutes(2));
  EXPECT_THAT(Call(request), FailsWith("PLAN_EXPIRED"));
}

TEST_P(SyncTest, DeletesNoMoreThanItMay) {
  Spoil();
  v1::SyncRequest request = OfChannel();
  request.set_max_deletes(0);
  const int64_t rows = AllRows();
  const auto refused = Call(request);
  EXPECT_THAT(refused, FailsWith("TOO_MANY_DELETES"));
  EXPECT_EQ(refused.failure().metadata.at("deletes"), "1");
  EXPECT_EQ(refused.failure().metadata.at("max_deletes"), "0");
  EXPECT_EQ(AllRows(), rows);
  request.set_mode(v1::SYNC_MODE_POST_ONLY);
  EXPECT_THAT(Call(request), Succeeds());
}

TEST_P(SyncTest, IsRepeatedWithoutHarm) {
  Spoil();
  v1::SyncRequest request = OfChannel();
  request.set_request_id(RequestId(1));
  const auto first = Call(request);
  ASSERT_THAT(first, Succeeds());
  EndOperations();
  const int64_t rows = AllRows();
  const auto again = Call(request);
  ASSERT_THAT(again, Succeeds());
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->operation().operation_id(),
            first->operation().operation_id());
  EXPECT_EQ(again->plan().post_count(), 1);
  EXPECT_EQ(again->plan().plan_fingerprint(), first->plan().plan_fingerprint());
  EXPECT_THAT(again->plan().sample_actions(), SizeIs(0));
  EXPECT_EQ(AllRows(), rows);
  // Whoever asks again was shown another plan meanwhile.
  request.set_expected_plan(Call(OfChannel(true))->plan().plan_fingerprint());
  EXPECT_EQ(Call(request)->operation().operation_id(),
            first->operation().operation_id());
  request.set_mode(v1::SYNC_MODE_POST_ONLY);
  EXPECT_THAT(Call(request), FailsWith("REQUEST_ID_REUSED"));
}

// The channel is a chat with two messages.
class SyncVerifyTest : public SyncTest {
 protected:
  void SetUp() override {
    SyncTest::SetUp();
    channel_ = Chat(2);
    feed_ = FeedOn(channel_, "chat");
    Post(feed_, "one", "one");
    Post(feed_, "two", "two");
    SendAll();
  }
  v1::SyncRequest Verifying(bool validate_only = false) {
    v1::SyncRequest request = OfChannel(validate_only);
    request.set_verify(true);
    return request;
  }
};

TEST_P(SyncVerifyTest, ShowsHowManyItWouldAskAboutAndLeavesNoTrace) {
  const int64_t rows = AllRows();
  const auto reply = Call(Verifying(true));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->plan().probe_count(), 2);
  EXPECT_EQ(reply->plan().kept_count(), 2);
  EXPECT_EQ(reply->plan().post_count(), 0);
  EXPECT_FALSE(reply->has_operation());
  EXPECT_EQ(AllRows(), rows);
  EXPECT_EQ(Call(OfChannel(true))->plan().probe_count(), 0);
}

TEST_P(SyncVerifyTest, IsSetInMotionThoughNothingElseIsToBeDone) {
  EXPECT_FALSE(Call(OfChannel())->has_operation());
  const int woken = planner_woken_;
  v1::SyncRequest request = Verifying();
  request.set_request_id(RequestId(1));
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->operation().state(), v1::Operation::STATE_PLANNING);
  EXPECT_EQ(reply->plan().probe_count(), 2);
  EXPECT_EQ(Count("plans WHERE done = 0 AND phase = 'probing'"), 1);
  EXPECT_EQ(planner_woken_, woken + 1);
  const auto again = Call(request);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->plan().probe_count(), 2);
}

TEST_P(SyncVerifyTest, TakesNoPlanThatWasShownBefore) {
  v1::SyncRequest request = Verifying();
  request.set_expected_plan(Call(Verifying(true))->plan().plan_fingerprint());
  const int64_t rows = AllRows();
  const auto refused = Call(request);
  EXPECT_THAT(refused, HasViolationsOf(Fields{"expected_plan"}));
  EXPECT_EQ(AllRows(), rows);
  request.set_expected_plan("no such thing");
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"expected_plan"}));
  request.set_expected_plan("");
  request.set_max_deletes(0);
  EXPECT_THAT(Call(request), Succeeds());
}

TEST_P(SyncVerifyTest, WhatMayBePostedAgainNeedsTheRightTo) {
  AnswerOf(channel_,
           {.result = rpc::Probed::Result::kAnswered, .present = true});
  EXPECT_EQ(Call(Verifying()).failure().metadata.at("rights"), "post");
  v1::SyncRequest request = Verifying();
  request.set_mode(v1::SYNC_MODE_DELETE_ONLY);
  EXPECT_THAT(Call(request), Succeeds());
}

TEST_P(SyncVerifyTest, OtherPlatformsAreNotAsked) {
  channel_ = Channel(3);
  Post(FeedOn(channel_, "log"), "one", "one");
  SendAll();
  const auto reply = Call(Verifying());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->plan().probe_count(), 0);
  EXPECT_FALSE(reply->has_operation());
}

INSTANTIATE_TEST_SUITE_P(Backends, SyncVerifyTest, Backends(), BackendName);

INSTANTIATE_TEST_SUITE_P(Backends, SyncTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
