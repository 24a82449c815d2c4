// Whose data a call may see: all clients, or one. Built from the call's
// principal and part of every statement that touches a client's data, never a
// check afterwards. A value; any thread.
#ifndef BROADCASTD_STORAGE_SCOPE_H_
#define BROADCASTD_STORAGE_SCOPE_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace broadcast::storage {

class Scope {
 public:
  static Scope AllClients() { return Scope(std::nullopt); }
  static Scope OneClient(std::string client_id) {
    return Scope(std::move(client_id));
  }

  // Nothing means all clients. Bound as a parameter: SQL compares with
  // COALESCE(:scope, client_id).
  const std::optional<std::string>& client_id() const { return client_id_; }

  bool Contains(absl::string_view client_id) const {
    return !client_id_.has_value() || *client_id_ == client_id;
  }

  // For a row that is about to be written. Another client's is a fault of ours,
  // INTERNAL: what a caller may not do is refused before it comes to a write.
  absl::Status Admit(absl::string_view client_id) const {
    return Contains(client_id)
               ? absl::OkStatus()
               : absl::InternalError("a row outside the scope of its call");
  }

  // Names the scope in request ids and page tokens: "*", or the client's id.
  std::string Key() const { return client_id_.value_or("*"); }

 private:
  explicit Scope(std::optional<std::string> client_id)
      : client_id_(std::move(client_id)) {}

  std::optional<std::string> client_id_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_SCOPE_H_
