// The identities of the configuration file, [identities.NAME]: who a client
// certificate is. Free functions; any thread.
#ifndef BROADCASTD_SETTINGS_IDENTITY_SETTINGS_H_
#define BROADCASTD_SETTINGS_IDENTITY_SETTINGS_H_

#include <string>
#include <vector>

#include "settings/config_file.h"
#include "settings/settings.h"

namespace broadcast {

// Those of a file's sections, by name; other entries are not looked at. Appends
// what is wrong to `problems`, two of one certificate among it.
std::vector<IdentitySettings> ReadIdentitySections(
    const std::vector<ConfigEntry>& entries,
    std::vector<std::string>& problems);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_IDENTITY_SETTINGS_H_
