// The deliveries of an operation that went wrong. One thread.
#ifndef BROADCASTD_CLI_DELIVERY_TABLE_H_
#define BROADCASTD_CLI_DELIVERY_TABLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "broadcast/v1/operation.pb.h"
#include "cli/cli_session.h"

namespace broadcast::cli {

// A table of the first ones that failed, are unknown or expired; empty if none
// did. Returns why the server could not be asked.
absl::StatusOr<std::string> TroubleText(Session& session,
                                        const v1::Operation& operation);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_DELIVERY_TABLE_H_
