// What a caller passes back to have the plan done that it was shown, and no
// other: the hash of the plan and the time that it was made for. Pure; any
// thread.
#ifndef BROADCASTD_SYNC_PLAN_TOKEN_H_
#define BROADCASTD_SYNC_PLAN_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace broadcast::sync {

struct PlanToken {
  absl::Time as_of;
  std::string hash;

  bool operator==(const PlanToken&) const = default;
};

std::string ToText(const PlanToken& token);

// Nothing if ToText has not made it.
std::optional<PlanToken> PlanTokenFrom(absl::string_view text);

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_PLAN_TOKEN_H_
