// Signs what is sent to webhooks, after Standard Webhooks 1.0.0: symmetric
// keys, one signature a key. Immutable; any thread.
#ifndef BROADCASTD_SENDERS_WEBHOOK_SIGNER_H_
#define BROADCASTD_SENDERS_WEBHOOK_SIGNER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace broadcast::senders {

class WebhookSigner {
 public:
  // Each secret is "whsec_" and 24 to 64 bytes in base64. While one is rotated
  // both are given, the new one first. Returns INVALID_ARGUMENT, which repeats
  // nothing of them, if there is none or one is not of this form.
  static absl::StatusOr<WebhookSigner> Create(
      const std::vector<std::string>& secrets);

  // The value of webhook-signature, for a body exactly as it is sent.
  std::string Sign(absl::string_view id, absl::Time timestamp,
                   absl::string_view body) const;

 private:
  explicit WebhookSigner(std::vector<std::string> keys)
      : keys_(std::move(keys)) {}

  // Constant after construction.
  std::vector<std::string> keys_;
};

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_WEBHOOK_SIGNER_H_
