// The names that people give to things here. Pure; any thread.
#ifndef BROADCASTD_BASE_NAMES_H_
#define BROADCASTD_BASE_NAMES_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace broadcast {

// A lower-case letter, then those of `others` or lower-case letters or digits.
bool IsName(absl::string_view text, size_t max_length,
            absl::string_view others);

// Matches [a-z][a-z0-9_-]{0,62}.
bool IsAccountName(absl::string_view text);

}  // namespace broadcast

#endif  // BROADCASTD_BASE_NAMES_H_
