// What a message says: its rules, its canonical document and its id. Pure
// functions, used by commands and senders alike; any thread.
#ifndef BROADCASTD_CONTENT_CONTENT_H_
#define BROADCASTD_CONTENT_CONTENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "content/checked.h"
#include "content/violations.h"

namespace broadcast {

enum class ParseMode { kNone, kHtml, kMarkdownV2 };

struct Button {
  std::string text;
  std::string url;

  bool operator==(const Button&) const = default;
};

struct Content {
  std::string text;
  ParseMode parse_mode = ParseMode::kNone;
  std::vector<std::vector<Button>> button_rows;
  bool disable_notification = false;
  bool protect_content = false;
  bool disable_link_preview = false;

  bool operator==(const Content&) const = default;
};

// `field` is the path of the content, such as "open_content".
void Validate(const Content& content, absl::string_view field,
              Violations& violations);

// The text as a platform without markup would show it, or why the markup is
// refused. The text is valid UTF-8.
Checked<std::string> VisibleText(absl::string_view text, ParseMode parse_mode);

// The canonical document of valid content: equal content, equal bytes, in this
// release and in later ones. A member that has its default is left out, so
// that a new one does not change the documents that exist.
std::string ToJson(const Content& content);

// Ignores members that it does not know: a later release may have written
// them. Returns INTERNAL if `document` is not one of ToJson.
absl::StatusOr<Content> FromJson(absl::string_view document);

// SHA-256 of a canonical document, 64 lower-case hexadecimal digits.
std::string ContentId(absl::string_view document);

}  // namespace broadcast

#endif  // BROADCASTD_CONTENT_CONTENT_H_
