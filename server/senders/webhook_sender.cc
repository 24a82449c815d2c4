#include "senders/webhook_sender.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "senders/classify_webhook.h"
#include "senders/transport_report.h"
#include "senders/webhook_event.h"

namespace broadcast::senders {
namespace {

constexpr size_t kMaxBodyBytes = 20'000;  // what receivers are asked to take

}  // namespace

absl::StatusOr<std::unique_ptr<WebhookSender>> WebhookSender::Create(
    const WebhookOptions& options, const Clock* clock, IdSource* ids,
    http::Transport* transport) {
  absl::StatusOr<WebhookSigner> signer = WebhookSigner::Create(options.secrets);
  if (!signer.ok()) return signer.status();
  absl::StatusOr<http::Destinations> destinations =
      http::Destinations::Create(options.destinations);
  if (!destinations.ok()) return destinations.status();
  return std::unique_ptr<WebhookSender>(new WebhookSender(
      *std::move(signer),
      std::make_shared<const http::Destinations>(*std::move(destinations)),
      clock, ids, transport));
}

WebhookSender::WebhookSender(
    WebhookSigner signer,
    std::shared_ptr<const http::Destinations> destinations, const Clock* clock,
    IdSource* ids, http::Transport* transport)
    : signer_(std::move(signer)),
      destinations_(std::move(destinations)),
      clock_(clock),
      ids_(ids),
      transport_(transport) {}

const Capabilities& WebhookSender::capabilities() const {
  static const Capabilities kCapabilities = {
      .edits = true, .deletes = true, .copies = false, .repeatable = true};
  return kCapabilities;
}

void WebhookSender::Start(Attempt attempt, std::function<void(Report)> done) {
  const absl::Time now = clock_->Now();
  std::optional<std::string> body = WebhookEvent(attempt, now);
  if (!body.has_value()) return done(RejectedUnsent("unsupported"));
  if (body->size() >= kMaxBodyBytes) {
    return done(RejectedUnsent("body_too_large"));
  }
  const std::string id = attempt.delivery_id;
  const std::string message_id = attempt.action == Action::kSend ? id : "";
  Post(std::move(attempt.address), id, now, *std::move(body), attempt.timeout,
       [message_id, done = std::move(done)](const http::Response& response) {
         Report report = ClassifyWebhook(response);
         if (report.verdict == Verdict::kDone) report.message_id = message_id;
         done(std::move(report));
       });
}

void WebhookSender::Probe(std::string address, absl::Duration timeout,
                          std::function<void(ProbeResult)> done) {
  const absl::Time now = clock_->Now();
  Post(std::move(address), ids_->Next(), now, WebhookPing(now), timeout,
       [done = std::move(done)](const http::Response& response) {
         ProbeResult found = {.report = ClassifyWebhook(response)};
         const bool good = found.report.verdict == Verdict::kDone;
         found.chat = {.present = good,
                       .may_post = good,
                       .may_edit = good,
                       .may_delete = good};
         done(std::move(found));
       });
}

void WebhookSender::Post(std::string address, const std::string& id,
                         absl::Time now, std::string body,
                         absl::Duration timeout,
                         std::function<void(http::Response)> done) const {
  std::vector<std::string> headers = {
      "Content-Type: application/json", "User-Agent: broadcastd",
      absl::StrCat("webhook-id: ", id),
      absl::StrCat("webhook-timestamp: ", absl::ToUnixSeconds(now)),
      absl::StrCat("webhook-signature: ", signer_.Sign(id, now, body))};
  transport_->Start({.url = std::move(address),
                     .headers = std::move(headers),
                     .body = std::move(body),
                     .timeout = timeout,
                     .destinations = destinations_},
                    std::move(done));
}

}  // namespace broadcast::senders
