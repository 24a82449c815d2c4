// sync.
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "cli/find_channel.h"
#include "cli/follow_plan.h"
#include "cli/plan_view.h"
#include "cli/return_status.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

absl::Status ReadScope(Session& session, const Arguments& arguments,
                       v1::SyncRequest& request) {
  CLI_RETURN_IF_ERROR(
      arguments.CheckOneOf({"channel-id", "chat-id", "feed-id", "all"}, true));
  CLI_RETURN_IF_ERROR(arguments.CheckNeeds("client-id", "chat-id"));
  if (arguments.Has("all")) request.set_all(true);
  if (arguments.Has("feed-id")) request.set_feed_id(arguments.Get("feed-id"));
  if (arguments.Has("channel-id")) {
    request.set_channel_id(arguments.Get("channel-id"));
  }
  if (arguments.Has("chat-id")) {
    CLI_ASSIGN_OR_RETURN(const v1::Channel channel,
                         FindChannel(session, arguments.Get("chat-id"),
                                     arguments.Get("client-id")));
    request.set_channel_id(channel.channel_id());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::SyncRequest> ReadRequest(Session& session,
                                            const Arguments& arguments) {
  CLI_RETURN_IF_ERROR(
      arguments.CheckOneOf({"post-only", "delete-only"}, false));
  v1::SyncRequest request;
  request.set_mode(arguments.Has("post-only")     ? v1::SYNC_MODE_POST_ONLY
                   : arguments.Has("delete-only") ? v1::SYNC_MODE_DELETE_ONLY
                                                  : v1::SYNC_MODE_FULL);
  CLI_ASSIGN_OR_RETURN(const auto max_deletes,
                       arguments.Count("max-deletes", 0, INT64_MAX));
  if (max_deletes.has_value()) request.set_max_deletes(*max_deletes);
  request.set_verify(arguments.Has("verify"));
  CLI_RETURN_IF_ERROR(ReadScope(session, arguments, request));
  return request;
}

std::string QuestionOf(const v1::SyncPlan& plan, bool verifies) {
  if (!verifies) {
    return absl::StrCat("Do this to ", ActionCount(plan),
                        " messages: ", ActionsText(plan), "?");
  }
  return absl::StrCat("Do this: ", ActionsText(plan),
                      ", and what follows of the answers?");
}

// Has the plan done that was shown, if it is known: what is lost is not, so
// that only its deletions are what may be done.
void BindToPlan(const v1::SyncPlan& plan, Console& console,
                v1::SyncRequest& request) {
  request.set_validate_only(false);
  if (!request.verify()) {
    request.set_expected_plan(plan.plan_fingerprint());
    return;
  }
  const int64_t deletes = plan.delete_count() + plan.tombstone_count();
  request.set_max_deletes(deletes);
  console.Note(absl::StrCat(
      "what is lost is known only once it was asked about: more may be posted "
      "than shown; it is not begun if by now more than ",
      deletes, " messages were to be taken back"));
}

}  // namespace

absl::StatusOr<ExitStatus> RunSync(Session& session,
                                   const Arguments& arguments) {
  CLI_ASSIGN_OR_RETURN(v1::SyncRequest request,
                       ReadRequest(session, arguments));
  const auto call = [&] {
    return session.CallPatiently(&v1::BroadcastService::Stub::Sync, request);
  };
  request.set_validate_only(true);
  CLI_ASSIGN_OR_RETURN(v1::SyncResponse response, call());
  const v1::SyncPlan plan = response.plan();
  Console& console = session.console();
  if (session.is_table()) console.Print(PlanText(plan, console.palette()));
  const bool dry_run = arguments.Has("dry-run");
  // Given an id, somebody may want to know what came of it.
  const bool again = !arguments.Get("request-id").empty();
  const int64_t all = ActionCount(plan) + plan.probe_count();
  if (dry_run || (all == 0 && !again)) {
    if (!session.is_table()) session.PrintJson(response);
    if (session.is_table() && !dry_run)
      console.Print("Nothing is to be done.\n");
    return kExitDone;
  }
  CLI_ASSIGN_OR_RETURN(const bool confirmed,
                       session.Confirm(QuestionOf(plan, request.verify())));
  if (!confirmed) return kExitFailed;
  BindToPlan(plan, console, request);
  CLI_ASSIGN_OR_RETURN(response, call());
  return FollowPlan(session, arguments, std::move(response));
}

}  // namespace broadcast::cli
