#include "auth/permissions.h"

#include "absl/strings/str_split.h"
#include "base/scope_names.h"

namespace broadcast::auth {
namespace {

// Zero for a name that is no scope.
uint32_t BitOf(absl::string_view name) {
  uint32_t bit = 1;
  for (const absl::string_view known : ScopeNames()) {
    if (known == name) return bit;
    bit <<= 1;
  }
  return 0;
}

}  // namespace

std::optional<Permission> Permission::Parse(absl::string_view name) {
  const uint32_t bit = BitOf(name);
  if (bit == 0 && name != "any") return std::nullopt;
  return Permission(std::string(name), bit);
}

Permissions Permissions::FromScopes(absl::string_view text) {
  uint32_t bits = 0;
  for (absl::string_view name : absl::StrSplit(text, ' ')) bits |= BitOf(name);
  return Permissions(bits);
}

}  // namespace broadcast::auth
