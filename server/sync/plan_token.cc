#include "sync/plan_token.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace broadcast::sync {

std::string ToText(const PlanToken& token) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(absl::ToUnixMicros(token.as_of), "|", token.hash));
}

std::optional<PlanToken> PlanTokenFrom(absl::string_view text) {
  std::string plain;
  if (!absl::WebSafeBase64Unescape(text, &plain)) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(plain, '|');
  int64_t micros = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros)) {
    return std::nullopt;
  }
  PlanToken token{.as_of = absl::FromUnixMicros(micros), .hash = parts[1]};
  // Whatever else reads as a token is none of ours.
  if (ToText(token) != text) return std::nullopt;
  return token;
}

}  // namespace broadcast::sync
