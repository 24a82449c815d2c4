#include "auth/rate_limiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"

namespace broadcast::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// Past the clock's own beginning, so that nothing depends on it.
constexpr SteadyTime kStart{std::chrono::hours(1)};

// How many calls at `now` are let through, of as many as one cares to try.
int Passed(RateLimiter& limiter, const std::string& who, SteadyTime now) {
  int passed = 0;
  while (passed < 10'000 && limiter.Take(who, now) == absl::ZeroDuration()) {
    ++passed;
  }
  return passed;
}

TEST(RateLimiterTest, ASecondsWorthPassesAtOnce) {
  for (const int rate : {1, 2, 3, 7, 10, 60, 1000, 4999}) {
    RateLimiter limiter(rate);
    EXPECT_EQ(limiter.rate(), rate);
    EXPECT_EQ(Passed(limiter, "a", kStart), rate) << rate;
  }
}

TEST(RateLimiterTest, AChargeCountsAsSoManyCalls) {
  RateLimiter limiter(10);
  limiter.Charge("a", 4, kStart);
  EXPECT_EQ(Passed(limiter, "a", kStart), 6);
  limiter.Charge("a", 20, kStart);
  EXPECT_EQ(limiter.Take("a", kStart), absl::Milliseconds(2100));
}

TEST(RateLimiterTest, TheWaitIsExact) {
  RateLimiter limiter(10);
  ASSERT_EQ(Passed(limiter, "a", kStart), 10);
  EXPECT_EQ(limiter.Take("a", kStart), absl::Milliseconds(100));
  // Who is refused waits no longer for having asked.
  EXPECT_EQ(limiter.Take("a", kStart), absl::Milliseconds(100));
  EXPECT_EQ(limiter.Take("a", kStart + milliseconds(99)),
            absl::Milliseconds(1));
  EXPECT_EQ(limiter.Take("a", kStart + milliseconds(100) - nanoseconds(1)),
            absl::Nanoseconds(1));
  EXPECT_EQ(limiter.Take("a", kStart + milliseconds(100)),
            absl::ZeroDuration());
  EXPECT_EQ(limiter.Take("a", kStart + milliseconds(100)),
            absl::Milliseconds(100));
}

TEST(RateLimiterTest, AtTheRateEveryCallPasses) {
  RateLimiter limiter(10);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(limiter.Take("a", kStart + milliseconds(100) * i),
              absl::ZeroDuration())
        << i;
  }
}

TEST(RateLimiterTest, FasterThanTheRateOnlyTheRatePasses) {
  RateLimiter limiter(10);
  int passed = 0;
  for (int i = 0; i < 1000; ++i) {  // for ten seconds
    if (limiter.Take("a", kStart + milliseconds(10) * i) ==
        absl::ZeroDuration()) {
      ++passed;
    }
  }
  EXPECT_EQ(passed, 10 + 99);
}

TEST(RateLimiterTest, APauseEarnsNoMoreThanASecondsWorth) {
  RateLimiter limiter(10);
  ASSERT_EQ(Passed(limiter, "a", kStart), 10);
  EXPECT_EQ(Passed(limiter, "a", kStart + milliseconds(500)), 5);
  EXPECT_EQ(Passed(limiter, "a", kStart + seconds(3600)), 10);
}

TEST(RateLimiterTest, CallersDoNotCountForEachOther) {
  RateLimiter limiter(2);
  ASSERT_EQ(Passed(limiter, "a", kStart), 2);
  EXPECT_EQ(Passed(limiter, "b", kStart), 2);
  EXPECT_EQ(Passed(limiter, "", kStart), 2);
  EXPECT_EQ(Passed(limiter, "A", kStart), 2);
}

TEST(RateLimiterTest, ZeroIsNoLimit) {
  RateLimiter limiter(0);
  EXPECT_EQ(Passed(limiter, "a", kStart), 10'000);
}

TEST(RateLimiterTest, WhoHasRestedIsForgottenBeforeWhoIsBusy) {
  RateLimiter limiter(1);
  for (int i = 0; i < 16 * 8000; ++i) limiter.Take(absl::StrCat(i), kStart);
  const SteadyTime later = kStart + seconds(2);
  ASSERT_EQ(limiter.Take("busy", later), absl::ZeroDuration());
  for (int i = 0; i < 16 * 3000; ++i) {
    limiter.Take(absl::StrCat("later", i), later);
  }
  EXPECT_EQ(limiter.Take("busy", later), absl::Seconds(1));
}

TEST(RateLimiterTest, MemoryIsBoundedEvenIfNobodyRests) {
  RateLimiter limiter(1);
  ASSERT_EQ(limiter.Take("first", kStart), absl::ZeroDuration());
  ASSERT_NE(limiter.Take("first", kStart), absl::ZeroDuration());
  for (int i = 0; i < 400'000; ++i) limiter.Take(absl::StrCat(i), kStart);
  // It was forgotten to make room.
  EXPECT_EQ(limiter.Take("first", kStart), absl::ZeroDuration());
}

}  // namespace
}  // namespace broadcast::auth
