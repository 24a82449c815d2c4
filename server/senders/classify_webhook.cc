#include "senders/classify_webhook.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "senders/transport_report.h"

namespace broadcast::senders {
namespace {

using http::Failure;

// A receiver must not make us forget it.
constexpr absl::Duration kLongestWait = absl::Hours(24);

absl::string_view ReasonOfStatus(int status) {
  if (status == 410) return "gone";
  if (status == 429) return "too_many_requests";
  if (status >= 500) return "server_error";
  if (status >= 400) return "client_error";
  return "redirected";
}

}  // namespace

Report ClassifyWebhook(const http::Response& response) {
  Report report = ReportOf(response);
  if (response.phase != Phase::kResponseRead) {
    if (response.failure == Failure::kUrl ||
        response.failure == Failure::kBlocked) {
      report.verdict = Verdict::kChannelGone;
    }
    return report;
  }
  // Whatever became of the body, the receiver has decided.
  const int status = response.status;
  report.detail = absl::StrCat("HTTP ", status);
  if (status >= 200 && status < 300) {
    report.verdict = Verdict::kDone;
    report.reason.clear();
    return report;
  }
  report.reason = std::string(ReasonOfStatus(status));
  if (status == 410) {
    report.verdict = Verdict::kChannelGone;
    return report;
  }
  report.verdict = Verdict::kRetry;
  if (response.retry_after.has_value()) {
    report.retry_after = std::min(*response.retry_after, kLongestWait);
  }
  if (status == 429) report.limit = LimitScope::kChat;
  return report;
}

}  // namespace broadcast::senders
