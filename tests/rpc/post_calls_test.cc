// FeedService: posts, and what they send.

#include "absl/strings/str_cat.h"
#include "feed_calls_fixture.h"

namespace broadcast::test {
namespace {

using testing::UnorderedElementsAre;

using Fields = std::vector<std::string>;

class PostsTest : public FeedsTest {
 protected:
  void SetUp() override {
    FeedsTest::SetUp();
    channel_ = Channel(1);
    feed_ = FeedOn(channel_);
  }

  void Disable(const v1::Channel& channel) {
    v1::DisableChannelRequest request;
    request.set_channel_id(channel.channel_id());
    EXPECT_THAT(Call(request), Succeeds());
  }

  // The only delivery of an operation.
  v1::Delivery OnlyDelivery(const v1::Operation& operation) {
    const auto listed = Deliveries(operation);
    EXPECT_EQ(listed.deliveries_size(), 1);
    return listed.deliveries_size() == 0 ? v1::Delivery()
                                         : listed.deliveries(0);
  }

  google::protobuf::Timestamp In(absl::Duration time) {
    google::protobuf::Timestamp timestamp;
    timestamp.set_seconds(absl::ToUnixSeconds(clock().Now() + time));
    return timestamp;
  }

  v1::Channel channel_;
  v1::Feed feed_;
};

TEST_P(PostsTest, ANewPostIsSentToEveryChannel) {
  const v1::Channel chat = Chat(2);
  EXPECT_THAT(Call(AddTo(feed_, chat)), Succeeds());
  v1::UpsertPostRequest request = Upsert(feed_, "item-1", "hello");
  (*request.mutable_post()->mutable_labels())["kind"] = "offer";
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->outcome(), v1::POST_OUTCOME_CREATED);
  EXPECT_EQ(reply->post().external_id(), "item-1");
  EXPECT_EQ(reply->post().feed_id(), feed_.feed_id());
  EXPECT_EQ(reply->post().client_id(), ClientId(1));
  EXPECT_EQ(reply->post().state(), v1::Post::STATE_OPEN);
  EXPECT_EQ(reply->post().content().text(), "hello");
  EXPECT_EQ(reply->post().labels().at("kind"), "offer");
  EXPECT_THAT(PostOf(reply->post().post_id()), EqualsProto(reply->post()));
  const v1::Operation& operation = reply->operation();
  EXPECT_EQ(operation.kind(), v1::Operation::KIND_POST);
  EXPECT_EQ(operation.state(), v1::Operation::STATE_RUNNING);
  EXPECT_EQ(operation.feed_id(), feed_.feed_id());
  EXPECT_EQ(operation.client_id(), ClientId(1));
  EXPECT_EQ(operation.progress().planned_count(), 2);
  EXPECT_TRUE(operation.has_sync_result());
  const auto messages = Messages(feed_);
  ASSERT_EQ(messages.messages_size(), 2);
  std::vector<std::string> of_messages, of_deliveries;
  for (const v1::Message& message : messages.messages()) {
    EXPECT_EQ(message.state(), v1::Message::STATE_PENDING);
    EXPECT_EQ(message.post_id(), reply->post().post_id());
    EXPECT_EQ(message.operation_id(), operation.operation_id());
    EXPECT_EQ(message.content().text(), "hello");
    EXPECT_EQ(message.platform_message_id(), "");
    of_messages.push_back(message.message_id());
  }
  const auto deliveries = Deliveries(operation);
  for (const v1::Delivery& delivery : deliveries.deliveries()) {
    EXPECT_EQ(delivery.action(), v1::Delivery::ACTION_SEND);
    of_deliveries.push_back(delivery.message_id());
  }
  EXPECT_THAT(of_deliveries, testing::UnorderedElementsAreArray(of_messages));
  EXPECT_EQ(dispatcher_woken_, 1);
}

TEST_P(PostsTest, TheSamePostChangesNothing) {
  const auto first = Post(feed_);
  const int64_t audited = Count("audit_events");
  const auto again = Post(feed_);
  EXPECT_EQ(again.outcome(), v1::POST_OUTCOME_UNCHANGED);
  EXPECT_FALSE(again.has_operation());
  EXPECT_THAT(again.post(), EqualsProto(first.post()));
  EXPECT_EQ(Count("deliveries"), 1);
  EXPECT_EQ(Count("audit_events"), audited);
}

TEST_P(PostsTest, OtherContentEditsItsMessages) {
  const auto first = Post(feed_);
  SendAll();
  clock().Advance(absl::Seconds(1));
  const auto changed = Post(feed_, "a", "other");
  EXPECT_EQ(changed.outcome(), v1::POST_OUTCOME_UPDATED);
  EXPECT_NE(changed.post().etag(), first.post().etag());
  const v1::Delivery edit = OnlyDelivery(changed.operation());
  EXPECT_EQ(edit.action(), v1::Delivery::ACTION_EDIT);
  EXPECT_EQ(edit.message_id(), Messages(feed_).messages(0).message_id());
}

TEST_P(PostsTest, WhatWaitsIsEditedBehindItsSending) {
  Post(feed_);
  const auto changed = Post(feed_, "a", "other");
  EXPECT_EQ(OnlyDelivery(changed.operation()).action(),
            v1::Delivery::ACTION_EDIT);
}

TEST_P(PostsTest, LabelsAndExpiryAloneSendNothing) {
  Post(feed_);
  v1::UpsertPostRequest request = Upsert(feed_, "a", "hello");
  (*request.mutable_post()->mutable_labels())["a"] = "b";
  *request.mutable_post()->mutable_expire_time() = In(absl::Hours(1));
  const auto reply = Call(request);
  EXPECT_EQ(reply->outcome(), v1::POST_OUTCOME_UPDATED);
  EXPECT_FALSE(reply->has_operation());
  EXPECT_EQ(expirer_woken_, 1);
}

TEST_P(PostsTest, UnreachableChannelsAreLeftOut) {
  const v1::Channel other = Channel(2);
  EXPECT_THAT(Call(AddTo(feed_, other)), Succeeds());
  Disable(channel_);
  const auto made = Post(feed_);
  EXPECT_EQ(OnlyDelivery(made.operation()).channel_id(), other.channel_id());
  EXPECT_EQ(Messages(feed_).messages_size(), 1);
  Disable(other);
  const auto second = Post(feed_, "b");
  EXPECT_EQ(second.outcome(), v1::POST_OUTCOME_CREATED);
  EXPECT_FALSE(second.has_operation());
}

TEST_P(PostsTest, AFeedWithoutChannelsStoresItsPosts) {
  const v1::Feed feed = Feed("lonely");
  const auto made = Post(feed);
  EXPECT_EQ(made.outcome(), v1::POST_OUTCOME_CREATED);
  EXPECT_FALSE(made.has_operation());
}

TEST_P(PostsTest, BadInputIsToldAtOnceAndLeavesNoTrace) {
  const int64_t rows = AllRows();
  v1::UpsertPostRequest request;
  EXPECT_THAT(
      Call(request),
      HasViolationsOf(Fields{"feed_id", "post.external_id", "post.content"}));
  request = Upsert(feed_, "a b", std::string(4097, 'x'));
  request.mutable_post()->mutable_expire_time()->set_seconds(-1);
  (*request.mutable_post()->mutable_labels())["No"] = "";
  request.set_request_id(std::string(37, 'r'));
  EXPECT_THAT(
      Call(request),
      HasViolationsOf(Fields{"post.external_id", "post.content.text",
                             "post.expire_time", "post.labels", "request_id"}));
  EXPECT_THAT(Call(Upsert(feed_, std::string(129, 'a'), "x")),
              HasViolationsOf(Fields{"post.external_id"}));
  request = Upsert(feed_, "a", "x");
  *request.mutable_post()->mutable_expire_time() = In(absl::ZeroDuration());
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"post.expire_time"}));
  EXPECT_THAT(Call(v1::ClosePostRequest()), HasViolationsOf(Fields{"post_id"}));
  EXPECT_THAT(Call(v1::DeletePostRequest()),
              HasViolationsOf(Fields{"post_id"}));
  EXPECT_THAT(Call(v1::GetPostRequest()), HasViolationsOf(Fields{"post_id"}));
  EXPECT_THAT(Call(v1::ListPostsRequest()), HasViolationsOf(Fields{"feed_id"}));
  v1::GetPostRequest named;
  named.mutable_post_name();
  EXPECT_THAT(Call(named), HasViolationsOf(Fields{"post_name.feed_id",
                                                  "post_name.external_id"}));
  v1::ListMessagesRequest messages;
  messages.set_channel_id("x");
  messages.set_feed_id("y");
  EXPECT_THAT(Call(messages), HasViolationsOf(Fields{"channel_id", "feed_id"}));
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(PostsTest, WhatIsNotThereIsNotFound) {
  v1::Feed nowhere;
  nowhere.set_feed_id(RequestId(9));
  EXPECT_THAT(Call(Upsert(nowhere, "a", "x")), FailsWith("FEED_NOT_FOUND"));
  EXPECT_THAT(Call(Close(RequestId(9))), FailsWith("POST_NOT_FOUND"));
  EXPECT_THAT(Call(Delete(RequestId(9))), FailsWith("POST_NOT_FOUND"));
  v1::DeletePostRequest lenient = Delete(RequestId(9));
  lenient.set_allow_missing(true);
  EXPECT_EQ(Call(lenient)->post_count(), 0);
  v1::GetPostRequest named;
  named.mutable_post_name()->set_feed_id(feed_.feed_id());
  named.mutable_post_name()->set_external_id("a");
  EXPECT_THAT(Call(named), FailsWith("POST_NOT_FOUND"));
  v1::ListPostsRequest list;
  list.set_feed_id(RequestId(9));
  EXPECT_THAT(Call(list), FailsWith("FEED_NOT_FOUND"));
  v1::UpsertPostRequest with_etag = Upsert(feed_, "a", "x");
  with_etag.set_etag("\"1\"");
  EXPECT_THAT(Call(with_etag), FailsWith("POST_NOT_FOUND"));
}

TEST_P(PostsTest, AreFoundByWhatTheirCallerCallsThem) {
  const auto made = Post(feed_, "item/1");
  v1::GetPostRequest named;
  named.mutable_post_name()->set_feed_id(feed_.feed_id());
  named.mutable_post_name()->set_external_id("item/1");
  const auto found = Call(named);
  ASSERT_THAT(found, Succeeds());
  EXPECT_THAT(found->post(), EqualsProto(made.post()));
  v1::ClosePostRequest close;
  *close.mutable_post_name() = named.post_name();
  EXPECT_THAT(Call(close), Succeeds());
  v1::DeletePostRequest remove;
  *remove.mutable_post_name() = named.post_name();
  EXPECT_EQ(Call(remove)->post_count(), 1);
  EXPECT_THAT(Call(named), FailsWith("POST_NOT_FOUND"));
}

TEST_P(PostsTest, IsPostedOnceARequestId) {
  v1::UpsertPostRequest request = Upsert(feed_, "a", "hello");
  request.set_request_id(RequestId(1));
  const auto first = Call(request);
  Post(feed_, "a", "later");
  const auto again = Call(request);
  ASSERT_THAT(again, Succeeds());
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->outcome(), v1::POST_OUTCOME_CREATED);
  EXPECT_EQ(again->post().content().text(), "later");
  EXPECT_EQ(again->operation().operation_id(),
            first->operation().operation_id());
  *request.mutable_post() = Spec("b", "hello");
  EXPECT_THAT(Call(request), FailsWith("REQUEST_ID_REUSED"));
}

TEST_P(PostsTest, ARehearsalLeavesNoTrace) {
  const int64_t rows = AllRows();
  v1::UpsertPostRequest request = Upsert(feed_, "a", "hello");
  request.set_validate_only(true);
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->outcome(), v1::POST_OUTCOME_CREATED);
  EXPECT_EQ(reply->post().post_id(), "");
  EXPECT_FALSE(reply->has_operation());
  EXPECT_EQ(AllRows(), rows);
  EXPECT_EQ(dispatcher_woken_, 0);
}

TEST_P(PostsTest, ABatchIsOneOperation) {
  Post(feed_, "same", "same");
  Post(feed_, "old", "old");
  SendAll();
  v1::BatchUpsertPostsRequest request;
  request.set_feed_id(feed_.feed_id());
  *request.add_posts() = Spec("new", "new");
  *request.add_posts() = Spec("same", "same");
  *request.add_posts() = Spec("old", "changed");
  request.set_request_id(RequestId(1));
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  ASSERT_EQ(reply->results_size(), 3);
  EXPECT_EQ(reply->results(0).outcome(), v1::POST_OUTCOME_CREATED);
  EXPECT_EQ(reply->results(1).outcome(), v1::POST_OUTCOME_UNCHANGED);
  EXPECT_EQ(reply->results(2).outcome(), v1::POST_OUTCOME_UPDATED);
  EXPECT_EQ(reply->results(2).post().external_id(), "old");
  std::vector<v1::Delivery::Action> actions;
  const auto deliveries = Deliveries(reply->operation());
  for (const auto& delivery : deliveries.deliveries()) {
    actions.push_back(delivery.action());
  }
  EXPECT_THAT(actions, UnorderedElementsAre(v1::Delivery::ACTION_SEND,
                                            v1::Delivery::ACTION_EDIT));
  const auto again = Call(request);
  EXPECT_TRUE(again->replayed());
  ASSERT_EQ(again->results_size(), 3);
  EXPECT_EQ(again->results(0).outcome(), v1::POST_OUTCOME_CREATED);
}

TEST_P(PostsTest, ABatchIsBounded) {
  v1::BatchUpsertPostsRequest request;
  request.set_feed_id(feed_.feed_id());
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"posts"}));
  *request.add_posts() = Spec("a", "x");
  *request.add_posts() = Spec("a", "y");
  request.add_posts();
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"posts[1].external_id",
                                                    "posts[2].external_id",
                                                    "posts[2].content"}));
  request.clear_posts();
  for (int i = 0; i < 201; ++i) {
    *request.add_posts() = Spec(absl::StrCat(i), "x");
  }
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"posts"}));
  request.mutable_posts()->RemoveLast();
  for (int i = 2; i <= 6; ++i) {
    EXPECT_THAT(Call(AddTo(feed_, Channel(i))), Succeeds());
  }
  // 200 posts times 6 channels.
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"posts"}));
  EXPECT_EQ(Count("posts"), 0);
  while (request.posts_size() > 166) request.mutable_posts()->RemoveLast();
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->operation().progress().planned_count(), 166 * 6);
}

TEST_P(PostsTest, ABatchIsAllOrNothing) {
  v1::BatchUpsertPostsRequest request;
  request.set_feed_id(feed_.feed_id());
  *request.add_posts() = Spec("a", "x");
  *request.add_posts() = Spec("b", "y");
  *request.mutable_posts(1)->mutable_expire_time() = In(-absl::Seconds(1));
  EXPECT_THAT(Call(request), HasViolationsOf(Fields{"posts[1].expire_time"}));
  EXPECT_EQ(Count("posts"), 0);
}

TEST_P(PostsTest, AreListedAndFiltered) {
  Post(feed_, "a");
  const auto b = Post(feed_, "b");
  EXPECT_THAT(Call(Close(b.post().post_id())), Succeeds());
  v1::ListPostsRequest request;
  request.set_feed_id(feed_.feed_id());
  request.set_page_size(1);
  const auto first = Call(request);
  ASSERT_EQ(first->posts_size(), 1);
  EXPECT_EQ(first->posts(0).external_id(), "a");
  request.set_page_token(first->next_page_token());
  EXPECT_EQ(Call(request)->posts(0).external_id(), "b");
  v1::ListPostsRequest other = request;
  other.set_feed_id(Feed("other").feed_id());
  EXPECT_THAT(Call(other), FailsWith("INVALID_PAGE_TOKEN"));
  request = {};
  request.set_feed_id(feed_.feed_id());
  request.set_filter("state = CLOSED");
  const auto closed = Call(request);
  ASSERT_EQ(closed->posts_size(), 1);
  EXPECT_EQ(closed->posts(0).external_id(), "b");
}

TEST_P(PostsTest, MessagesAreListedByChannelAndState) {
  const v1::Channel other = Channel(2);
  EXPECT_THAT(Call(AddTo(feed_, other)), Succeeds());
  Post(feed_);
  v1::ListMessagesRequest request;
  request.set_channel_id(other.channel_id());
  const auto listed = Call(request);
  ASSERT_EQ(listed->messages_size(), 1);
  EXPECT_EQ(listed->messages(0).channel_id(), other.channel_id());
  request.set_filter("state = LIVE");
  EXPECT_EQ(Call(request)->messages_size(), 0);
  SendAll();
  EXPECT_EQ(Call(request)->messages_size(), 1);
  request.set_filter("colour = red");
  EXPECT_THAT(Call(request), FailsWith("INVALID_FILTER"));
}

INSTANTIATE_TEST_SUITE_P(Backends, PostsTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
