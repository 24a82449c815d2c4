// entries list, entries get.
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "cli/entry_view.h"
#include "cli/list_pages.h"
#include "cli/return_status.h"
#include "cli/verbs.h"

namespace broadcast::cli {

absl::StatusOr<ExitStatus> RunEntriesList(Session& session,
                                          const Arguments& arguments) {
  return ListPages(
      session, arguments, &v1::BroadcastService::Stub::ListEntries,
      EntryColumns(), [](const v1::ListEntriesResponse& page) -> const auto& {
        return page.entries();
      },
      [&](const v1::Entry& entry) { return EntryRow(session, entry); });
}

absl::StatusOr<ExitStatus> RunEntriesGet(Session& session,
                                         const Arguments& arguments) {
  v1::GetEntryRequest request;
  request.set_entry_id(arguments.operand());
  CLI_ASSIGN_OR_RETURN(
      const v1::GetEntryResponse response,
      session.Call(&v1::BroadcastService::Stub::GetEntry, request));
  if (session.is_table()) {
    session.console().Print(EntryText(session, response.entry()));
  } else {
    session.PrintJson(response);
  }
  return kExitDone;
}

}  // namespace broadcast::cli
