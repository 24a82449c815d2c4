// The process's environment variables. The only file that calls getenv; call
// before threads start that could set one.
#ifndef BROADCASTD_SETTINGS_ENVIRONMENT_VARIABLES_H_
#define BROADCASTD_SETTINGS_ENVIRONMENT_VARIABLES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast {

// An EnvironmentReader.
std::optional<std::string> ReadEnvironmentVariable(absl::string_view name);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_ENVIRONMENT_VARIABLES_H_
