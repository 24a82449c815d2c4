#include "senders/transport_report.h"

namespace broadcast::senders {

using http::Failure;

absl::string_view ReasonOf(Failure failure) {
  switch (failure) {
    case Failure::kUrl:
      return "address_invalid";
    case Failure::kBlocked:
      return "destination_blocked";
    case Failure::kResolve:
      return "resolve_failed";
    case Failure::kConnect:
      return "connect_failed";
    case Failure::kTls:
      return "tls_failed";
    case Failure::kTimeout:
      return "timed_out";
    case Failure::kLost:
      return "connection_lost";
    case Failure::kGarbled:
      return "answer_malformed";
    case Failure::kTooLarge:
      return "answer_too_large";
    case Failure::kCancelled:
      return "cancelled";
    case Failure::kNone:
    case Failure::kInternal:
      break;
  }
  return "transport_failed";
}

Report ReportOf(const http::Response& response) {
  Report report = {.verdict = Verdict::kRetry,
                   .phase = response.phase,
                   .http_status = response.status};
  if (response.failure != Failure::kNone) {
    report.reason = std::string(ReasonOf(response.failure));
  }
  return report;
}

Report RejectedUnsent(absl::string_view reason) {
  return {.verdict = Verdict::kRejected,
          .phase = Phase::kNotConnected,
          .reason = std::string(reason)};
}

}  // namespace broadcast::senders
