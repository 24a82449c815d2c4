// The last step of Sync and Migrate: from the answer that set an operation in
// motion to what came of it. One thread.
#ifndef BROADCASTD_CLI_FOLLOW_PLAN_H_
#define BROADCASTD_CLI_FOLLOW_PLAN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/arguments.h"
#include "cli/cli_session.h"
#include "cli/operation_follower.h"
#include "cli/operation_view.h"
#include "cli/return_status.h"

namespace broadcast::cli {

// Follows `response.operation` unless --no-wait was given, prints the response
// as JSON if that was asked for, and returns the exit status. Response is
// SyncResponse or MigrateResponse.
template <typename Response>
absl::StatusOr<ExitStatus> FollowPlan(Session& session,
                                      const Arguments& arguments,
                                      Response response) {
  const std::string id = response.operation().operation_id();
  const bool is_json = session.output() == Output::kJson;
  if (id.empty() || arguments.Has("no-wait")) {
    if (!session.is_table()) session.PrintJson(response);
    if (session.is_table()) {
      session.console().Print(
          id.empty() ? "There was nothing to do any more.\n"
                     : absl::StrCat("Started operation ", id, ".\n"));
    }
    if (!id.empty()) session.console().Note(WatchHint(id));
    return kExitDone;
  }
  if (session.is_table()) {
    session.console().Print(absl::StrCat("Started operation ", id, ".\n"));
  }
  CLI_ASSIGN_OR_RETURN(*response.mutable_operation(),
                       FollowOperation(session, id, /*known=*/true));
  if (is_json) session.PrintJson(response);
  return ReportOutcome(session, response.operation());
}

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_FOLLOW_PLAN_H_
