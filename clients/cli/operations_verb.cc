// operations list, get, watch, cancel.
#include "absl/strings/str_cat.h"
#include "broadcast/v1/operation_service.grpc.pb.h"
#include "cli/delivery_table.h"
#include "cli/list_pages.h"
#include "cli/operation_follower.h"
#include "cli/operation_view.h"
#include "cli/return_status.h"
#include "cli/verbs.h"

namespace broadcast::cli {
namespace {

absl::StatusOr<v1::GetOperationResponse> Get(Session& session,
                                             const std::string& operation_id) {
  v1::GetOperationRequest request;
  request.set_operation_id(operation_id);
  return session.Call(&v1::OperationService::Stub::GetOperation, request);
}

}  // namespace

absl::StatusOr<ExitStatus> RunOperationsList(Session& session,
                                             const Arguments& arguments) {
  return ListPages(
      session, arguments, &v1::OperationService::Stub::ListOperations,
      OperationColumns(),
      [](const v1::ListOperationsResponse& page) -> const auto& {
        return page.operations();
      },
      [&](const v1::Operation& operation) {
        return OperationRow(session, operation);
      });
}

absl::StatusOr<ExitStatus> RunOperationsGet(Session& session,
                                            const Arguments& arguments) {
  CLI_ASSIGN_OR_RETURN(const v1::GetOperationResponse response,
                       Get(session, arguments.operand()));
  if (!session.is_table()) {
    session.PrintJson(response);
    return kExitDone;
  }
  session.console().Print(OperationText(session, response.operation()));
  CLI_ASSIGN_OR_RETURN(const std::string trouble,
                       TroubleText(session, response.operation()));
  if (!trouble.empty()) session.console().Print(absl::StrCat("\n", trouble));
  return kExitDone;
}

absl::StatusOr<ExitStatus> RunOperationsWatch(Session& session,
                                              const Arguments& arguments) {
  CLI_ASSIGN_OR_RETURN(
      const v1::Operation operation,
      FollowOperation(session, arguments.operand(), /*known=*/false));
  if (session.output() == Output::kJson) session.PrintJson(operation);
  return ReportOutcome(session, operation);
}

absl::StatusOr<ExitStatus> RunOperationsCancel(Session& session,
                                               const Arguments& arguments) {
  CLI_ASSIGN_OR_RETURN(const v1::GetOperationResponse found,
                       Get(session, arguments.operand()));
  const ProgressCounts counts = CountsOf(found.operation());
  CLI_ASSIGN_OR_RETURN(
      const bool confirmed,
      session.Confirm(absl::StrCat("Stop operation ", arguments.operand(), " (",
                                   counts.waiting, " deliveries wait)?")));
  if (!confirmed) return kExitFailed;
  v1::CancelOperationRequest request;
  request.set_operation_id(arguments.operand());
  CLI_ASSIGN_OR_RETURN(
      const v1::CancelOperationResponse response,
      session.Call(&v1::OperationService::Stub::CancelOperation, request));
  if (!session.is_table()) {
    session.PrintJson(response);
    return kExitDone;
  }
  session.console().Print(absl::StrCat(
      "Stopped: ", response.cancelled_count(), " deliveries are not sent",
      response.sending_count() > 0
          ? absl::StrCat("; ", response.sending_count(),
                         " are being sent, and their outcome is still to come")
          : "",
      ".\n"));
  return kExitDone;
}

}  // namespace broadcast::cli
