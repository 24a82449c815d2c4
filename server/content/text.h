// Text as people see it: its length in characters (Unicode code points), white
// space and control characters. Free functions without state; any thread.
#ifndef BROADCASTD_CONTENT_TEXT_H_
#define BROADCASTD_CONTENT_TEXT_H_

#include "absl/strings/string_view.h"
#include "content/violations.h"

namespace broadcast {

// True for C0, DEL and C1.
bool IsControl(char32_t code);

// True for nothing but white space, which includes nothing at all.
bool IsBlank(absl::string_view text);

struct TextRule {
  int min_length = 0;      // characters; above 0, white space is not enough
  int max_length = 0;      // characters
  bool multiline = false;  // line feed and tab are allowed
};

// Adds at most one violation; returns whether there is none.
bool CheckText(absl::string_view text, const TextRule& rule,
               absl::string_view field, Violations& violations);

}  // namespace broadcast

#endif  // BROADCASTD_CONTENT_TEXT_H_
