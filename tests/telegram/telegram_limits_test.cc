// How much is taken, how long it waits, and what is refused.
#include <string>

#include "absl/strings/str_cat.h"
#include "support/answer.h"
#include "telegram/flood_limits.h"
#include "telegram_fixture.h"

namespace broadcast::test {
namespace {

using telegram::FloodLimits;
using telegram::LimitAnswer;
using telegram::LimitAsk;
using Kind = LimitAnswer::Kind;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kStart = 1'000 * kSecond;

LimitAsk AskAt(int64_t now, int64_t chat, bool group = false) {
  return {
      .now = now, .received = now, .bot = kBot, .chat = chat, .group = group};
}

TEST(FloodLimitsTest, TakesThirtyASecondOfABot) {
  FloodLimits limits;
  for (int chat = 1; chat <= 30; ++chat) {
    EXPECT_EQ(limits.Ask(AskAt(kStart + chat, chat)).kind, Kind::kAccept);
  }
  const LimitAnswer over = limits.Ask(AskAt(kStart + 100, 31));
  EXPECT_EQ(over.kind, Kind::kHold);
  // When the first one leaves the window.
  EXPECT_EQ(over.hold, kSecond + 1 - 100);
  EXPECT_EQ(limits.Ask(AskAt(kStart + 100 + over.hold, 31)).kind,
            Kind::kAccept);
  LimitAsk other = AskAt(kStart + 100, 1);
  other.bot = 456;
  EXPECT_EQ(limits.Ask(other).kind, Kind::kAccept);
}

TEST(FloodLimitsTest, TakesOneASecondOfAChatAfterABurst) {
  FloodLimits limits;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(limits.Ask(AskAt(kStart, kUser)).kind, Kind::kAccept);
  }
  const LimitAnswer over = limits.Ask(AskAt(kStart, kUser));
  EXPECT_EQ(over.kind, Kind::kHold);
  EXPECT_NEAR(static_cast<double>(over.hold), kSecond, 2);
  EXPECT_EQ(limits.Ask(AskAt(kStart + over.hold, kUser)).kind, Kind::kAccept);
}

TEST(FloodLimitsTest, TakesTwentyAMinuteOfAGroupAndThenRefuses) {
  FloodLimits limits;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(limits.Ask(AskAt(kStart + i * kSecond, kGroup, true)).kind,
              Kind::kAccept);
  }
  const int64_t now = kStart + 20 * kSecond;
  const LimitAnswer over = limits.Ask(AskAt(now, kGroup, true));
  EXPECT_EQ(over.kind, Kind::kRefuse);
  EXPECT_EQ(over.retry_after, 40);
  EXPECT_FALSE(over.violation);
  EXPECT_EQ(limits.Ask(AskAt(now, kUser)).kind, Kind::kAccept);
  EXPECT_EQ(limits.Ask(AskAt(now + 40 * kSecond, kGroup, true)).kind,
            Kind::kAccept);
}

TEST(FloodLimitsTest, CountsWhatComesAfterItWasTold) {
  FloodLimits limits;
  limits.Pause(telegram::PauseScope::kChat, kBot, kUser, kStart + 10 * kSecond);
  // Nobody knows yet.
  EXPECT_FALSE(limits.Ask(AskAt(kStart, kUser)).violation);
  limits.PauseTold(kBot, kUser, kStart);
  // It was on its way.
  EXPECT_FALSE(limits.Ask(AskAt(kStart + kSecond / 20, kUser)).violation);
  const LimitAnswer violation = limits.Ask(AskAt(kStart + kSecond, kUser));
  EXPECT_EQ(violation.kind, Kind::kRefuse);
  EXPECT_TRUE(violation.violation);
  // Nine seconds were left; half as much again is added.
  EXPECT_EQ(violation.retry_after, 14);
  EXPECT_EQ(limits.Ask(AskAt(kStart + 15 * kSecond, kUser)).kind,
            Kind::kAccept);
}

TEST(FloodLimitsTest, WeighsBatchesAndLongTexts) {
  FloodLimits limits;
  LimitAsk batch = AskAt(kStart, kUser);
  batch.items = 100;
  EXPECT_EQ(limits.Ask(batch).kind, Kind::kAccept);
  EXPECT_NE(limits.Ask(AskAt(kStart, 7)).kind, Kind::kAccept);
  FloodLimits fresh;
  for (int chat = 1; chat <= 15; ++chat) {
    LimitAsk text = AskAt(kStart, chat);
    text.long_text = true;
    EXPECT_EQ(fresh.Ask(text).kind, Kind::kAccept);
  }
  EXPECT_NE(fresh.Ask(AskAt(kStart, 99)).kind, Kind::kAccept);
}

TEST(FloodLimitsTest, TakesAThousandASecondForStars) {
  FloodLimits limits;
  double stars = 0;
  for (int chat = 1; chat <= 1000; ++chat) {
    LimitAsk paid = AskAt(kStart, chat);
    paid.paid = true;
    const LimitAnswer answer = limits.Ask(paid);
    EXPECT_EQ(answer.kind, Kind::kAccept);
    stars += answer.stars;
  }
  EXPECT_NEAR(stars, 97, 1e-6);
  EXPECT_NE(limits.Ask(AskAt(kStart, 5000)).kind, Kind::kAccept);
}

TEST(FloodLimitsTest, HasRulesOfSingleBotsAndChats) {
  FloodLimits limits;
  ASSERT_TRUE(limits.RulesOfChat(kGroup).Patch({{"enabled", false}}).ok());
  ASSERT_TRUE(limits.RulesOfBot(kBot).Patch({{"bot_per_second", 50}}).ok());
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(limits.Ask(AskAt(kStart, kGroup, true)).kind, Kind::kAccept);
  }
  EXPECT_NE(limits.Ask(AskAt(kStart, kGroup, true)).kind, Kind::kAccept);
}

class TelegramLimitsTest : public TelegramTest {
 protected:
  // A request on a connection of its own, so that others are not kept waiting.
  std::unique_ptr<RawHttp> SendAside(int64_t chat, const std::string& text) {
    auto http = std::make_unique<RawHttp>(port());
    const std::string body = Json({{"chat_id", chat}, {"text", text}}).dump();
    http->Write(absl::StrCat(
        "POST /bot", kToken, "/sendMessage HTTP/1.1\r\nHost: x\r\n",
        "Content-Type: application/json\r\nContent-Length: ", body.size(),
        "\r\n\r\n", body));
    return http;
  }
  void WaitFor(int64_t in_flight) {
    EXPECT_TRUE(
        Eventually([&] { return Look("stats")["in_flight"] == in_flight; }));
  }
};

TEST_F(TelegramLimitsTest, HoldsWhatIsOverAndDoesItLate) {
  Admin("clock", {{"frozen", true}});
  for (int i = 0; i < 3; ++i) Send(kUser, absl::StrCat("burst ", i));
  const auto held = SendAside(kUser, "held");
  WaitFor(1);
  EXPECT_EQ(Messages(kUser).size(), 3);
  Admin("clock", {{"advance_seconds", 1.1}});
  EXPECT_EQ(held->Read().status, 200);
  EXPECT_EQ(Messages(kUser).size(), 4);
  EXPECT_EQ(Look("stats")["max_per_second_of_chat"], 3);
}

TEST_F(TelegramLimitsTest, DoesWhatItHeldEvenIfNobodyWaitsForIt) {
  Admin("clock", {{"frozen", true}});
  for (int i = 0; i < 3; ++i) Send(kUser, absl::StrCat("burst ", i));
  SendAside(kUser, "the client gave up").reset();
  WaitFor(1);
  Admin("clock", {{"advance_seconds", 1.1}});
  WaitFor(0);
  EXPECT_EQ(Messages(kUser).size(), 4);
}

TEST_F(TelegramLimitsTest, RefusesAtOnceWithoutPatience) {
  Admin("clock", {{"frozen", true}});
  Admin("limits", {{"hold_seconds", 0}});
  const int64_t id = Send(kUser, "burst 0");
  for (int i = 1; i < 3; ++i) Send(kUser, absl::StrCat("burst ", i));
  // An edit counts like what is sent; what removes or looks does not.
  EXPECT_EQ(
      Refusal("editMessageText",
              {{"chat_id", kUser}, {"message_id", id}, {"text", "edited"}}),
      "429 Too Many Requests: retry after 1");
  EXPECT_EQ(Refusal("deleteMessage", {{"chat_id", kUser}, {"message_id", id}}),
            "ok");
  EXPECT_EQ(Refusal("getChat", {{"chat_id", kUser}}), "ok");
  Admin("clock", {{"advance_seconds", 0.5}});
  EXPECT_EQ(Refusal("sendMessage", {{"chat_id", kUser}, {"text", "x"}}),
            "429 Too Many Requests: retry after 1");
  EXPECT_EQ(Look("stats")["violations"], 1);
  Admin("clock", {{"advance_seconds", 1.1}});
  Send(kUser, "again");
}

TEST_F(TelegramLimitsTest, RefusesWhatIsWrongBeforeItLooksAtTheLimits) {
  Admin("clock", {{"frozen", true}});
  Admin("limits", {{"hold_seconds", 0}});
  for (int i = 0; i < 3; ++i) Send(kUser, absl::StrCat("burst ", i));
  EXPECT_EQ(Refusal("sendMessage", {{"chat_id", kUser}, {"text", ""}}),
            "400 Bad Request: message text is empty");
}

TEST_F(TelegramLimitsTest, ChannelsTakeTwentyAMinute) {
  Admin("limits", {{"hold_seconds", 0}, {"chat_burst", 100}});
  for (int i = 0; i < 20; ++i) Send(kChannel, absl::StrCat("post ", i));
  EXPECT_EQ(Refusal("sendMessage", {{"chat_id", kChannel}, {"text", "x"}}),
            "429 Too Many Requests: retry after 60");
  EXPECT_EQ(Look("stats")["max_per_minute_of_group"], 20);
}

}  // namespace
}  // namespace broadcast::test
