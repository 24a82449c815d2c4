#include "content/fields.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Rule = std::string (*)(absl::string_view, absl::string_view, Violations&);

std::string Good(Rule rule, absl::string_view text) {
  Violations violations;
  std::string value = rule(text, "field", violations);
  EXPECT_THAT(violations.kept(), IsEmpty()) << text;
  return value;
}

// The description.
std::string Bad(Rule rule, absl::string_view text) {
  Violations violations;
  EXPECT_EQ(rule(text, "field", violations), "") << text;
  EXPECT_THAT(violations.kept(), SizeIs(1)) << text;
  if (violations.empty()) return "";
  EXPECT_EQ(violations.kept()[0].field, "field");
  EXPECT_THAT(violations.kept()[0].description, Not(HasSubstr("s3cret")));
  return violations.kept()[0].description;
}

TEST(Uuid, IsStoredInLowerCase) {
  constexpr absl::string_view kId = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
  EXPECT_EQ(Good(Uuid, kId), kId);
  EXPECT_EQ(Good(Uuid, "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"), kId);
  EXPECT_THAT(Bad(Uuid, ""), HasSubstr("must not be empty"));
  for (const char* text : {"s3cret", "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
                           "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f",
                           " 0f1e2d3c-4b5a-6978-8796-a5b4c3",
                           "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f00",
                           "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1fg",
                           "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}",
                           "0f1e2d3c-4b5a-6978-8796_a5b4c3d2e1f0"}) {
    EXPECT_THAT(Bad(Uuid, text), HasSubstr("must be a UUID such as"));
  }
}

TEST(RequestId, IsShortPrintableAscii) {
  EXPECT_EQ(Good(RequestId, ""), "");
  EXPECT_EQ(Good(RequestId, "~Retry #1!"), "~Retry #1!");
  const std::string longest(36, 'x');
  EXPECT_EQ(Good(RequestId, longest), longest);
  Bad(RequestId, longest + "x");
  Bad(RequestId, "a\n");
  Bad(RequestId, "\x7f");
  Bad(RequestId, "é");
  Bad(RequestId, absl::string_view("a\0", 2));
}

TEST(Title, IsOneLineOf128Characters) {
  EXPECT_EQ(Good(Title, ""), "");
  EXPECT_EQ(Good(Title, " Größe 👍 "), " Größe 👍 ");
  std::string longest;
  for (int i = 0; i < 128; ++i) absl::StrAppend(&longest, "日");
  EXPECT_EQ(Good(Title, longest), longest);
  EXPECT_THAT(Bad(Title, longest + "x"), HasSubstr("129 characters"));
  EXPECT_THAT(Bad(Title, "s3cret\n"), HasSubstr("control character U+000A"));
  EXPECT_THAT(Bad(Title, "\xc3"), HasSubstr("UTF-8"));
}

TEST(Reason, IsOneLineOf256Characters) {
  const std::string longest(256, 'x');
  EXPECT_EQ(Good(Reason, longest), longest);
  EXPECT_EQ(Good(Reason, ""), "");
  Bad(Reason, longest + "x");
  Bad(Reason, "a\tb");
}

TEST(AccountName, MatchesItsPattern) {
  for (const std::string& name :
       {std::string("a"), std::string("bot-1"), std::string("group_bot"),
        std::string(63, 'z')}) {
    EXPECT_EQ(Good(AccountName, name), name);
  }
  EXPECT_THAT(Bad(AccountName, ""), HasSubstr("must not be empty"));
  for (const std::string& name :
       {std::string("Bot"), std::string("1bot"), std::string("-bot"),
        std::string("_bot"), std::string("s3cret."), std::string("bot "),
        std::string("bät"), std::string(64, 'z')}) {
    EXPECT_THAT(Bad(AccountName, name), HasSubstr("[a-z][a-z0-9_-]{0,62}"));
  }
}

TEST(Interval, IsBoundedAndInWholeSeconds) {
  for (const absl::Duration interval :
       {absl::Seconds(60), absl::Hours(24), absl::Hours(24 * 366)}) {
    Violations violations;
    EXPECT_EQ(Interval(interval, "interval", violations), interval);
    EXPECT_TRUE(violations.empty()) << interval;
  }
  for (const absl::Duration interval :
       {absl::ZeroDuration(), absl::Seconds(59), absl::Seconds(-60),
        absl::Seconds(60) - absl::Nanoseconds(1),
        absl::Hours(24 * 366) + absl::Seconds(1), absl::InfiniteDuration(),
        -absl::InfiniteDuration()}) {
    Violations violations;
    Interval(interval, "interval", violations);
    ASSERT_THAT(violations.kept(), SizeIs(1)) << interval;
    EXPECT_EQ(violations.kept()[0].description,
              "must be 60 to 31622400 seconds (366 days)");
  }
  Violations violations;
  Interval(absl::Milliseconds(90'500), "interval", violations);
  ASSERT_THAT(violations.kept(), SizeIs(1));
  EXPECT_THAT(violations.kept()[0].description, HasSubstr("whole seconds"));
}

TEST(PairQuota, IsBounded) {
  Violations violations;
  EXPECT_EQ(PairQuota(0, "pair_quota", violations), 0);
  EXPECT_EQ(PairQuota(1'000'000, "pair_quota", violations), 1'000'000);
  EXPECT_TRUE(violations.empty());
  PairQuota(-1, "pair_quota", violations);
  PairQuota(1'000'001, "pair_quota", violations);
  ASSERT_THAT(violations.kept(), SizeIs(2));
  EXPECT_THAT(violations.kept()[0].description, HasSubstr("0 to 1000000"));
}

TEST(Labels, AreStoredAsOneCanonicalObject) {
  Violations violations;
  EXPECT_EQ(Labels({}, "labels", violations), "{}");
  EXPECT_EQ(
      Labels({{"b", ""}, {"a.b_c-1", "x \"y\" 日"}}, "labels", violations),
      R"({"a.b_c-1":"x \"y\" 日","b":""})");
  EXPECT_TRUE(violations.empty());
}

TEST(Labels, SurviveARoundTrip) {
  LabelMap labels = {{std::string(63, 'k'), ""}, {"k", "\"\\/é👍\u2028"}};
  for (int i = 0; i < 30; ++i) {
    labels.emplace(absl::StrCat("k", i), std::string(256, 'v'));
  }
  ASSERT_THAT(labels, SizeIs(limits::kMaxLabels));
  Violations violations;
  const std::string object = Labels(labels, "labels", violations);
  EXPECT_TRUE(violations.empty());
  EXPECT_THAT(LabelsFromJson(object), test::IsOkAndHolds(labels));
}

TEST(Labels, WhatIsWrongIsSaidForEach) {
  Violations violations;
  EXPECT_EQ(Labels({{"", "x"},
                    {"S3cret", "x"},
                    {"1a", "x"},
                    {std::string(64, 'k'), "x"},
                    {"long", std::string(257, 'v')},
                    {"control", "s3cret\n"},
                    {"latin", "\xe9"},
                    {"good", "x"}},
                   "labels", violations),
            "{}");
  ASSERT_THAT(violations.kept(), SizeIs(7));
  int keys = 0;
  for (const FieldViolation& violation : violations.kept()) {
    if (violation.field == "labels") ++keys;
    EXPECT_THAT(absl::AsciiStrToLower(violation.description),
                Not(HasSubstr("s3cret")));
  }
  EXPECT_EQ(keys, 4);
  EXPECT_EQ(violations.kept().back().field, "labels[\"long\"]");
}

TEST(Labels, AreAtMost32) {
  LabelMap labels;
  for (int i = 0; i < 33; ++i) labels.emplace(absl::StrCat("k", i), "");
  Violations violations;
  EXPECT_EQ(Labels(labels, "labels", violations), "{}");
  ASSERT_THAT(violations.kept(), SizeIs(1));
  EXPECT_THAT(violations.kept()[0].description,
              HasSubstr("has 33 labels; at most 32"));
}

TEST(Labels, WhatIsNoLabelsObjectIsAnInternalError) {
  for (const char* text : {"", "[]", "{", "null", R"({"a":1})", "\"a\""}) {
    EXPECT_THAT(LabelsFromJson(text),
                test::StatusIs(absl::StatusCode::kInternal))
        << text;
  }
}

}  // namespace
}  // namespace broadcast
