#include "content/address.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace broadcast {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

struct Case {
  std::string text;
  std::string expected;  // the address, or part of the violation
};

void ExpectNormalized(AddressKind kind, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    Violations violations;
    const std::string address =
        NormalizeAddress(kind, c.text, "address", violations);
    EXPECT_TRUE(violations.empty())
        << c.text << ": " << violations.kept().at(0).description;
    EXPECT_EQ(address, c.expected);
    EXPECT_EQ(NormalizeAddress(kind, address, "address", violations), address);
  }
}

void ExpectRefused(AddressKind kind, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    Violations violations;
    EXPECT_EQ(
        NormalizeAddress(kind, c.text, "open_channel.address", violations), "")
        << c.text;
    ASSERT_THAT(violations.kept(), SizeIs(1)) << c.text;
    EXPECT_EQ(violations.kept()[0].field, "open_channel.address");
    EXPECT_THAT(violations.kept()[0].description, HasSubstr(c.expected))
        << c.text;
    EXPECT_THAT(violations.kept()[0].description, Not(HasSubstr("s3cret")));
  }
}

TEST(TelegramAddress, ChatIdsAndNamesAreNormalized) {
  ExpectNormalized(AddressKind::kTelegram,
                   {{"1", "1"},
                    {"-1001234567890", "-1001234567890"},
                    {"0042", "42"},
                    {"-007", "-7"},
                    {"9223372036854775807", "9223372036854775807"},
                    {"-9223372036854775808", "-9223372036854775808"},
                    {"@Channel_1", "@channel_1"},
                    {"@abcde", "@abcde"},
                    {"@" + std::string(32, 'Z'), "@" + std::string(32, 'z')}});
}

TEST(TelegramAddress, AnythingElseIsRefused) {
  const std::string id = "must be a Telegram chat id";
  const std::string name = "must be a public name";
  ExpectRefused(AddressKind::kTelegram, {{"", "must not be empty"},
                                         {"0", id},
                                         {"-0", id},
                                         {"-", id},
                                         {"+1", id},
                                         {" 1", id},
                                         {"1 ", id},
                                         {"1.5", id},
                                         {"0x10", id},
                                         {"s3cret", id},
                                         {"１２", id},  // digits, but not those
                                         {"9223372036854775808", id},
                                         {"-9223372036854775809", id},
                                         {std::string(1000, '9'), id},
                                         {"@", name},
                                         {"@abcd", name},
                                         {"@" + std::string(33, 'a'), name},
                                         {"@1abcd", name},
                                         {"@_abcd", name},
                                         {"@abc-de", name},
                                         {"@s3cret!", name},
                                         {"@käse_", name},
                                         {"https://t.me/channel", id}});
}

TEST(WebhookAddress, UrlsAreNormalized) {
  const std::string longest =
      "https://example.com/" + std::string(2048 - 20, 'x');
  ExpectNormalized(
      AddressKind::kWebhook,
      {{"https://example.com/hook", "https://example.com/hook"},
       {"HTTPS://Example.COM/Hook", "https://example.com/Hook"},
       {"https://example.com", "https://example.com/"},
       {"https://example.com?a=b", "https://example.com/?a=b"},
       {"https://example.com:443/x", "https://example.com/x"},
       {"https://example.com:0443/x", "https://example.com/x"},
       {"https://example.com:/x", "https://example.com/x"},
       {"https://example.com:8443/x", "https://example.com:8443/x"},
       {"https://192.0.2.1/x", "https://192.0.2.1/x"},
       {"https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443/x"},
       {"https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"},
       {"https://my_service/x?u=a@b:c", "https://my_service/x?u=a@b:c"},
       {longest, longest}});
}

TEST(WebhookAddress, AnythingElseIsRefused) {
  const std::string host = "must have a host";
  ExpectRefused(
      AddressKind::kWebhook,
      {{"", "must not be empty"},
       {"s3cret", "is not an absolute URL"},
       {"example.com/hook", "is not an absolute URL"},
       {"https:/example.com", "is not an absolute URL"},
       {"://example.com", "is not an absolute URL"},
       {"http://example.com/", "must be an https URL"},
       {"ftp://example.com/", "must be an https URL"},
       {"https://", host},
       {"https:///hook", host},
       {"https://?x", host},
       {"https://:443/", host},
       {"https://a..b/", host},
       {"https://.a/", host},
       {"https://example.com./", host},
       {"https://exa\\mple.com/", host},
       {"https://[::1/", host},
       {"https://[::1]x/", host},
       {"https://[1.2.3.4]/", host},
       {"https://" + std::string(64, 'a') + "/", host},
       {"https://user:s3cret@example.com/", "no user information"},
       {"https://@example.com/", "no user information"},
       {"https://good.example\\@evil.example/", "no user information"},
       {"https://example.com/#s3cret", "no fragment"},
       {"https://example.com#@evil.example", "no fragment"},
       {"https://example.com:0/", "port"},
       {"https://example.com:65536/", "port"},
       {"https://example.com:https/", "port"},
       {"https://example.com:+1/", "port"},
       {"https://example.com/a b", "white space"},
       {" https://example.com/", "white space"},
       {"https://example.com/\n", "white space"},
       {std::string("https://example.com/\0", 21), "white space"},
       {"https://example.com/\r\nHost: x", "white space"},
       {"https://bücher.example/", "must be ASCII"},
       {"https://example.com/\xff", "must be ASCII"},
       {"https://example.com/" + std::string(2048 - 19, 'x'),
        "has 2049 bytes; at most 2048"}});
}

TEST(LogAddress, OneWord) {
  ExpectNormalized(AddressKind::kLog,
                   {{"a", "a"},
                    {"Dev-1.channel_A", "Dev-1.channel_A"},
                    {std::string(128, 'x'), std::string(128, 'x')}});
  const std::string rule = "must be 1 to 128";
  ExpectRefused(AddressKind::kLog, {{"", "must not be empty"},
                                    {"s3cret word", rule},
                                    {"a/b", rule},
                                    {"a\n", rule},
                                    {"ä", rule},
                                    {std::string(129, 'x'), rule}});
}

}  // namespace
}  // namespace broadcast
