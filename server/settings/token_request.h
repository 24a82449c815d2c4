// What `broadcastd token` is asked for. A free function; any thread.
#ifndef BROADCASTD_SETTINGS_TOKEN_REQUEST_H_
#define BROADCASTD_SETTINGS_TOKEN_REQUEST_H_

#include <map>
#include <string>
#include <vector>

#include "settings/settings.h"

namespace broadcast {

// The request of the command's options --client_id, --scopes, --subject and
// --ttl, given as `values` by name. Appends what is wrong to `problems`.
TokenRequest ReadTokenRequest(const std::map<std::string, std::string>& values,
                              std::vector<std::string>& problems);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_TOKEN_REQUEST_H_
