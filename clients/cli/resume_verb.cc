// resume: an entry, or the scheduler.
#include "absl/strings/str_cat.h"
#include "broadcast/v1/admin_service.grpc.pb.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "cli/display_width.h"
#include "cli/return_status.h"
#include "cli/scheduler_view.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

absl::StatusOr<ExitStatus> ResumeEntry(Session& session,
                                       const Arguments& arguments) {
  v1::ResumeEntryRequest request;
  request.set_entry_id(arguments.Get("entry"));
  request.set_etag(arguments.Get("etag"));
  CLI_ASSIGN_OR_RETURN(
      const v1::ResumeEntryResponse response,
      session.Call(&v1::BroadcastService::Stub::ResumeEntry, request));
  if (session.is_table()) {
    session.console().Print(absl::StrCat(
        "Entry ", response.entry().entry_id(), " is active. Next send: ",
        session.FullTime(response.entry().has_next_send_time(),
                         response.entry().next_send_time()),
        ".\n"));
  } else {
    session.PrintJson(response);
  }
  return kExitDone;
}

absl::StatusOr<ExitStatus> ResumeScheduler(Session& session) {
  CLI_ASSIGN_OR_RETURN(const v1::ResumeSchedulerResponse response,
                       session.Call(&v1::AdminService::Stub::ResumeScheduler,
                                    v1::ResumeSchedulerRequest()));
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

absl::StatusOr<ExitStatus> RunResume(Session& session,
                                     const Arguments& arguments) {
  CLI_RETURN_IF_ERROR(arguments.CheckOneOf({"entry", "scheduler"}, true));
  CLI_RETURN_IF_ERROR(arguments.CheckNeeds("etag", "entry"));
  return arguments.Has("entry") ? ResumeEntry(session, arguments)
                                : ResumeScheduler(session);
}

}  // namespace broadcast::cli
