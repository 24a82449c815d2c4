// FeedService: feeds themselves.

#include "absl/strings/str_cat.h"
#include "feed_calls_fixture.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;

using Fields = std::vector<std::string>;

class FeedTest : public FeedsTest {
 protected:
  void SetUp() override {
    FeedsTest::SetUp();
    Plant(raw(), {.client = 1});
    Plant(raw(), {.client = 2});
  }

  static v1::UpdateFeedRequest Update(const v1::Feed& feed,
                                      const Fields& paths = {}) {
    v1::UpdateFeedRequest request;
    request.mutable_feed()->set_feed_id(feed.feed_id());
    for (const std::string& path : paths) {
      request.mutable_update_mask()->add_paths(path);
    }
    return request;
  }

  static v1::DeleteFeedRequest Delete(const v1::Feed& feed) {
    v1::DeleteFeedRequest request;
    request.set_feed_id(feed.feed_id());
    return request;
  }

  Reply<v1::GetFeedResponse> Find(const v1::Feed& feed) {
    v1::GetFeedRequest request;
    request.set_feed_id(feed.feed_id());
    return Call(request);
  }

  Fields Names(const std::string& filter) {
    v1::ListFeedsRequest request;
    request.set_filter(filter);
    const auto reply = Call(request);
    EXPECT_THAT(reply, Succeeds());
    Fields names;
    for (const v1::Feed& feed : reply->feeds()) names.push_back(feed.name());
    return names;
  }
};

TEST_P(FeedTest, IsKeptAsItIsGiven) {
  v1::CreateFeedRequest request = NewFeed(1, "price.list-1");
  v1::Feed& given = *request.mutable_feed();
  given.set_display_name("Prices");
  given.set_state(v1::Feed::STATE_CLOSED);
  given.set_tracking(false);
  *given.mutable_tombstone_content() = TextContent("sold");
  (*given.mutable_labels())["team"] = "shop";
  const auto made = Call(request);
  ASSERT_THAT(made, Succeeds());
  const v1::Feed& feed = made->feed();
  EXPECT_EQ(feed.client_id(), ClientId(1));
  EXPECT_EQ(feed.name(), "price.list-1");
  EXPECT_EQ(feed.display_name(), "Prices");
  EXPECT_EQ(feed.state(), v1::Feed::STATE_CLOSED);
  EXPECT_TRUE(feed.has_tracking());
  EXPECT_FALSE(feed.tracked());
  EXPECT_EQ(feed.tombstone_content().text(), "sold");
  EXPECT_EQ(feed.labels().at("team"), "shop");
  EXPECT_NE(feed.etag(), "");
  const auto found = Find(feed);
  ASSERT_THAT(found, Succeeds());
  EXPECT_THAT(found->feed(), EqualsProto(feed));
  EXPECT_EQ(found->feed_channels_size(), 0);
}

TEST_P(FeedTest, IsOpenAndRemembersUnlessItSaysOtherwise) {
  const v1::Feed feed = Feed();
  EXPECT_EQ(feed.state(), v1::Feed::STATE_OPEN);
  EXPECT_FALSE(feed.has_tracking());
  EXPECT_TRUE(feed.tracked());
  Serve([](rpc::Policy& policy) { policy.default_tracking = false; });
  EXPECT_FALSE(Find(feed)->feed().tracked());
}

TEST_P(FeedTest, BadInputIsToldAtOnceAndLeavesNoTrace) {
  const int64_t rows = AllRows();
  v1::CreateFeedRequest request = NewFeed(1, "News");
  v1::Feed& feed = *request.mutable_feed();
  feed.set_client_id("me");
  feed.set_display_name(std::string(129, 'x'));
  feed.set_state(static_cast<v1::Feed::State>(9));
  feed.mutable_tombstone_content();
  (*feed.mutable_labels())["No"] = "";
  request.set_request_id(std::string(37, 'r'));
  EXPECT_THAT(
      Call(request),
      HasViolationsOf(Fields{"feed.client_id", "feed.name", "feed.display_name",
                             "feed.state", "feed.tombstone_content.text",
                             "feed.labels", "request_id"}));
  EXPECT_THAT(Call(v1::CreateFeedRequest()),
              HasViolationsOf(Fields{"feed.client_id", "feed.name"}));
  EXPECT_THAT(Call(v1::GetFeedRequest()), HasViolationsOf(Fields{"feed_id"}));
  EXPECT_THAT(Call(v1::DeleteFeedRequest()),
              HasViolationsOf(Fields{"feed_id"}));
  for (const std::string& name :
       {std::string("1a"), std::string("a b"), std::string(64, 'a')}) {
    EXPECT_THAT(Call(NewFeed(1, name)), HasViolationsOf(Fields{"feed.name"}));
  }
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(FeedTest, NeedsAClient) {
  const auto reply = Call(NewFeed(7, "news"));
  EXPECT_THAT(reply, FailsWith("CLIENT_NOT_FOUND"));
  EXPECT_EQ(reply.failure().metadata.at("client_id"), ClientId(7));
  raw().Execute("UPDATE clients SET delete_time = 1");
  EXPECT_THAT(Call(NewFeed(1, "news")), FailsWith("CLIENT_BEING_DELETED"));
}

TEST_P(FeedTest, HasANameOfItsOwnWithinItsClient) {
  const v1::Feed feed = Feed("news");
  const auto again = Call(NewFeed(1, "news"));
  EXPECT_THAT(again, FailsWith("FEED_EXISTS"));
  EXPECT_EQ(again.failure().metadata.at("feed_id"), feed.feed_id());
  EXPECT_THAT(Call(NewFeed(2, "news")), Succeeds());
  EXPECT_THAT(Call(NewFeed(1, "olds")), Succeeds());
}

TEST_P(FeedTest, CreationIsRepeatedAndRehearsed) {
  v1::CreateFeedRequest request = NewFeed(1, "news");
  request.set_validate_only(true);
  const auto rehearsed = Call(request);
  ASSERT_THAT(rehearsed, Succeeds());
  EXPECT_EQ(rehearsed->feed().feed_id(), "");
  EXPECT_EQ(Count("feeds"), 0);
  request.set_validate_only(false);
  request.set_request_id(RequestId(1));
  const auto first = Call(request);
  const auto second = Call(request);
  EXPECT_FALSE(first->replayed());
  EXPECT_TRUE(second->replayed());
  EXPECT_THAT(second->feed(), EqualsProto(first->feed()));
  request.mutable_feed()->set_name("other");
  EXPECT_THAT(Call(request), FailsWith("REQUEST_ID_REUSED"));
  EXPECT_EQ(Count("feeds"), 1);
}

TEST_P(FeedTest, UpdateChangesWhatItNames) {
  v1::CreateFeedRequest create = NewFeed(1, "news");
  create.mutable_feed()->set_display_name("Old");
  create.mutable_feed()->set_tracking(false);
  *create.mutable_feed()->mutable_tombstone_content() = TextContent("gone");
  const v1::Feed feed = Call(create)->feed();
  v1::UpdateFeedRequest request = Update(feed, {"display_name", "tracking"});
  request.mutable_feed()->set_display_name("New");
  request.mutable_feed()->set_etag(feed.etag());
  const auto updated = Call(request);
  ASSERT_THAT(updated, Succeeds());
  EXPECT_EQ(updated->feed().display_name(), "New");
  EXPECT_FALSE(updated->feed().has_tracking());
  EXPECT_EQ(updated->feed().tombstone_content().text(), "gone");
  EXPECT_NE(updated->feed().etag(), feed.etag());
  EXPECT_THAT(Call(request), FailsWith("ETAG_MISMATCH"));
  const auto cleared = Call(Update(feed, {"tombstone_content"}));
  ASSERT_THAT(cleared, Succeeds());
  EXPECT_FALSE(cleared->feed().has_tombstone_content());
}

TEST_P(FeedTest, UpdateRefusesWhatCannotChange) {
  const v1::Feed feed = Feed();
  EXPECT_THAT(Call(Update(feed, {"name"})),
              HasViolationsOf(Fields{"update_mask"}));
  EXPECT_THAT(Call(Update(feed, {"state"})),
              HasViolationsOf(Fields{"feed.state"}));
  EXPECT_THAT(Call(Update(feed)), HasViolationsOf(Fields{"update_mask"}));
  v1::Feed missing;
  missing.set_feed_id(RequestId(9));
  EXPECT_THAT(Call(Update(missing, {"labels"})), FailsWith("FEED_NOT_FOUND"));
  EXPECT_THAT(Find(missing), FailsWith("FEED_NOT_FOUND"));
}

TEST_P(FeedTest, AreListedAndFiltered) {
  Feed("a");
  v1::CreateFeedRequest closed = NewFeed(1, "b");
  closed.mutable_feed()->set_state(v1::Feed::STATE_CLOSED);
  (*closed.mutable_feed()->mutable_labels())["team"] = "shop";
  EXPECT_THAT(Call(closed), Succeeds());
  Feed("c", 2);
  EXPECT_THAT(Names(""), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Names("state = CLOSED"), ElementsAre("b"));
  EXPECT_THAT(Names("labels.team = shop"), ElementsAre("b"));
  EXPECT_THAT(Names("name = a"), ElementsAre("a"));
  EXPECT_THAT(Names(absl::StrCat("client_id = \"", ClientId(2), "\"")),
              ElementsAre("c"));
  v1::ListFeedsRequest request;
  request.set_page_size(2);
  const auto page = Call(request);
  EXPECT_EQ(page->feeds_size(), 2);
  request.set_page_token(page->next_page_token());
  EXPECT_EQ(Call(request)->feeds_size(), 1);
  request.set_filter("state = OPEN");
  EXPECT_THAT(Call(request), FailsWith("INVALID_PAGE_TOKEN"));
  request = {};
  request.set_filter("colour = red");
  EXPECT_THAT(Call(request), FailsWith("INVALID_FILTER"));
  request = {};
  request.set_order_by("name");
  EXPECT_THAT(Call(request), FailsWith("INVALID_ORDER_BY"));
}

TEST_P(FeedTest, DeletionAsksForForceWhereSomethingIsPublished) {
  const v1::Channel channel = Channel(1);
  const v1::Feed empty = Feed("empty");
  const v1::Feed feed = FeedOn(channel);
  EXPECT_THAT(Call(Delete(feed)), FailsWith("FEED_NOT_EMPTY"));
  const v1::Feed with_post = Feed("posts");
  Post(with_post);
  EXPECT_THAT(Call(Delete(with_post)), FailsWith("FEED_NOT_EMPTY"));
  EXPECT_THAT(Call(Delete(empty)), Succeeds());
  v1::DeleteFeedRequest request = Delete(feed);
  request.set_etag("\"77\"");
  EXPECT_THAT(Call(request), FailsWith("ETAG_MISMATCH"));
  request = Delete(feed);
  request.set_force(true);
  request.set_request_id(RequestId(1));
  const auto deleted = Call(request);
  ASSERT_THAT(deleted, Succeeds());
  EXPECT_EQ(deleted->feed_count(), 1);
  EXPECT_THAT(Find(feed), FailsWith("FEED_NOT_FOUND"));
  EXPECT_TRUE(Call(request)->replayed());
  EXPECT_EQ(Call(request)->feed_count(), 1);
  EXPECT_THAT(Call(Delete(feed)), FailsWith("FEED_NOT_FOUND"));
  v1::DeleteFeedRequest lenient = Delete(feed);
  lenient.set_allow_missing(true);
  EXPECT_EQ(Call(lenient)->feed_count(), 0);
  // Its name is free again.
  EXPECT_THAT(Call(NewFeed(1, "news")), Succeeds());
}

TEST_P(FeedTest, IsAudited) {
  const v1::Feed feed = Feed();
  EXPECT_EQ(raw().Number(absl::StrCat(
                "SELECT count(*) FROM audit_events WHERE event = "
                "'feed.created' AND client_id = '",
                ClientId(1), "' AND resources LIKE '%", feed.feed_id(), "%'")),
            1);
}

INSTANTIATE_TEST_SUITE_P(Backends, FeedTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
