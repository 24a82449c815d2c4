#include "senders/webhook_sender.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "sender_fixture.h"
#include "support/status_matchers.h"

namespace broadcast::senders {
namespace {

using Json = nlohmann::json;

constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kDelivery[] = "01900000-0000-7000-8000-000000000001";

class WebhookSenderTest : public SenderTest {
 protected:
  std::unique_ptr<WebhookSender> SenderWith(
      const http::Destinations::Options& destinations) {
    return *WebhookSender::Create(
        {.secrets = {kSecret}, .destinations = destinations}, &clock_, &ids_,
        transport_.get());
  }
  Attempt Send(std::string address) {
    return {.delivery_id = kDelivery,
            .address = std::move(address),
            .content = {.text = "hello", .parse_mode = ParseMode::kHtml}};
  }

  test::FakeClock clock_;
  IdSource ids_{&clock_, 1};
  std::unique_ptr<WebhookSender> sender_ =
      SenderWith({.http = true, .networks = {"127.0.0.1"}});
};

LoopbackServer::Handler Always(std::string bytes) {
  return [=](const SeenRequest&) -> ServerReply { return {bytes}; };
}

TEST_F(WebhookSenderTest, AnEventIsSignedAsItIsSent) {
  LoopbackServer server(Always(HttpAnswer(204, "")));
  const Report report = Deliver(*sender_, Send(server.Url("/hook?a=b")));
  EXPECT_EQ(report.verdict, Verdict::kDone);
  EXPECT_EQ(report.message_id, kDelivery);
  const std::vector<SeenRequest> requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  const SeenRequest& request = requests[0];
  EXPECT_EQ(request.Path(), "/hook?a=b");
  EXPECT_EQ(request.Header("webhook-id"), kDelivery);
  EXPECT_EQ(request.Header("webhook-timestamp"),
            absl::StrCat(absl::ToUnixSeconds(clock_.Now())));
  EXPECT_EQ(request.Header("webhook-signature"),
            WebhookSigner::Create({kSecret})->Sign(kDelivery, clock_.Now(),
                                                   request.body));
  EXPECT_EQ(
      Json::parse(request.body),
      Json::parse(absl::StrCat(
          R"({"type":"message.send",
                    "timestamp":"2026-06-01T12:00:00.000Z",
                    "data":{"message_id":")",
          kDelivery, R"(","content":{"text":"hello","parse_mode":"html"}}})")));
}

TEST_F(WebhookSenderTest, EachAttemptHasTheSameIdAndItsOwnTime) {
  LoopbackServer server(Always(HttpAnswer(500, "")));
  EXPECT_EQ(Deliver(*sender_, Send(server.Url("/"))).verdict, Verdict::kRetry);
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(Deliver(*sender_, Send(server.Url("/"))).verdict, Verdict::kRetry);
  const std::vector<SeenRequest> requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].Header("webhook-id"), requests[1].Header("webhook-id"));
  EXPECT_NE(requests[0].Header("webhook-timestamp"),
            requests[1].Header("webhook-timestamp"));
}

TEST_F(WebhookSenderTest, EditsAndDeletesAreEvents) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  const std::string url = server.Url("/");
  for (const Action action : {Action::kEdit, Action::kDelete}) {
    const Report report = Deliver(*sender_, {.delivery_id = kDelivery,
                                             .action = action,
                                             .address = url,
                                             .content = {.text = "new"},
                                             .message_id = "m-1"});
    EXPECT_EQ(report.verdict, Verdict::kDone);
    EXPECT_EQ(report.message_id, "");
  }
  const std::vector<SeenRequest> requests = server.requests();
  const Json edit = Json::parse(requests[0].body);
  EXPECT_EQ(edit["type"], "message.edit");
  EXPECT_EQ(edit["data"],
            Json::parse(R"({"message_id":"m-1","content":{"text":"new"}})"));
  const Json deleted = Json::parse(requests[1].body);
  EXPECT_EQ(deleted["type"], "message.delete");
  EXPECT_EQ(deleted["data"], Json::parse(R"({"message_id":"m-1"})"));
}

TEST_F(WebhookSenderTest, WhatCannotBeToldIsNotSent) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  Attempt copy = Send(server.Url("/"));
  copy.action = Action::kCopy;
  copy.message_id = "m-1";
  EXPECT_EQ(Deliver(*sender_, copy).reason, "unsupported");
  Attempt nothing = Send(server.Url("/"));
  nothing.action = Action::kDelete;
  EXPECT_EQ(Deliver(*sender_, nothing).reason, "unsupported");
  Attempt large = Send(server.Url("/"));
  large.content.text = std::string(20'000, 'x');
  const Report report = Deliver(*sender_, large);
  EXPECT_EQ(report.verdict, Verdict::kRejected);
  EXPECT_EQ(report.reason, "body_too_large");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(WebhookSenderTest, A410IsTheEndAndARedirectIsNotFollowed) {
  LoopbackServer gone(Always(HttpAnswer(410, "")));
  EXPECT_EQ(Deliver(*sender_, Send(gone.Url("/"))).verdict,
            Verdict::kChannelGone);
  LoopbackServer redirecting(
      Always(HttpAnswer(307, "", "Location: /there\r\n")));
  const Report report = Deliver(*sender_, Send(redirecting.Url("/")));
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  EXPECT_EQ(report.reason, "redirected");
  EXPECT_EQ(redirecting.requests().size(), 1u);
}

TEST_F(WebhookSenderTest, AnAnswerThatIsLostIsARetry) {
  LoopbackServer server([](const SeenRequest&) -> ServerReply {
    return {"", Then::kReset};
  });
  const Report report = Deliver(*sender_, Send(server.Url("/")));
  EXPECT_EQ(report.verdict, Verdict::kRetry);
  EXPECT_EQ(report.phase, Phase::kRequestSent);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(WebhookSenderTest, WhatIsNotPublicIsNoWebhook) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  const auto strict = SenderWith({.http = true});
  for (const std::string& url :
       {server.Url("/"), absl::StrCat("http://localhost:", server.port(), "/"),
        std::string("https://169.254.169.254/latest/meta-data/"),
        std::string("https://[fd00::1]/"), std::string("https://10.1.2.3/")}) {
    const Report report = Deliver(*strict, Send(url));
    EXPECT_EQ(report.verdict, Verdict::kChannelGone) << url;
    EXPECT_EQ(report.reason, "destination_blocked");
    EXPECT_EQ(report.phase, Phase::kNotConnected);
  }
  const auto encrypted = SenderWith({.networks = {"127.0.0.1"}});
  const Report report = Deliver(*encrypted, Send(server.Url("/")));
  EXPECT_EQ(report.verdict, Verdict::kChannelGone);
  EXPECT_EQ(report.reason, "address_invalid");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(WebhookSenderTest, AProbeIsASignedPing) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  const ProbeResult found = Probe(*sender_, server.Url("/"));
  EXPECT_EQ(found.report.verdict, Verdict::kDone);
  EXPECT_TRUE(found.chat.may_post);
  const SeenRequest request = server.requests()[0];
  EXPECT_TRUE(IsUuid(request.Header("webhook-id")));
  EXPECT_EQ(Json::parse(request.body)["type"], "ping");
  LoopbackServer gone(Always(HttpAnswer(410, "")));
  const ProbeResult lost = Probe(*sender_, gone.Url("/"));
  EXPECT_EQ(lost.report.verdict, Verdict::kChannelGone);
  EXPECT_FALSE(lost.chat.present);
}

TEST_F(WebhookSenderTest, ItCannotTellWhatIsThere) {
  LoopbackServer server(Always(HttpAnswer(200, "")));
  EXPECT_FALSE(sender_->capabilities().probes);
  const Report report = Deliver(*sender_, {.action = Action::kProbe,
                                           .address = server.Url("/"),
                                           .message_id = "7"});
  EXPECT_EQ(report.verdict, Verdict::kRejected);
  EXPECT_EQ(report.reason, "unsupported");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(WebhookSenderTest, ItsOptionsAreChecked) {
  const auto problem = [&](const WebhookOptions& options) {
    return WebhookSender::Create(options, &clock_, &ids_, transport_.get())
        .status();
  };
  EXPECT_THAT(problem({}), test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(problem({.secrets = {kSecret},
                       .destinations = {.networks = {"nowhere"}}}),
              test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(sender_->capabilities().repeatable);
  EXPECT_FALSE(sender_->capabilities().copies);
}

}  // namespace
}  // namespace broadcast::senders
