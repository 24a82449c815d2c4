// The text of settings: its characters, and how TOML and messages quote it.
// Free functions; any thread.
#ifndef BROADCASTD_SETTINGS_SETTINGS_TEXT_H_
#define BROADCASTD_SETTINGS_SETTINGS_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast {

// How many characters `text` has; nothing if it is not UTF-8.
std::optional<int> CountCharacters(absl::string_view text);

// Appends the character as UTF-8. False if there is no such character.
bool AppendCharacter(uint32_t character, std::string& text);

// `text` as a TOML string on one line, quotes included.
std::string QuoteForToml(absl::string_view text);

// The beginning of `text`, quoted, fit for one line of a message.
std::string QuoteForMessage(absl::string_view text);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_SETTINGS_TEXT_H_
