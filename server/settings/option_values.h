// Reading and writing the value of one option. Free functions; any thread.
#ifndef BROADCASTD_SETTINGS_OPTION_VALUES_H_
#define BROADCASTD_SETTINGS_OPTION_VALUES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
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

// Where `text` is a duration in [min, max] and a multiple of `unit`.
// Returns INVALID_ARGUMENT, saying the remedy, if it is not.
absl::StatusOr<absl::Duration> ReadDuration(absl::string_view text,
                                            absl::Duration min,
                                            absl::Duration max,
                                            absl::Duration unit);

// The scopes that `text` names, with one blank between.
// Returns INVALID_ARGUMENT, saying the remedy, if one is unknown or is there
// twice.
absl::StatusOr<std::string> ReadScopes(absl::string_view text);

// Nothing but text of characters that a message may hold.
absl::Status CheckContentText(absl::string_view text);

// An address to serve on, or to serve metrics on.
absl::Status CheckListen(absl::string_view text);
absl::Status CheckMetricsListen(absl::string_view text);

// A location that storage can parse.
absl::Status CheckDatabase(absl::string_view text);

// Nothing, or the URL of an issuer: https, or http where that stays on this
// machine.
absl::Status CheckIssuer(absl::string_view text);

// The URL of a Bot API, without anything behind its path: https, or http
// where that stays on this machine.
absl::Status CheckTelegramUrl(absl::string_view text);

// Nothing, or a word of lower-case letters, digits, `_` and `:`.
absl::Status CheckFailPoint(absl::string_view text);

// The name of a claim.
absl::Status CheckClaim(absl::string_view text);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_OPTION_VALUES_H_
