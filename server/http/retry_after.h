// The Retry-After header (RFC 9110, 10.2.3). Pure; any thread.
#ifndef BROADCASTD_HTTP_RETRY_AFTER_H_
#define BROADCASTD_HTTP_RETRY_AFTER_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace broadcast::http {

// How long to wait from `now`, at most a week and never negative. Nothing if
// `value` is neither seconds nor a date.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view value,
                                              absl::Time now);

}  // namespace broadcast::http

#endif  // BROADCASTD_HTTP_RETRY_AFTER_H_
