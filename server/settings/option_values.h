// Reading and writing the value of one option. Free functions; any thread.
#ifndef BROADCASTD_SETTINGS_OPTION_VALUES_H_
#define BROADCASTD_SETTINGS_OPTION_VALUES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "settings/options.h"
#include "settings/settings.h"

namespace broadcast {

// Sets what `option` names to what `text` says.
// Returns INVALID_ARGUMENT, saying the remedy but not the option's name, if it
// is malformed or out of range; `settings` is then as before.
absl::Status ReadValue(const Option& option, absl::string_view text,
                       Settings& settings);

// The value as ReadValue takes it.
std::string WriteValue(const Option& option, const Settings& settings);

// The value as a configuration file has it.
std::string WriteTomlValue(const Option& option, const Settings& settings);

// A sentence on what values are allowed, e.g. "Range: 1 to 8."; empty where
// the help says it, and for switches.
std::string AllowedValues(const Option& option);

// Nothing but text of characters that a message may hold.
absl::Status CheckContentText(absl::string_view text);

// An address to serve on, or to serve metrics on.
absl::Status CheckListen(absl::string_view text);
absl::Status CheckMetricsListen(absl::string_view text);

// A location that storage can parse.
absl::Status CheckDatabase(absl::string_view text);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_OPTION_VALUES_H_
