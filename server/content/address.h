// Where messages go: checks an address and brings it into the one form that is
// stored and compared. Free functions without state; any thread.
#ifndef BROADCASTD_CONTENT_ADDRESS_H_
#define BROADCASTD_CONTENT_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "content/violations.h"

namespace broadcast {

enum class AddressKind { kTelegram, kWebhook, kLog };

// - kTelegram: a chat id, a signed 64-bit integer but 0, without leading
//   zeros; or @name in lower case.
// - kWebhook: an https URL, scheme and host in lower case, without port 443,
//   and with a path.
// - kLog: as it stands.
// Empty, with one violation of `field`, if `text` is no such address.
std::string NormalizeAddress(AddressKind kind, absl::string_view text,
                             absl::string_view field, Violations& violations);

}  // namespace broadcast

#endif  // BROADCASTD_CONTENT_ADDRESS_H_
