// Who may do what where, and in which words it is refused.
#include <string>
#include <vector>

#include "telegram_fixture.h"

namespace broadcast::test {
namespace {

class TelegramChatsTest : public UnlimitedTelegramTest {
 protected:
  std::string SendTo(int64_t chat) {
    return Refusal("sendMessage", {{"chat_id", chat}, {"text", "x"}});
  }
};

struct Refused {
  int64_t chat;
  Json change;    // of the chat
  Json everyone;  // what the bots are in it
  std::string sending;
  std::string looking;
};

TEST_F(TelegramChatsTest, RefusesInTheWordsOfThePlatform) {
  const std::vector<Refused> cases = {
      {kUser,
       {},
       {{"status", "blocked"}},
       "403 Forbidden: bot was blocked by the user",
       "ok"},
      {kUser,
       {},
       {{"status", "not_started"}},
       "403 Forbidden: bot can't initiate conversation with a user",
       "ok"},
      {kUser,
       {{"state", "deactivated"}},
       {{"status", "member"}},
       "403 Forbidden: user is deactivated",
       "ok"},
      {kUser,
       {{"state", "bot"}},
       {},
       "403 Forbidden: the bot can't send messages to the bot",
       "ok"},
      {kUser,
       {{"state", "unknown"}},
       {},
       "400 Bad Request: private chat not found",
       "400 Bad Request: private chat not found"},
      {kGroup,
       {},
       {{"status", "kicked"}},
       "403 Forbidden: bot was kicked from the group chat",
       "ok"},
      {kGroup,
       {},
       {{"status", "left"}},
       "403 Forbidden: bot is not a member of the group chat",
       "ok"},
      {kGroup,
       {{"state", "deleted"}},
       {{"status", "member"}},
       "403 Forbidden: the group chat was deleted",
       "ok"},
      {kSupergroup,
       {},
       {{"status", "kicked"}},
       "403 Forbidden: bot was kicked from the supergroup chat",
       "403 Forbidden: bot was kicked from the supergroup chat"},
      {kSupergroup,
       {},
       {{"status", "left"}},
       "403 Forbidden: bot is not a member of the supergroup chat",
       "403 Forbidden: bot is not a member of the supergroup chat"},
      {kSupergroup,
       {},
       {{"status", "restricted"}, {"can_send", false}},
       "400 Bad Request: not enough rights to send text messages to the chat",
       "ok"},
      {kChannel,
       {},
       {{"can_post", false}},
       "400 Bad Request: need administrator rights in the channel chat",
       "ok"},
      {kChannel,
       {},
       {{"status", "member"}, {"can_post", true}},
       "400 Bad Request: need administrator rights in the channel chat",
       "ok"},
      {kChannel,
       {},
       {{"status", "kicked"}},
       "403 Forbidden: bot was kicked from the channel chat",
       "403 Forbidden: bot was kicked from the channel chat"},
      // Anybody may look at what has a name.
      {kChannel,
       {},
       {{"status", "left"}},
       "403 Forbidden: bot is not a member of the channel chat",
       "ok"},
      {kChannel,
       {{"state", "private"}},
       {},
       "400 Bad Request: CHANNEL_PRIVATE",
       "400 Bad Request: CHANNEL_PRIVATE"},
      {kChannel,
       {{"state", "deleted"}},
       {},
       "400 Bad Request: chat not found",
       "400 Bad Request: chat not found"},
  };
  for (const Refused& each : cases) {
    SCOPED_TRACE(each.sending);
    Json change = each.change.is_null() ? Json::object() : each.change;
    change["id"] = each.chat;
    if (!each.everyone.is_null()) change["everyone"] = each.everyone;
    Admin("chat", change);
    EXPECT_EQ(SendTo(each.chat), each.sending);
    EXPECT_EQ(Refusal("getChat", {{"chat_id", each.chat}}), each.looking);
  }
  EXPECT_EQ(Look("stats")["created"], 0);
}

TEST_F(TelegramChatsTest, SaysWhatIsNotThere) {
  EXPECT_EQ(SendTo(4711), "400 Bad Request: chat not found");
  EXPECT_EQ(Refusal("sendMessage", {{"chat_id", "@nowhere"}, {"text", "x"}}),
            "400 Bad Request: chat not found");
  EXPECT_EQ(Refusal("sendMessage", {{"text", "x"}}),
            "400 Bad Request: chat_id is empty");
}

TEST_F(TelegramChatsTest, TellsWhereAGroupWentToAndLeavesOldMessagesBehind) {
  const int64_t old = Send(kGroup, "old");
  Admin("chat", {{"id", kGroup}, {"migrated_to", kSupergroup}});
  const Json answer =
      Call("sendMessage", {{"chat_id", kGroup}, {"text", "new"}});
  EXPECT_EQ(answer["description"],
            "Bad Request: group chat was upgraded to a supergroup chat");
  EXPECT_EQ(answer["parameters"], Json({{"migrate_to_chat_id", kSupergroup}}));
  EXPECT_EQ(Messages(kGroup).size(), 1);
  EXPECT_EQ(
      Refusal("editMessageText",
              {{"chat_id", kGroup}, {"message_id", old}, {"text", "edited"}}),
      "ok");
  Send(kSupergroup, "new");
}

TEST_F(TelegramChatsTest, KnowsBotsApart) {
  Admin("member", {{"chat", kChannel}, {"bot", 456}, {"status", "kicked"}});
  EXPECT_EQ(SendTo(kChannel), "ok");
  EXPECT_EQ(Refusal("sendMessage", {{"chat_id", kChannel}, {"text", "x"}},
                    "456:other"),
            "403 Forbidden: bot was kicked from the channel chat");
}

TEST_F(TelegramChatsTest, HasTopics) {
  Admin("chat",
        {{"id", kSupergroup}, {"threads", {{"5", false}, {"6", true}}}});
  const auto in_topic = [&](int64_t thread) {
    return Refusal("sendMessage", {{"chat_id", kSupergroup},
                                   {"message_thread_id", thread},
                                   {"text", "x"}});
  };
  EXPECT_EQ(in_topic(5), "ok");
  EXPECT_EQ(in_topic(6), "400 Bad Request: TOPIC_CLOSED");
  EXPECT_EQ(in_topic(7), "400 Bad Request: message thread not found");
}

class AutoChatsTest : public TelegramTest {
 protected:
  AutoChatsTest()
      : TelegramTest(
            telegram::FakeOptions{.auto_chats = true, .limits = false}) {}
};

TEST_F(AutoChatsTest, MakesChatsWhenTheyAreNamed) {
  Send(9, "to a user");
  Send(-9, "to a group");
  Send(-1009999999999, "to a channel");
  EXPECT_TRUE(
      Call("sendMessage", {{"chat_id", "@fresh"}, {"text", "x"}})["ok"]);
  EXPECT_EQ(Look("chats/9")["type"], "private");
  EXPECT_EQ(Look("chats/-9")["type"], "group");
  EXPECT_EQ(Look("chats/-1009999999999")["type"], "channel");
  EXPECT_EQ(Look("chats/@fresh/messages").size(), 1);
}

}  // namespace
}  // namespace broadcast::test
