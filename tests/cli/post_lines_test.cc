// Files of posts, a line each.
#include "cli/post_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "support/status_matchers.h"

namespace broadcast::cli {
namespace {

using test::Must;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr auto kRefused = absl::StatusCode::kInvalidArgument;

std::string FileWith(absl::string_view text) {
  const std::string path = absl::StrCat(
      ::testing::TempDir(), "/post_lines_",
      ::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::vector<std::pair<int64_t, std::string>> LinesOf(absl::string_view text) {
  const auto lines = Must(PostLines::Open(FileWith(text)));
  std::vector<std::pair<int64_t, std::string>> found;
  while (const auto line = Must(lines->Next())) {
    found.emplace_back(line->number, line->text);
  }
  return found;
}

TEST(PostLinesTest, BlankLinesCountAndAreNoPosts) {
  EXPECT_THAT(LinesOf("{}\n\n \t\r\n{1}\n\n"),
              ElementsAre(Pair(1, "{}"), Pair(4, "{1}")));
  EXPECT_THAT(LinesOf(""), ElementsAre());
  EXPECT_THAT(LinesOf("\n"), ElementsAre());
}

TEST(PostLinesTest, TheLastLineNeedsNoLineFeed) {
  EXPECT_THAT(LinesOf("a\nb"), ElementsAre(Pair(1, "a"), Pair(2, "b")));
  EXPECT_THAT(LinesOf("a\n "), ElementsAre(Pair(1, "a")));
}

TEST(PostLinesTest, ALineOfAnyLengthThatAPostCanHave) {
  const std::string longest(4 << 20, 'x');
  EXPECT_THAT(LinesOf(longest), ElementsAre(Pair(1, longest)));
  EXPECT_THAT(LinesOf(longest + "\ny"),
              ElementsAre(Pair(1, longest), Pair(2, "y")));
  const std::string path = FileWith("y\n" + longest + "x\n");
  const auto lines = Must(PostLines::Open(path));
  EXPECT_EQ(Must(lines->Next())->text, "y");
  EXPECT_THAT(lines->Next().status(),
              StatusIs(kRefused, HasSubstr(path + ":2: is longer")));
}

TEST(PostLinesTest, WhatIsNoFile) {
  EXPECT_THAT(PostLines::Open("/nonexistent").status(),
              StatusIs(kRefused, HasSubstr("/nonexistent cannot be read")));
  EXPECT_THAT(PostLines::Open(::testing::TempDir()).status(),
              StatusIs(kRefused, HasSubstr("cannot be read")));
}

TEST(ReadPostTest, TakesTheNamesOfTheContractAndOfJson) {
  for (const absl::string_view name : {"external_id", "externalId"}) {
    const v1::PostSpec post = Must(ReadPost(absl::StrCat(
        R"({")", name, R"(": "a", "content": {"text": "b"}})", "\r")));
    EXPECT_EQ(post.external_id(), "a");
    EXPECT_EQ(post.content().text(), "b");
  }
}

TEST(ReadPostTest, SaysWhatIsWrong) {
  EXPECT_THAT(ReadPost("a,b").status(),
              StatusIs(kRefused, HasSubstr("is no post in JSON: ")));
  EXPECT_THAT(ReadPost("[]").status(), StatusIs(kRefused));
  EXPECT_THAT(ReadPost("{} {}").status(), StatusIs(kRefused));
  EXPECT_THAT(ReadPost(R"({"text": "a"})").status(),
              StatusIs(kRefused, HasSubstr("text: Cannot find field")));
}

}  // namespace
}  // namespace broadcast::cli
