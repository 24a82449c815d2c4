// Telegram's HTML subset. Refuses what Telegram would refuse ("can't parse
// entities") and nothing else. Free function without state; any thread.
#ifndef BROADCASTD_CONTENT_HTML_H_
#define BROADCASTD_CONTENT_HTML_H_

#include <string>

#include "absl/strings/string_view.h"
#include "content/checked.h"

namespace broadcast {

// What remains to be read when the markup of `text`, valid UTF-8, is gone. It
// never has more characters than `text`.
Checked<std::string> VisibleHtml(absl::string_view text);

}  // namespace broadcast

#endif  // BROADCASTD_CONTENT_HTML_H_
