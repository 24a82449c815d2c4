// The accounts of the configuration, as commands see them: which there are,
// what each posts to, and who may use it. Constant once the server runs; any
// thread may read.
#ifndef BROADCASTD_CHANNELS_ACCOUNTS_H_
#define BROADCASTD_CHANNELS_ACCOUNTS_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "storage/records.h"
#include "storage/scope.h"

namespace broadcast::channels {

struct Account {
  storage::Platform platform = storage::Platform::kLog;
  absl::flat_hash_set<std::string> clients;  // empty: every client

  bool Serves(absl::string_view client_id) const {
    return clients.empty() || clients.contains(client_id);
  }

  // Whether whoever has `scope` may know of it.
  bool ShowsTo(const storage::Scope& scope) const {
    return !scope.client_id().has_value() || Serves(*scope.client_id());
  }
};

using Accounts = absl::flat_hash_map<std::string, Account>;

// An account that a client may not use is as good as none.
inline bool HasAccount(const Accounts& accounts, absl::string_view name,
                       storage::Platform platform,
                       absl::string_view client_id) {
  const auto found = accounts.find(name);
  return found != accounts.end() && found->second.platform == platform &&
         found->second.Serves(client_id);
}

}  // namespace broadcast::channels

#endif  // BROADCASTD_CHANNELS_ACCOUNTS_H_
