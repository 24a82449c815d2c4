// What is wrong with settings that are each right: what one needs of another.
// Free functions; any thread.
#ifndef BROADCASTD_SETTINGS_CHECK_TOGETHER_H_
#define BROADCASTD_SETTINGS_CHECK_TOGETHER_H_

#include <functional>

#include "absl/strings/string_view.h"
#include "settings/settings.h"

namespace broadcast {

// Told of a problem of what was given as `option`, which it puts before it.
using Complain =
    std::function<void(absl::string_view option, const std::string& problem)>;

// Certificates, keys and authorities.
void CheckTransport(const Settings& settings, const Complain& complain);

// Tokens and their keys.
void CheckAuthentication(const Settings& settings, const Complain& complain);

// How long what was delivered is kept.
void CheckRetention(const Settings& settings, const Complain& complain);

// Whether other machines may reach the server as it is.
void CheckListening(const Settings& settings, const Complain& complain);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_CHECK_TOGETHER_H_
