// What holds for every Report, whatever was tried and whatever came of it. For
// the tests of the senders.
#ifndef BROADCASTD_SENDERS_INVARIANTS_H_
#define BROADCASTD_SENDERS_INVARIANTS_H_

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "base/utf8.h"
#include "http/exchange.h"
#include "senders/sender.h"

namespace broadcast::senders {

inline bool IsWord(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_') {
      return false;
    }
  }
  return !text.empty();
}

// What `report` breaks, or "". `once`: what was tried must not be repeated.
inline std::string BrokenInvariant(const Report& report, Action action,
                                   bool once, const http::Response& response) {
  const bool done = report.verdict == Verdict::kDone;
  if (report.phase != response.phase) return "the phase is the transport's";
  if (report.verdict == Verdict::kUnknown &&
      report.phase < Phase::kRequestSent) {
    return "what was not sent is not unknown";
  }
  if (report.verdict == Verdict::kUnknown && !once) {
    return "what may be repeated is not unknown";
  }
  if (once && report.phase == Phase::kRequestSent &&
      report.verdict != Verdict::kUnknown) {
    return "what was sent and not answered is unknown";
  }
  if (done && report.phase != Phase::kResponseRead) {
    return "only an answer says that it is done";
  }
  const bool makes = action == Action::kSend || action == Action::kCopy;
  if (done && once && makes && report.message_id.empty()) {
    return "what was made has an id";
  }
  if ((report.verdict == Verdict::kMoved) == report.new_address.empty()) {
    return "what moved has a new address, and nothing else has";
  }
  const bool found_gone =
      done && action == Action::kProbe && report.reason == kMessageNotFound;
  if (!found_gone && done != report.reason.empty()) {
    return "a reason, unless it is done";
  }
  if (!done && !IsWord(report.reason)) return "a reason is a word";
  if (report.retry_after.has_value() &&
      (*report.retry_after < absl::ZeroDuration() ||
       *report.retry_after > absl::Hours(24 * 7))) {
    return "a wait is neither negative nor longer than a week";
  }
  if (report.limit != LimitScope::kNone && report.verdict != Verdict::kRetry) {
    return "a limit is a reason to try again";
  }
  if (report.detail.size() > 512 || !IsUtf8(report.detail)) {
    return "a detail is short, and text";
  }
  return "";
}

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_INVARIANTS_H_
