#include "content/text.h"

#include <gmock/gmock.h>

#include <string>

#include "base/utf8.h"

namespace broadcast {
namespace {

using testing::HasSubstr;

std::string Problem(absl::string_view text, const TextRule& rule) {
  Violations violations;
  const bool good = CheckText(text, rule, "field", violations);
  EXPECT_EQ(good, violations.empty());
  return good ? "" : violations.kept().at(0).description;
}

TEST(Utf8, ValidSequencesCountAsOneCharacterEach) {
  const struct {
    absl::string_view text;
    size_t characters;
  } cases[] = {
      {"", 0},
      {"abc", 3},
      {"\x7f", 1},
      {"\xc2\x80", 1},
      {"\xdf\xbf", 1},
      {"\xe0\xa0\x80", 1},
      {"\xed\x9f\xbf", 1},      // U+D7FF, below the surrogates
      {"\xee\x80\x80", 1},      // U+E000, above them
      {"\xef\xbf\xbf", 1},      // U+FFFF
      {"\xf0\x90\x80\x80", 1},  // U+10000
      {"\xf4\x8f\xbf\xbf", 1},  // U+10FFFF
      {"größe", 5},
      {"日本語", 3},
      {"👍🏽", 2},  // a base and a modifier
      {absl::string_view("a\0b", 3), 3},
  };
  for (const auto& c : cases) {
    EXPECT_TRUE(IsUtf8(c.text)) << c.text;
    EXPECT_EQ(CharacterCount(c.text), c.characters) << c.text;
  }
}

TEST(Utf8, InvalidSequencesAreRefused) {
  const absl::string_view cases[] = {
      "\x80",  // a tail alone
      "\xff",
      "\xc0\x80",  // NUL, overlong
      "\xc1\xbf",
      "\xe0\x9f\xbf",      // overlong
      "\xf0\x8f\xbf\xbf",  // overlong
      "\xed\xa0\x80",      // a surrogate
      "\xed\xbf\xbf",
      "\xf4\x90\x80\x80",  // above U+10FFFF
      "\xf5\x80\x80\x80",
      "\xc3",  // cut off
      "\xe2\x82",
      "\xf0\x9f\x91",
      "a\xe2\x28\xa1",
      "caf\xe9",  // Latin-1
  };
  for (const absl::string_view text : cases) EXPECT_FALSE(IsUtf8(text)) << text;
}

TEST(Utf8, EveryCharacterSurvivesEncodingAndDecoding) {
  for (char32_t code = 1; code <= 0x10ffff; code += code < 0x900 ? 1 : 37) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    std::string text;
    AppendUtf8(code, text);
    const Character character = FirstCharacter(text);
    ASSERT_EQ(character.code, code);
    ASSERT_EQ(character.bytes, text.size());
  }
}

TEST(Blank, UnicodeWhiteSpaceIsBlank) {
  for (const char* text :
       {"", " ", "\n\t ", "\u00a0", "\u2003\u3000", "\u2028\u1680"}) {
    EXPECT_TRUE(IsBlank(text)) << text;
  }
  for (const char* text : {"a", " a ", "\u200b", "\u2800", "\xff"}) {
    EXPECT_FALSE(IsBlank(text)) << text;
  }
}

TEST(CheckText, LengthIsCountedInCharacters) {
  const TextRule rule = {.min_length = 1, .max_length = 4};
  EXPECT_EQ(Problem("abcd", rule), "");
  EXPECT_EQ(Problem("日本語👍", rule), "");
  EXPECT_THAT(Problem("abcde", rule), HasSubstr("has 5 characters; at most 4"));
  EXPECT_THAT(Problem("", rule), HasSubstr("must not be empty"));
  EXPECT_THAT(Problem(" \u00a0", rule), HasSubstr("only white space"));
}

TEST(CheckText, AnOptionalTextMayBeEmptyOrBlank) {
  EXPECT_EQ(Problem("", {.max_length = 4}), "");
  EXPECT_EQ(Problem("  ", {.max_length = 4}), "");
}

TEST(CheckText, InvalidUtf8IsRefused) {
  EXPECT_THAT(Problem("a\xff", {.max_length = 4}), HasSubstr("UTF-8"));
}

TEST(CheckText, ControlCharactersAreRefused) {
  const TextRule line = {.max_length = 10};
  const TextRule lines = {.max_length = 10, .multiline = true};
  for (const absl::string_view text :
       {absl::string_view("a\0", 2), absl::string_view("a\r\n"),
        absl::string_view("\x1b["), absl::string_view("\x7f"),
        absl::string_view("\u0085"), absl::string_view("\u009f")}) {
    EXPECT_THAT(Problem(text, line), HasSubstr("control character U+"));
    EXPECT_THAT(Problem(text, lines), HasSubstr("control character U+"));
  }
  EXPECT_EQ(Problem("a\n\tb", lines), "");
  EXPECT_THAT(Problem("a\n", line), HasSubstr("U+000A"));
  EXPECT_THAT(Problem("a\t", line), HasSubstr("U+0009"));
  EXPECT_EQ(Problem("\u00a0", line), "");
}

}  // namespace
}  // namespace broadcast
