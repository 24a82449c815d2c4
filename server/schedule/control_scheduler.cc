#include "schedule/control_scheduler.h"

#include "absl/functional/function_ref.h"
#include "base/status_macros.h"
#include "storage/events.h"
#include "storage/once.h"

namespace broadcast::schedule {
namespace {

using storage::SchedulerState;
using storage::Transaction;

absl::StatusOr<ControlledScheduler> Control(
    Transaction& transaction, const storage::RequestKey& request,
    const std::string& event_kind,
    absl::FunctionRef<absl::StatusOr<SchedulerState>()> change) {
  const auto decide = [&]() -> absl::StatusOr<ControlledScheduler> {
    ASSIGN_OR_RETURN(const auto before,
                     storage::FindSchedulerState(transaction));
    ControlledScheduler controlled;
    ASSIGN_OR_RETURN(controlled.state, change());
    if (before.pause_time.has_value() !=
        controlled.state.pause_time.has_value()) {
      const storage::Event event{.kind = event_kind};
      RETURN_IF_ERROR(
          storage::AppendEvents(transaction, absl::MakeSpan(&event, 1)));
    }
    return controlled;
  };
  return storage::Once(
      transaction, request, decide,
      [](const ControlledScheduler&) { return std::string(); },
      [&](const std::string&) -> absl::StatusOr<ControlledScheduler> {
        ControlledScheduler controlled;
        ASSIGN_OR_RETURN(controlled.state,
                         storage::FindSchedulerState(transaction));
        return controlled;
      });
}

}  // namespace

absl::StatusOr<ControlledScheduler> PauseScheduler(
    Transaction& transaction, const storage::RequestKey& request,
    const std::string& reason) {
  return Control(transaction, request, "scheduler.paused",
                 [&] { return storage::PauseScheduler(transaction, reason); });
}

absl::StatusOr<ControlledScheduler> ResumeScheduler(
    Transaction& transaction, const storage::RequestKey& request) {
  return Control(transaction, request, "scheduler.resumed",
                 [&] { return storage::ResumeScheduler(transaction); });
}

}  // namespace broadcast::schedule
