// What a platform says about a failure, without what it repeats of ours. Pure;
// any thread.
#ifndef BROADCASTD_SENDERS_REDACT_H_
#define BROADCASTD_SENDERS_REDACT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast::senders {

inline constexpr size_t kMaxDetailBytes = 512;

// At most kMaxDetailBytes of printable UTF-8 in one line. Quoted text, words
// with a URL, names that begin with @ and long numbers (ids, and the begin of
// a token) are left out.
std::string Redact(absl::string_view text);

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_REDACT_H_
