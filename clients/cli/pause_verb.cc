// pause: an entry, or the scheduler.
#include "absl/strings/str_cat.h"
#include "broadcast/v1/admin_service.grpc.pb.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "cli/display_width.h"
#include "cli/return_status.h"
#include "cli/scheduler_view.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

absl::StatusOr<ExitStatus> PauseEntry(Session& session,
                                      const Arguments& arguments) {
  v1::PauseEntryRequest request;
  request.set_entry_id(arguments.Get("entry"));
  request.set_etag(arguments.Get("etag"));
  request.set_reason(arguments.Get("reason"));
  CLI_ASSIGN_OR_RETURN(
      const v1::PauseEntryResponse response,
      session.Call(&v1::BroadcastService::Stub::PauseEntry, request));
  if (session.is_table()) {
    session.console().Print(
        absl::StrCat("Entry ", response.entry().entry_id(),
                     " is paused. What is being sent goes on.\n"));
  } else {
    session.PrintJson(response);
  }
  return kExitDone;
}

absl::StatusOr<ExitStatus> PauseScheduler(Session& session,
                                          const Arguments& arguments) {
  v1::PauseSchedulerRequest request;
  request.set_reason(arguments.Get("reason"));
  CLI_ASSIGN_OR_RETURN(
      const v1::PauseSchedulerResponse response,
      session.Call(&v1::AdminService::Stub::PauseScheduler, request));
  if (session.is_table()) {
    session.console().Print(absl::StrCat(
        "Scheduler: ",
        Printable(SchedulerText(session, response.scheduler_state())), ".\n"));
  } else {
    session.PrintJson(response);
  }
  return kExitDone;
}

}  // namespace

absl::StatusOr<ExitStatus> RunPause(Session& session,
                                    const Arguments& arguments) {
  CLI_RETURN_IF_ERROR(arguments.CheckOneOf({"entry", "scheduler"}, true));
  CLI_RETURN_IF_ERROR(arguments.CheckNeeds("etag", "entry"));
  return arguments.Has("entry") ? PauseEntry(session, arguments)
                                : PauseScheduler(session, arguments);
}

}  // namespace broadcast::cli
