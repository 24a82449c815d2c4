#include "content/text.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/utf8.h"

namespace broadcast {
namespace {

// Unicode's property White_Space.
bool IsWhiteSpace(char32_t code) {
  return (code >= 0x9 && code <= 0xd) || code == 0x20 || code == 0x85 ||
         code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
         code == 0x2028 || code == 0x2029 || code == 0x202f || code == 0x205f ||
         code == 0x3000;
}

// Of valid UTF-8.
std::optional<char32_t> FirstControl(absl::string_view text, bool multiline) {
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    const bool allowed =
        multiline && (character.code == '\n' || character.code == '\t');
    if (IsControl(character.code) && !allowed) return character.code;
    text.remove_prefix(character.bytes);
  }
  return std::nullopt;
}

std::string LengthProblem(size_t length, const TextRule& rule) {
  if (rule.min_length > 0 && length == 0) {
    return absl::StrCat("must not be empty; give ", rule.min_length, " to ",
                        rule.max_length, " characters");
  }
  return absl::StrCat("has ", length, " characters; at most ", rule.max_length,
                      " are allowed");
}

std::string ControlProblem(char32_t code, bool multiline) {
  return absl::StrCat(absl::StrFormat("contains the control character U+%04X; ",
                                      static_cast<uint32_t>(code)),
                      multiline ? "of these only line feed and tab are allowed"
                                : "none is allowed here");
}

std::string TextProblem(absl::string_view text, const TextRule& rule) {
  if (!IsUtf8(text)) return "is not valid UTF-8";
  const size_t length = CharacterCount(text);
  if (length < static_cast<size_t>(rule.min_length) ||
      length > static_cast<size_t>(rule.max_length)) {
    return LengthProblem(length, rule);
  }
  const std::optional<char32_t> control = FirstControl(text, rule.multiline);
  if (control.has_value()) return ControlProblem(*control, rule.multiline);
  if (rule.min_length > 0 && IsBlank(text)) {
    return "is only white space; give it at least one visible character";
  }
  return "";
}

}  // namespace

bool IsControl(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

bool IsBlank(absl::string_view text) {
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    if (character.bytes == 0 || !IsWhiteSpace(character.code)) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

bool CheckText(absl::string_view text, const TextRule& rule,
               absl::string_view field, Violations& violations) {
  const std::string problem = TextProblem(text, rule);
  if (problem.empty()) return true;
  violations.Add(field, problem);
  return false;
}

}  // namespace broadcast
