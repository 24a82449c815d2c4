// What a principal may do: a set of scopes. A value; any thread.
#ifndef BROADCASTD_AUTH_PERMISSIONS_H_
#define BROADCASTD_AUTH_PERMISSIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast::auth {

// What a method asks for: one scope, or only that the caller is known.
class Permission {
 public:
  // "any", or the name of a scope. Nothing for another name.
  static std::optional<Permission> Parse(absl::string_view name);

  const std::string& name() const { return name_; }

 private:
  friend class Permissions;
  Permission(std::string name, uint32_t bit)
      : name_(std::move(name)), bit_(bit) {}

  std::string name_;
  uint32_t bit_;  // zero: any caller
};

class Permissions {
 public:
  Permissions() = default;
  static Permissions All() { return Permissions(~uint32_t{0}); }

  // The scopes that `text` names, separated by spaces. Names that are none of
  // ours are skipped: a token may be meant for others too.
  static Permissions FromScopes(absl::string_view text);

  void Add(const Permissions& others) { bits_ |= others.bits_; }
  bool Include(const Permission& permission) const {
    return (bits_ & permission.bit_) == permission.bit_;
  }

 private:
  explicit Permissions(uint32_t bits) : bits_(bits) {}

  uint32_t bits_ = 0;
};

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_PERMISSIONS_H_
