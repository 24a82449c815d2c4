// The configuration file: TOML, of which it takes [sections], keys, strings of
// all four kinds, integers and booleans. Stricter than CLI11's reader, which
// cuts a string at `#`, knows no escapes and says no line. Free functions; any
// thread.
#ifndef BROADCASTD_SETTINGS_CONFIG_FILE_H_
#define BROADCASTD_SETTINGS_CONFIG_FILE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadcast {

// A section's header, or one key with its value.
struct ConfigEntry {
  std::vector<std::string> path;     // e.g. {"accounts", "news", "platform"}
  std::optional<std::string> value;  // unquoted; unset: a header
  std::string place;                 // "FILE:LINE", for messages
};

// One section [KIND.NAME].
struct ConfigSection {
  std::string place;  // of its first line
  std::map<std::string, const ConfigEntry*> keys;

  // The value of a key, or null.
  const std::string* Find(const std::string& key) const;
};

// The entries of the file in their order, each path once.
// Returns INVALID_ARGUMENT, naming file, line and remedy, if it cannot be read
// or is not of that form.
absl::StatusOr<std::vector<ConfigEntry>> ReadConfigFile(
    const std::string& path);

// The same of `text`; `name` is the file's in messages.
absl::StatusOr<std::vector<ConfigEntry>> ParseConfig(absl::string_view name,
                                                     absl::string_view text);

// The sections [`kind`.NAME] among `entries`, which outlive them, by name.
std::map<std::string, ConfigSection> SectionsOf(
    const std::vector<ConfigEntry>& entries, absl::string_view kind);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_CONFIG_FILE_H_
