#include "storage/feeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "feed_fixture.h"
#include "storage/client_deletion.h"
#include "storage/retention.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ClosedId;
using test::ContentId;
using test::FeedId;
using test::Must;
using test::OpenId;
using test::PostId;
using testing::ElementsAre;
using testing::IsEmpty;

class FeedsTest : public test::FeedTest {
 protected:
  std::optional<Feed> Find(int number,
                           const Scope& scope = Scope::AllClients()) {
    return InRead([&](Transaction& read) {
      return FindFeed(read, scope, FeedId(number));
    });
  }
  bool Insert(const Feed& feed) {
    return InWrite(
        [&](Transaction& write) { return InsertFeed(write, all_, feed); });
  }
  bool Update(const Feed& feed, const Scope& scope = Scope::AllClients()) {
    return InWrite(
        [&](Transaction& write) { return UpdateFeed(write, scope, feed); });
  }
  bool Delete(int number, const Scope& scope = Scope::AllClients()) {
    return InWrite([&](Transaction& write) {
      return DeleteFeed(write, scope, FeedId(number));
    });
  }
  int64_t Purge(int64_t most) {
    return InWrite([&](Transaction& write) { return PurgeFeeds(write, most); });
  }
  std::vector<std::string> ChannelsOf(
      int number, const Scope& scope = Scope::AllClients()) {
    const auto channels = InRead([&](Transaction& read) {
      return ReadFeedChannels(read, scope, FeedId(number));
    });
    std::vector<std::string> ids;
    for (const Channel& channel : channels) {
      ids.push_back(channel.channel_id);
    }
    return ids;
  }
  // "+" behind those that are attached.
  std::vector<std::string> FeedsOf(const std::string& channel_id,
                                   const std::string& after = "",
                                   int64_t most = 100,
                                   const Scope& scope = Scope::AllClients()) {
    const auto feeds = InRead([&](Transaction& read) {
      return FeedsOfChannel(read, scope, channel_id, after, most);
    });
    std::vector<std::string> ids;
    for (const FeedOfChannel& feed : feeds) {
      ids.push_back(absl::StrCat(feed.feed_id, feed.attached ? "+" : ""));
    }
    return ids;
  }
};

TEST_P(FeedsTest, AFeedIsFoundAsItWasInserted) {
  Feed feed = FeedOf(1);
  feed.display_name = "Cars";
  feed.tracking = false;
  feed.tombstone_content.content_id = ContentId(2);
  feed.labels = R"({"a":"b"})";
  EXPECT_TRUE(Insert(feed));
  const Feed found = Find(1).value();
  EXPECT_EQ(found.client_id, ClientId(1));
  EXPECT_EQ(found.name, "feed-1");
  EXPECT_EQ(found.display_name, "Cars");
  EXPECT_EQ(found.state, FeedState::kOpen);
  EXPECT_EQ(found.tracking, false);
  EXPECT_EQ(found.tombstone_content.content_id, ContentId(2));
  EXPECT_EQ(found.tombstone_content.body, "{}");
  EXPECT_EQ(found.labels, R"({"a":"b"})");
  EXPECT_EQ(found.revision, 1);
  EXPECT_EQ(found.create_time, found.update_time);
  EXPECT_TRUE(Find(1, Scope::OneClient(ClientId(1))).has_value());
  EXPECT_FALSE(Find(1, Scope::OneClient(ClientId(2))).has_value());
  EXPECT_TRUE(Insert(FeedOf(2)));
  EXPECT_FALSE(Find(2)->tracking.has_value());
  EXPECT_FALSE(Find(2)->tombstone_content.content_id.has_value());
}

TEST_P(FeedsTest, NamesAreUniqueWithinAClient) {
  EXPECT_TRUE(Insert(FeedOf(1)));
  Feed same = FeedOf(2);
  same.name = "feed-1";
  EXPECT_FALSE(Insert(same));
  same.client_id = ClientId(2);
  EXPECT_TRUE(Insert(same));
  const auto by_name = [&](const Scope& scope, int client) {
    return InRead([&](Transaction& read) {
      return FindFeedByName(read, scope, ClientId(client), "feed-1");
    });
  };
  EXPECT_EQ(by_name(all_, 1)->feed_id, FeedId(1));
  EXPECT_EQ(by_name(all_, 2)->feed_id, FeedId(2));
  EXPECT_FALSE(by_name(all_, 3).has_value());
  EXPECT_FALSE(by_name(Scope::OneClient(ClientId(2)), 1).has_value());
}

TEST_P(FeedsTest, AFeedIsUpdatedWhereItIsAsItWasSeen) {
  Insert(FeedOf(1));
  Feed feed = Find(1).value();
  feed.state = FeedState::kClosed;
  feed.tracking = true;
  feed.name = "other";
  feed.revision = 2;
  EXPECT_FALSE(Update(feed, Scope::OneClient(ClientId(2))));
  EXPECT_TRUE(Update(feed));
  EXPECT_FALSE(Update(feed));
  EXPECT_EQ(Find(1)->state, FeedState::kClosed);
  EXPECT_EQ(Find(1)->tracking, true);
  EXPECT_EQ(Find(1)->name, "other");
}

TEST_P(FeedsTest, AFeedIsLocked) {
  Insert(FeedOf(1));
  for (const FeedLock lock : {FeedLock::kShared, FeedLock::kAlone}) {
    EXPECT_EQ(InWrite([&](Transaction& write) {
                return LockFeed(write, all_, FeedId(1), lock);
              })->name,
              "feed-1");
  }
  EXPECT_FALSE(InWrite([&](Transaction& write) {
                 return LockFeed(write, Scope::OneClient(ClientId(2)),
                                 FeedId(1), FeedLock::kAlone);
               }).has_value());
}

TEST_P(FeedsTest, ADeletedFeedIsGoneAtOnceAndPurgedInSteps) {
  AddFeed(FeedOf(1), {OpenId(1, 0)});
  AddFeed(FeedOf(2), {OpenId(1, 0)});
  std::vector<Post> posts;
  for (int i = 1; i <= 5; ++i) posts.push_back(PostOf(i, 1));
  posts.push_back(PostOf(6, 2));
  AddPosts(posts);
  EXPECT_FALSE(Delete(1, Scope::OneClient(ClientId(2))));
  EXPECT_TRUE(Delete(1));
  EXPECT_FALSE(Delete(1));
  EXPECT_FALSE(Find(1).has_value());
  EXPECT_THAT(ChannelsOf(1), IsEmpty());
  EXPECT_THAT(FeedsOf(OpenId(1, 0)), ElementsAre(FeedId(2) + "+"));
  Feed again = FeedOf(3);
  again.name = "feed-1";
  EXPECT_TRUE(Insert(again));
  EXPECT_EQ(Purge(4), 4);
  EXPECT_EQ(Purge(4), 2);
  EXPECT_EQ(Purge(4), 0);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM feeds"), 2);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM posts"), 1);
}

TEST_P(FeedsTest, OpenPostsAreCountedAsFarAsAsked) {
  AddFeed(FeedOf(1));
  AddPosts({PostOf(1, 1), PostOf(2, 1), PostOf(3, 1)});
  Must(Write([&](Transaction& write) {
    return ClosePosts(write, all_, {PostId(1)}, "").status();
  }));
  const auto count = [&](int64_t most) {
    return InRead([&](Transaction& read) {
      return CountOpenPosts(read, all_, FeedId(1), most);
    });
  };
  EXPECT_EQ(count(100), 2);
  EXPECT_EQ(count(1), 1);
}

TEST_P(FeedsTest, ChannelsArePutOnAndTakenOff) {
  AddFeed(FeedOf(1), {OpenId(1, 1), OpenId(1, 0)});
  const auto add = [&](const std::vector<std::string>& ids) {
    return InWrite([&](Transaction& write) {
      return AddFeedChannels(write, FeedOf(1), ids);
    });
  };
  EXPECT_EQ(add({OpenId(1, 0), OpenId(2, 0)}), 0) << "there, and another's";
  EXPECT_EQ(add({ClosedId(1, 0)}), 1);
  EXPECT_THAT(ChannelsOf(1),
              ElementsAre(OpenId(1, 0), OpenId(1, 1), ClosedId(1, 0)));
  EXPECT_THAT(ChannelsOf(1, Scope::OneClient(ClientId(2))), IsEmpty());
  const auto listed = InRead([&](Transaction& read) {
    return ListFeedChannels(read, all_, FeedId(1));
  });
  EXPECT_EQ(listed.at(0).channel.channel_id, OpenId(1, 0));
  EXPECT_GT(listed.at(0).create_time, absl::UnixEpoch());
  const auto remove = [&](const Scope& scope) {
    return InWrite([&](Transaction& write) {
      return RemoveFeedChannel(write, scope, FeedId(1), OpenId(1, 1));
    });
  };
  EXPECT_FALSE(remove(Scope::OneClient(ClientId(2))));
  EXPECT_TRUE(remove(all_));
  EXPECT_FALSE(remove(all_));
  EXPECT_THAT(ChannelsOf(1), ElementsAre(OpenId(1, 0), ClosedId(1, 0)));
}

TEST_P(FeedsTest, FeedsMoveToAnotherChannel) {
  AddFeed(FeedOf(1), {OpenId(1, 0)});
  AddFeed(FeedOf(2), {OpenId(1, 0), OpenId(1, 1)});
  AddFeed(FeedOf(3), {OpenId(1, 0)});
  const auto move = [&](const std::optional<std::string>& feed_id) {
    return InWrite([&](Transaction& write) {
      return MoveFeedChannels(write, all_, OpenId(1, 0), OpenId(1, 1), feed_id);
    });
  };
  EXPECT_EQ(move(FeedId(1)), 1);
  EXPECT_THAT(FeedsOf(OpenId(1, 1)),
              ElementsAre(FeedId(1) + "+", FeedId(2) + "+"));
  EXPECT_EQ(move(std::nullopt), 2);
  EXPECT_THAT(FeedsOf(OpenId(1, 0)), IsEmpty());
  EXPECT_THAT(FeedsOf(OpenId(1, 1)),
              ElementsAre(FeedId(1) + "+", FeedId(2) + "+", FeedId(3) + "+"));
}

TEST_P(FeedsTest, AChannelKnowsFeedsThatLeftMessagesThere) {
  AddFeed(FeedOf(1), {channel_});
  AddFeed(FeedOf(2), {channel_});
  AddFeed(FeedOf(3), {OpenId(1, 1)});
  AddPosts({PostOf(1, 1), PostOf(2, 2), PostOf(3, 3)});
  Send(1, {PendingOf(1, PostOf(1, 1), channel_),
           PendingOf(2, PostOf(2, 2), channel_),
           PendingOf(3, PostOf(3, 3), channel_)});
  EXPECT_TRUE(Delete(1));
  EXPECT_THAT(FeedsOf(channel_),
              ElementsAre(FeedId(1), FeedId(2) + "+", FeedId(3)));
  EXPECT_THAT(FeedsOf(channel_, FeedId(1), 1), ElementsAre(FeedId(2) + "+"));
  EXPECT_THAT(FeedsOf(channel_, FeedId(3)), IsEmpty());
  EXPECT_THAT(FeedsOf(channel_, "", 9, Scope::OneClient(ClientId(2))),
              IsEmpty());
  End(channel_, DeliveryState::kFailed);
  EXPECT_THAT(FeedsOf(channel_), ElementsAre(FeedId(2) + "+", FeedId(3)));
}

TEST_P(FeedsTest, ContentsOfFeedsAndPostsAreKept) {
  Feed feed = FeedOf(1);
  feed.tombstone_content.content_id = ContentId(2);
  Insert(feed);
  AddPosts({PostOf(1, 1)});
  const auto sweep = InWrite(
      [](Transaction& write) { return CollectContents(write, "", 100); });
  EXPECT_EQ(sweep.collected, 1);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM contents"), 2);
}

TEST_P(FeedsTest, AClientGoesWithItsFeeds) {
  SendOne();
  const auto count = InRead(
      [&](Transaction& read) { return CountClient(read, all_, ClientId(1)); });
  // An operation with its delivery, its message and two events; the feed, its
  // channel and its post.
  EXPECT_EQ(count.delivery_rows, 7);
  Must(Write([&](Transaction& write) {
    return DeleteClientNow(write, all_, ClientId(1)).status();
  }));
  for (const char* table : {"feeds", "feed_channels", "posts", "messages"}) {
    EXPECT_EQ(raw().Number(absl::StrCat("SELECT count(*) FROM ", table)), 0)
        << table;
  }
}

TEST_P(FeedsTest, ALargeClientIsPurgedInBoundedSteps) {
  AddFeed(FeedOf(1), {channel_});
  std::vector<Post> posts;
  for (int i = 1; i <= 450; ++i) posts.push_back(PostOf(i, 1));
  AddPosts(posts);
  EXPECT_TRUE(InWrite([&](Transaction& write) {
    return HideClient(write, all_, ClientId(1));
  }));
  EXPECT_FALSE(Find(1).has_value());
  int64_t rows = 0;
  do {
    rows = InWrite([](Transaction& write) { return PurgeStep(write); }).rows;
    EXPECT_LE(rows, limits::kChunkRows);
  } while (rows > 0);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM posts"), 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, FeedsTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
