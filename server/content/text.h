// Text as people count it: characters (Unicode code points) of UTF-8, white
// space and control characters. Free functions without state; any thread.
#ifndef BROADCASTD_CONTENT_TEXT_H_
#define BROADCASTD_CONTENT_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "content/violations.h"

namespace broadcast {

struct Character {
  char32_t code = 0;
  size_t bytes = 0;  // 0: there is no valid character
};

// The character that `text` begins with. Overlong forms, surrogates and what
// lies above U+10FFFF are not valid.
Character FirstCharacter(absl::string_view text);

bool IsUtf8(absl::string_view text);

// Of valid UTF-8.
size_t CharacterCount(absl::string_view text);

// True for C0, DEL and C1.
bool IsControl(char32_t code);

// True for nothing but white space, which includes nothing at all.
bool IsBlank(absl::string_view text);

void AppendUtf8(char32_t code, std::string& out);

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
