#include "senders/redact.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/utf8.h"

namespace broadcast::senders {
namespace {

constexpr size_t kLongNumber = 6;  // digits
constexpr absl::string_view kLeftOut = "...";

// Printable, in one line, with nothing between quotes. An apostrophe within a
// word opens no quotation.
std::string WithoutQuotations(absl::string_view text) {
  std::string kept;
  char quote = 0;
  while (!text.empty()) {
    const Character next = FirstCharacter(text);
    const absl::string_view bytes =
        text.substr(0, std::max<size_t>(next.bytes, 1));
    text.remove_prefix(bytes.size());
    const char c = bytes[0];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    const bool opens =
        c == '"' ||
        (c == '\'' && (kept.empty() || !absl::ascii_isalnum(kept.back())));
    if (opens) {
      quote = c;
      absl::StrAppend(&kept, kLeftOut);
    } else if (next.bytes == 0 || next.code < 0x20 ||
               (next.code >= 0x7f && next.code < 0xa0)) {
      kept.push_back(' ');
    } else {
      absl::StrAppend(&kept, bytes);
    }
  }
  return kept;
}

bool TellsTooMuch(absl::string_view word) {
  if (absl::StrContains(word, "://") || absl::StrContains(word, '@')) {
    return true;
  }
  size_t digits = 0;
  for (const char c : word) {
    digits = absl::ascii_isdigit(c) ? digits + 1 : 0;
    if (digits == kLongNumber) return true;
  }
  return false;
}

}  // namespace

std::string Redact(absl::string_view text) {
  // What is cut off below cannot be needed; what is cut here need not be read.
  const std::string kept = WithoutQuotations(text.substr(0, 4096));
  std::vector<absl::string_view> words =
      absl::StrSplit(kept, ' ', absl::SkipEmpty());
  for (absl::string_view& word : words) {
    if (TellsTooMuch(word)) word = kLeftOut;
  }
  std::string detail = absl::StrJoin(words, " ");
  if (detail.size() <= kMaxDetailBytes) return detail;
  size_t end = kMaxDetailBytes;
  // Never within a character.
  while ((static_cast<unsigned char>(detail[end]) & 0xc0) == 0x80) --end;
  detail.resize(end);
  return detail;
}

}  // namespace broadcast::senders
