// What a failure of the transport means, whatever the platform. Pure; any
// thread.
#ifndef BROADCASTD_SENDERS_TRANSPORT_REPORT_H_
#define BROADCASTD_SENDERS_TRANSPORT_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "http/exchange.h"
#include "senders/sender.h"

namespace broadcast::senders {

// The stable word for `failure`, which is not kNone.
absl::string_view ReasonOf(http::Failure failure);

// The phase, status and reason of `response`, with kRetry.
Report ReportOf(const http::Response& response);

// What was found without asking anybody.
Report RejectedUnsent(absl::string_view reason);

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_TRANSPORT_REPORT_H_
