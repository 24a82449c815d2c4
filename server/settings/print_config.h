// What --print-config prints. A free function; any thread.
#ifndef BROADCASTD_SETTINGS_PRINT_CONFIG_H_
#define BROADCASTD_SETTINGS_PRINT_CONFIG_H_

#include <map>
#include <string>

#include "settings/settings.h"

namespace broadcast {

// `settings` as a file that --config takes, each with its origin as a comment
// ("default" if `origins` has none). A password in the database's URL is
// replaced by ***, which --config refuses.
std::string PrintConfig(const Settings& settings,
                        const std::map<std::string, std::string>& origins);

// True if the text of --database carries a password of any kind.
bool HoldsPassword(absl::string_view database);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_PRINT_CONFIG_H_
