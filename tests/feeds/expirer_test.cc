// The thread that closes posts when they expire, on both backends.
#include "feeds/expirer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "support/answer.h"
#include "sync_fixture.h"

namespace broadcast::feeds {
namespace {

using test::Eventually;

class ExpirerTest : public test::SyncTest {
 protected:
  std::unique_ptr<Expirer> Start() {
    auto expirer = std::make_unique<Expirer>(
        Expirer::Options{.database = &database(),
                         .clock = &clock(),
                         .log = &test().log(),
                         .policy = policy_,
                         .on_expired = [this] { ++told_; }});
    expirer->Start();
    return expirer;
  }

  // A feed of one channel that shows a post for so long.
  std::string ShowFor(absl::Duration time) {
    const std::string feed = MakeFeed("news", {Channel(0)});
    Upsert(feed, "a", "a", clock().Now() + time);
    Deliver();
    return feed;
  }

  bool Closed() {
    return Eventually([&] {
      return Count(
                 "posts WHERE state = 'closed' AND close_reason = "
                 "'expired'") == 1;
    });
  }

  std::atomic<int> told_{0};
};

TEST_P(ExpirerTest, WhatExpiredBeforeTheStartIsTakenBack) {
  ShowFor(absl::Minutes(1));
  clock().Advance(absl::Hours(1));
  const auto expirer = Start();
  EXPECT_TRUE(Closed());
  EXPECT_TRUE(Eventually([&] { return told_ == 1; }));
  Deliver();
  EXPECT_THAT(Shown(Channel(0)), testing::IsEmpty());
}

TEST_P(ExpirerTest, WhatExpiresWhileItSleepsIsTakenBack) {
  const auto expirer = Start();
  ShowFor(absl::Minutes(1));
  expirer->Wake();
  clock().Advance(absl::Seconds(59));
  EXPECT_EQ(Count("posts WHERE state = 'closed'"), 0);
  clock().Advance(absl::Seconds(2));
  EXPECT_TRUE(Closed());
}

TEST_P(ExpirerTest, TwoExpireOnce) {
  ShowFor(absl::Minutes(1));
  clock().Advance(absl::Hours(1));
  const auto one = Start();
  const auto two = Start();
  EXPECT_TRUE(Closed());
  EXPECT_EQ(Count("operations WHERE kind = 'post'"), 2);  // sent, taken back
}

TEST_P(ExpirerTest, StoppedItExpiresNoMore) {
  const auto expirer = Start();
  expirer->Stop();
  ShowFor(absl::Minutes(1));
  clock().Advance(absl::Hours(1));
  expirer->Wake();
  EXPECT_EQ(Count("posts WHERE state = 'closed'"), 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, ExpirerTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::feeds
