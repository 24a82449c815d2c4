// The accounts of the configuration, as commands see them: which there are,
// what each posts to, and who may use it. Constant once the server runs; any
// thread may read.
#ifndef BROADCASTD_CHANNELS_ACCOUNTS_H_
#define BROADCASTD_CHANNELS_ACCOUNTS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/stable_hash.h"
#include "storage/records.h"
#include "storage/scope.h"

namespace broadcast::channels {

struct Account {
  storage::Platform platform = storage::Platform::kLog;
  absl::flat_hash_set<std::string> clients;  // empty: every client
  // Over how many lanes its channels are split, so that several replicas may
  // send at once. More than one only without a limit of the whole account.
  int lanes = 1;

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

// The lanes of the account called `name`: its name alone, or "name#0",
// "name#1", …
inline std::vector<std::string> LanesOf(absl::string_view name,
                                        const Account& account) {
  if (account.lanes <= 1) return {std::string(name)};
  std::vector<std::string> lanes;
  lanes.reserve(static_cast<size_t>(account.lanes));
  for (int i = 0; i < account.lanes; ++i) {
    lanes.push_back(absl::StrCat(name, "#", i));
  }
  return lanes;
}

// Which of them sends to a channel. Stable over restarts and replicas.
inline std::string LaneOf(absl::string_view name, const Account& account,
                          absl::string_view channel_id) {
  if (account.lanes <= 1) return std::string(name);
  StableHash hash;
  hash.Add(channel_id);
  return absl::StrCat(name, "#",
                      hash.value() % static_cast<uint64_t>(account.lanes));
}

}  // namespace broadcast::channels

#endif  // BROADCASTD_CHANNELS_ACCOUNTS_H_
