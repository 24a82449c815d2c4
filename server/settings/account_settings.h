// The accounts of the configuration: NAME=PLATFORM on the command line or in a
// variable, [accounts.NAME] in the file. Free functions; any thread.
#ifndef BROADCASTD_SETTINGS_ACCOUNT_SETTINGS_H_
#define BROADCASTD_SETTINGS_ACCOUNT_SETTINGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "settings/config_file.h"
#include "settings/settings.h"

namespace broadcast {

// By name.
using Accounts = std::map<std::string, AccountSettings>;

// Those of NAME=PLATFORM texts, all given at `origin`; the secret of each is
// expected in its usual variable. Appends what is wrong to `problems`.
Accounts ReadAccounts(const std::vector<std::string>& texts,
                      absl::string_view origin,
                      std::vector<std::string>& problems);

// Those of a file's [accounts.NAME] sections; other entries are not looked at.
// Appends what is wrong to `problems`.
Accounts ReadAccountSections(const std::vector<ConfigEntry>& entries,
                             std::vector<std::string>& problems);

// The key in the file that says where the account's secret is, "" if none.
absl::string_view SecretKey(const AccountSettings& account);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_ACCOUNT_SETTINGS_H_
