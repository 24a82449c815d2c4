// Follows an operation to its end: over broken connections, showing how far it
// has come. One thread.
#ifndef BROADCASTD_CLI_OPERATION_FOLLOWER_H_
#define BROADCASTD_CLI_OPERATION_FOLLOWER_H_

#include <string>

#include "absl/status/statusor.h"
#include "broadcast/v1/operation.pb.h"
#include "cli/cli_session.h"
#include "cli/exit_status.h"

namespace broadcast::cli {

// Returns the operation once it has finished. On a terminal a line says how far
// it is; otherwise, and of a table, each change is a line of standard output,
// and with jsonl a message. Returns CANCELLED if interrupted, and UNAVAILABLE
// after a minute without a word of the server, both with how to go on.
// One that is `known` to exist is waited for as long before the first word.
absl::StatusOr<v1::Operation> FollowOperation(Session& session,
                                              const std::string& operation_id,
                                              bool known);

// Prints what came of an operation that has finished, and of a table what went
// wrong in it. Returns kExitPartial unless everything was sent.
ExitStatus ReportOutcome(Session& session, const v1::Operation& operation);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_OPERATION_FOLLOWER_H_
