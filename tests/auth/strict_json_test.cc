#include "auth/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace broadcast::auth {
namespace {

std::string Nested(int objects) {
  std::string text;
  for (int i = 0; i < objects; ++i) absl::StrAppend(&text, R"({"a":)");
  return absl::StrCat(text, "1", std::string(objects, '}'));
}

TEST(StrictJsonTest, AnObjectIsReadWithAllThatItHolds) {
  const auto object = ParseObject(
      R"( {"text":"a\u0062","list":[1,[2],{"x":null}],"o":{"text":"c"},
           "yes":true,"large":18446744073709551615,"small":-7,"half":0.5} )");
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(TextAt(*object, "text"), "ab");
  EXPECT_EQ(object->at("list").size(), 3U);
  EXPECT_EQ(object->at("list").at(1).at(0), 2);
  EXPECT_TRUE(object->at("list").at(2).at("x").is_null());
  EXPECT_EQ(TextAt(object->at("o"), "text"), "c");
  EXPECT_EQ(object->at("yes"), true);
  EXPECT_EQ(object->at("large"), 18446744073709551615U);
  EXPECT_EQ(object->at("small"), -7);
  EXPECT_EQ(object->at("half"), 0.5);
}

TEST(StrictJsonTest, TextAtTellsTextAlone) {
  const auto object = ParseObject(R"({"a":"","b":1,"c":null,"d":["x"]})");
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(TextAt(*object, "a"), "");
  for (const char* key : {"b", "c", "d", "e"}) {
    EXPECT_EQ(TextAt(*object, key), std::nullopt) << key;
  }
}

TEST(StrictJsonTest, NothingButOneObjectIsRead) {
  EXPECT_TRUE(ParseObject("{}").has_value());
  for (const absl::string_view text : {"",
                                       " ",
                                       "[]",
                                       "[{}]",
                                       "\"a\"",
                                       "1",
                                       "true",
                                       "null",
                                       "{}{}",
                                       "{},",
                                       "{} x",
                                       "{",
                                       "}",
                                       "{]",
                                       "{\"a\":1",
                                       "{\"a\"}",
                                       "{\"a\":}",
                                       "{a:1}",
                                       "{'a':1}",
                                       "{\"a\":1,}",
                                       "{\"a\":[1,]}",
                                       "{\"a\":1}//",
                                       "/**/{}",
                                       "{\"a\":/**/1}",
                                       "{\"a\":NaN}",
                                       "{\"a\":Infinity}",
                                       "{\"a\":+1}",
                                       "{\"a\":01}",
                                       "{\"a\":.5}",
                                       "{\"a\":1e400}",
                                       "{\"a\":-1e400}",
                                       "{\"a\":\"\n\"}",
                                       "{\"a\":\"\\x41\"}",
                                       "{\"a\":\"\\ud800\"}"}) {
    EXPECT_FALSE(ParseObject(text).has_value()) << text;
  }
}

TEST(StrictJsonTest, BytesBesideTheTextAreRefused) {
  EXPECT_FALSE(ParseObject("\xef\xbb\xbf{}").has_value());
  EXPECT_FALSE(ParseObject(absl::string_view("{}\0", 3)).has_value());
  EXPECT_FALSE(ParseObject(absl::string_view("\0{}", 3)).has_value());
  EXPECT_FALSE(ParseObject(absl::string_view("{\"a\":\"\0\"}", 9)).has_value());
}

TEST(StrictJsonTest, WhatIsNotUtf8IsRefused) {
  EXPECT_TRUE(ParseObject("{\"a\":\"\xc3\xa9\"}").has_value());
  for (const char* text :
       {"{\"a\":\"\xff\"}", "{\"\xc3\":1}", "{\"a\":\"\xc0\xaf\"}",
        "{\"a\":\"\xed\xa0\x80\"}"}) {
    EXPECT_FALSE(ParseObject(text).has_value());
  }
}

TEST(StrictJsonTest, NoKeyIsThereTwice) {
  for (const char* text : {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})",
                           R"({"":1,"":2})", R"({"a":1,"\u0061":2})",
                           R"({"o":{"a":1,"a":2}})", R"({"l":[{"a":1,"a":2}]})",
                           R"({"a":{"b":1},"a":2})", R"({"a":[1],"a":[1]})"}) {
    EXPECT_FALSE(ParseObject(text).has_value()) << text;
  }
  EXPECT_TRUE(
      ParseObject(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})").has_value());
}

TEST(StrictJsonTest, WhatIsDeepIsRefusedBeforeItIsBuilt) {
  EXPECT_TRUE(ParseObject(Nested(8)).has_value());
  EXPECT_FALSE(ParseObject(Nested(9)).has_value());
  EXPECT_TRUE(ParseObject(R"({"a":[[[[[[[1]]]]]]]})").has_value());
  EXPECT_FALSE(ParseObject(R"({"a":[[[[[[[[1]]]]]]]]})").has_value());
  EXPECT_FALSE(ParseObject(Nested(1'000'000)).has_value());
  EXPECT_FALSE(ParseObject(absl::StrCat("{\"a\":", std::string(1'000'000, '[')))
                   .has_value());
  // Wide is not deep.
  std::string wide = R"({"a":[0)";
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&wide, ",[", i, "]");
  EXPECT_TRUE(ParseObject(absl::StrCat(wide, "]}")).has_value());
}

}  // namespace
}  // namespace broadcast::auth
