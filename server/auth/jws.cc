#include "auth/jws.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "auth/strict_json.h"

namespace broadcast::auth {
namespace {

constexpr size_t kMostBytes = 8 << 10;

constexpr std::pair<Algorithm, absl::string_view> kAlgorithms[] = {
    {Algorithm::kHs256, "HS256"},
    {Algorithm::kRs256, "RS256"},
    {Algorithm::kPs256, "PS256"},
    {Algorithm::kEs256, "ES256"},
    {Algorithm::kEdDsa, "EdDSA"},
};

// A token that was made for something else (a logout, a proof of possession)
// says so in its type, and is none of ours (RFC 8725, 3.11).
bool IsJwtType(absl::string_view type) {
  std::string lower = absl::AsciiStrToLower(type);
  absl::string_view rest = lower;
  absl::ConsumePrefix(&rest, "application/");
  return rest == "jwt" || rest == "at+jwt";
}

}  // namespace

absl::string_view ToText(Algorithm algorithm) {
  return kAlgorithms[static_cast<size_t>(algorithm)].second;
}

std::optional<Algorithm> ParseAlgorithm(absl::string_view name) {
  for (const auto& [algorithm, text] : kAlgorithms) {
    if (text == name) return algorithm;
  }
  return std::nullopt;
}

std::optional<std::string> DecodeBase64Url(absl::string_view text) {
  std::string bytes;
  const bool alphabet = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
  if (!alphabet || !absl::WebSafeBase64Unescape(text, &bytes)) {
    return std::nullopt;
  }
  // The last character may carry bits that decode to nothing: two texts for
  // the same bytes.
  if (absl::WebSafeBase64Escape(bytes) != text) return std::nullopt;
  return bytes;
}

ParsedJws ParseJws(absl::string_view compact) {
  if (compact.size() > kMostBytes) return {};
  const std::vector<absl::string_view> parts = absl::StrSplit(compact, '.');
  if (parts.size() != 3) return {};
  const auto header_text = DecodeBase64Url(parts[0]);
  auto payload = DecodeBase64Url(parts[1]);
  auto signature = DecodeBase64Url(parts[2]);
  if (!header_text || !payload || !signature) return {};
  const auto header = ParseObject(*header_text);
  if (!header.has_value() || header->contains("crit") ||
      header->contains("b64")) {
    return {};
  }
  if (header->contains("typ") &&
      !IsJwtType(TextAt(*header, "typ").value_or(""))) {
    return {};
  }
  // A token within a token.
  if (header->contains("cty")) return {};
  if (header->contains("kid") && !TextAt(*header, "kid").has_value()) return {};
  const auto algorithm = ParseAlgorithm(TextAt(*header, "alg").value_or(""));
  if (!algorithm.has_value()) return {.problem = JwsProblem::kAlgorithm};
  return {.jws = Jws{.compact = compact,
                     .signed_part = compact.substr(
                         0, parts[0].size() + 1 + parts[1].size()),
                     .algorithm = *algorithm,
                     .key_id = TextAt(*header, "kid"),
                     .payload = *std::move(payload),
                     .signature = *std::move(signature)}};
}

}  // namespace broadcast::auth
