// JSON as a token or a key set may be written: one object, no key twice, not
// deep. What others read differently (the first of two keys, or the last) is
// refused, so that nobody can show one token to us and another to them. Pure;
// any thread.
#ifndef BROADCASTD_AUTH_STRICT_JSON_H_
#define BROADCASTD_AUTH_STRICT_JSON_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast::auth {

// Nothing if `text` is not such an object.
std::optional<nlohmann::json> ParseObject(absl::string_view text);

// The text under `key`; nothing if there is none or it is no text.
std::optional<std::string> TextAt(const nlohmann::json& object,
                                  const std::string& key);

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_STRICT_JSON_H_
