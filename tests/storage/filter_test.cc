#include "storage/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "support/status_matchers.h"

namespace broadcast::storage {
namespace {

using test::HasReason;
using test::IsOk;
using test::Must;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

auto Is(const std::string& field, FilterOperator op, const std::string& value) {
  return AllOf(Field(&FilterCondition::field, field),
               Field(&FilterCondition::op, op),
               Field(&FilterCondition::value, value));
}

auto Fails(const std::string& message) {
  return AllOf(StatusIs(kInvalid, HasSubstr(message)),
               HasReason("INVALID_FILTER"));
}

TEST(FilterTest, NothingHasNoConditions) {
  EXPECT_THAT(Must(ParseFilter("")), IsEmpty());
  EXPECT_THAT(Must(ParseFilter(" \t\n")), IsEmpty());
}

TEST(FilterTest, EveryOperatorIsRead) {
  const std::vector<std::pair<std::string, FilterOperator>> operators = {
      {"=", FilterOperator::kEqual},          {":", FilterOperator::kEqual},
      {"!=", FilterOperator::kNotEqual},      {"<", FilterOperator::kLess},
      {"<=", FilterOperator::kLessOrEqual},   {">", FilterOperator::kGreater},
      {">=", FilterOperator::kGreaterOrEqual}};
  for (const auto& [text, op] : operators) {
    for (const char* space : {"", " ", "  \n"}) {
      EXPECT_THAT(Must(ParseFilter(absl::StrCat("a", space, text, space, "b"))),
                  ElementsAre(Is("a", op, "b")));
    }
  }
}

TEST(FilterTest, AStarAfterAColonAsksForPresence) {
  EXPECT_THAT(Must(ParseFilter("a:*")),
              ElementsAre(Is("a", FilterOperator::kPresent, "")));
  EXPECT_THAT(Must(ParseFilter("a : * AND b:\"*\"")),
              ElementsAre(Is("a", FilterOperator::kPresent, ""),
                          Is("b", FilterOperator::kEqual, "*")));
  EXPECT_THAT(ParseFilter("a=*"), Fails("at byte 3: expected a value"));
}

TEST(FilterTest, ConditionsAreJoinedByAnd) {
  EXPECT_THAT(
      Must(ParseFilter(R"(  state = ACTIVE AND labels.a-b_c.d!="x"AND t<1 )")),
      ElementsAre(AllOf(Is("state", FilterOperator::kEqual, "ACTIVE"),
                        Field(&FilterCondition::position, 2)),
                  AllOf(Is("labels.a-b_c.d", FilterOperator::kNotEqual, "x"),
                        Field(&FilterCondition::position, 21)),
                  Is("t", FilterOperator::kLess, "1")));
}

TEST(FilterTest, AWordMayBeAnIdAnAddressOrANumber) {
  for (const char* value :
       {"@some_name", "-1001234567890", "a.b-c_D9",
        "0197c0de-0000-7000-8000-000000000000", "ANDROID", "NOTE", "ORDER"}) {
    EXPECT_THAT(Must(ParseFilter(absl::StrCat("a=", value))),
                ElementsAre(Is("a", FilterOperator::kEqual, value)));
  }
}

TEST(FilterTest, QuotesHoldAnyTextAndTwoEscapes) {
  EXPECT_THAT(
      Must(ParseFilter(R"(a = "x AND y = \"z\" \\ [é€😀]")")),
      ElementsAre(Is("a", FilterOperator::kEqual, R"(x AND y = "z" \ [é€😀])")));
  EXPECT_THAT(Must(ParseFilter(R"(a = "")")),
              ElementsAre(Is("a", FilterOperator::kEqual, "")));
  EXPECT_THAT(ParseFilter(R"(a = "x\n")"), Fails("at byte 7: a backslash"));
  EXPECT_THAT(ParseFilter(R"(a = "x\)"), Fails("at byte 7: a backslash"));
  EXPECT_THAT(ParseFilter(R"(a = "x\")"), Fails("at byte 5: this quote"));
  EXPECT_THAT(ParseFilter(R"(a = ")"), Fails("at byte 5: this quote"));
}

TEST(FilterTest, WhatIsMissingIsNamedWithItsPlace) {
  EXPECT_THAT(ParseFilter("a"), Fails("at byte 2: expected one of the"));
  EXPECT_THAT(ParseFilter("a b"), Fails("at byte 3: expected one of the"));
  EXPECT_THAT(ParseFilter("a ="), Fails("at byte 4: expected a value"));
  EXPECT_THAT(ParseFilter("= b"), Fails("at byte 1: expected FIELD"));
  EXPECT_THAT(ParseFilter("\"a\" = b"), Fails("at byte 1: expected FIELD"));
  EXPECT_THAT(ParseFilter("a=b AND"), Fails("at byte 8: expected FIELD"));
  EXPECT_THAT(ParseFilter("a=b c=d"), Fails("at byte 5: expected AND"));
  EXPECT_THAT(ParseFilter("a=b and c=d"), Fails("at byte 5: expected AND"));
  EXPECT_THAT(ParseFilter("a == b"), Fails("at byte 4: expected a value"));
  EXPECT_THAT(ParseFilter("t > 2030-01-01T00:00:00Z"),
              Fails("at byte 18: expected AND"));
}

TEST(FilterTest, TheRestOfTheLanguageIsRefusedWithARemedy) {
  EXPECT_THAT(ParseFilter("a=b OR c=d"), Fails("join conditions by AND"));
  EXPECT_THAT(ParseFilter("a=f(x)"), Fails("parentheses"));
  EXPECT_THAT(ParseFilter("NOT a=b"), Fails("NOT are not supported"));
  EXPECT_THAT(ParseFilter("a=b AND AND c=d"), Fails("joined by one AND"));
  EXPECT_THAT(ParseFilter("(a=b)"), Fails("at byte 1: expected FIELD"));
  EXPECT_THAT(ParseFilter("a = AND"), Fails("double quotes"));
}

TEST(FilterTest, LengthAndNumberOfConditionsAreLimited) {
  const std::vector<std::string> most(limits::kMaxFilterConditions, "a=b");
  const std::string filter = absl::StrJoin(most, " AND ");
  EXPECT_THAT(ParseFilter(filter),
              test::IsOkAndHolds(SizeIs(limits::kMaxFilterConditions)));
  EXPECT_THAT(ParseFilter(filter + " AND a=b"), Fails("more than 20"));

  std::string longest(limits::kMaxFilterLength, ' ');
  EXPECT_THAT(ParseFilter(longest), IsOk());
  longest.push_back(' ');
  EXPECT_THAT(ParseFilter(longest), Fails("has 2049 bytes; at most 2048"));
}

TEST(FilterTest, TextMustBeUtf8WithoutNul) {
  EXPECT_THAT(ParseFilter(absl::string_view("a=\"\0\"", 5)), Fails("NUL"));
  for (const char* bytes :
       {"\x80", "\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82", "\xf0\x9f"}) {
    EXPECT_THAT(ParseFilter(absl::StrCat("a=\"", bytes, "\"")),
                Fails("at byte 4: this is no valid UTF-8"));
  }
}

// The place of an error is within the text, and never a surprise.
TEST(FilterTest, RandomTextIsReadOrRefused) {
  const std::vector<std::string> pieces = {
      "a",  "labels.x", " ",  "=",  "!=",    ":",
      "*",  "<",        ">=", "\"", "\\",    "AND",
      "OR", "NOT",      "(",  ")",  "\"q\"", "é",
      "\n", "-",        ".",  "@x", "\xff",  std::string(1, '\0')};
  std::mt19937_64 random(20260601);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string filter;
    for (size_t length = random() % 12; length > 0; --length) {
      filter += pieces[random() % pieces.size()];
    }
    const auto parsed = ParseFilter(filter);
    accepted += parsed.ok() && !parsed->empty();
    if (!parsed.ok()) {
      EXPECT_THAT(parsed, Fails("at byte "));
    }
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace broadcast::storage
