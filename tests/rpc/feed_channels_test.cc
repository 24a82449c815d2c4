// FeedService: the channels of a feed, and whose feeds they are.

#include "absl/strings/str_cat.h"
#include "admission_fixture.h"
#include "feed_calls_fixture.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;

using Fields = std::vector<std::string>;

class FeedChannelsTest : public FeedsTest {
 protected:
  void SetUp() override {
    FeedsTest::SetUp();
    channel_ = Channel(1);
    feed_ = Feed();
  }

  static v1::RemoveFeedChannelRequest Remove(const v1::Feed& feed,
                                             const v1::Channel& channel,
                                             bool clear = false) {
    v1::RemoveFeedChannelRequest request;
    request.set_feed_id(feed.feed_id());
    request.set_channel_id(channel.channel_id());
    request.set_clear(clear);
    return request;
  }

  void Disable(const v1::Channel& channel) {
    v1::DisableChannelRequest request;
    request.set_channel_id(channel.channel_id());
    EXPECT_THAT(Call(request), Succeeds());
  }

  Fields ChannelsOf(const v1::Feed& feed) {
    v1::GetFeedRequest request;
    request.set_feed_id(feed.feed_id());
    const auto found = Call(request);
    Fields ids;
    for (const auto& feed_channel : found->feed_channels()) {
      EXPECT_EQ(feed_channel.feed_id(), feed.feed_id());
      EXPECT_TRUE(feed_channel.has_create_time());
      ids.push_back(feed_channel.channel().channel_id());
    }
    return ids;
  }

  v1::Channel channel_;
  v1::Feed feed_;
};

TEST_P(FeedChannelsTest, AChannelIsAddedToAnEmptyFeed) {
  const auto added = Call(AddTo(feed_, channel_));
  ASSERT_THAT(added, Succeeds());
  EXPECT_EQ(added->feed_channel().feed_id(), feed_.feed_id());
  EXPECT_THAT(added->feed_channel().channel(), EqualsProto(channel_));
  EXPECT_FALSE(added->has_operation());
  EXPECT_THAT(ChannelsOf(feed_), ElementsAre(channel_.channel_id()));
  EXPECT_EQ(planner_woken_, 0);
}

TEST_P(FeedChannelsTest, OpenPostsAreLeftToThePlanner) {
  Post(feed_);
  v1::AddFeedChannelRequest request = AddTo(feed_, channel_);
  request.set_request_id(RequestId(1));
  const auto added = Call(request);
  ASSERT_THAT(added, Succeeds());
  EXPECT_EQ(added->operation().kind(), v1::Operation::KIND_FILL);
  EXPECT_EQ(added->operation().state(), v1::Operation::STATE_PLANNING);
  EXPECT_EQ(added->operation().feed_id(), feed_.feed_id());
  EXPECT_EQ(Count("plans"), 1);
  EXPECT_EQ(planner_woken_, 1);
  const auto again = Call(request);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->operation().operation_id(),
            added->operation().operation_id());
  EXPECT_EQ(Count("plans"), 1);
}

TEST_P(FeedChannelsTest, NothingIsSentToOneThatIsNotToBeFilled) {
  Post(feed_);
  v1::AddFeedChannelRequest request = AddTo(feed_, channel_);
  request.set_fill(false);
  EXPECT_FALSE(Call(request)->has_operation());
  EXPECT_EQ(Count("plans"), 0);
}

TEST_P(FeedChannelsTest, AFeedWithoutTrackingIsFilledByNobody) {
  v1::CreateFeedRequest create = NewFeed(1, "forgetful");
  create.mutable_feed()->set_tracking(false);
  const v1::Feed feed = Call(create)->feed();
  Post(feed);
  v1::AddFeedChannelRequest request = AddTo(feed, channel_);
  request.set_fill(true);
  EXPECT_THAT(Call(request), FailsWith("TRACKING_DISABLED"));
  request.clear_fill();
  EXPECT_FALSE(Call(request)->has_operation());
  EXPECT_THAT(Call(Remove(feed, channel_, /*clear=*/true)),
              FailsWith("TRACKING_DISABLED"));
  EXPECT_THAT(Call(Remove(feed, channel_)), Succeeds());
}

TEST_P(FeedChannelsTest, WhatCannotBeAddedIsRefused) {
  EXPECT_THAT(Call(v1::AddFeedChannelRequest()),
              HasViolationsOf(Fields{"feed_id", "channel_id"}));
  v1::Feed nowhere;
  nowhere.set_feed_id(RequestId(9));
  v1::Channel nothing;
  nothing.set_channel_id(RequestId(9));
  EXPECT_THAT(Call(AddTo(nowhere, channel_)), FailsWith("FEED_NOT_FOUND"));
  EXPECT_THAT(Call(AddTo(feed_, nothing)), FailsWith("CHANNEL_NOT_FOUND"));
  EXPECT_THAT(Call(AddTo(feed_, Channel(1, 2))),
              FailsWith("CHANNEL_NOT_FOUND"));
  EXPECT_THAT(Call(AddTo(feed_, channel_)), Succeeds());
  EXPECT_THAT(Call(AddTo(feed_, channel_)), FailsWith("FEED_CHANNEL_EXISTS"));
  v1::UpdateFeedRequest close;
  close.mutable_feed()->set_feed_id(feed_.feed_id());
  close.mutable_feed()->set_state(v1::Feed::STATE_CLOSED);
  EXPECT_THAT(Call(close), Succeeds());
  EXPECT_THAT(Call(AddTo(feed_, Channel(2))), FailsWith("FEED_CLOSED"));
}

TEST_P(FeedChannelsTest, OneThatCannotBeSentToIsNotFilled) {
  Post(feed_);
  Disable(channel_);
  EXPECT_THAT(Call(AddTo(feed_, channel_)), FailsWith("CHANNEL_NOT_ACTIVE"));
  const v1::Channel other = Channel(2);
  Serve([](rpc::Policy& policy) { policy.accounts.erase("log"); });
  EXPECT_THAT(Call(AddTo(feed_, other)), FailsWith("ACCOUNT_UNAVAILABLE"));
  v1::AddFeedChannelRequest request = AddTo(feed_, channel_);
  request.set_fill(false);
  EXPECT_THAT(Call(request), Succeeds());
}

TEST_P(FeedChannelsTest, AFeedHasAHundredAtMost) {
  Plant(raw(), {.client = 3, .pairs = 101, .entries = false});
  const v1::Feed feed = Feed("many", 3);
  const auto add = [&](int pair) {
    v1::AddFeedChannelRequest request;
    request.set_feed_id(feed.feed_id());
    request.set_channel_id(OpenId(3, pair));
    return Call(request);
  };
  for (int pair = 0; pair < 100; ++pair) {
    ASSERT_THAT(add(pair), Succeeds());
  }
  const auto refused = add(100);
  EXPECT_THAT(refused, FailsWith("FEED_CHANNEL_LIMIT"));
  EXPECT_EQ(refused.failure().metadata.at("limit"), "100");
}

TEST_P(FeedChannelsTest, AChannelIsRemovedAndItsMessagesStay) {
  EXPECT_THAT(Call(AddTo(feed_, channel_)), Succeeds());
  const auto made = Post(feed_);
  SendAll();
  v1::RemoveFeedChannelRequest request = Remove(feed_, channel_);
  request.set_request_id(RequestId(1));
  const auto removed = Call(request);
  ASSERT_THAT(removed, Succeeds());
  EXPECT_EQ(removed->feed_channel_count(), 1);
  EXPECT_FALSE(removed->has_operation());
  EXPECT_THAT(ChannelsOf(feed_), ElementsAre());
  EXPECT_EQ(Call(request)->feed_channel_count(), 1);
  EXPECT_TRUE(Call(request)->replayed());
  // Its closing takes them back all the same.
  EXPECT_TRUE(Call(Close(made.post().post_id()))->has_operation());
}

TEST_P(FeedChannelsTest, WhatAFeedIsInOutlivesItsPair) {
  EXPECT_THAT(Call(AddTo(feed_, channel_)), Succeeds());
  Post(feed_);
  SendAll();
  v1::DeleteChannelPairRequest request;
  request.set_channel_pair_id(
      raw().Text("SELECT CAST(channel_pair_id AS TEXT) FROM channel_pairs"));
  const auto deleted = Call(request);
  ASSERT_THAT(deleted, Succeeds());
  EXPECT_EQ(deleted->channel_count(), 1);  // the closed one
  EXPECT_THAT(ChannelsOf(feed_), ElementsAre(channel_.channel_id()));
  EXPECT_EQ(Count("messages WHERE state = 'live'"), 1);

  // Neither while only its messages are there.
  const v1::Channel other = Channel(2);
  EXPECT_THAT(Call(AddTo(feed_, other)), Succeeds());
  Post(feed_, "b");
  SendAll();
  EXPECT_THAT(Call(Remove(feed_, other)), Succeeds());
  request.set_channel_pair_id(
      raw().Text("SELECT CAST(channel_pair_id AS TEXT) FROM channel_pairs"));
  EXPECT_EQ(Call(request)->channel_count(), 1);
}

TEST_P(FeedChannelsTest, ClearingIsLeftToThePlanner) {
  EXPECT_THAT(Call(AddTo(feed_, channel_)), Succeeds());
  Post(feed_);
  const auto removed = Call(Remove(feed_, channel_, /*clear=*/true));
  ASSERT_THAT(removed, Succeeds());
  EXPECT_EQ(removed->operation().kind(), v1::Operation::KIND_CLEAR);
  EXPECT_EQ(removed->operation().state(), v1::Operation::STATE_PLANNING);
  EXPECT_EQ(raw().Text("SELECT kind FROM plans"), "clear");
  EXPECT_EQ(planner_woken_, 1);
}

TEST_P(FeedChannelsTest, WhatIsNotThereCannotBeRemoved) {
  EXPECT_THAT(Call(v1::RemoveFeedChannelRequest()),
              HasViolationsOf(Fields{"feed_id", "channel_id"}));
  v1::Feed nowhere;
  nowhere.set_feed_id(RequestId(9));
  EXPECT_THAT(Call(Remove(nowhere, channel_)), FailsWith("FEED_NOT_FOUND"));
  EXPECT_THAT(Call(Remove(feed_, channel_)),
              FailsWith("FEED_CHANNEL_NOT_FOUND"));
  v1::RemoveFeedChannelRequest lenient = Remove(feed_, channel_);
  lenient.set_allow_missing(true);
  EXPECT_EQ(Call(lenient)->feed_channel_count(), 0);
}

TEST_P(FeedChannelsTest, ARehearsalLeavesNoTrace) {
  Post(feed_);
  const int64_t rows = AllRows();
  v1::AddFeedChannelRequest add = AddTo(feed_, channel_);
  add.set_validate_only(true);
  const auto added = Call(add);
  ASSERT_THAT(added, Succeeds());
  EXPECT_FALSE(added->has_operation());
  EXPECT_EQ(AllRows(), rows);
  add.set_validate_only(false);
  add.set_fill(false);
  EXPECT_THAT(Call(add), Succeeds());
  v1::RemoveFeedChannelRequest remove = Remove(feed_, channel_, true);
  remove.set_validate_only(true);
  EXPECT_EQ(Call(remove)->feed_channel_count(), 1);
  EXPECT_THAT(ChannelsOf(feed_), ElementsAre(channel_.channel_id()));
}

INSTANTIATE_TEST_SUITE_P(Backends, FeedChannelsTest, Backends(), BackendName);

class FeedTenancyTest : public TenancyTest {
 protected:
  // Client 2's feed, with a channel and a post.
  void SetUp() override {
    TenancyTest::SetUp();
    for (const int client : {2, 1}) {
      CallAs(client);
      v1::CreateFeedRequest create;
      create.mutable_feed()->set_client_id(ClientId(client));
      create.mutable_feed()->set_name("news");
      const auto made = Call(create);
      ASSERT_THAT(made, Succeeds());
      feed_ids_[client] = made->feed().feed_id();
      v1::UpsertPostRequest post;
      post.set_feed_id(feed_ids_[client]);
      post.mutable_post()->set_external_id("a");
      *post.mutable_post()->mutable_content() = TextContent("x");
      const auto posted = Call(post);
      ASSERT_THAT(posted, Succeeds());
      post_ids_[client] = posted->post().post_id();
    }
  }

  std::map<int, std::string> feed_ids_, post_ids_;
};

TEST_P(FeedTenancyTest, FeedsOfOthersDoNotExist) {
  const std::string foreign = feed_ids_[2], own = feed_ids_[1];
  const char* reason = "FEED_NOT_FOUND";
  ExpectMissing<v1::GetFeedRequest>({}, &v1::GetFeedRequest::set_feed_id,
                                    foreign, own, reason);
  ExpectMissing<v1::ListPostsRequest>({}, &v1::ListPostsRequest::set_feed_id,
                                      foreign, own, reason);
  v1::UpsertPostRequest post;
  post.mutable_post()->set_external_id("b");
  *post.mutable_post()->mutable_content() = TextContent("x");
  ExpectMissing<v1::UpsertPostRequest>(
      post, &v1::UpsertPostRequest::set_feed_id, foreign, own, reason);
  v1::AddFeedChannelRequest add;
  add.set_channel_id(OpenId(1, 0));
  add.set_fill(false);
  ExpectMissing<v1::AddFeedChannelRequest>(
      add, &v1::AddFeedChannelRequest::set_feed_id, foreign, own, reason);
  v1::RemoveFeedChannelRequest remove;
  remove.set_channel_id(OpenId(1, 0));
  ExpectMissing<v1::RemoveFeedChannelRequest>(
      remove, &v1::RemoveFeedChannelRequest::set_feed_id, foreign, own, reason);
  v1::DeleteFeedRequest gone;
  gone.set_force(true);
  ExpectMissing<v1::DeleteFeedRequest>(
      gone, &v1::DeleteFeedRequest::set_feed_id, foreign, own, reason);
}

TEST_P(FeedTenancyTest, PostsAndChannelsOfOthersDoNotExist) {
  const std::string foreign = post_ids_[2], own = post_ids_[1];
  const char* reason = "POST_NOT_FOUND";
  ExpectMissing<v1::GetPostRequest>({}, &v1::GetPostRequest::set_post_id,
                                    foreign, own, reason);
  ExpectMissing<v1::ClosePostRequest>({}, &v1::ClosePostRequest::set_post_id,
                                      foreign, own, reason);
  ExpectMissing<v1::DeletePostRequest>({}, &v1::DeletePostRequest::set_post_id,
                                       foreign, own, reason);
  v1::AddFeedChannelRequest add;
  add.set_feed_id(feed_ids_[1]);
  add.set_fill(false);
  ExpectMissing<v1::AddFeedChannelRequest>(
      add, &v1::AddFeedChannelRequest::set_channel_id, OpenId(2, 0),
      OpenId(1, 0), "CHANNEL_NOT_FOUND");
}

TEST_P(FeedTenancyTest, ListsHoldWhatIsOnesOwn) {
  EXPECT_EQ(Call(v1::ListFeedsRequest())->feeds_size(), 1);
  v1::ListMessagesRequest messages;
  messages.set_feed_id(feed_ids_[2]);
  EXPECT_EQ(Call(messages)->messages_size(), 0);
  v1::CreateFeedRequest create;
  create.mutable_feed()->set_client_id(ClientId(2));
  create.mutable_feed()->set_name("mine");
  EXPECT_THAT(Call(create), FailsWith("CLIENT_NOT_FOUND"));
}

INSTANTIATE_TEST_SUITE_P(Backends, FeedTenancyTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
