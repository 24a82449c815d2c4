#include "senders/telegram_sender.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "sender_fixture.h"
#include "support/status_matchers.h"

namespace broadcast::senders {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kToken[] = "123456789:AAE-secret_part";

class TelegramSenderTest : public SenderTest {
 protected:
  std::unique_ptr<TelegramSender> SenderFor(const LoopbackServer& server) {
    return *TelegramSender::Create(
        {.token = kToken, .base_url = server.Url("")}, transport_.get());
  }
  Report Deliver(LoopbackServer& server, Attempt attempt) {
    const auto sender = SenderFor(server);
    return SenderTest::Deliver(*sender, std::move(attempt));
  }
};

Attempt Send() {
  return {.address = "@my_channel", .content = {.text = "hello"}};
}

LoopbackServer::Handler Always(std::string bytes, Then then = Then::kKeep) {
  return [=](const SeenRequest&) -> ServerReply { return {bytes, then}; };
}

std::string Sent(int message_id) {
  return HttpAnswer(200, absl::StrCat(R"({"ok":true,"result":{"message_id":)",
                                      message_id, R"(,"date":1}})"));
}

TEST_F(TelegramSenderTest, AMessageIsPostedToTheBotsMethod) {
  LoopbackServer server(Always(Sent(42)));
  const Report report = Deliver(server, Send());
  EXPECT_EQ(report.verdict, Verdict::kDone);
  EXPECT_EQ(report.message_id, "42");
  EXPECT_EQ(report.phase, Phase::kResponseRead);
  const std::vector<SeenRequest> requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_THAT(
      requests[0].head,
      HasSubstr(absl::StrCat("POST /bot", kToken, "/sendMessage HTTP/1.1")));
  EXPECT_EQ(requests[0].Header("content-type"), "application/json");
  EXPECT_EQ(requests[0].body, R"({"chat_id":"@my_channel","text":"hello"})");
}

TEST_F(TelegramSenderTest, ARefusalIsClassified) {
  LoopbackServer server(Always(HttpAnswer(
      429,
      R"({"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}})",
      "Retry-After: 7\r\n")));
  const Report report = Deliver(server, Send());
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  EXPECT_EQ(report.retry_after, absl::Seconds(7));
  EXPECT_EQ(report.limit, LimitScope::kAccount);
  EXPECT_EQ(report.http_status, 429);
}

TEST_F(TelegramSenderTest, AnAnswerThatIsLostIsUnknownAndAskedForOnce) {
  LoopbackServer server(Always("", Then::kReset));
  const Report report = Deliver(server, Send());
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_EQ(report.phase, Phase::kRequestSent);
  EXPECT_EQ(report.reason, "connection_lost");
  EXPECT_EQ(server.requests().size(), 1u);
  const Report edit = Deliver(server, {.action = Action::kEdit,
                                       .address = "-5",
                                       .content = {.text = "x"},
                                       .message_id = "7"});
  EXPECT_EQ(edit.verdict, Verdict::kRetry);
}

TEST_F(TelegramSenderTest, ASilentServerIsUnknownWhenTheTimeIsOver) {
  LoopbackServer server(Always("", Then::kWait));
  Attempt attempt = Send();
  attempt.timeout = absl::Milliseconds(150);
  const Report report = Deliver(server, std::move(attempt));
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_EQ(report.reason, "timed_out");
}

TEST_F(TelegramSenderTest, WhereNobodyListensItIsARetry) {
  std::string url;
  {
    LoopbackServer server(Always(""));
    url = server.Url("/");
  }
  const auto sender = *TelegramSender::Create(
      {.token = kToken, .base_url = url}, transport_.get());
  const Report report = SenderTest::Deliver(*sender, Send());
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  EXPECT_EQ(report.phase, Phase::kNotConnected);
  EXPECT_EQ(report.reason, "connect_failed");
  EXPECT_EQ(report.detail, "");
}

TEST_F(TelegramSenderTest, WhatCannotBeAskedIsNotAsked) {
  LoopbackServer server(Always(Sent(1)));
  const Report report =
      Deliver(server, {.action = Action::kDelete, .address = "-5"});
  EXPECT_EQ(report.verdict, Verdict::kRejected);
  EXPECT_EQ(report.phase, Phase::kNotConnected);
  EXPECT_EQ(report.reason, "attempt_malformed");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(TelegramSenderTest, WhatComesAfterTheStopIsARetry) {
  LoopbackServer server(Always(Sent(1)));
  transport_->Stop(absl::ZeroDuration());
  const Report report = Deliver(server, Send());
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  EXPECT_EQ(report.reason, "cancelled");
}

TEST_F(TelegramSenderTest, ItSaysWhatItCan) {
  const auto sender =
      *TelegramSender::Create({.token = kToken}, transport_.get());
  EXPECT_EQ(sender->bot_id(), 123456789);
  EXPECT_TRUE(sender->capabilities().copies);
  EXPECT_FALSE(sender->capabilities().repeatable);
  EXPECT_EQ(sender->capabilities().delete_window, absl::Hours(48));
}

TEST_F(TelegramSenderTest, ATokenAndABaseUrlHaveTheirForm) {
  const auto problem = [&](const TelegramOptions& options) {
    return TelegramSender::Create(options, transport_.get()).status();
  };
  for (const char* token :
       {"", "x", "123", "123:", ":abc", "abc:def", "0:abc", "12:a/b", "12:a?b",
        "-5:abc", "12:a b", "12:a\r\nb", "99999999999999999999:abc"}) {
    EXPECT_THAT(problem({.token = token}),
                test::StatusIs(absl::StatusCode::kInvalidArgument))
        << token;
  }
  for (const char* url :
       {"", "api.telegram.org", "http://api.telegram.org",
        "http://127.0.0.1.example.com", "http://10.0.0.1:8081", "ftp://a",
        "https://user:secret@a", "https://a?x=1", "https://a/#b"}) {
    const absl::Status status = problem({.token = kToken, .base_url = url});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  }
  for (const char* url :
       {"https://api.telegram.org/", "https://10.0.0.1:8443/telegram",
        "http://localhost:8081", "http://[::1]:8081", "http://127.0.0.1"}) {
    EXPECT_TRUE(problem({.token = kToken, .base_url = url}).ok()) << url;
  }
}

}  // namespace
}  // namespace broadcast::senders
