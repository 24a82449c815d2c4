#include "base/scope_names.h"

#include <algorithm>

namespace broadcast {

absl::Span<const absl::string_view> ScopeNames() {
  static constexpr absl::string_view kNames[] = {
      "entries:read",      "entries:write",  "clients:read",
      "clients:write",     "channels:read",  "channels:write",
      "broadcast:trigger", "broadcast:sync", "broadcast:migrate",
      "feeds:read",        "feeds:write",    "operations:read",
      "operations:write",  "admin"};
  return kNames;
}

bool IsScopeName(absl::string_view text) {
  const absl::Span<const absl::string_view> names = ScopeNames();
  return std::find(names.begin(), names.end(), text) != names.end();
}

}  // namespace broadcast
