// Telegram's MarkdownV2. Refuses what Telegram would refuse ("can't parse
// entities") and nothing else. Free function without state; any thread.
#ifndef BROADCASTD_CONTENT_MARKDOWN_V2_H_
#define BROADCASTD_CONTENT_MARKDOWN_V2_H_

#include <string>

#include "absl/strings/string_view.h"
#include "content/checked.h"

namespace broadcast {

// What remains to be read when the markup of `text`, valid UTF-8, is gone. It
// never has more characters than `text`.
Checked<std::string> VisibleMarkdownV2(absl::string_view text);

}  // namespace broadcast

#endif  // BROADCASTD_CONTENT_MARKDOWN_V2_H_
