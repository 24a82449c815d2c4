// backfill.
#include "absl/strings/str_cat.h"
#include "broadcast/v1/admin_service.grpc.pb.h"
#include "cli/return_status.h"
#include "cli/text_table.h"
#include "cli/time_text.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

absl::StatusOr<v1::BackfillEntriesRequest> ReadRequest(
    const Arguments& arguments) {
  CLI_RETURN_IF_ERROR(
      arguments.CheckOneOf({"all", "client-id", "channel-pair-id"}, true));
  v1::BackfillEntriesRequest request;
  if (arguments.Has("all")) request.mutable_all();
  if (arguments.Has("client-id")) {
    request.set_client_id(arguments.Get("client-id"));
  }
  if (arguments.Has("channel-pair-id")) {
    request.set_channel_pair_id(arguments.Get("channel-pair-id"));
  }
  CLI_ASSIGN_OR_RETURN(const auto interval, arguments.Span("interval"));
  if (interval.has_value()) *request.mutable_interval() = ToProto(*interval);
  CLI_ASSIGN_OR_RETURN(const auto spread, arguments.Span("spread"));
  if (spread.has_value()) *request.mutable_spread() = ToProto(*spread);
  return request;
}

void Report(Session& session, const v1::BackfillEntriesResponse& response) {
  Console& console = session.console();
  console.Print(absl::StrCat(
      response.replayed() ? "Done before, under this request id: " : "",
      "Found ", response.found_count(), " pairs without an entry: ",
      response.created_count(), " entries created, ", response.skipped_count(),
      " needed none any more, ", response.failed_count(), " failed.\n"));
  if (response.sample_failures().empty()) return;
  TextTable table({{"CHANNEL PAIR ID"}, {"REASON"}, {"MESSAGE"}});
  for (const v1::BackfillFailure& failure : response.sample_failures()) {
    table.Add({failure.channel_pair_id(),
               {failure.reason(), Color::kRed},
               failure.message()});
  }
  console.Print(table.Text(console.palette()));
}

}  // namespace

absl::StatusOr<ExitStatus> RunBackfill(Session& session,
                                       const Arguments& arguments) {
  CLI_ASSIGN_OR_RETURN(v1::BackfillEntriesRequest request,
                       ReadRequest(arguments));
  const auto call = [&] {
    return session.CallPatiently(&v1::AdminService::Stub::BackfillEntries,
                                 request);
  };
  request.set_validate_only(true);
  CLI_ASSIGN_OR_RETURN(v1::BackfillEntriesResponse response, call());
  const int64_t count = response.created_count();
  if (session.is_table()) {
    session.console().Print(absl::StrCat(response.found_count(),
                                         " pairs have no entry; ", count,
                                         " would be given one.\n"));
  }
  if (arguments.Has("dry-run") || count == 0) {
    if (!session.is_table()) session.PrintJson(response);
    return kExitDone;
  }
  CLI_ASSIGN_OR_RETURN(
      const bool confirmed,
      session.Confirm(absl::StrCat("Create ", count, " entries?")));
  if (!confirmed) return kExitFailed;
  request.set_validate_only(false);
  CLI_ASSIGN_OR_RETURN(response, call());
  if (session.is_table()) {
    Report(session, response);
  } else {
    session.PrintJson(response);
  }
  return response.failed_count() == 0 ? kExitDone : kExitPartial;
}

}  // namespace broadcast::cli
