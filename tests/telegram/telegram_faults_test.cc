// What goes wrong on purpose, and what the journal says of it.
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "support/answer.h"
#include "support/temp_dir.h"
#include "telegram_fixture.h"

namespace broadcast::test {
namespace {

class TelegramFaultsTest : public UnlimitedTelegramTest {
 protected:
  // On a connection of its own, for it may be lost.
  RawAnswer SendLost(int64_t chat, int seconds = 30) {
    RawHttp http(port());
    const std::string body = Json({{"chat_id", chat}, {"text", "x"}}).dump();
    http.Write(absl::StrCat(
        "POST /bot", kToken, "/sendMessage HTTP/1.1\r\nHost: x\r\n",
        "Content-Type: application/json\r\nContent-Length: ", body.size(),
        "\r\n\r\n", body));
    return http.Read(seconds);
  }
  Json LastOfJournal() {
    const RawAnswer answer = http().Get("/admin/journal");
    const std::vector<std::string> lines =
        absl::StrSplit(answer.body, '\n', absl::SkipEmpty());
    return lines.empty() ? Json() : Json::parse(lines.back());
  }
  std::string SendTo(int64_t chat) {
    return Refusal("sendMessage", {{"chat_id", chat}, {"text", "x"}});
  }
};

TEST_F(TelegramFaultsTest, ResetsBeforeOrAfterTheWork) {
  Admin("rules", {{"action", "drop_before"}});
  const RawAnswer before = SendLost(kUser);
  EXPECT_EQ(before.status, 0);
  EXPECT_TRUE(before.reset);
  EXPECT_EQ(Messages(kUser).size(), 0);
  EXPECT_EQ(LastOfJournal()["effect"], false);
  Admin("rules", {{"action", "drop_after"}});
  const RawAnswer after = SendLost(kUser);
  EXPECT_TRUE(after.reset);
  EXPECT_EQ(Messages(kUser).size(), 1);
  const Json entry = LastOfJournal();
  EXPECT_EQ(entry["outcome"], "no_answer");
  EXPECT_EQ(entry["effect"], true);
  EXPECT_EQ(entry["fault"], "drop_after");
  EXPECT_EQ(entry["message_id"], Messages(kUser)[0]["message_id"]);
  EXPECT_EQ(SendTo(kUser), "ok");
  EXPECT_EQ(Look("stats")["effective_but_not_told"], 1);
}

TEST_F(TelegramFaultsTest, RestartsWithTheWorkDone) {
  Admin("rules", {{"action", "restart_after"}});
  EXPECT_EQ(SendTo(kUser), "500 Internal Server Error: restart");
  EXPECT_EQ(Messages(kUser).size(), 1);
}

TEST_F(TelegramFaultsTest, AnswersWithAPageOfHtml) {
  Admin("rules", {{"action", "bad_gateway"}});
  const RawAnswer answer =
      Ask("sendMessage", {{"chat_id", kUser}, {"text", "x"}});
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.headers.at("content-type"), "text/html");
  EXPECT_TRUE(Json::parse(answer.body, nullptr, false).is_discarded());
  EXPECT_EQ(Messages(kUser).size(), 0);
  Admin("rules", {{"action", "bad_gateway"}, {"processed", true}});
  EXPECT_EQ(Ask("sendMessage", {{"chat_id", kUser}, {"text", "x"}}).status,
            502);
  EXPECT_EQ(Messages(kUser).size(), 1);
}

TEST_F(TelegramFaultsTest, CutsAnswersOffAndStaysSilent) {
  Admin("rules", {{"action", "cut_off"}, {"processed", true}});
  const RawAnswer half = SendLost(kUser);
  EXPECT_EQ(half.status, 200);
  EXPECT_FALSE(half.whole);
  Admin("rules", {{"action", "silence"}, {"processed", true}});
  EXPECT_EQ(SendLost(kUser, 1).status, 0);
  EXPECT_EQ(Messages(kUser).size(), 2);
}

TEST_F(TelegramFaultsTest, PretendsThatRightsAreGone) {
  Admin("rules", {{"action", "rights"}, {"count", -1}});
  for (const int64_t chat : {kChannel, kSupergroup, kGroup}) {
    EXPECT_EQ(SendTo(chat),
              "400 Bad Request: not enough rights to send text messages to "
              "the chat");
  }
  EXPECT_EQ(SendTo(kUser), "ok");
  http().Write("DELETE /admin/rules HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(http().Read().status, 200);
  EXPECT_EQ(SendTo(kChannel), "ok");
}

TEST_F(TelegramFaultsTest, FloodsAndCountsWhoDoesNotListen) {
  Admin("limits", {{"grace_seconds", 0}});
  Admin("rules", {{"action", "flood"}, {"pause", "bot"}, {"retry_after", 5}});
  EXPECT_EQ(SendTo(kUser), "429 Too Many Requests: retry after 5");
  EXPECT_EQ(SendTo(kChannel), "429 Too Many Requests: retry after 8");
  EXPECT_EQ(Look("stats")["violations"], 1);
  Admin("clock", {{"advance_seconds", 8}});
  EXPECT_EQ(SendTo(kChannel), "ok");
}

TEST_F(TelegramFaultsTest, MeetsTheRequestsThatARuleNames) {
  Admin("rules", Json::array({{{"action", "error"},
                               {"method", "SENDMESSAGE"},
                               {"chat", kUser},
                               {"skip", 1},
                               {"count", 2},
                               {"code", 400},
                               {"description", "Bad Request: first"}},
                              {{"action", "error"},
                               {"text", "special"},
                               {"code", 403},
                               {"description", "Forbidden: second"}}}));
  EXPECT_EQ(SendTo(kChannel), "ok");
  EXPECT_EQ(SendTo(kUser), "ok");
  EXPECT_EQ(SendTo(kUser), "400 Bad Request: first");
  EXPECT_EQ(SendTo(kUser), "400 Bad Request: first");
  EXPECT_EQ(SendTo(kUser), "ok");
  EXPECT_EQ(Refusal("sendMessage",
                    {{"chat_id", kChannel}, {"text", "a special text"}}),
            "403 Forbidden: second");
  EXPECT_EQ(Look("rules")[0]["met"], 2);
}

TEST_F(TelegramFaultsTest, AnswersAsLateAsItIsTold) {
  Admin("latency", {{"spec", "fixed:60000"}});
  Admin("clock", {{"frozen", true}});
  RawHttp aside(port());
  aside.Write("GET /bot123:secret/getMe HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return Look("stats")["in_flight"] == 1; }));
  Admin("clock", {{"advance_seconds", 60}});
  EXPECT_EQ(aside.Read().status, 200);
  const Json entry = LastOfJournal();
  EXPECT_EQ(entry["t_done"].get<int64_t>() - entry["t_recv"].get<int64_t>(),
            60'000'000);
}

TEST_F(TelegramFaultsTest, CountsTheSameMarkerInTheSameChat) {
  Send(kUser, "first [[m1]]");
  Send(kChannel, "elsewhere [[m1]]");
  EXPECT_EQ(Look("stats")["duplicates"], 0);
  Send(kUser, "again [[m1]]");
  const Json stats = Look("stats");
  EXPECT_EQ(stats["duplicates"], 1);
  EXPECT_EQ(stats["duplicate_markers"],
            Json::array({{{"chat", kUser}, {"marker", "m1"}, {"count", 2}}}));
  EXPECT_EQ(stats["created"], 3);
  EXPECT_EQ(stats["max_per_second_by_bot"]["123"], 3);
}

TEST_F(TelegramFaultsTest, ReadsTheJournalFromWhereItWasLeft) {
  Send(kUser, "one");
  const int64_t last = LastOfJournal()["number"];
  Send(kUser, "two");
  Send(kUser, "three");
  const RawAnswer rest =
      http().Get(absl::StrCat("/admin/journal?since=", last, "&limit=1"));
  const Json entry = Json::parse(rest.body);
  EXPECT_EQ(entry["marker"], "two");
  EXPECT_EQ(entry["number"], last + 1);
  EXPECT_EQ(entry["bot"], kBot);
  EXPECT_EQ(entry["chat"], kUser);
  EXPECT_EQ(entry["method"], "sendMessage");
  EXPECT_LE(entry["t_recv"], entry["t_accept"]);
  EXPECT_LE(entry["t_accept"], entry["t_done"]);
}

// The folder comes before the platform that writes into it.
struct JournalFolder {
  const TempDir folder;
};

class JournalFileTest : private JournalFolder, public TelegramTest {
 protected:
  JournalFileTest()
      : TelegramTest(telegram::FakeOptions{.journal = folder.File("journal")}) {
  }

  std::string path() const { return folder.File("journal"); }
};

TEST_F(JournalFileTest, HoldsWhatWasAnswered) {
  for (int i = 0; i < 3; ++i) {
    Send(kUser, absl::StrCat("text ", i));
    std::ifstream file(path());
    Json last;
    for (std::string line; std::getline(file, line);) last = Json::parse(line);
    EXPECT_EQ(last["marker"], absl::StrCat("text ", i));
  }
}

}  // namespace
}  // namespace broadcast::test
