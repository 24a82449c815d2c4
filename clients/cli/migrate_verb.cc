// migrate.
#include <utility>

#include "absl/strings/str_cat.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "cli/display_width.h"
#include "cli/entry_view.h"
#include "cli/find_channel.h"
#include "cli/follow_plan.h"
#include "cli/plan_view.h"
#include "cli/return_status.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

absl::Status CheckOptions(const Arguments& arguments) {
  CLI_RETURN_IF_ERROR(arguments.CheckOneOf({"from", "old-chat"}, true));
  CLI_RETURN_IF_ERROR(arguments.CheckOneOf({"to", "new-chat"}, true));
  CLI_RETURN_IF_ERROR(arguments.CheckNeeds("client-id", "old-chat"));
  CLI_RETURN_IF_ERROR(arguments.CheckNeeds("account", "new-chat"));
  return arguments.CheckNeeds("title", "new-chat");
}

absl::StatusOr<v1::Channel> Source(Session& session,
                                   const Arguments& arguments) {
  if (arguments.Has("from")) return GetChannel(session, arguments.Get("from"));
  return FindChannel(session, arguments.Get("old-chat"),
                     arguments.Get("client-id"));
}

v1::MigrateRequest MakeRequest(const v1::Channel& source,
                               const Arguments& arguments) {
  v1::MigrateRequest request;
  request.set_channel_id(source.channel_id());
  request.set_feed_id(arguments.Get("feed-id"));
  request.set_delete_old(arguments.Has("delete-old"));
  if (arguments.Has("to")) {
    request.set_target_channel_id(arguments.Get("to"));
    return request;
  }
  v1::ChannelSpec& target = *request.mutable_target_channel();
  target.set_platform(source.platform());
  target.set_address(arguments.Get("new-chat"));
  target.set_account(arguments.Find("account").value_or(source.account()));
  target.set_title(arguments.Get("title"));
  return request;
}

void PrintPlan(Session& session, const v1::Channel& source,
               const v1::MigrateResponse& response) {
  const v1::Channel& target = response.target_channel();
  Console& console = session.console();
  console.Print(Printable(absl::StrCat(
      "From ", ChannelText(source), " to ", ChannelText(target),
      target.channel_id().empty() ? ", which would be registered" : "")));
  console.Print(
      absl::StrCat("\n", PlanText(response.plan(), console.palette())));
}

}  // namespace

absl::StatusOr<ExitStatus> RunMigrate(Session& session,
                                      const Arguments& arguments) {
  CLI_RETURN_IF_ERROR(CheckOptions(arguments));
  CLI_ASSIGN_OR_RETURN(const v1::Channel source, Source(session, arguments));
  v1::MigrateRequest request = MakeRequest(source, arguments);
  const auto call = [&] {
    return session.CallPatiently(&v1::BroadcastService::Stub::Migrate, request);
  };
  request.set_validate_only(true);
  CLI_ASSIGN_OR_RETURN(v1::MigrateResponse response, call());
  const v1::SyncPlan plan = response.plan();
  if (session.is_table()) PrintPlan(session, source, response);
  if (arguments.Has("dry-run")) {
    if (!session.is_table()) session.PrintJson(response);
    return kExitDone;
  }
  CLI_ASSIGN_OR_RETURN(
      const bool confirmed,
      session.Confirm(absl::StrCat(
          "Move, and do this to ", ActionCount(plan), " messages",
          ActionCount(plan) > 0 ? ": " : "", ActionsText(plan), "?")));
  if (!confirmed) return kExitFailed;
  request.set_validate_only(false);
  request.set_expected_plan(plan.plan_fingerprint());
  CLI_ASSIGN_OR_RETURN(response, call());
  return FollowPlan(session, arguments, std::move(response));
}

}  // namespace broadcast::cli
