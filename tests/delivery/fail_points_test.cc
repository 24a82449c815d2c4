// The process dies where it was asked to, and nowhere else.
#include "base/fail_points.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>

namespace broadcast {
namespace {

void PassTwice(const std::string& spec) {
  const auto points = FailPoints::Parse(spec);
  ASSERT_TRUE(points.ok());
  (*points)->Pass("after_peek");
  (*points)->Pass("after_intent");
  (*points)->Pass("after_intent");
}

TEST(FailPointsTest, DiesAtTheNthPass) {
  EXPECT_EXIT(PassTwice("after_intent:2"), testing::KilledBySignal(SIGKILL),
              "");
  EXPECT_EXIT(PassTwice("after_peek"), testing::KilledBySignal(SIGKILL), "");
  PassTwice("after_intent:3");
  PassTwice("after_response");
}

TEST(FailPointsTest, RefusesWhatItDoesNotKnow) {
  for (const char* spec :
       {"", "nowhere", "after_intent:", "after_intent:0", "after_intent:x"}) {
    EXPECT_EQ(FailPoints::Parse(spec).status().code(),
              absl::StatusCode::kInvalidArgument)
        << spec;
  }
}

TEST(FailPointsTest, WithoutAnyNothingHappens) {
  PassFailPoint(nullptr, "after_intent");
}

}  // namespace
}  // namespace broadcast
