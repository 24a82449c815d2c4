// What goes over the wire.
#include "telegram_fixture.h"

namespace broadcast::test {
namespace {

class TelegramHttpTest : public UnlimitedTelegramTest {};

TEST_F(TelegramHttpTest, ReadsAllFourEncodings) {
  const std::string target = "/bot123:secret/sendMessage";
  const std::string plain = "chat_id=42&text=a%26b+c%21";
  EXPECT_EQ(http().Get(target + "?" + plain).status, 200);
  EXPECT_EQ(
      http().Post(target, "application/x-www-form-urlencoded", plain).status,
      200);
  EXPECT_EQ(http()
                .Post(target, "application/json; charset=utf-8",
                      R"({"chat_id":"42","text":"a&b c!","parse_mode":null})")
                .status,
            200);
  EXPECT_EQ(http()
                .Post(target, "multipart/form-data; boundary=\"xyz\"",
                      "--xyz\r\nContent-Disposition: form-data; "
                      "name=\"chat_id\"\r\n\r\n42\r\n--xyz\r\n"
                      "Content-Disposition: form-data; name=\"text\"\r\n"
                      "Content-Type: text/plain\r\n\r\na&b c!\r\n--xyz--\r\n")
                .status,
            200);
  const Json messages = Messages(kUser);
  ASSERT_EQ(messages.size(), 4);
  for (const Json& message : messages) EXPECT_EQ(message["text"], "a&b c!");
}

TEST_F(TelegramHttpTest, ReadsMethodsInAnyCaseAndTheTestPath) {
  EXPECT_EQ(http().Get("/bot123:secret/GETME").status, 200);
  EXPECT_EQ(http().Get("/bot123:secret/test/getMe").status, 200);
  EXPECT_EQ(http().Get("/bot123%3Asecret/getme").status, 200);
}

TEST_F(TelegramHttpTest, RefusesTokensAndPathsThatAreNone) {
  EXPECT_EQ(Refusal("getMe", {}, "123:wrong"), "401 Unauthorized");
  EXPECT_EQ(Refusal("getMe", {}, "999:secret"), "401 Unauthorized");
  EXPECT_EQ(Refusal("getMe", {}, "0123:secret"),
            "401 Unauthorized: invalid token specified");
  EXPECT_EQ(Refusal("getMe", {}, "secret"),
            "401 Unauthorized: invalid token specified");
  EXPECT_EQ(Refusal("getMi", {}), "404 Not Found: method not found");
  for (const char* target : {"/", "/bot123:secret", "/getMe", "/bo/getMe"}) {
    const RawAnswer answer = http().Get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(Json::parse(answer.body)["description"], "Not Found");
  }
}

TEST_F(TelegramHttpTest, KeepsConnectionsUntilAskedNotTo) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(http().Get("/bot123:secret/getMe").status, 200);
  }
  RawHttp other(port());
  other.Write(
      "GET /bot123:secret/getMe HTTP/1.1\r\nHost: x\r\n"
      "Connection: close\r\n\r\n");
  const RawAnswer answer = other.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_EQ(other.Read().status, 0);
}

TEST_F(TelegramHttpTest, AnswersWhatIsNoRequestAndCloses) {
  RawHttp other(port());
  other.Write("nonsense\r\n\r\n");
  EXPECT_EQ(other.Read().status, 400);
  EXPECT_EQ(other.Read().status, 0);
  EXPECT_EQ(http().Post("/bot123:secret/getMe", "application/json", "{").status,
            400);
}

TEST_F(TelegramHttpTest, SaysWhenToComeAgainInHeaderAndBody) {
  Admin("rules", {{"action", "flood"}, {"retry_after", 7}});
  const RawAnswer answer =
      Ask("sendMessage", {{"chat_id", kUser}, {"text", "x"}});
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.at("retry-after"), "7");
  const Json body = Json::parse(answer.body);
  EXPECT_EQ(body["parameters"], Json({{"retry_after", 7}}));
  EXPECT_EQ(body["description"], "Too Many Requests: retry after 7");
}

TEST_F(TelegramHttpTest, TellsOfItselfAndOfChats) {
  EXPECT_EQ(Call("getMe", {})["result"]["username"], "fake_123_bot");
  const Json chat = Call("getChat", {{"chat_id", "@NEWS"}})["result"];
  EXPECT_EQ(chat["id"], kChannel);
  EXPECT_EQ(chat["type"], "channel");
  const Json member = Call(
      "getChatMember", {{"chat_id", kChannel}, {"user_id", kBot}})["result"];
  EXPECT_EQ(member["status"], "administrator");
  EXPECT_EQ(member["can_post_messages"], true);
  EXPECT_EQ(Call("getUpdates", {})["result"], Json::array());
  EXPECT_EQ(Call("setWebhook", {{"url", ""}})["result"], true);
}

TEST_F(TelegramHttpTest, RefusesAdminRequestsThatMakeNoSense) {
  const auto refused = [&](const std::string& path, const Json& body) {
    return http()
        .Post("/admin/" + path, "application/json", body.dump())
        .status;
  };
  EXPECT_EQ(refused("chat", {{"id", 5}, {"colour", "red"}}), 400);
  EXPECT_EQ(refused("chat", {{"id", 5}, {"type", "castle"}}), 400);
  EXPECT_EQ(refused("member", {{"chat", kUser}, {"status", "king"}}), 400);
  EXPECT_EQ(refused("member", {{"chat", 7}, {"status", "left"}}), 400);
  EXPECT_EQ(refused("rules", {{"action", "explode"}}), 400);
  EXPECT_EQ(refused("limits", {{"bot_per_minute", 3}}), 400);
  EXPECT_EQ(refused("latency", {{"spec", "slow"}}), 400);
  EXPECT_EQ(refused("clock", {{"advance", 3}}), 400);
  EXPECT_EQ(refused("nothing", Json::object()), 404);
  EXPECT_EQ(http().Get("/admin/chats/7").status, 404);
}

}  // namespace
}  // namespace broadcast::test
