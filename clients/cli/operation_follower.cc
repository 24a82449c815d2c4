#include "cli/operation_follower.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broadcast/v1/operation_service.grpc.pb.h"
#include "cli/call_failure.h"
#include "cli/delivery_table.h"
#include "cli/operation_view.h"
#include "cli/return_status.h"
#include "cli/time_text.h"

namespace broadcast::cli {
namespace {

// A server that restarts is back by then.
constexpr absl::Duration kPatience = absl::Minutes(1);
// Before it has said anything, it is probably not there at all.
constexpr absl::Duration kPatienceAtFirst = absl::Seconds(3);
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(5);

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

  void ShowLoss() {
    session_.console().ShowStatus("the connection broke; trying again");
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
        reporter_(session) {
    request_.set_operation_id(operation_id);
  }

  absl::StatusOr<v1::Operation> Follow() {
    const Interruption::Catcher catcher(interruption_);
    heard_ = absl::Now();
    absl::Duration pause = kFirstPause;
    for (;;) {
      const absl::Time heard_before = heard_;
      const absl::Status ended = Watch();
      session_.console().EndStatus();
      if (interruption_.caught()) {
        return Explain(absl::CancelledError("interrupted"));
      }
      if (ended.ok()) return std::move(latest_);
      if (heard_ != heard_before) pause = kFirstPause;
      if (!CanGoOn(ended) || absl::Now() - heard_ > Patience()) {
        return Explain(ended);
      }
      reporter_.ShowLoss();
      interruption_.Pause(std::max(
          pause, DetailOf(ended).retry_after.value_or(absl::ZeroDuration())));
      pause = std::min(2 * pause, kLongestPause);
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
      heard_ = absl::Now();
      request_.set_resume_token(response.resume_token());
      latest_ = response.operation();
      reporter_.Show(latest_);
    }
    return FromGrpc(reader->Finish());
  }

  // A connection ends when its age has come or the server is replaced: that is
  // no end of the watch.
  static bool CanGoOn(const absl::Status& ended) {
    return ended.code() == absl::StatusCode::kUnavailable ||
           IsBrokenOff(ended) ||
           (ended.code() == absl::StatusCode::kResourceExhausted &&
            DetailOf(ended).retry_after.has_value());
  }

  bool has_heard() const { return !latest_.operation_id().empty(); }

  absl::Duration Patience() const {
    return known_ || has_heard() ? kPatience : kPatienceAtFirst;
  }

  // Before the server has said anything, we may not know that the operation
  // exists.
  absl::Status Explain(absl::Status ended) const {
    if (!interruption_.caught() && IsBrokenOff(ended)) {
      ended = absl::UnavailableError(
          absl::StrCat("there is no connection to ",
                       session_.connection().address(), ": ", ended.message()));
    }
    if (!known_ && !has_heard() && !interruption_.caught()) return ended;
    return WithHint(ended, WatchHint(request_.operation_id()));
  }

  Session& session_;
  const bool known_;
  Interruption& interruption_;
  Reporter reporter_;
  v1::WatchOperationRequest request_;
  v1::Operation latest_;
  absl::Time heard_;
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
