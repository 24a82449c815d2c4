// UTF-8, character by character. Pure; any thread.
#ifndef BROADCASTD_BASE_UTF8_H_
#define BROADCASTD_BASE_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

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

void AppendUtf8(char32_t code, std::string& out);

}  // namespace broadcast

#endif  // BROADCASTD_BASE_UTF8_H_
