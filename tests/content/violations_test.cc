#include "content/violations.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using testing::EndsWith;
using testing::SizeIs;

TEST(Violations, NoneIsOk) {
  Violations violations;
  EXPECT_TRUE(violations.empty());
  EXPECT_THAT(violations.ToStatus(), test::IsOk());
}

TEST(Violations, AllOfThemAreReportedInOrder) {
  Violations violations;
  violations.Add("a", "is wrong");
  violations.Add("b.c", "too");
  const absl::Status status = violations.ToStatus();
  EXPECT_THAT(status, test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status, test::HasReason("INVALID_FIELDS"));
  const std::vector<FieldViolation> reported = DetailOf(status)->violations;
  ASSERT_THAT(reported, SizeIs(2));
  EXPECT_EQ(reported[0].field, "a");
  EXPECT_EQ(reported[0].description, "is wrong");
  EXPECT_EQ(reported[1].field, "b.c");
}

TEST(Violations, MoreThanTheLimitAreOnlyCounted) {
  Violations violations;
  for (int i = 0; i < limits::kMaxFieldViolations; ++i) {
    violations.Add(Element("requests", i), "is wrong");
  }
  EXPECT_EQ(violations.omitted(), 0);
  violations.Add("later", "is wrong");
  violations.Add("last", "is wrong");
  EXPECT_EQ(violations.omitted(), 2);
  const std::vector<FieldViolation> reported =
      DetailOf(violations.ToStatus())->violations;
  ASSERT_THAT(reported, SizeIs(limits::kMaxFieldViolations));
  EXPECT_EQ(reported.back().field, "requests[19]");
  EXPECT_THAT(reported.back().description,
              EndsWith("(2 more violations are not listed)"));
  // Asking again gives the same.
  EXPECT_THAT(violations.kept().back().description, EndsWith("wrong"));
}

TEST(Violations, PathsJoin) {
  EXPECT_EQ(Subfield("", "client_id"), "client_id");
  EXPECT_EQ(Subfield("open_channel", "address"), "open_channel.address");
  EXPECT_EQ(Subfield(Element("requests", 3), "interval"),
            "requests[3].interval");
}

}  // namespace
}  // namespace broadcast
