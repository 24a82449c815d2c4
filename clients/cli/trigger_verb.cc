// trigger.
#include "absl/strings/str_cat.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "cli/display_width.h"
#include "cli/entry_view.h"
#include "cli/enum_words.h"
#include "cli/operation_follower.h"
#include "cli/operation_view.h"
#include "cli/return_status.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

constexpr size_t kPreviewColumns = 60;

// What is sent where.
std::string PreviewText(const v1::TriggerResponse& response,
                        const Palette& palette) {
  TextTable table({{"SIDE"}, {"CHANNEL"}, {"CONTENT OF"}, {"TEXT"}});
  for (const v1::BroadcastPreview& preview : response.previews()) {
    table.Add(
        {WordOf(preview.side()), ChannelText(preview.channel()),
         WordOf(preview.content_source()),
         CutToWidth(Printable(preview.content().text()), kPreviewColumns)});
  }
  return table.Text(palette);
}

void Report(Session& session, const v1::TriggerResponse& response,
            bool dry_run) {
  Console& console = session.console();
  const std::string next = session.FullTime(response.has_next_trigger_time(),
                                            response.next_trigger_time());
  if (dry_run) {
    console.Print(PreviewText(response, console.palette()));
    console.Print("Would be sent now; nothing was sent.\n");
    return;
  }
  console.Print(absl::StrCat(
      response.replayed() ? "Triggered before, under this request id"
                          : "Triggered",
      ": operation ", response.operation().operation_id(),
      ". It can be triggered again from ", next, " on.\n"));
}

}  // namespace

absl::StatusOr<ExitStatus> RunTrigger(Session& session,
                                      const Arguments& arguments) {
  const bool dry_run = arguments.Has("dry-run");
  if (dry_run && arguments.Has("wait")) {
    return absl::InvalidArgumentError("give only one of --dry-run and --wait");
  }
  v1::TriggerRequest request;
  request.set_entry_id(arguments.operand());
  request.set_reason(arguments.Get("reason"));
  request.set_validate_only(dry_run);
  CLI_ASSIGN_OR_RETURN(
      v1::TriggerResponse response,
      session.Call(&v1::BroadcastService::Stub::Trigger, request));
  if (session.is_table()) Report(session, response, dry_run);
  const std::string operation_id = response.operation().operation_id();
  // An operation of long ago may be deleted when its trigger is replayed.
  if (!arguments.Has("wait") || operation_id.empty()) {
    if (!session.is_table()) {
      session.PrintJson(response);
    } else if (!operation_id.empty()) {
      session.console().Note(WatchHint(operation_id));
    }
    return kExitDone;
  }
  CLI_ASSIGN_OR_RETURN(*response.mutable_operation(),
                       FollowOperation(session, operation_id, /*known=*/true));
  if (session.output() == Output::kJson) session.PrintJson(response);
  return ReportOutcome(session, response.operation());
}

}  // namespace broadcast::cli
