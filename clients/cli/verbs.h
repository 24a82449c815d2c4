// The verbs, one a file. Each makes its calls through the session, prints what
// came of them and returns the exit status, or why it failed. Called once, by
// the main thread.
#ifndef BROADCASTD_CLI_VERBS_H_
#define BROADCASTD_CLI_VERBS_H_

#include "absl/status/statusor.h"
#include "cli/arguments.h"
#include "cli/cli_session.h"
#include "cli/exit_status.h"

namespace broadcast::cli {

absl::StatusOr<ExitStatus> RunEntriesList(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunEntriesGet(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunTrigger(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunPause(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunResume(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunSync(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunMigrate(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunImport(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunVerify(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunBackfill(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunOperationsList(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunOperationsGet(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunOperationsWatch(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunOperationsCancel(Session&, const Arguments&);
absl::StatusOr<ExitStatus> RunServer(Session&, const Arguments&);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_VERBS_H_
