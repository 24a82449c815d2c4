// AdminService.ExecuteDue, PauseScheduler and ResumeScheduler: what is
// particular to each, as rpc/call.h wants it. Pure but for Decide, which runs
// in a transaction.
#ifndef BROADCASTD_RPC_SCHEDULER_METHODS_H_
#define BROADCASTD_RPC_SCHEDULER_METHODS_H_

#include <string>
#include <vector>

#include "broadcast/v1/admin_service.pb.h"
#include "rpc/admin_methods.h"
#include "rpc/call.h"
#include "schedule/control_scheduler.h"
#include "schedule/fire_due.h"

namespace broadcast::rpc {

// What they concern is all clients', so that whoever is bound to one may not.
struct ExecuteDueMethod {
  using Request = v1::ExecuteDueRequest;
  using Response = v1::ExecuteDueResponse;
  using Command = std::vector<entries::FiringIds>;
  using Result = schedule::FiredDue;
  static constexpr RpcName kName{kAdminService, "ExecuteDue",
                                 "scheduler.executed"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&,
                                       const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  // A timer that finds nothing to do leaves no trace.
  static bool HasChanged(const Result&);
  static void Report(const Result&, ReportedIds&);
};

struct PauseSchedulerMethod {
  using Request = v1::PauseSchedulerRequest;
  using Response = v1::PauseSchedulerResponse;
  using Command = std::string;  // the reason
  using Result = schedule::ControlledScheduler;
  static constexpr RpcName kName{kAdminService, "PauseScheduler",
                                 "scheduler.paused"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&,
                                       const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

struct ResumeSchedulerMethod {
  using Request = v1::ResumeSchedulerRequest;
  using Response = v1::ResumeSchedulerResponse;
  struct Command {};
  using Result = schedule::ControlledScheduler;
  static constexpr RpcName kName{kAdminService, "ResumeScheduler",
                                 "scheduler.resumed"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&,
                                       const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

void SchedulerStateToProto(const storage::SchedulerState& state,
                           const Policy& policy, v1::SchedulerState& proto);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_SCHEDULER_METHODS_H_
