// The scopes that a caller may hold, as tokens, identities and the contract
// call them. `admin` does not imply the others. Constants; any thread.
#ifndef BROADCASTD_BASE_SCOPE_NAMES_H_
#define BROADCASTD_BASE_SCOPE_NAMES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace broadcast {

// All of them, each once.
absl::Span<const absl::string_view> ScopeNames();

bool IsScopeName(absl::string_view text);

}  // namespace broadcast

#endif  // BROADCASTD_BASE_SCOPE_NAMES_H_
