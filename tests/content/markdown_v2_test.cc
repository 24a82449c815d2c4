#include "content/markdown_v2.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace broadcast {
namespace {

using testing::HasSubstr;

TEST(MarkdownV2, MarkupIsNotVisible) {
  const struct {
    absl::string_view text;
    absl::string_view visible;
  } cases[] = {
      {"plain", "plain"},
      {"*bold \\*text*", "bold *text"},
      {"_italic_", "italic"},
      {"__underline__", "underline"},
      {"~struck~", "struck"},
      {"||spoiler||", "spoiler"},
      {"*bold _italic ~struck ||spoiler||~ __underlined___ bold*",
       "bold italic struck spoiler underlined bold"},
      {"[inline](http://www.example.com/)", "inline"},
      {"[a\\]b](http://example.com/\\))c", "a]bc"},
      {"[example\\.com]", "example.com"},
      {"[](http://example.com)x", "x"},
      {"![👍](tg://emoji?id=5368324170671202286)", "👍"},
      {"![22:45](tg://time?unix=1647531900&format=wDT)", "22:45"},
      {"`code *with* [anything] .!`", "code *with* [anything] .!"},
      {"`a\\`b`", "a`b"},
      {"```\nblock\n```", "block\n"},
      {"```python\nx = 1.\n```", "x = 1.\n"},
      {"```one word```", " word"},
      {"```word```", "word"},
      {">quote\n>more\nafter", "quote\nmore\nafter"},
      {">*bold*\n>x", "bold\nx"},
      {">short||", "short"},
      {">first\n>second||\nafter", "first\nsecond\nafter"},
      {">first\n**>second||", "first\nsecond"},
      {"a\n>quote", "a\nquote"},
      {"**", ""},
      {"\\_\\*\\[\\]\\(\\)\\~\\`\\>\\#\\+\\-\\=\\|\\{\\}\\.\\!",
       "_*[]()~`>#+-=|{}.!"},
      {"\\a\\\\", "a\\"},
      {"größe 日本語", "größe 日本語"},
      {"end \\", "end \\"},
      {"\\é", "\\é"},
      {"a & b < c, \"d\" %$@^:;/?'", "a & b < c, \"d\" %$@^:;/?'"},
  };
  for (const auto& c : cases) {
    const Checked<std::string> visible = VisibleMarkdownV2(c.text);
    EXPECT_EQ(visible.problem, "") << c.text;
    EXPECT_EQ(visible.value, c.visible) << c.text;
  }
}

TEST(MarkdownV2, ReservedCharactersNeedABackslash) {
  for (const char c : absl::string_view("]()#+-={}.!>|")) {
    const absl::string_view mark(&c, 1);
    const std::string problem =
        VisibleMarkdownV2(absl::StrCat("größe", mark, " x")).problem;
    EXPECT_THAT(problem, HasSubstr(absl::StrCat("character 6 is '", mark,
                                                "', which is reserved")));
    EXPECT_EQ(VisibleMarkdownV2(absl::StrCat("\\", mark)).value, mark);
  }
}

TEST(MarkdownV2, WhatTelegramCannotParseIsRefused) {
  const struct {
    absl::string_view text;
    absl::string_view problem;
  } cases[] = {
      {"*x", "character 1 begins bold text (*) that is not closed"},
      {"日本 _x", "character 4 begins italic text"},
      {"*a _b* c_", "character 9 begins italic text"},
      {"a_b", "begins italic text"},
      {"__x_", "begins italic text"},
      {"___x__", "character 5 begins underlined text"},
      {"~x", "begins struck text"},
      {"||x", "begins a spoiler"},
      {"`x", "begins code"},
      {"```x", "begins a code block"},
      {"``` `` ", "begins a code block"},
      {"[x", "begins a link"},
      {"[x](http://example.com", "begins a URL without ')'"},
      {"[x](http://example.com\\)", "begins a URL without ')'"},
      {"![x]", "begins a custom emoji without URL"},
      {"![x](https://example.com)", "which must be tg://"},
      {"![x](tg://emoji?id=1", "begins a URL without ')'"},
      {"|x|", "is '|', which is reserved"},
      {"1. one", "is '.', which is reserved"},
      {"- one", "is '-', which is reserved"},
      {"a > b", "is '>', which is reserved"},
      {">*x\nafter*", "begins bold text"},
      {">||x\nafter", "begins a spoiler"},
      {">*a||\nafter", "begins bold text"},
      {">a *b", "begins bold text"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(VisibleMarkdownV2(c.text).problem,
                HasSubstr(std::string(c.problem)))
        << c.text;
  }
}

}  // namespace
}  // namespace broadcast
