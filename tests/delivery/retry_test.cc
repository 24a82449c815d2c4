// How long a delivery waits before it is tried again.
#include "delivery/retry.h"

#include <gtest/gtest.h>

namespace broadcast::delivery {
namespace {

TEST(RetryTest, WaitsTwiceAsLongEachTimeUpToTheLongest) {
  const RetryPolicy policy;
  EXPECT_EQ(policy.After(1, 0.5), absl::Seconds(1));
  EXPECT_EQ(policy.After(2, 0.5), absl::Seconds(2));
  EXPECT_EQ(policy.After(10, 0.5), absl::Seconds(512));
  EXPECT_EQ(policy.After(11, 0.5), absl::Minutes(15));
  EXPECT_EQ(policy.After(1'000'000, 0.5), absl::Minutes(15));
  EXPECT_EQ(policy.After(0, 0.5), absl::Seconds(1));
}

TEST(RetryTest, JitterIsAFifthEitherWay) {
  const RetryPolicy policy;
  EXPECT_EQ(policy.After(1, 0), absl::Milliseconds(800));
  EXPECT_LT(policy.After(1, 0.999), absl::Milliseconds(1200));
  EXPECT_GT(policy.After(1, 0.999), absl::Milliseconds(1199));
}

TEST(RetryTest, WhatThePlatformAskedForIsNeverUndercut) {
  const RetryPolicy policy;
  EXPECT_EQ(policy.AfterAsked(absl::Seconds(35), 0), absl::Seconds(35));
  EXPECT_EQ(policy.AfterAsked(absl::Seconds(35), 0.5),
            absl::Milliseconds(35'500));
  EXPECT_EQ(policy.AfterAsked(absl::Seconds(-3), 0), absl::ZeroDuration());
}

}  // namespace
}  // namespace broadcast::delivery
