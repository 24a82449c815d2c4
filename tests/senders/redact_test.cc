#include "senders/redact.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace broadcast::senders {
namespace {

TEST(RedactTest, WhatAServerSaysOfItselfStays) {
  EXPECT_EQ(Redact("Bad Request: message can't be deleted for everyone"),
            "Bad Request: message can't be deleted for everyone");
  EXPECT_EQ(Redact("Too Many Requests: retry after 10072"),
            "Too Many Requests: retry after 10072");
  EXPECT_EQ(Redact(""), "");
}

TEST(RedactTest, WhatItRepeatsOfOursGoes) {
  EXPECT_EQ(Redact("tag \"our text\" at 5"), "tag ... at 5");
  EXPECT_EQ(Redact("character '.' is reserved"), "character ... is reserved");
  EXPECT_EQ(Redact("an open 'quotation of ours"), "an open ...");
  EXPECT_EQ(Redact("URL https://a.example/secret is"), "URL ... is");
  EXPECT_EQ(Redact("chat @our_channel in -1001234567890"), "chat ... in ...");
  EXPECT_EQ(Redact("bot123456:AAE-x_y failed"), "... failed");
}

TEST(RedactTest, ItIsOneLineOfPrintableText) {
  EXPECT_EQ(Redact("a\r\nb\tc\x01 d\x7f"), "a b c d");
  EXPECT_EQ(Redact("a\xff\xc3 b"), "a b");
  EXPECT_EQ(Redact("\xc3\xa9t\xc3\xa9"), "\xc3\xa9t\xc3\xa9");
}

TEST(RedactTest, ItIsShortAndEndsWithAWholeCharacter) {
  for (size_t lead = 0; lead < 4; ++lead) {
    std::string text(lead, 'x');
    for (int i = 0; i < 600; ++i) text += "\xf0\x9f\x98\x80";
    const std::string detail = Redact(text);
    EXPECT_LE(detail.size(), kMaxDetailBytes);
    EXPECT_GT(detail.size(), kMaxDetailBytes - 4);
    EXPECT_TRUE(IsUtf8(detail));
  }
}

}  // namespace
}  // namespace broadcast::senders
