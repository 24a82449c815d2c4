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

// Those of NAME=PLATFORM texts, all given at `origin`, which say of no secret
// where it is. Appends what is wrong to `problems`.
Accounts ReadAccounts(const std::vector<std::string>& texts,
                      absl::string_view origin,
                      std::vector<std::string>& problems);

// Those of a file's [accounts.NAME] sections; other entries are not looked at.
// Appends what is wrong to `problems`.
Accounts ReadAccountSections(const std::vector<ConfigEntry>& entries,
                             std::vector<std::string>& problems);

// Accounts whose names differ in - and _ alone would share a variable: appends
// that to `problems`.
void CheckAlike(const Accounts& accounts, std::vector<std::string>& problems);

// Says where the secret is that the account needs and nobody has said it of:
// in its usual variable if that is set, else in account_NAME of the secrets'
// `directory`, else in that variable after all.
void FindSecret(AccountSettings& account, const std::string& directory,
                const EnvironmentReader& environment);

// The key in the file that says where the account's secret is, "" if none.
absl::string_view SecretKey(const AccountSettings& account);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_ACCOUNT_SETTINGS_H_
