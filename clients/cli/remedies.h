// What to do about an error, in terms of this program. Pure; any thread.
#ifndef BROADCASTD_CLI_REMEDIES_H_
#define BROADCASTD_CLI_REMEDIES_H_

#include <string>

#include "absl/status/status.h"
#include "cli/call_failure.h"

namespace broadcast::cli {

// One line; empty if the error itself says all there is to say.
std::string RemedyFor(absl::StatusCode code, const FailureDetail& detail);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_REMEDIES_H_
