#include "cli/scheduler_view.h"

#include "absl/strings/str_cat.h"

namespace broadcast::cli {

std::string SchedulerText(const Session& session,
                          const v1::SchedulerState& state) {
  const std::string external = state.mode() == v1::SchedulerState::MODE_EXTERNAL
                                   ? "; fires only by ExecuteDue"
                                   : "";
  if (!state.paused()) return absl::StrCat("running", external);
  return absl::StrCat(
      "paused since ",
      session.FullTime(state.has_pause_time(), state.pause_time()),
      state.pause_reason().empty() ? "" : ": ", state.pause_reason(), external);
}

}  // namespace broadcast::cli
