#include "cli/operation_follower.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broadcast/v1/operation_service.grpc.pb.h"
#include "cli/call_failure.h"
#include "cli/delivery_table.h"
#include "cli/operation_view.h"
#include "cli/reconnection.h"
#include "cli/return_status.h"
#include "cli/time_text.h"

namespace broadcast::cli {
namespace {

// Says how far the operation has come.
class Reporter {
 public:
  explicit Reporter(Session& session) : session_(session) {}

  void Show(const v1::Operation& operation) {
    const ProgressCounts counts = CountsOf(operation);
    if (session_.output() == Output::kJsonLines) {
      session_.PrintJson(operation);
    } else if (session_.console().shows_status()) {
      if (!begun_.has_value()) {
        begun_ = absl::Now();
        done_at_first_ = counts.done();
      }
      session_.console().ShowStatus(absl::StrCat(
          ProgressText(counts), PaceText(counts, counts.done() - done_at_first_,
                                         absl::Now() - *begun_)));
    } else if (session_.is_table()) {
      session_.console().Print(
          absl::StrCat(IsoTime(TimeOf(operation.update_time())), " ",
                       ProgressText(counts), "\n"));
    }
    session_.console().Flush();
  }

 private:
  Session& session_;
  std::optional<absl::Time> begun_;
  int64_t done_at_first_ = 0;
};

class Follower {
 public:
  Follower(Session& session, const std::string& operation_id, bool known)
      : session_(session),
        known_(known),
        interruption_(session.connection().interruption()),
        reporter_(session),
        reconnection_(session) {
    request_.set_operation_id(operation_id);
  }

  absl::StatusOr<v1::Operation> Follow() {
    const Interruption::Catcher catcher(interruption_);
    for (;;) {
      const absl::Status ended = Watch();
      session_.console().EndStatus();
      if (ended.ok() && !interruption_.caught()) return std::move(latest_);
      if (!reconnection_.Await(ended, is_known())) return Explain(ended);
    }
  }

 private:
  // One stream to its end.
  absl::Status Watch() {
    grpc::ClientContext context;
    CLI_RETURN_IF_ERROR(session_.connection().Prepare(context));
    const Interruption::Call call(interruption_, &context);
    const auto stub =
        v1::OperationService::NewStub(session_.connection().channel());
    const auto reader = stub->WatchOperation(&context, request_);
    v1::WatchOperationResponse response;
    while (reader->Read(&response)) {
      reconnection_.Heard();
      request_.set_resume_token(response.resume_token());
      latest_ = response.operation();
      reporter_.Show(latest_);
    }
    return FromGrpc(reader->Finish());
  }

  // Before the server has said anything, we may not know that the operation
  // exists.
  bool is_known() const { return known_ || !latest_.operation_id().empty(); }

  absl::Status Explain(const absl::Status& ended) const {
    absl::Status told = reconnection_.Explain(ended);
    if (!is_known() && !interruption_.caught()) return told;
    return WithHint(told, WatchHint(request_.operation_id()));
  }

  Session& session_;
  const bool known_;
  Interruption& interruption_;
  Reporter reporter_;
  Reconnection reconnection_;
  v1::WatchOperationRequest request_;
  v1::Operation latest_;
};

}  // namespace

absl::StatusOr<v1::Operation> FollowOperation(Session& session,
                                              const std::string& operation_id,
                                              bool known) {
  return Follower(session, operation_id, known).Follow();
}

ExitStatus ReportOutcome(Session& session, const v1::Operation& operation) {
  if (session.is_table()) {
    Console& console = session.console();
    console.Print(OutcomeText(operation));
    const absl::StatusOr<std::string> trouble = TroubleText(session, operation);
    // What came of it is told; that more cannot be told changes no exit status.
    if (trouble.ok()) {
      console.Print(*trouble);
    } else {
      console.Complain(FailureText(trouble.status(), console.error_palette()));
    }
  }
  return CountsOf(operation).has_trouble() ? kExitPartial : kExitDone;
}

}  // namespace broadcast::cli
