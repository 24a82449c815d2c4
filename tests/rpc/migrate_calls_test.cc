// BroadcastService.Migrate.

#include "absl/strings/str_cat.h"
#include "sync_calls_fixture.h"

namespace broadcast::test {
namespace {

using testing::SizeIs;

using Fields = std::vector<std::string>;

class MigrateTest : public SyncCallTest {
 protected:
  void SetUp() override {
    SyncCallTest::SetUp();
    target_ = Channel(2);
  }

  v1::MigrateRequest ToTarget(bool validate_only = false) {
    v1::MigrateRequest request;
    request.set_channel_id(channel_.channel_id());
    request.set_target_channel_id(target_.channel_id());
    request.set_validate_only(validate_only);
    return request;
  }
  v1::MigrateRequest ToNew(const v1::ChannelSpec& spec) {
    v1::MigrateRequest request;
    request.set_channel_id(channel_.channel_id());
    *request.mutable_target_channel() = spec;
    return request;
  }

  v1::Channel target_;
};

TEST_P(MigrateTest, ShowsWhatItWouldDoAndLeavesNoTrace) {
  Post(feed_, "a", "a");
  SendAll();
  Post(feed_, "b", "b");  // not there yet
  const int64_t rows = AllRows();
  v1::MigrateRequest request = ToTarget(true);
  request.set_delete_old(true);
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply->has_operation());
  EXPECT_EQ(reply->plan().open_post_count(), 2);
  EXPECT_EQ(reply->plan().post_count(), 2);
  EXPECT_EQ(reply->plan().delete_count(), 2);
  EXPECT_THAT(reply->target_channel(), EqualsProto(target_));
  ASSERT_THAT(reply->plan().sample_actions(), SizeIs(4));
  EXPECT_EQ(reply->plan().sample_actions(0).kind(), v1::SyncAction::KIND_COPY);
  EXPECT_EQ(reply->plan().sample_actions(0).channel_id(), target_.channel_id());
  EXPECT_EQ(reply->plan().sample_actions(1).kind(), v1::SyncAction::KIND_POST);
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(MigrateTest, SetsInMotionWhatThePlannerDoes) {
  Post(feed_);
  SendAll();
  const auto reply = Call(ToTarget());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->operation().kind(), v1::Operation::KIND_MIGRATE);
  EXPECT_EQ(reply->operation().state(), v1::Operation::STATE_PLANNING);
  EXPECT_EQ(planner_woken_, 1);
  EXPECT_EQ(Count("plans WHERE kind = 'migrate' AND phase = 'copying'"), 1);
  EXPECT_EQ(Count("audit_events WHERE method = 'Migrate' AND outcome = 'OK'"),
            1);
  EXPECT_THAT(Call(ToTarget()), FailsWith("SYNC_RUNNING"));
  v1::SyncRequest sync;
  sync.set_channel_id(target_.channel_id());
  EXPECT_THAT(Call(sync), Succeeds());  // there is nothing to do
}

TEST_P(MigrateTest, ATargetIsMadeIfItIsNew) {
  v1::MigrateRequest request = ToNew(LogChannel("new-home"));
  request.set_validate_only(true);
  const auto shown = Call(request);
  ASSERT_THAT(shown, Succeeds());
  EXPECT_EQ(shown->target_channel().channel_id(), "");
  EXPECT_EQ(shown->target_channel().address(), "new-home");
  EXPECT_EQ(Count("channels WHERE address = 'new-home'"), 0);
  request.set_validate_only(false);
  request.set_expected_plan(shown->plan().plan_fingerprint());
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_NE(reply->target_channel().channel_id(), "");
  EXPECT_EQ(Count("channels WHERE address = 'new-home'"), 1);
}

TEST_P(MigrateTest, BadInputIsToldAtOnceAndLeavesNoTrace) {
  const int64_t rows = AllRows();
  v1::MigrateRequest request;
  request.set_channel_id("me");
  request.set_feed_id("news");
  request.set_expected_plan("what I saw");
  request.set_request_id(std::string(37, 'r'));
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{
                                 "channel_id", "target_channel_id", "feed_id",
                                 "expected_plan", "request_id"}));
  request = ToTarget();
  request.set_target_channel_id("there");
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"target_channel_id"}));
  request.set_target_channel_id(channel_.channel_id());
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"target_channel_id"}));
  EXPECT_THAT(Call(ToNew(v1::ChannelSpec())),
              HasViolationsOf(
                  Fields{"target_channel.platform", "target_channel.account"}));
  // The same channel by its address.
  EXPECT_THAT(Call(ToNew(LogChannel(channel_.address()))),
              HasViolationsOf(Fields{"target_channel"}));
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(MigrateTest, WhatItNamesMustBeThere) {
  v1::MigrateRequest request = ToTarget();
  request.set_channel_id(OpenId(9, 9));
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_NOT_FOUND"));
  request = ToTarget();
  request.set_target_channel_id(OpenId(9, 9));
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_NOT_FOUND"));
  const v1::Channel foreign = Channel(1, 2);
  request.set_target_channel_id(foreign.channel_id());
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_NOT_FOUND"));
  request = ToTarget();
  request.set_feed_id(OpenId(9, 9));
  EXPECT_THAT(Call(request), FailsWith("FEED_NOT_FOUND"));
  request.set_feed_id(Feed("elsewhere").feed_id());
  EXPECT_THAT(Call(request), FailsWith("FEED_CHANNEL_NOT_FOUND"));
  raw().Execute("UPDATE feeds SET tracking = 0");
  request.set_feed_id(feed_.feed_id());
  EXPECT_THAT(Call(request), FailsWith("TRACKING_DISABLED"));
}

TEST_P(MigrateTest, ATargetMustBeOnesOwnAndReachable) {
  v1::ChannelSpec spec = LogChannel("new-home");
  spec.set_account("nobody");
  EXPECT_THAT(Call(ToNew(spec)), FailsWith("CHANNEL_ACCOUNT_UNKNOWN"));
  spec = LogChannel(target_.address());
  spec.set_account("other-log");
  EXPECT_THAT(Call(ToNew(spec)), FailsWith("CHANNEL_ACCOUNT_MISMATCH"));
  spec.set_platform(v1::PLATFORM_EMAIL);
  EXPECT_THAT(Call(ToNew(spec)), FailsWith("CHANNEL_PLATFORM_UNSUPPORTED"));
  const v1::Channel foreign = Chat(1, 2);
  EXPECT_THAT(Call(ToNew(TelegramChannel(foreign.address()))),
              FailsWith("CHANNEL_TAKEN"));
  raw().Execute(absl::StrCat(
      "UPDATE channels SET state = 'disabled' WHERE channel_id = '",
      target_.channel_id(), "'"));
  EXPECT_THAT(Call(ToTarget()), FailsWith("CHANNEL_NOT_ACTIVE"));
  raw().Execute("UPDATE channels SET state = 'active', account = 'gone'");
  EXPECT_THAT(Call(ToTarget()), FailsWith("ACCOUNT_UNAVAILABLE"));
}

TEST_P(MigrateTest, TheAccountMustHaveTheRightsThatAreNeeded) {
  Post(feed_);
  SendAll();
  AnswerOf(target_,
           {.result = rpc::Probed::Result::kAnswered, .present = true});
  const auto refused = Call(ToTarget());
  EXPECT_THAT(refused, FailsWith("BOT_RIGHTS_MISSING"));
  EXPECT_EQ(refused.failure().metadata.at("rights"), "post");
  EXPECT_EQ(refused.failure().metadata.at("channel_id"), target_.channel_id());
  AnswerOf(target_, {.result = rpc::Probed::Result::kNotAsked,
                     .problem = "connect_failed"});
  EXPECT_THAT(Call(ToTarget()), FailsWith("PROBE_FAILED"));
  AnswerOf(target_, Good());

  // A channel that one cannot come into can be left, but not be cleared.
  AnswerOf(channel_, {.result = rpc::Probed::Result::kAnswered,
                      .problem = "chat_not_found"});
  v1::MigrateRequest request = ToTarget(true);
  request.set_delete_old(true);
  EXPECT_EQ(Call(request).failure().metadata.at("rights"), "delete");
  request.set_delete_old(false);
  EXPECT_EQ(Call(request)->plan().sample_actions(0).kind(),
            v1::SyncAction::KIND_POST);
  EXPECT_THAT(Call(ToTarget()), Succeeds());
  EXPECT_EQ(Count("plans WHERE phase = 'resending'"), 1);
}

TEST_P(MigrateTest, DoesThePlanThatWasShownOrNone) {
  Post(feed_, "a", "a");
  SendAll();
  v1::MigrateRequest request = ToTarget();
  request.set_expected_plan(Call(ToTarget(true))->plan().plan_fingerprint());
  Post(feed_, "b", "b");
  EXPECT_THAT(Call(request), FailsWith("PLAN_CHANGED"));
  request.set_expected_plan(Call(ToTarget(true))->plan().plan_fingerprint());
  clock().Advance(absl::Minutes(16));
  EXPECT_THAT(Call(request), FailsWith("PLAN_EXPIRED"));
  request.set_expected_plan(Call(ToTarget(true))->plan().plan_fingerprint());
  EXPECT_THAT(Call(request), Succeeds());
}

TEST_P(MigrateTest, IsRepeatedWithoutHarm) {
  Post(feed_);
  SendAll();
  v1::MigrateRequest request = ToNew(LogChannel("new-home"));
  request.set_request_id(RequestId(1));
  const auto first = Call(request);
  ASSERT_THAT(first, Succeeds());
  const int64_t rows = AllRows();
  const auto again = Call(request);
  ASSERT_THAT(again, Succeeds());
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->operation().operation_id(),
            first->operation().operation_id());
  EXPECT_THAT(again->target_channel(), EqualsProto(first->target_channel()));
  EXPECT_EQ(again->plan().post_count(), 1);
  EXPECT_EQ(AllRows(), rows);
  request.set_delete_old(true);
  EXPECT_THAT(Call(request), FailsWith("REQUEST_ID_REUSED"));
}

INSTANTIATE_TEST_SUITE_P(Backends, MigrateTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
