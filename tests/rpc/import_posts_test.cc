// FeedService.ImportPosts: what a stream does to a feed.

#include <vector>

#include "absl/strings/str_cat.h"
#include "import_fixture.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Fields = std::vector<std::string>;

class ImportPostsTest : public ImportsTest {
 protected:
  void SetUp() override {
    ImportsTest::SetUp();
    channel_ = Channel(1);
    feed_ = FeedOn(channel_);
  }

  // The feed has these open posts, which are in its channel.
  void Have(const std::vector<std::string>& names) {
    for (const std::string& name : names) Post(feed_, name);
    SendAll();
    clock().Advance(absl::Seconds(1));
  }

  std::string IdOf(const std::string& name) {
    return raw().Text(absl::StrCat(
        "SELECT post_id FROM posts WHERE external_id = '", name, "'"));
  }

  int64_t DeliveriesOf(const std::string& action) {
    return raw().Number(
        absl::StrCat("SELECT count(*) FROM deliveries d JOIN operations o ON "
                     "o.operation_id = d.operation_id WHERE o.kind = 'import' "
                     "AND d.action = '",
                     action, "'"));
  }

  v1::Channel channel_;
  v1::Feed feed_;
};

TEST_P(ImportPostsTest, MergeChangesWhatItContains) {
  Have({"changed", "closed", "other", "same"});
  EXPECT_THAT(Call(Close(IdOf("closed"))), Succeeds());
  auto stream = Stream();
  const auto begun = stream->Send(Settings(feed_, v1::IMPORT_MODE_MERGE));
  ASSERT_THAT(begun, Succeeds());
  EXPECT_EQ(begun->progress().state(), v1::Import::STATE_RUNNING);
  EXPECT_EQ(begun->progress().feed_id(), feed_.feed_id());
  EXPECT_EQ(begun->progress().client_id(), ClientId(1));
  EXPECT_EQ(begun->progress().received_count(), 0);
  EXPECT_FALSE(begun->resumed());
  ASSERT_THAT(stream->Send(Posts({"closed", "new", "same"})), Succeeds());
  ASSERT_THAT(stream->Send(Posts({"changed"}, "other text")), Succeeds());
  const auto done = stream->Send(Complete(4));
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().state(), v1::Import::STATE_COMPLETE);
  EXPECT_EQ(done->progress().received_count(), 4);
  EXPECT_EQ(done->progress().created_count(), 1);
  EXPECT_EQ(done->progress().updated_count(), 1);
  EXPECT_EQ(done->progress().unchanged_count(), 1);
  EXPECT_EQ(done->progress().reopened_count(), 1);
  EXPECT_EQ(done->progress().closed_count(), 0);
  EXPECT_THAT(stream->Close(), Succeeds());
  EXPECT_THAT(OpenNames(),
              ElementsAre("changed", "closed", "new", "other", "same"));
  EXPECT_EQ(DeliveriesOf("edit"), 1);
  EXPECT_GT(dispatcher_woken_, 0);
}

TEST_P(ImportPostsTest, SnapshotClosesWhatItDoesNotContain) {
  Have({"a", "b", "c"});
  const auto done = Import(Snapshot(feed_), {"b", "d"});
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().closed_count(), 2);
  EXPECT_EQ(done->progress().unchanged_count(), 1);
  EXPECT_EQ(done->progress().created_count(), 1);
  EXPECT_THAT(OpenNames(), ElementsAre("b", "d"));
  EXPECT_EQ(DeliveriesOf("delete"), 2);
  EXPECT_EQ(DeliveriesOf("send"), 1);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM posts WHERE close_reason = "
                         "'not in the import'"),
            2);
}

TEST_P(ImportPostsTest, ASnapshotOfNothingClosesAll) {
  Have({"a", "b"});
  const auto done = Import(Snapshot(feed_), {});
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().closed_count(), 2);
  EXPECT_THAT(OpenNames(), IsEmpty());
}

TEST_P(ImportPostsTest, TheSameAgainChangesAndSendsNothing) {
  Have({"gone"});
  ASSERT_THAT(Import(Snapshot(feed_), Names(0, 250)), Succeeds());
  const int64_t deliveries = Count("deliveries");
  const auto again = Import(Snapshot(feed_), Names(0, 250));
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(again->progress().unchanged_count(), 250);
  EXPECT_EQ(again->progress().closed_count(), 0);
  EXPECT_EQ(Count("deliveries"), deliveries);
  EXPECT_EQ(Count("posts"), 251);
}

TEST_P(ImportPostsTest, AnIncompleteStreamClosesNothing) {
  Have({"a", "b"});
  const auto settings = Snapshot(feed_);
  auto half = Stream();
  const auto begun = half->Send(settings);
  ASSERT_THAT(half->Send(Posts({"a"})), Succeeds());
  EXPECT_THAT(half->Close(), FailsWith("IMPORT_INCOMPLETE"));
  const std::string id = begun->progress().import_id();

  auto wrong = Stream();
  ASSERT_THAT(wrong->Send(GoOn(settings, id)), Succeeds());
  const auto refused = wrong->Send(Complete(2));
  EXPECT_THAT(refused, FailsWith("IMPORT_INCOMPLETE"));
  EXPECT_EQ(refused.failure().metadata.at("received"), "1");
  EXPECT_EQ(refused.failure().metadata.at("expected"), "2");

  auto broken = Stream();
  ASSERT_THAT(broken->Send(GoOn(settings, id)), Succeeds());
  broken->Break();
  EXPECT_THAT(OpenNames(), ElementsAre("a", "b"));
  EXPECT_EQ(raw().Text("SELECT state FROM imports"), "running");
}

TEST_P(ImportPostsTest, PostsOfOthersSinceItBeganStay) {
  Have({"a", "reopened"});
  EXPECT_THAT(Call(Close(IdOf("reopened"))), Succeeds());
  auto stream = Stream();
  ASSERT_THAT(stream->Send(Snapshot(feed_)), Succeeds());
  clock().Advance(absl::Seconds(1));
  Post(feed_, "new");
  Post(feed_, "reopened");
  const auto done = stream->Send(Complete(0));
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().closed_count(), 1);
  EXPECT_THAT(OpenNames(), ElementsAre("new", "reopened"));
}

TEST_P(ImportPostsTest, MoreClosesThanAllowedCloseNothing) {
  Have({"a", "b", "c"});
  auto settings = Snapshot(feed_);
  settings.mutable_settings()->set_max_closes(1);
  auto stream = Stream();
  const auto begun = stream->Send(settings);
  ASSERT_THAT(stream->Send(Posts({"a"})), Succeeds());
  const auto refused = stream->Send(Complete(1));
  EXPECT_THAT(refused, FailsWith("TOO_MANY_CLOSES"));
  EXPECT_EQ(refused.failure().metadata.at("closes"), "2");
  EXPECT_EQ(OpenNames().size(), 3);

  settings.mutable_settings()->set_max_closes(2);
  auto again = Stream();
  const auto resumed =
      again->Send(GoOn(settings, begun->progress().import_id()));
  ASSERT_THAT(resumed, Succeeds());
  EXPECT_EQ(resumed->progress().received_count(), 1);
  const auto done = again->Send(Complete(1));
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().closed_count(), 2);
  EXPECT_THAT(OpenNames(), ElementsAre("a"));
}

TEST_P(ImportPostsTest, ARehearsalCountsAndChangesNothing) {
  Have({"a", "b", "c", "d"});
  EXPECT_THAT(Call(Close(IdOf("d"))), Succeeds());
  const auto posts = raw().Column(
      "SELECT external_id || state || revision FROM posts ORDER BY 1");
  const int64_t rows = AllRows();
  auto settings = Snapshot(feed_);
  settings.mutable_settings()->set_validate_only(true);
  auto stream = Stream();
  ASSERT_THAT(stream->Send(settings), Succeeds());
  ASSERT_THAT(stream->Send(Posts({"a", "d", "new"})), Succeeds());
  ASSERT_THAT(stream->Send(Posts({"b"}, "other text")), Succeeds());
  const auto done = stream->Send(Complete(4));
  ASSERT_THAT(done, Succeeds());
  EXPECT_TRUE(done->progress().validate_only());
  EXPECT_EQ(done->progress().unchanged_count(), 1);
  EXPECT_EQ(done->progress().reopened_count(), 1);
  EXPECT_EQ(done->progress().created_count(), 1);
  EXPECT_EQ(done->progress().updated_count(), 1);
  EXPECT_EQ(done->progress().closed_count(), 1);
  EXPECT_EQ(raw().Column("SELECT external_id || state || revision FROM posts "
                         "ORDER BY 1"),
            posts);
  EXPECT_EQ(AllRows(), rows);

  settings.mutable_settings()->set_max_closes(0);
  EXPECT_THAT(Import(settings, {"a"}), FailsWith("TOO_MANY_CLOSES"));
}

TEST_P(ImportPostsTest, EachStepIsBounded) {
  for (int pair = 2; pair <= 7; ++pair) {
    EXPECT_THAT(Call(AddTo(feed_, Channel(pair))), Succeeds());
  }
  ASSERT_THAT(Import(Snapshot(feed_), Names(0, 500)), Succeeds());
  EXPECT_EQ(Count("deliveries"), 500 * 7);
  EXPECT_LE(raw().Number("SELECT max(planned) FROM operations"), 1000);
  SendAll();
  clock().Advance(absl::Seconds(1));
  const auto done = Import(Snapshot(feed_), {});
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().closed_count(), 500);
  EXPECT_EQ(DeliveriesOf("delete"), 500 * 7);
  EXPECT_LE(raw().Number("SELECT max(planned) FROM operations"), 1000);
}

TEST_P(ImportPostsTest, AFeedWithMoreOpenPostsThanOneLookIsClosedWhole) {
  const v1::Feed empty = Feed("plain");
  auto stream = Stream();
  ASSERT_THAT(stream->Send(Snapshot(empty)), Succeeds());
  ASSERT_THAT(stream->Send(Posts(Names(0, 1000))), Succeeds());
  ASSERT_THAT(stream->Send(Posts(Names(1000, 1300))), Succeeds());
  ASSERT_THAT(stream->Send(Complete(1300)), Succeeds());
  clock().Advance(absl::Seconds(1));
  const auto done = Import(Snapshot(empty), Names(100, 150));
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().closed_count(), 1250);
  EXPECT_EQ(OpenNames().size(), 50);
}

TEST_P(ImportPostsTest, PostsThatExpireWakeWhoClosesThem) {
  auto posts = Posts({"a"});
  posts.mutable_posts()->mutable_posts(0)->mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(clock().Now() + absl::Hours(1)));
  auto stream = Stream();
  ASSERT_THAT(stream->Send(Settings(feed_, v1::IMPORT_MODE_MERGE)), Succeeds());
  ASSERT_THAT(stream->Send(posts), Succeeds());
  EXPECT_GT(expirer_woken_, 0);
}

TEST_P(ImportPostsTest, ItIsAuditedWhenItBeginsAndWhenItEnds) {
  Have({"a"});
  ASSERT_THAT(Import(Snapshot(feed_), {"b"}), Succeeds());
  EXPECT_THAT(raw().Column("SELECT event FROM audit_events WHERE method = "
                           "'ImportPosts' ORDER BY audit_event_id"),
              ElementsAre("import.started", "posts.imported"));
}

TEST_P(ImportPostsTest, BadInputIsToldByFieldAndPlace) {
  const auto first = [this](const v1::ImportPostsRequest& request) {
    return Stream()->Send(request);
  };
  EXPECT_THAT(first({}), HasViolationsOf(Fields{"settings"}));
  EXPECT_THAT(first(Posts({"a"})), HasViolationsOf(Fields{"settings"}));
  EXPECT_THAT(Stream()->Close(), HasViolationsOf(Fields{"settings"}));
  v1::ImportPostsRequest wrong;
  wrong.mutable_settings()->set_import_id("x");
  wrong.mutable_settings()->set_max_closes(-1);
  EXPECT_THAT(first(wrong),
              HasViolationsOf(Fields{"settings.feed_id", "settings.import_id",
                                     "settings.max_closes", "settings.mode"}));

  auto settings = Settings(feed_, v1::IMPORT_MODE_MERGE);
  settings.mutable_settings()->set_replace_running(true);
  const auto second = [&](const v1::ImportPostsRequest& request) {
    auto stream = Stream();
    EXPECT_THAT(stream->Send(settings), Succeeds());
    return stream->Send(request);
  };
  EXPECT_THAT(second(settings), HasViolationsOf(Fields{"settings"}));
  EXPECT_THAT(second({}), HasViolationsOf(Fields{"posts"}));
  EXPECT_THAT(second(Posts({})), HasViolationsOf(Fields{"posts.posts"}));
  EXPECT_THAT(second(Posts(Names(0, 1001))),
              HasViolationsOf(Fields{"posts.posts"}));
  auto posts = Posts({"a", "b", "a", "d"});
  posts.mutable_posts()->mutable_posts(1)->clear_content();
  EXPECT_THAT(second(posts),
              HasViolationsOf(Fields{"posts.posts[1].content",
                                     "posts.posts[2].external_id"}));
  auto expired = Posts({"a", "b"});
  expired.mutable_posts()->mutable_posts(1)->mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(clock().Now()) - 1);
  EXPECT_THAT(second(expired),
              HasViolationsOf(Fields{"posts.posts[1].expire_time"}));
  v1::ImportPostsRequest unsaid;
  unsaid.mutable_completion();
  EXPECT_THAT(second(unsaid),
              HasViolationsOf(Fields{"completion.expected_count"}));
  EXPECT_EQ(Count("posts"), 0);
}

TEST_P(ImportPostsTest, AFeedThatTakesNoPostsTakesNoImport) {
  v1::Feed unknown;
  unknown.set_feed_id(RequestId(7));
  EXPECT_THAT(Import(Snapshot(unknown), {}), FailsWith("FEED_NOT_FOUND"));

  v1::UpdateFeedRequest forget;
  forget.mutable_feed()->set_feed_id(feed_.feed_id());
  forget.mutable_feed()->set_tracking(false);
  EXPECT_THAT(Call(forget), Succeeds());
  EXPECT_THAT(Import(Snapshot(feed_), {}), FailsWith("TRACKING_DISABLED"));

  auto stream = Stream();
  ASSERT_THAT(stream->Send(Settings(feed_, v1::IMPORT_MODE_MERGE)), Succeeds());
  v1::UpdateFeedRequest close;
  close.mutable_feed()->set_feed_id(feed_.feed_id());
  close.mutable_feed()->set_state(v1::Feed::STATE_CLOSED);
  EXPECT_THAT(Call(close), Succeeds());
  EXPECT_THAT(stream->Send(Posts({"a"})), FailsWith("FEED_CLOSED"));
  EXPECT_THAT(Import(Settings(feed_, v1::IMPORT_MODE_MERGE), {}),
              FailsWith("FEED_CLOSED"));
}

INSTANTIATE_TEST_SUITE_P(Backends, ImportPostsTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
