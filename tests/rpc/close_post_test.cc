// FeedService: posts that are closed, deleted or expire, and what takes their
// messages back.

#include "absl/strings/str_cat.h"
#include "feed_calls_fixture.h"
#include "feeds/expire_posts.h"
#include "storage/database.h"

namespace broadcast::test {
namespace {

class ClosePostTest : public FeedsTest {
 protected:
  void SetUp() override {
    FeedsTest::SetUp();
    channel_ = Channel(1);
    feed_ = FeedOn(channel_);
  }

  void SetFeed(bool tracking) {
    v1::UpdateFeedRequest request;
    request.mutable_feed()->set_feed_id(feed_.feed_id());
    request.mutable_feed()->set_tracking(tracking);
    EXPECT_THAT(Call(request), Succeeds());
  }

  void CloseFeed() {
    v1::UpdateFeedRequest request;
    request.mutable_feed()->set_feed_id(feed_.feed_id());
    request.mutable_feed()->set_state(v1::Feed::STATE_CLOSED);
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

  feeds::ExpiredPosts Expire() {
    const channels::Accounts accounts = {
        {"log", {storage::Platform::kLog}},
        {"bot", {storage::Platform::kTelegram}}};
    feeds::ExpiredPosts expired;
    const absl::Status written =
        database().Write({}, [&](storage::Transaction& transaction) {
          auto done = feeds::ExpirePosts(transaction,
                                         {.accounts = &accounts, .ids = &ids_});
          if (done.ok()) expired = *done;
          return done.status();
        });
    EXPECT_TRUE(written.ok()) << written;
    return expired;
  }

  v1::Channel channel_;
  v1::Feed feed_;
  IdSource ids_{&clock(), 11};
};

TEST_P(ClosePostTest, AnUnknownMessageIsLeftAlone) {
  const auto made = Post(feed_);
  raw().Execute("UPDATE messages SET state = 'unknown'");
  EXPECT_FALSE(Post(feed_, "a", "other").has_operation());
  EXPECT_FALSE(Call(Close(made.post().post_id()))->has_operation());
}

TEST_P(ClosePostTest, ClosingTakesItsMessagesBack) {
  const auto made = Post(feed_);
  SendAll();
  v1::ClosePostRequest request = Close(made.post().post_id());
  request.set_reason("sold");
  request.set_request_id(RequestId(1));
  const auto closed = Call(request);
  ASSERT_THAT(closed, Succeeds());
  EXPECT_EQ(closed->post().state(), v1::Post::STATE_CLOSED);
  EXPECT_EQ(closed->post().close_reason(), "sold");
  EXPECT_TRUE(closed->post().has_close_time());
  EXPECT_EQ(OnlyDelivery(closed->operation()).action(),
            v1::Delivery::ACTION_DELETE);
  const auto again = Call(request);
  EXPECT_TRUE(again->replayed());
  EXPECT_THAT(again->post(), EqualsProto(closed->post()));
  EXPECT_EQ(again->operation().operation_id(),
            closed->operation().operation_id());
  EXPECT_THAT(Call(Close(made.post().post_id())), FailsWith("POST_CLOSED"));
}

TEST_P(ClosePostTest, AnOldMessageOfTelegramBecomesATombstone) {
  const v1::Channel chat = Chat(2);
  const v1::Feed feed = FeedOn(chat, "chat");
  const auto made = Post(feed);
  SendAll();
  clock().Advance(absl::Hours(48) - absl::Minutes(9));
  const auto closed = Call(Close(made.post().post_id()));
  ASSERT_THAT(closed, Succeeds());
  EXPECT_EQ(OnlyDelivery(closed->operation()).action(),
            v1::Delivery::ACTION_TOMBSTONE);
}

TEST_P(ClosePostTest, AYoungMessageOfTelegramIsDeleted) {
  const v1::Channel chat = Chat(2);
  const v1::Feed feed = FeedOn(chat, "chat");
  const auto made = Post(feed);
  SendAll();
  clock().Advance(absl::Hours(48) - absl::Minutes(11));
  const auto closed = Call(Close(made.post().post_id()));
  EXPECT_EQ(OnlyDelivery(closed->operation()).action(),
            v1::Delivery::ACTION_DELETE);
}

TEST_P(ClosePostTest, AnUndeletableMessageStaysUntilItIsOld) {
  const v1::Channel chat = Chat(2);
  const v1::Feed feed = FeedOn(chat, "chat");
  const auto young = Post(feed, "young"), old = Post(feed, "old");
  SendAll();
  raw().Execute("UPDATE messages SET state = 'undeletable'");
  EXPECT_FALSE(Call(Close(young.post().post_id()))->has_operation());
  clock().Advance(absl::Hours(50));
  EXPECT_EQ(
      OnlyDelivery(Call(Close(old.post().post_id()))->operation()).action(),
      v1::Delivery::ACTION_TOMBSTONE);
}

TEST_P(ClosePostTest, AClosedPostIsOpenedAgain) {
  const auto made = Post(feed_);
  SendAll();
  EXPECT_THAT(Call(Close(made.post().post_id())), Succeeds());
  raw().Execute("UPDATE messages SET state = 'deleted'");
  const auto opened = Post(feed_);
  EXPECT_EQ(opened.outcome(), v1::POST_OUTCOME_REOPENED);
  EXPECT_EQ(opened.post().post_id(), made.post().post_id());
  EXPECT_EQ(opened.post().state(), v1::Post::STATE_OPEN);
  EXPECT_EQ(opened.post().close_reason(), "");
  EXPECT_FALSE(opened.post().has_close_time());
  EXPECT_EQ(OnlyDelivery(opened.operation()).action(),
            v1::Delivery::ACTION_SEND);
}

TEST_P(ClosePostTest, WithoutTrackingPostsAreSentAndForgotten) {
  SetFeed(/*tracking=*/false);
  const auto made = Post(feed_);
  EXPECT_EQ(OnlyDelivery(made.operation()).message_id(), "");
  EXPECT_EQ(Count("messages"), 0);
  EXPECT_EQ(Post(feed_).outcome(), v1::POST_OUTCOME_UNCHANGED);
  const auto changed = Call(Upsert(feed_, "a", "other"));
  EXPECT_THAT(changed, FailsWith("TRACKING_DISABLED"));
  EXPECT_EQ(changed.failure().metadata.at("feed_id"), feed_.feed_id());
  EXPECT_THAT(Call(Close(made.post().post_id())),
              FailsWith("TRACKING_DISABLED"));
  const auto deleted = Call(Delete(made.post().post_id()));
  ASSERT_THAT(deleted, Succeeds());
  EXPECT_FALSE(deleted->has_operation());
}

TEST_P(ClosePostTest, AClosedFeedTakesNoPosts) {
  const auto made = Post(feed_);
  CloseFeed();
  EXPECT_THAT(Call(Upsert(feed_, "a", "other")), FailsWith("FEED_CLOSED"));
  EXPECT_THAT(Call(Close(made.post().post_id())), Succeeds());
  EXPECT_THAT(Call(Delete(made.post().post_id())), Succeeds());
}

TEST_P(ClosePostTest, AnEtagKeepsOthersChanges) {
  const auto made = Post(feed_);
  v1::UpsertPostRequest request = Upsert(feed_, "a", "other");
  request.set_etag(made.post().etag());
  const auto changed = Call(request);
  ASSERT_THAT(changed, Succeeds());
  const auto refused = Call(request);
  EXPECT_THAT(refused, FailsWith("ETAG_MISMATCH"));
  EXPECT_EQ(refused.failure().metadata.at("etag"), changed->post().etag());
  v1::ClosePostRequest close = Close(made.post().post_id());
  close.set_etag(made.post().etag());
  EXPECT_THAT(Call(close), FailsWith("ETAG_MISMATCH"));
  v1::DeletePostRequest remove = Delete(made.post().post_id());
  remove.set_etag(made.post().etag());
  EXPECT_THAT(Call(remove), FailsWith("ETAG_MISMATCH"));
}

TEST_P(ClosePostTest, DeletionTakesItsMessagesBackAndKeepsThem) {
  const auto made = Post(feed_);
  SendAll();
  v1::DeletePostRequest request = Delete(made.post().post_id());
  request.set_request_id(RequestId(1));
  const auto deleted = Call(request);
  ASSERT_THAT(deleted, Succeeds());
  EXPECT_EQ(deleted->post_count(), 1);
  EXPECT_EQ(OnlyDelivery(deleted->operation()).action(),
            v1::Delivery::ACTION_DELETE);
  EXPECT_EQ(Messages(feed_).messages_size(), 1);
  EXPECT_EQ(Count("posts"), 0);
  const auto again = Call(request);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->post_count(), 1);
  EXPECT_EQ(again->operation().operation_id(),
            deleted->operation().operation_id());
}

TEST_P(ClosePostTest, ExpireByThemselves) {
  v1::UpsertPostRequest request = Upsert(feed_, "a", "hello");
  *request.mutable_post()->mutable_expire_time() = In(absl::Hours(1));
  const auto made = Call(request);
  ASSERT_THAT(made, Succeeds());
  EXPECT_EQ(expirer_woken_, 1);
  // What has expired is not sent any more.
  EXPECT_EQ(OnlyDelivery(made->operation()).expire_time().seconds(),
            request.post().expire_time().seconds());
  SendAll();
  EXPECT_EQ(Expire().posts, 0);
  clock().Advance(absl::Hours(1) + absl::Seconds(1));
  const feeds::ExpiredPosts expired = Expire();
  EXPECT_EQ(expired.posts, 1);
  EXPECT_EQ(expired.operations, 1);
  const v1::Post post = PostOf(made->post().post_id());
  EXPECT_EQ(post.state(), v1::Post::STATE_CLOSED);
  EXPECT_EQ(post.close_reason(), "expired");
  EXPECT_EQ(
      raw().Number("SELECT count(*) FROM deliveries WHERE action = 'delete'"),
      1);
  EXPECT_EQ(Expire().posts, 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, ClosePostTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
