#include "storage/posts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "feed_fixture.h"
#include "storage/list.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ContentId;
using test::FeedId;
using test::IsOk;
using test::Must;
using test::PostId;
using testing::ElementsAre;
using testing::IsEmpty;

class PostsTest : public test::FeedTest {
 protected:
  void SetUp() override {
    FeedTest::SetUp();
    AddFeed(FeedOf(1));
    AddFeed(FeedOf(2));
    AddFeed(FeedOf(3, 2));
  }

  std::vector<std::string> Open(const std::string& after = "",
                                absl::Time as_of = absl::UnixEpoch(),
                                int64_t limit = 100,
                                const Scope& scope = Scope::AllClients()) {
    const auto posts = InRead([&](Transaction& read) {
      return ReadOpenPosts(read, scope, FeedId(1), after, as_of, limit);
    });
    std::vector<std::string> ids;
    for (const OpenPost& post : posts) ids.push_back(post.post_id);
    return ids;
  }
  std::vector<std::string> Expiring(absl::Time now, int64_t most = 100) {
    const auto posts = InWrite(
        [&](Transaction& write) { return FindExpiring(write, now, most); });
    std::vector<std::string> ids;
    for (const Post& post : posts) ids.push_back(post.post_id);
    return ids;
  }
  std::optional<absl::Time> Next() {
    return InRead([](Transaction& read) { return NextExpiry(read); });
  }
  Post Expires(int number, int feed, absl::Time at) {
    Post post = PostOf(number, feed);
    post.expire_time = at;
    return post;
  }
  Page<Post> List(const ListRequest& request,
                  const Scope& scope = Scope::AllClients(), int feed = 1) {
    const auto plan = PlanPostList(request, scope, FeedId(feed));
    return InRead(
        [&](Transaction& read) { return ListPosts(read, plan.value()); });
  }
  std::vector<std::string> Listed(const ListRequest& request,
                                  const Scope& scope = Scope::AllClients()) {
    std::vector<std::string> ids;
    for (const Post& post : List(request, scope).rows) {
      ids.push_back(post.post_id);
    }
    return ids;
  }
};

TEST_P(PostsTest, APostIsFoundAsItWasInserted) {
  Post post = Expires(1, 1, absl::FromUnixMicros(77));
  post.labels = R"({"a":"b"})";
  AddPosts({post});
  const Post found = FindPost(1);
  EXPECT_EQ(found.feed_id, FeedId(1));
  EXPECT_EQ(found.client_id, ClientId(1));
  EXPECT_EQ(found.external_id, "post-1");
  EXPECT_EQ(found.content.content_id, ContentId(1));
  EXPECT_EQ(found.content.body, "{}");
  EXPECT_EQ(found.state, PostState::kOpen);
  EXPECT_EQ(found.expire_time, absl::FromUnixMicros(77));
  EXPECT_EQ(found.labels, R"({"a":"b"})");
  EXPECT_EQ(found.revision, 1);
  EXPECT_EQ(found.create_time, post.create_time);
  EXPECT_FALSE(found.close_time.has_value());
}

TEST_P(PostsTest, PostsAreFoundByTheirNamesWithinFeedAndScope) {
  AddPosts({PostOf(2, 1), PostOf(1, 1), PostOf(3, 2), PostOf(4, 3, 2)});
  const auto find = [&](const Scope& scope) {
    std::vector<std::string> ids;
    const auto posts = InWrite([&](Transaction& write) {
      return FindPosts(write, scope, FeedId(1),
                       {"post-2", "post-1", "post-3", "nothing"});
    });
    for (const Post& post : posts) ids.push_back(post.post_id);
    return ids;
  };
  EXPECT_THAT(find(all_), ElementsAre(PostId(1), PostId(2)));
  EXPECT_THAT(find(Scope::OneClient(ClientId(2))), IsEmpty());
  const auto locked = InWrite([&](Transaction& write) {
    return LockPosts(write, all_, {PostId(4), PostId(3), PostId(9)});
  });
  EXPECT_EQ(locked.size(), 2);
  const auto one = InRead([&](Transaction& read) {
    return FindPostByExternalId(read, all_, FeedId(2), "post-3");
  });
  EXPECT_EQ(one->post_id, PostId(3));
}

TEST_P(PostsTest, ANameThatWasTakenMeanwhileAsksForAnotherRun) {
  AddPosts({PostOf(1, 1)});
  int runs = 0;
  Must(Write([&](Transaction& write) -> absl::Status {
    if (++runs > 1) return absl::OkStatus();
    Post again = PostOf(2, 1);
    again.external_id = "post-1";
    const Post posts[] = {PostOf(3, 1), again};
    return InsertPosts(write, all_, posts);
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM posts"), 1);
}

TEST_P(PostsTest, PostsAreUpdatedWhereTheyAreAsTheyWereSeen) {
  AddPosts({PostOf(1, 1), PostOf(2, 1)});
  Post first = FindPost(1);
  first.revision = 2;
  first.content.content_id = ContentId(2);
  first.expire_time = absl::FromUnixMicros(9);
  first.update_time = absl::FromUnixMicros(8);
  Post second = FindPost(2);
  second.revision = 5;
  const auto update = [&](const Scope& scope) {
    return InWrite([&](Transaction& write) {
      const Post posts[] = {first, second};
      return UpdatePosts(write, scope, posts);
    });
  };
  EXPECT_EQ(update(Scope::OneClient(ClientId(2))), 0);
  EXPECT_EQ(update(all_), 1);
  EXPECT_EQ(FindPost(1).content.content_id, ContentId(2));
  EXPECT_EQ(FindPost(1).expire_time, absl::FromUnixMicros(9));
  EXPECT_EQ(FindPost(1).update_time, absl::FromUnixMicros(8));
  EXPECT_EQ(FindPost(2).revision, 1);
}

TEST_P(PostsTest, PostsAreClosedOnce) {
  AddPosts({PostOf(1, 1), PostOf(2, 1)});
  const auto close = [&] {
    return InWrite([&](Transaction& write) {
      return ClosePosts(write, all_, {PostId(1), PostId(9)}, "sold");
    });
  };
  EXPECT_EQ(close(), 1);
  EXPECT_EQ(close(), 0);
  const Post closed = FindPost(1);
  EXPECT_EQ(closed.state, PostState::kClosed);
  EXPECT_EQ(closed.close_reason, "sold");
  EXPECT_EQ(closed.close_time, closed.update_time);
  EXPECT_EQ(closed.revision, 2);
  EXPECT_THAT(Open(), ElementsAre(PostId(2)));
}

TEST_P(PostsTest, PostsAreDeletedWithinTheScope) {
  AddPosts({PostOf(1, 1), PostOf(2, 1)});
  const auto remove = [&](const Scope& scope) {
    return InWrite([&](Transaction& write) {
      return DeletePosts(write, scope, {PostId(1), PostId(9)});
    });
  };
  EXPECT_EQ(remove(Scope::OneClient(ClientId(2))), 0);
  EXPECT_EQ(remove(all_), 1);
  EXPECT_THAT(Open(), ElementsAre(PostId(2)));
}

TEST_P(PostsTest, OpenPostsAreReadInTheOrderOfTheirIds) {
  const absl::Time at = absl::FromUnixMicros(100);
  AddPosts({PostOf(5, 1), PostOf(1, 1), Expires(3, 1, at), PostOf(2, 2)});
  EXPECT_THAT(Open(), ElementsAre(PostId(1), PostId(3), PostId(5)));
  EXPECT_THAT(Open("", at), ElementsAre(PostId(1), PostId(5)));
  EXPECT_THAT(Open("", at - absl::Microseconds(1), 2),
              ElementsAre(PostId(1), PostId(3)));
  EXPECT_THAT(Open(PostId(1)), ElementsAre(PostId(3), PostId(5)));
  EXPECT_THAT(Open("", at, 9, Scope::OneClient(ClientId(2))), IsEmpty());
}

TEST_P(PostsTest, WhatExpiresIsFoundEarliestFirst) {
  EXPECT_FALSE(Next().has_value());
  AddPosts({Expires(1, 1, absl::FromUnixMicros(30)),
            Expires(2, 2, absl::FromUnixMicros(10)),
            Expires(3, 1, absl::FromUnixMicros(20)), PostOf(4, 1)});
  EXPECT_EQ(Next(), absl::FromUnixMicros(10));
  EXPECT_THAT(Expiring(absl::FromUnixMicros(9)), IsEmpty());
  EXPECT_THAT(Expiring(absl::FromUnixMicros(20)),
              ElementsAre(PostId(2), PostId(3)));
  EXPECT_THAT(Expiring(absl::FromUnixMicros(99), 1), ElementsAre(PostId(2)));
  Must(Write([&](Transaction& write) {
    return ClosePosts(write, all_, {PostId(2)}, "expired").status();
  }));
  EXPECT_EQ(Next(), absl::FromUnixMicros(20));
}

TEST_P(PostsTest, WhatIsDeletedShowsNoPosts) {
  AddPosts({Expires(1, 1, absl::FromUnixMicros(10))});
  EXPECT_TRUE(InWrite(
      [&](Transaction& write) { return DeleteFeed(write, all_, FeedId(1)); }));
  EXPECT_THAT(Open(), IsEmpty());
  EXPECT_THAT(Expiring(absl::InfiniteFuture() - absl::Hours(1)), IsEmpty());
  EXPECT_FALSE(Next().has_value());
  EXPECT_THAT(Listed({}), IsEmpty());
  EXPECT_THAT(InWrite([&](Transaction& write) {
                return FindPosts(write, all_, FeedId(1), {"post-1"});
              }),
              IsEmpty());
}

TEST_P(PostsTest, PostsAreListedPageByPage) {
  std::vector<Post> posts;
  for (int i = 1; i <= 25; ++i) posts.push_back(PostOf(i, 1));
  posts.push_back(PostOf(26, 2));
  AddPosts(posts);
  ListRequest request{.page_size = 10, .order_by = "create_time desc"};
  std::vector<std::string> ids;
  do {
    const Page<Post> page = List(request);
    for (const Post& post : page.rows) ids.push_back(post.post_id);
    request.page_token = page.next_page_token;
  } while (!request.page_token.empty());
  ASSERT_EQ(ids.size(), 25);
  for (int i = 0; i < 25; ++i) EXPECT_EQ(ids[i], PostId(25 - i));
  request.page_token = List(request).next_page_token;
  EXPECT_FALSE(PlanPostList(request, all_, FeedId(2)).ok());
  EXPECT_THAT(Listed({}, Scope::OneClient(ClientId(2))), IsEmpty());
}

TEST_P(PostsTest, PostsAreFiltered) {
  Post labelled = Expires(1, 1, absl::FromUnixSeconds(50));
  labelled.labels = R"({"kind":"car"})";
  AddPosts({labelled, PostOf(2, 1), PostOf(3, 2)});
  Must(Write([&](Transaction& write) {
    return ClosePosts(write, all_, {PostId(2)}, "").status();
  }));
  const auto filtered = [&](const std::string& filter) {
    return Listed({.filter = filter});
  };
  EXPECT_THAT(filtered("state = OPEN"), ElementsAre(PostId(1)));
  EXPECT_THAT(filtered("state = CLOSED"), ElementsAre(PostId(2)));
  EXPECT_THAT(filtered("external_id = \"post-2\""), ElementsAre(PostId(2)));
  EXPECT_THAT(filtered("labels.kind = car"), ElementsAre(PostId(1)));
  EXPECT_THAT(filtered("post_id = " + PostId(1)), ElementsAre(PostId(1)));
  EXPECT_THAT(filtered("post_id = " + PostId(3)), IsEmpty());
  EXPECT_THAT(filtered("expire_time < \"1970-01-01T00:01:00Z\""),
              ElementsAre(PostId(1)));
  EXPECT_THAT(filtered("create_time >= \"1970-01-01T00:00:00.000002Z\""),
              ElementsAre(PostId(2)));
  EXPECT_THAT(filtered("close_time:*"), ElementsAre(PostId(2)));
  EXPECT_FALSE(PlanPostList({.filter = "feed_id:*"}, all_, FeedId(1)).ok());
}

INSTANTIATE_TEST_SUITE_P(Backends, PostsTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
