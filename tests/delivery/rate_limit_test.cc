// The limits: no window of any history holds more than it may, and hardly less.
#include "delivery/rate_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "delivery/lane_limits.h"

namespace broadcast::delivery {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

const SteadyTime kStart = SteadyTime(seconds(1000));

// The most sends that lie within any `period` of `sent`, its end excluded.
int64_t Most(const std::vector<SteadyTime>& sent, nanoseconds period) {
  int64_t most = 0;
  size_t first = 0;
  for (size_t last = 0; last < sent.size(); ++last) {
    while (sent[last] - sent[first] >= period) ++first;
    most = std::max(most, static_cast<int64_t>(last - first + 1));
  }
  return most;
}

TEST(RateLimitTest, NoWindowHoldsMoreWhateverTheTimesAskedAt) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const RateLimit::Options options{
        .count = 1 + static_cast<int64_t>(random() % 40),
        .period = milliseconds(100 + random() % 5000),
        .burst = static_cast<int64_t>(random() % 8),
        .margin = milliseconds(random() % 3)};
    RateLimit limit(options);
    std::vector<SteadyTime> sent;
    SteadyTime now = kStart;
    for (int send = 0; send < 300; ++send) {
      if (random() % 3 == 0) now += microseconds(random() % 2'000'000);
      now = limit.NextAllowed(now);
      limit.Charge(now);
      sent.push_back(now);
    }
    EXPECT_LE(Most(sent, options.period), options.count) << "round " << round;
  }
}

TEST(RateLimitTest, BusyForAMinuteItLosesLessThanTwoPercent) {
  RateLimit limit({.count = 30, .burst = 5});
  SteadyTime now = kStart;
  int64_t sent = 0;
  while (true) {
    // Whoever asks is woken a little late.
    now = limit.NextAllowed(now) + microseconds(200);
    if (now >= kStart + seconds(60)) break;
    limit.Charge(now);
    ++sent;
  }
  EXPECT_GE(static_cast<double>(sent), 0.98 * 30 * 60);
  EXPECT_LE(sent, 30 * 60);
}

TEST(RateLimitTest, ArrivalsThatAreLateByLessThanTheMarginStayWithinTheLimit) {
  std::mt19937_64 random(2);
  RateLimit limit({.count = 30, .burst = 5});
  std::vector<SteadyTime> arrived;
  SteadyTime now = kStart;
  for (int send = 0; send < 2000; ++send) {
    now = limit.NextAllowed(now);
    limit.Charge(now);
    arrived.push_back(now + microseconds(random() % 14'000));
  }
  std::sort(arrived.begin(), arrived.end());
  EXPECT_LE(Most(arrived, seconds(1)), 30);
}

TEST(RateLimitTest, AtMostABurstGoesTogether) {
  RateLimit limit({.count = 30, .burst = 5});
  for (int send = 0; send < 5; ++send) {
    EXPECT_EQ(limit.NextAllowed(kStart), kStart);
    limit.Charge(kStart);
  }
  const SteadyTime next = limit.NextAllowed(kStart);
  EXPECT_GT(next, kStart + milliseconds(30));
  EXPECT_LT(next, kStart + milliseconds(40));
}

TEST(RateLimitTest, TellsHowManyWillBeAllowedSoon) {
  std::mt19937_64 random(3);
  RateLimit limit({.count = 20, .burst = 4});
  SteadyTime now = kStart;
  for (int round = 0; round < 500; ++round) {
    const SteadyTime horizon = now + milliseconds(random() % 300);
    const int64_t foretold = limit.AllowedBy(now, horizon, 10);
    RateLimit copy = limit;
    SteadyTime at = now;
    int64_t allowed = 0;
    while (allowed < 10) {
      at = copy.NextAllowed(at);
      if (at > horizon) break;
      copy.Charge(at);
      ++allowed;
    }
    ASSERT_EQ(foretold, allowed) << "round " << round;
    now += milliseconds(random() % 100);
    if (limit.NextAllowed(now) == now) limit.Charge(now);
  }
}

TEST(RateLimitTest, WithoutALimitEverythingIsAllowedButWhilePaused) {
  RateLimit limit({});
  EXPECT_EQ(limit.NextAllowed(kStart), kStart);
  EXPECT_EQ(limit.AllowedBy(kStart, kStart, 1000), 1000);
  limit.Pause(kStart + seconds(5));
  EXPECT_EQ(limit.NextAllowed(kStart), kStart + seconds(5));
  EXPECT_EQ(limit.AllowedBy(kStart, kStart + seconds(1), 1000), 0);
}

TEST(RateLimitTest, AShorterPauseDoesNotEndALongerOne) {
  RateLimit limit({.count = 10});
  limit.Pause(kStart + seconds(60));
  limit.Pause(kStart + seconds(1));
  EXPECT_EQ(limit.NextAllowed(kStart), kStart + seconds(60));
}

TEST(RateLimitTest, WhatAnotherSentCounts) {
  RateLimit limit({.count = 3, .margin = nanoseconds(0)});
  limit.Seed({kStart - milliseconds(100), kStart - milliseconds(900),
              kStart - milliseconds(500), kStart - seconds(9)});
  EXPECT_GE(limit.NextAllowed(kStart), kStart + milliseconds(100));
  EXPECT_FALSE(limit.Idle(kStart));
  EXPECT_TRUE(limit.Idle(kStart + seconds(1)));
}

TEST(LaneLimitsTest, AGroupHasItsOwnLimitBesides) {
  LaneLimits limits(Limits::Of(storage::Platform::kTelegram));
  SteadyTime now = kStart;
  for (int send = 0; send < 20; ++send) {
    now = limits.ChannelAllowed("group", /*group=*/true, now);
    limits.Charge("group", now);
  }
  EXPECT_GE(now, kStart + seconds(19));
  EXPECT_GE(limits.ChannelAllowed("group", true, now), kStart + seconds(60));
  EXPECT_LE(limits.ChannelAllowed("group", false, now), now + seconds(2));
  EXPECT_EQ(limits.ChannelAllowed("another", true, now), now);
}

TEST(LaneLimitsTest, ForgetsChannelsThatWereQuiet) {
  LaneLimits limits(Limits::Of(storage::Platform::kTelegram));
  limits.Charge("one", kStart);
  limits.Charge("other", kStart + seconds(30));
  limits.Sweep(kStart + seconds(61));
  EXPECT_EQ(limits.channels(), 1);
  limits.Sweep(kStart + seconds(91));
  EXPECT_EQ(limits.channels(), 0);
}

}  // namespace
}  // namespace broadcast::delivery
