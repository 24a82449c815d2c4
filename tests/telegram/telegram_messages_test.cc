// What is posted, changed, copied and removed.
#include <string>

#include "telegram_fixture.h"

namespace broadcast::test {
namespace {

class TelegramMessagesTest : public UnlimitedTelegramTest {
 protected:
  std::string Delete(int64_t chat, int64_t id) {
    return Refusal("deleteMessage", {{"chat_id", chat}, {"message_id", id}});
  }
  std::string DeleteAll(int64_t chat, const Json& ids) {
    return Refusal("deleteMessages", {{"chat_id", chat}, {"message_ids", ids}});
  }
  std::string Edit(int64_t chat, int64_t id, const std::string& text) {
    return Refusal("editMessageText",
                   {{"chat_id", chat}, {"message_id", id}, {"text", text}});
  }
  int64_t Put(int64_t chat, Json fields) {
    fields["chat"] = chat;
    fields["text"] = "put there";
    if (!fields.contains("bot")) fields["bot"] = kBot;
    return Admin("message", fields)["message_id"];
  }
  void Advance(double seconds) {
    Admin("clock", {{"advance_seconds", seconds}});
  }
};

TEST_F(TelegramMessagesTest, CountsByChatOrByBot) {
  EXPECT_EQ(Send(kChannel, "a"), 2);
  EXPECT_EQ(Send(kChannel, "b"), 3);
  EXPECT_EQ(Send(kSupergroup, "c"), 2);
  const int64_t first = Send(kUser, "d");
  EXPECT_EQ(Send(kGroup, "e"), first + 1);
  const Json other =
      Call("sendMessage", {{"chat_id", kUser}, {"text", "f"}}, "456:other");
  EXPECT_EQ(other["result"]["message_id"], first);
}

TEST_F(TelegramMessagesTest, DatesAreSeconds) {
  Admin("clock", {{"set", 1'800'000'000}, {"frozen", true}});
  Admin("clock", {{"set", 1'800'000'000}});
  const Json sent = Call("sendMessage", {{"chat_id", kChannel}, {"text", "a"}});
  EXPECT_EQ(sent["result"]["date"], 1'800'000'000);
  EXPECT_EQ(sent["result"]["sender_chat"]["id"], kChannel);
  EXPECT_FALSE(sent["result"].contains("edit_date"));
}

TEST_F(TelegramMessagesTest, EditsWithoutATimeLimitButOnlyIfSomethingChanges) {
  const int64_t id = Send(kChannel, "a");
  Advance(100 * 86400);
  EXPECT_EQ(Edit(kChannel, id, " a "),
            "400 Bad Request: message is not modified: specified new message "
            "content and reply markup are exactly the same as a current "
            "content and reply markup of the message");
  const Json edited =
      Call("editMessageText",
           {{"chat_id", kChannel}, {"message_id", id}, {"text", "b"}});
  EXPECT_EQ(edited["result"]["text"], "b");
  EXPECT_GT(edited["result"]["edit_date"], edited["result"]["date"]);
  EXPECT_EQ(Edit(kChannel, 99, "b"),
            "400 Bad Request: message to edit not found");
  EXPECT_EQ(Refusal("editMessageText", {{"chat_id", kChannel}, {"text", "b"}}),
            "400 Bad Request: message identifier is not specified");
}

TEST_F(TelegramMessagesTest,
       AReactionNeedsAMessageAndAnEmptyOneChangesNothing) {
  const auto react = [&](int64_t chat, int64_t id, const Json& reaction) {
    return Refusal(
        "setMessageReaction",
        {{"chat_id", chat}, {"message_id", id}, {"reaction", reaction}});
  };
  const int64_t id = Send(kChannel, "a");
  const Json before = Messages(kChannel);
  const Json answer = Call(
      "setMessageReaction",
      {{"chat_id", kChannel}, {"message_id", id}, {"reaction", Json::array()}});
  EXPECT_EQ(answer["result"], true);
  EXPECT_EQ(Messages(kChannel), before);
  EXPECT_EQ(react(kChannel, 99, Json::array()),
            "400 Bad Request: message to react not found");
  EXPECT_EQ(react(kChannel, 0, Json::array()),
            "400 Bad Request: message to react not found");
  EXPECT_EQ(react(-1009, id, Json::array()), "400 Bad Request: chat not found");
  EXPECT_EQ(Delete(kChannel, id), "ok");
  EXPECT_EQ(react(kChannel, id, Json::array()),
            "400 Bad Request: message to react not found");
}

TEST_F(TelegramMessagesTest, AReactionIsSetAndTakenAway) {
  const auto react = [&](const Json& reaction) {
    return Refusal(
        "setMessageReaction",
        {{"chat_id", kChannel}, {"message_id", 2}, {"reaction", reaction}});
  };
  Send(kChannel, "a");
  const Json before = Messages(kChannel);
  const Json thumb = {{"type", "emoji"}, {"emoji", "\xF0\x9F\x91\x8D"}};
  EXPECT_EQ(react(Json::array({thumb})), "ok");
  EXPECT_EQ(Messages(kChannel)[0]["reactions"]["123"], Json::array({thumb}));
  EXPECT_EQ(react(Json::array()), "ok");
  EXPECT_EQ(Messages(kChannel), before);
  EXPECT_EQ(react(Json::array({thumb, thumb})),
            "400 Bad Request: REACTIONS_TOO_MANY");
  EXPECT_EQ(react({{"type", "emoji"}}),
            "400 Bad Request: expected an Array of ReactionType");
  EXPECT_EQ(react(Json::array({{{"type", "paid"}}})),
            "400 Bad Request: can't parse ReactionType: invalid reaction type "
            "specified");
}

TEST_F(TelegramMessagesTest, WhoIsNotInAPublicChatFindsNoMessageToReactTo) {
  const Json reaction = {{"chat_id", "@news"}, {"message_id", 2}};
  Send(kChannel, "a");
  EXPECT_EQ(Refusal("setMessageReaction", reaction), "ok");
  Admin("member", {{"chat", kChannel}, {"bot", kBot}, {"status", "left"}});
  EXPECT_EQ(Refusal("setMessageReaction", reaction),
            "400 Bad Request: message to react not found");
  Admin("member", {{"chat", kChannel}, {"bot", kBot}, {"status", "kicked"}});
  EXPECT_EQ(Refusal("setMessageReaction", reaction),
            "403 Forbidden: bot was kicked from the channel chat");
}

TEST_F(TelegramMessagesTest, LosesItsKeyboardWithAnEdit) {
  const Json keyboard = {
      {"inline_keyboard", {{{{"text", "t"}, {"callback_data", "d"}}}}}};
  const Json sent =
      Call("sendMessage",
           {{"chat_id", kChannel}, {"text", "a"}, {"reply_markup", keyboard}});
  ASSERT_TRUE(sent["ok"]) << sent;
  EXPECT_EQ(sent["result"]["reply_markup"], keyboard);
  const int64_t id = sent["result"]["message_id"];
  EXPECT_EQ(Edit(kChannel, id, "a"), "ok");
  EXPECT_FALSE(Messages(kChannel)[0].contains("reply_markup"));
  const Json again = {
      {"chat_id", kChannel}, {"message_id", id}, {"reply_markup", keyboard}};
  EXPECT_EQ(Refusal("editMessageReplyMarkup", again), "ok");
  EXPECT_THAT(Refusal("editMessageReplyMarkup", again),
              ::testing::HasSubstr("message is not modified"));
}

TEST_F(TelegramMessagesTest, OnlyWhoMayEditsAndDeletes) {
  const int64_t others = Put(kChannel, {{"own", false}});
  const int64_t service = Put(kChannel, {{"service", true}});
  const int64_t own = Send(kChannel, "own");
  Admin("member",
        {{"chat", kChannel}, {"can_edit", false}, {"can_delete", false}});
  EXPECT_EQ(Edit(kChannel, others, "x"),
            "400 Bad Request: message can't be edited");
  EXPECT_EQ(Edit(kChannel, service, "x"),
            "400 Bad Request: message can't be edited");
  EXPECT_EQ(Edit(kChannel, own, "x"), "ok");
  EXPECT_EQ(Delete(kChannel, others),
            "400 Bad Request: message can't be deleted");
  EXPECT_EQ(Delete(kChannel, own), "ok");
  Admin("member", {{"chat", kChannel}, {"can_delete", true}});
  EXPECT_EQ(Delete(kChannel, others), "ok");
  EXPECT_EQ(Delete(kChannel, others),
            "400 Bad Request: message to delete not found");
}

TEST_F(TelegramMessagesTest, DeletesNothingThatIsTwoDaysOld) {
  const int64_t young = Send(kChannel, "young");
  Advance(48 * 3600 - 2);
  EXPECT_EQ(Delete(kChannel, young), "ok");
  for (const int64_t chat : {kChannel, kSupergroup, kGroup, kUser}) {
    const int64_t old = Send(chat, "old");
    Advance(48 * 3600 + 1);
    EXPECT_EQ(Delete(chat, old),
              chat == kChannel || chat == kSupergroup
                  ? "400 Bad Request: message can't be deleted"
                  : "400 Bad Request: message can't be deleted for everyone");
  }
}

TEST_F(TelegramMessagesTest, DeletesAllOrNothing) {
  const int64_t old = Send(kChannel, "old");
  Advance(49 * 3600);
  const int64_t one = Send(kChannel, "one");
  const int64_t two = Send(kChannel, "two");
  EXPECT_EQ(DeleteAll(kChannel, {one, old, two}),
            "400 Bad Request: message can't be deleted");
  EXPECT_EQ(Messages(kChannel).size(), 3);
  EXPECT_EQ(DeleteAll(kChannel, {one, two, 9999}), "ok");
  EXPECT_EQ(DeleteAll(kChannel, {one, two, 9999}), "ok");
  EXPECT_EQ(Messages(kChannel).size(), 1);
  EXPECT_EQ(DeleteAll(kChannel, Json::array()),
            "400 Bad Request: message identifiers are not specified");
  EXPECT_EQ(DeleteAll(kChannel, Json(std::vector<int>(101, 5))),
            "400 Bad Request: too many message identifiers specified");
  EXPECT_EQ(DeleteAll(kChannel, {0}),
            "400 Bad Request: invalid message identifier specified");
  EXPECT_EQ(DeleteAll(kChannel, 5),
            "400 Bad Request: expected an Array of message identifiers");
}

TEST_F(TelegramMessagesTest, SaysTrueWithoutDeletingIfToldTo) {
  const int64_t id = Send(kChannel, "stays");
  Admin("rules", {{"action", "blind_true"}, {"method", "deleteMessages"}});
  EXPECT_EQ(DeleteAll(kChannel, {id}), "ok");
  EXPECT_EQ(Messages(kChannel).size(), 1);
}

TEST_F(TelegramMessagesTest, CopiesWithoutSayingWhat) {
  const int64_t source = Send(kChannel, "source");
  const Json copy = Call(
      "copyMessage",
      {{"chat_id", kUser}, {"from_chat_id", kChannel}, {"message_id", source}});
  ASSERT_TRUE(copy["ok"]) << copy;
  EXPECT_EQ(copy["result"].size(), 1);
  EXPECT_EQ(Messages(kUser)[0]["message_id"], copy["result"]["message_id"]);
  EXPECT_EQ(Messages(kUser)[0]["text"], "source");
  const auto refused = [&](int64_t id) {
    return Refusal(
        "copyMessage",
        {{"chat_id", kUser}, {"from_chat_id", kChannel}, {"message_id", id}});
  };
  EXPECT_EQ(refused(999), "400 Bad Request: message to copy not found");
  EXPECT_EQ(refused(Put(kChannel, {{"service", true}})),
            "400 Bad Request: the message can't be copied");
  EXPECT_EQ(
      refused(Put(kChannel, {{"protected_content", true}})),
      "400 Bad Request: message has protected content and can't be forwarded");
}

TEST_F(TelegramMessagesTest, CopiesManyAndLeavesOutWhatItCannot) {
  const int64_t one = Send(kChannel, "one");
  const int64_t service = Put(kChannel, {{"service", true}});
  const int64_t two = Send(kChannel, "two");
  const auto copy = [&](const Json& ids) {
    return Call(
        "copyMessages",
        {{"chat_id", kUser}, {"from_chat_id", kChannel}, {"message_ids", ids}});
  };
  EXPECT_EQ(copy({one, service, two, 9999})["result"].size(), 2);
  EXPECT_EQ(Messages(kUser).size(), 2);
  EXPECT_EQ(copy({two, one})["description"],
            "Bad Request: message identifiers must be in a strictly increasing "
            "order");
  // A failure says nothing of what was posted.
  Admin("rules", {{"action", "error"},
                  {"processed", true},
                  {"code", 500},
                  {"description", "Internal Server Error: sorry"}});
  EXPECT_FALSE(copy({one, two})["ok"]);
  EXPECT_EQ(Messages(kUser).size(), 4);
}

TEST_F(TelegramMessagesTest, PinsForWhoMay) {
  const int64_t id = Send(kChannel, "pinned");
  const Json pin = {{"chat_id", kChannel}, {"message_id", id}};
  Admin("member", {{"chat", kChannel}, {"can_edit", false}});
  EXPECT_EQ(Refusal("pinChatMessage", pin),
            "400 Bad Request: not enough rights to manage pinned messages in "
            "the chat");
  Admin("member", {{"chat", kChannel}, {"can_edit", true}});
  EXPECT_EQ(Refusal("pinChatMessage", pin), "ok");
  EXPECT_EQ(Messages(kChannel)[0]["pinned"], true);
  EXPECT_EQ(
      Refusal("pinChatMessage", {{"chat_id", kChannel}, {"message_id", 999}}),
      "400 Bad Request: message to pin not found");
}

TEST_F(TelegramMessagesTest, RepliesToWhatIsThere) {
  Json reply = {{"chat_id", kUser},
                {"text", "x"},
                {"reply_parameters", {{"message_id", 999}}}};
  EXPECT_EQ(Refusal("sendMessage", reply),
            "400 Bad Request: message to be replied not found");
  reply["reply_parameters"]["allow_sending_without_reply"] = true;
  EXPECT_EQ(Refusal("sendMessage", reply), "ok");
}

TEST_F(TelegramMessagesTest, ForgetsWhenAsked) {
  Send(kChannel, "a");
  Admin("reset", {{"keep_chats", true}});
  EXPECT_EQ(Messages(kChannel).size(), 0);
  EXPECT_EQ(Look("stats")["requests"], 0);
  EXPECT_EQ(Send(kChannel, "b"), 2);
  Admin("reset", Json::object());
  EXPECT_EQ(Look("chats").size(), 0);
}

}  // namespace
}  // namespace broadcast::test
