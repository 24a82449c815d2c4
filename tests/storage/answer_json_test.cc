#include "storage/answer_json.h"

#include <gmock/gmock.h>

#include "support/status_matchers.h"

namespace broadcast::storage {
namespace {

TEST(AnswerJsonTest, WhatIsRecordedIsReadAgain) {
  const AnswerCounts counts = {{"channels", 2}, {"entries", 0}};
  EXPECT_EQ(CountsFromJson(CountsToJson(counts)).value(), counts);
  const std::vector<std::string> ids = {"a", "b"};
  EXPECT_EQ(IdsFromJson(IdsToJson(ids)).value(), ids);
  EXPECT_TRUE(IdsFromJson(IdsToJson({})).value().empty());
}

TEST(AnswerJsonTest, WhatIsNotOfTheFormIsAnErrorAndThrowsNothing) {
  for (const char* json : {"", "{", "7", "null", "\"a\"", "\xff"}) {
    EXPECT_FALSE(CountsFromJson(json).ok()) << json;
    EXPECT_FALSE(IdsFromJson(json).ok()) << json;
  }
  for (const char* json : {"[]", "{\"a\": \"1\"}", "{\"a\": 0.5}"}) {
    EXPECT_FALSE(CountsFromJson(json).ok()) << json;
  }
  for (const char* json : {"{}", "[1]", "[\"a\", null]"}) {
    EXPECT_FALSE(IdsFromJson(json).ok()) << json;
  }
}

}  // namespace
}  // namespace broadcast::storage
