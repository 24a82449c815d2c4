#include "rpc/scheduler_methods.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/time.h"
#include "schedule/scheduler.h"

namespace broadcast::rpc {
namespace {

using storage::Scope;
using storage::Transaction;

// PERMISSION_DENIED for who sees one client only.
absl::Status RequireAllClients(const Scope& scope) {
  return scope.client_id().has_value() ? error::ScopeMissing("admin")
                                       : absl::OkStatus();
}

}  // namespace

void SchedulerStateToProto(const storage::SchedulerState& state,
                           const Policy& policy, v1::SchedulerState& proto) {
  proto.set_paused(state.pause_time.has_value());
  if (state.pause_time.has_value()) {
    *proto.mutable_pause_time() = TimeToProto(*state.pause_time);
    proto.set_pause_reason(state.pause_reason);
  }
  proto.set_mode(policy.external_scheduler ? v1::SchedulerState::MODE_EXTERNAL
                                           : v1::SchedulerState::MODE_AUTO);
}

absl::StatusOr<ExecuteDueMethod::Command> ExecuteDueMethod::Parse(
    const Request& request, const Scope& scope, const Policy& policy) {
  RETURN_IF_ERROR(RequireAllClients(scope));
  Violations violations;
  if (request.max_firing_count() < 0) {
    violations.Add("max_firing_count",
                   absl::StrCat("must be 0, for the default, or 1 to ",
                                limits::kFiringsPerStep));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  const int most =
      request.max_firing_count() == 0
          ? limits::kFiringsPerStep
          : std::min(request.max_firing_count(), limits::kFiringsPerStep);
  return schedule::NewFiringIds(*policy.ids, most);
}

absl::StatusOr<schedule::FiredDue> ExecuteDueMethod::Decide(
    Transaction& transaction, const Caller&, const Command& ids,
    const Policy& policy) {
  return schedule::FireDue(transaction, FiringPolicyOf(policy), ids);
}

void ExecuteDueMethod::Answer(const Result& fired, const Policy& policy,
                              Response& response) {
  response.set_fired_count(fired.fired);
  response.set_skipped_count(fired.skipped_count());
  response.set_more_due(fired.more_due);
  if (policy.scheduler_metrics != nullptr) {
    schedule::Observe(fired, *policy.scheduler_metrics);
  }
  if (fired.fired > 0) policy.wake_dispatcher();
}

bool ExecuteDueMethod::HasChanged(const Result& fired) {
  return fired.fired + fired.skipped_count() > 0;
}

void ExecuteDueMethod::Report(const Result& fired, ReportedIds& ids) {
  ids.rows = fired.fired + fired.skipped_count();
}

absl::StatusOr<std::string> PauseSchedulerMethod::Parse(const Request& request,
                                                        const Scope& scope,
                                                        const Policy&) {
  RETURN_IF_ERROR(RequireAllClients(scope));
  Violations violations;
  std::string reason = Reason(request.reason(), "reason", violations);
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return reason;
}

absl::StatusOr<schedule::ControlledScheduler> PauseSchedulerMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& reason,
    const Policy&) {
  return schedule::PauseScheduler(transaction, caller.request, reason);
}

void PauseSchedulerMethod::Answer(const Result& result, const Policy& policy,
                                  Response& response) {
  SchedulerStateToProto(result.state, policy,
                        *response.mutable_scheduler_state());
  response.set_replayed(result.replayed);
  policy.wake_scheduler();
}

void PauseSchedulerMethod::Report(const Result& result, ReportedIds& ids) {
  ids.rows = 1;
  ids.replayed = result.replayed;
}

absl::StatusOr<ResumeSchedulerMethod::Command> ResumeSchedulerMethod::Parse(
    const Request& request, const Scope& scope, const Policy&) {
  RETURN_IF_ERROR(RequireAllClients(scope));
  Violations violations;
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return Command();
}

absl::StatusOr<schedule::ControlledScheduler> ResumeSchedulerMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command&,
    const Policy&) {
  return schedule::ResumeScheduler(transaction, caller.request);
}

void ResumeSchedulerMethod::Answer(const Result& result, const Policy& policy,
                                   Response& response) {
  SchedulerStateToProto(result.state, policy,
                        *response.mutable_scheduler_state());
  response.set_replayed(result.replayed);
  policy.wake_scheduler();
}

void ResumeSchedulerMethod::Report(const Result& result, ReportedIds& ids) {
  ids.rows = 1;
  ids.replayed = result.replayed;
}

}  // namespace broadcast::rpc
