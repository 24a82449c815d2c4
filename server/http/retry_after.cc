#include "http/retry_after.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace broadcast::http {
namespace {

constexpr absl::Duration kMost = absl::Hours(24 * 7);

}  // namespace

std::optional<absl::Duration> ParseRetryAfter(absl::string_view value,
                                              absl::Time now) {
  value = absl::StripAsciiWhitespace(value);
  if (value.empty()) return std::nullopt;
  if (std::all_of(value.begin(), value.end(), absl::ascii_isdigit)) {
    // What does not fit is longer than we wait anyway.
    int64_t seconds = 0;
    if (!absl::SimpleAtoi(value, &seconds)) return kMost;
    return std::min(absl::Seconds(seconds), kMost);
  }
  absl::Time date;
  std::string ignored;
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", value, absl::UTCTimeZone(),
                       &date, &ignored)) {
    return std::nullopt;
  }
  return std::clamp(date - now, absl::ZeroDuration(), kMost);
}

}  // namespace broadcast::http
