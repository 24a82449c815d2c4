#include "storage/page_token.h"

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/stable_hash.h"

namespace broadcast::storage {
namespace {

// Version, resource, order, direction, binding, value, id; numbers with their
// highest byte first.
constexpr char kVersion = 1;
constexpr size_t kIdBytes = 16;
constexpr size_t kIdAt = 4 + 8 + 8;
constexpr size_t kTokenBytes = kIdAt + kIdBytes;
constexpr size_t kTokenLength = kTokenBytes / 3 * 4;
static_assert(kTokenBytes % 3 == 0, "needs no padding");

void AppendNumber(uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift & 0xff));
  }
}

uint64_t NumberAt(absl::string_view bytes, size_t at) {
  uint64_t number = 0;
  for (char c : bytes.substr(at, 8)) {
    number = number << 8 | static_cast<unsigned char>(c);
  }
  return number;
}

std::string IdBytes(absl::string_view uuid) {
  std::string hex;
  for (char c : uuid) {
    if (c != '-') hex.push_back(c);
  }
  return absl::HexStringToBytes(hex);
}

std::string IdText(absl::string_view bytes) {
  const std::string hex = absl::BytesToHexString(bytes);
  const auto part = [&](size_t at, size_t length) {
    return absl::string_view(hex).substr(at, length);
  };
  return absl::StrCat(part(0, 8), "-", part(8, 4), "-", part(12, 4), "-",
                      part(16, 4), "-", part(20, 12));
}

}  // namespace

std::string EncodePageToken(const PageToken& token) {
  std::string bytes = {kVersion, static_cast<char>(token.resource),
                       static_cast<char>(token.order),
                       static_cast<char>(token.descending)};
  AppendNumber(token.binding, bytes);
  AppendNumber(static_cast<uint64_t>(token.last.value), bytes);
  bytes += IdBytes(token.last.id);
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<PageToken> DecodePageToken(absl::string_view text) {
  std::string bytes;
  if (text.size() != kTokenLength ||
      !absl::WebSafeBase64Unescape(text, &bytes) ||
      bytes.size() != kTokenBytes || bytes[0] != kVersion) {
    return error::InvalidPageToken(
        "this is no next_page_token of this server; start again without it");
  }
  return PageToken{
      .resource = static_cast<Resource>(bytes[1]),
      .order = static_cast<OrderColumn>(bytes[2]),
      .descending = bytes[3] != 0,
      .binding = NumberAt(bytes, 4),
      .last = {.value = static_cast<int64_t>(NumberAt(bytes, 12)),
               .id = IdText(absl::string_view(bytes).substr(kIdAt))}};
}

uint64_t BindingOf(absl::Span<const absl::string_view> parts) {
  // Each part is preceded by its length, so that parts do not run into each
  // other.
  StableHash hash;
  for (absl::string_view part : parts) {
    hash.Add(absl::StrCat(part.size(), ":"));
    hash.Add(part);
  }
  return hash.value();
}

}  // namespace broadcast::storage
