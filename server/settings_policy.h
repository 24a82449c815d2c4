// What calls go by, as far as the settings say it. A free function, called once
// by the environment.
#ifndef BROADCASTD_SETTINGS_POLICY_H_
#define BROADCASTD_SETTINGS_POLICY_H_

#include "absl/status/status.h"
#include "rpc/policy.h"
#include "settings/settings.h"

namespace broadcast {

// Leaves the rest of `policy` as it is. Returns INVALID_ARGUMENT for default
// contents that cannot be sent.
absl::Status ReadPolicy(const Settings& settings, rpc::Policy& policy);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_POLICY_H_
