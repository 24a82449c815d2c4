// Sends signed events to webhooks (Standard Webhooks 1.0.0). One sender serves
// all webhooks of an account. The environment owns it and stops the transport
// before it goes; any thread may call it.
#ifndef BROADCASTD_SENDERS_WEBHOOK_SENDER_H_
#define BROADCASTD_SENDERS_WEBHOOK_SENDER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/ids.h"
#include "http/transport.h"
#include "senders/sender.h"
#include "senders/webhook_signer.h"

namespace broadcast::senders {

struct WebhookOptions {
  std::vector<std::string> secrets;  // as of WebhookSigner
  http::Destinations::Options destinations;
};

class WebhookSender final : public Sender {
 public:
  // `clock`, `ids` and `transport` outlive the sender. Returns
  // INVALID_ARGUMENT if a secret or a network is none.
  static absl::StatusOr<std::unique_ptr<WebhookSender>> Create(
      const WebhookOptions& options, const Clock* clock, IdSource* ids,
      http::Transport* transport);

  const Capabilities& capabilities() const override;
  // The message id of a kSend is its delivery_id.
  void Start(Attempt attempt, std::function<void(Report)> done) override;
  // Sends a ping, and knows what it is answered.
  void Probe(std::string address, absl::Duration timeout,
             std::function<void(ProbeResult)> done) override;

 private:
  WebhookSender(WebhookSigner signer,
                std::shared_ptr<const http::Destinations> destinations,
                const Clock* clock, IdSource* ids, http::Transport* transport);

  void Post(std::string address, const std::string& id, absl::Time now,
            std::string body, absl::Duration timeout,
            std::function<void(http::Response)> done) const;

  // Constant after construction.
  const WebhookSigner signer_;
  const std::shared_ptr<const http::Destinations> destinations_;
  const Clock* const clock_;
  IdSource* const ids_;
  http::Transport* const transport_;
};

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_WEBHOOK_SENDER_H_
