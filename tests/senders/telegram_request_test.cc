#include "senders/telegram_request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace broadcast::senders {
namespace {

using Json = nlohmann::json;

void Expect(const Attempt& attempt, absl::string_view method,
            const char* body) {
  const std::optional<TelegramRequest> request = TelegramRequestFor(attempt);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->method, method);
  EXPECT_EQ(Json::parse(request->body), Json::parse(body));
}

const Content kRich = {
    .text = "<b>caf\xc3\xa9</b>",
    .parse_mode = ParseMode::kHtml,
    .button_rows = {{{"one", "https://a"}, {"two", "tg://b"}},
                    {{"three", "http://c"}}},
    .disable_notification = true,
    .protect_content = true,
    .disable_link_preview = true};

TEST(TelegramRequestTest, ASendTellsOnlyWhatIsNotTheDefault) {
  Expect({.address = "-1001234567890", .content = {.text = "hi"}},
         "sendMessage", R"({"chat_id":-1001234567890,"text":"hi"})");
  Expect({.address = "@my_channel",
          .content = {.text = "_hi_", .parse_mode = ParseMode::kMarkdownV2}},
         "sendMessage",
         R"({"chat_id":"@my_channel","text":"_hi_",
             "parse_mode":"MarkdownV2"})");
}

TEST(TelegramRequestTest, ASendTellsAllOfItsContent) {
  Expect({.address = "9223372036854775807", .content = kRich}, "sendMessage",
         R"({"chat_id":9223372036854775807,"text":"<b>café</b>",
             "parse_mode":"HTML","disable_notification":true,
             "protect_content":true,
             "link_preview_options":{"is_disabled":true},
             "reply_markup":{"inline_keyboard":
               [[{"text":"one","url":"https://a"},
                 {"text":"two","url":"tg://b"}],
                [{"text":"three","url":"http://c"}]]}})");
}

TEST(TelegramRequestTest, AnEditKeepsTheButtonsThatItsContentHas) {
  Expect({.action = Action::kEdit,
          .address = "@my_channel",
          .content = kRich,
          .message_id = "77"},
         "editMessageText",
         R"({"chat_id":"@my_channel","message_id":77,"text":"<b>café</b>",
             "parse_mode":"HTML","link_preview_options":{"is_disabled":true},
             "reply_markup":{"inline_keyboard":
               [[{"text":"one","url":"https://a"},
                 {"text":"two","url":"tg://b"}],
                [{"text":"three","url":"http://c"}]]}})");
}

TEST(TelegramRequestTest, ADeleteNamesAMessage) {
  Expect({.action = Action::kDelete, .address = "-5", .message_id = "77"},
         "deleteMessage", R"({"chat_id":-5,"message_id":77})");
}

TEST(TelegramRequestTest, AProbeTakesAwayAReactionThatWasNeverSet) {
  Expect({.action = Action::kProbe,
          .address = "-5",
          .content = kRich,
          .message_id = "77"},
         "setMessageReaction",
         R"({"chat_id":-5,"message_id":77,"reaction":[]})");
  EXPECT_FALSE(TelegramRequestFor({.action = Action::kProbe, .address = "-5"}));
}

TEST(TelegramRequestTest, ACopyNamesTheOriginalAndBringsItsButtons) {
  Expect({.action = Action::kCopy,
          .address = "-5",
          .message_id = "77",
          .source_address = "@old_channel"},
         "copyMessage",
         R"({"chat_id":-5,"from_chat_id":"@old_channel","message_id":77})");
  Expect({.action = Action::kCopy,
          .address = "-5",
          .content = {.button_rows = {{{"one", "https://a"}}},
                      .disable_notification = true},
          .message_id = "77",
          .source_address = "-6"},
         "copyMessage",
         R"({"chat_id":-5,"from_chat_id":-6,"message_id":77,
             "disable_notification":true,
             "reply_markup":{"inline_keyboard":
               [[{"text":"one","url":"https://a"}]]}})");
}

TEST(TelegramRequestTest, AnAttemptMustNameWhatItIsAbout) {
  for (const Attempt& attempt :
       {Attempt{.action = Action::kSend},
        Attempt{.action = Action::kEdit, .address = "-5"},
        Attempt{.action = Action::kEdit, .address = "-5", .message_id = "x"},
        Attempt{.action = Action::kDelete, .address = "-5"},
        Attempt{.action = Action::kCopy, .address = "-5", .message_id = "7"},
        Attempt{.action = Action::kCopy,
        .address = "-5",
        .source_address = "-6"}}) {
    EXPECT_FALSE(TelegramRequestFor(attempt).has_value());
  }
}

TEST(TelegramRequestTest, TextThatIsNoUtf8DoesNoHarm) {
  EXPECT_TRUE(TelegramRequestFor({.address = "-5", .content = {.text = "\xff"}})
                  .has_value());
}

TEST(TelegramRequestTest, Questions) {
  EXPECT_EQ(GetChat("-5").body, R"({"chat_id":-5})");
  EXPECT_EQ(GetChat("@my_channel").body, R"({"chat_id":"@my_channel"})");
  EXPECT_EQ(GetChatMember("-5", 99).body, R"({"chat_id":-5,"user_id":99})");
  EXPECT_EQ(GetMe().method, "getMe");
}

}  // namespace
}  // namespace broadcast::senders
