// How wide text is on a terminal, and what of it may go there. Pure; any
// thread.
#ifndef BROADCASTD_CLI_DISPLAY_WIDTH_H_
#define BROADCASTD_CLI_DISPLAY_WIDTH_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast::cli {

// Columns that UTF-8 `text` takes: 2 for East Asian wide characters and emoji,
// 0 for what combines with the character before. What is no UTF-8 counts 1 a
// byte.
size_t DisplayWidth(absl::string_view text);

// `text` on one line, without what would move the cursor, change colours or
// turn the direction of writing: whoever wrote a title has no say over the
// terminal of who reads it.
std::string Printable(absl::string_view text);

// The longest beginning of `text` that takes at most `columns`.
std::string CutToWidth(absl::string_view text, size_t columns);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_DISPLAY_WIDTH_H_
