// The variables of the older system that broadcastd replaces, which work
// unchanged: docs/moving.md has what each means. Free functions; any thread.
#ifndef BROADCASTD_SETTINGS_LEGACY_SETTINGS_H_
#define BROADCASTD_SETTINGS_LEGACY_SETTINGS_H_

#include <map>
#include <string>
#include <vector>

#include "settings/account_settings.h"
#include "settings/settings.h"

namespace broadcast {

// The account that GROUP_BOT_TOKEN makes.
inline constexpr char kGroupBotAccount[] = "group_bot";

// Sets options, where `origins` has none for them yet, and the default feed.
// What an option outranks is appended to Settings::outranked. Appends what is
// wrong to `problems`.
void ReadLegacyVariables(const EnvironmentReader& environment,
                         std::map<std::string, std::string>& origins,
                         Settings& settings,
                         std::vector<std::string>& problems);

// Adds the account of GROUP_BOT_TOKEN, unless `accounts` has one of that name.
// Then it is outranked, likewise. Chats without an account are a problem.
void AddGroupBot(const EnvironmentReader& environment, Settings& settings,
                 Accounts& accounts, std::vector<std::string>& problems);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_LEGACY_SETTINGS_H_
