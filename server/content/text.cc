#include "content/text.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace broadcast {
namespace {

// What a sequence of so many bytes must at least stand for.
constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};

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

Character FirstCharacter(absl::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  char32_t code = lead & (0x7fU >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {};
    code = code << 6 | (next & 0x3f);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kSmallest[bytes] || code > 0x10ffff || surrogate) return {};
  return {code, bytes};
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t bytes = FirstCharacter(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

size_t CharacterCount(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

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

void AppendUtf8(char32_t code, std::string& out) {
  const auto tail = [&](int shift) {
    out.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3f)));
  };
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | code >> 12));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xf0 | code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool CheckText(absl::string_view text, const TextRule& rule,
               absl::string_view field, Violations& violations) {
  const std::string problem = TextProblem(text, rule);
  if (problem.empty()) return true;
  violations.Add(field, problem);
  return false;
}

}  // namespace broadcast
