// What the command line and a seed arrange.
#include <fstream>
#include <string>
#include <vector>

#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "telegram_fixture.h"

namespace broadcast::test {
namespace {

using telegram::FakeOptions;
using telegram::FakeServer;
using telegram::ParseFakeOptions;

TEST(FakeOptionsTest, ReadsBothWaysOfWriting) {
  const auto options = ParseFakeOptions(
      {"--listen", "127.0.0.1:1", "--bot=1:a", "--bot", "2:b", "--limits=off",
       "--hold=0.5", "--auto_chats", "--latency", "fixed:5"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->listen, "127.0.0.1:1");
  EXPECT_EQ(options->bots, (std::vector<std::string>{"1:a", "2:b"}));
  EXPECT_FALSE(options->limits);
  EXPECT_EQ(options->hold_seconds, 0.5);
  EXPECT_TRUE(options->auto_chats);
}

TEST(FakeOptionsTest, RefusesWhatThereIsNot) {
  for (const char* argument :
       {"--colour=red", "--limits=maybe", "--hold=-1", "listen=x", "--bot"}) {
    const bool bare = std::string(argument) == "--bot";
    EXPECT_EQ(ParseFakeOptions({argument}).ok(), bare) << argument;
  }
}

TEST(FakeOptionsTest, RefusesToStartWithThem) {
  const SystemClock clock;
  const auto start = [&](FakeOptions options) {
    return FakeServer(std::move(options), clock).Start();
  };
  EXPECT_TRUE(start({}).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(start({.listen = "0.0.0.0:0"})));
  EXPECT_TRUE(absl::IsInvalidArgument(start({.listen = "localhost"})));
  EXPECT_TRUE(absl::IsInvalidArgument(start({.bots = {"secret"}})));
  EXPECT_TRUE(absl::IsInvalidArgument(start({.chats = {"id=x"}})));
  EXPECT_TRUE(absl::IsInvalidArgument(start({.chats = {"id=5,colour=red"}})));
  EXPECT_TRUE(absl::IsInvalidArgument(start({.latency = "slow"})));
  EXPECT_TRUE(absl::IsUnavailable(start({.seed = "/nowhere"})));
  EXPECT_TRUE(absl::IsUnavailable(start({.journal = "/nowhere/at/all"})));
}

struct SeedFile {
  SeedFile() {
    std::ofstream(folder.File("seed")) << R"({
      "bots": ["7:seven", {"token": "8:eight", "username": "eight_bot"}],
      "chats": [{"id": -100, "title": "Group",
                 "members": [{"bot": 7, "status": "left"}]}],
      "messages": [{"chat": -100, "bot": 8, "text": "old",
                    "age_seconds": 172800}],
      "rules": [{"action": "restart_after", "method": "pinChatMessage"}],
      "limits": {"hold_seconds": 0},
      "latency": "fixed:1"})";
  }
  const TempDir folder;
};

class SeedTest : private SeedFile, public TelegramTest {
 protected:
  SeedTest() : TelegramTest(FakeOptions{.seed = folder.File("seed")}) {}
};

TEST_F(SeedTest, ArrangesTheWorld) {
  EXPECT_EQ(Call("getMe", {}, "8:eight")["result"]["username"], "eight_bot");
  EXPECT_EQ(
      Refusal("sendMessage", {{"chat_id", -100}, {"text", "x"}}, "7:seven"),
      "403 Forbidden: bot is not a member of the group chat");
  const Json messages = Messages(-100);
  ASSERT_EQ(messages.size(), 1);
  const Json old = {{"chat_id", -100},
                    {"message_id", messages[0]["message_id"]}};
  EXPECT_EQ(Refusal("deleteMessage", old, "8:eight"),
            "400 Bad Request: message can't be deleted for everyone");
  EXPECT_EQ(Refusal("pinChatMessage", old, "8:eight"),
            "500 Internal Server Error: restart");
  EXPECT_EQ(Look("limits")["hold_seconds"], 0);
}

}  // namespace
}  // namespace broadcast::test
