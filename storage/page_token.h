// The opaque page tokens of the List calls: where a page ended, and the
// question that it answered. A token carries no authorization and no secret:
// whoever makes one up reads nothing that a filter would not show. Pure; any
// thread.
#ifndef BROADCASTD_STORAGE_PAGE_TOKEN_H_
#define BROADCASTD_STORAGE_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace broadcast::storage {

// The numbers are part of the tokens.
enum class Resource : uint8_t {
  kClient = 1,
  kChannel = 2,
  kPair = 3,
  kEntry = 4,
  kAuditEvent = 5,
  kOperation = 6,
  kFeed = 7,
  kPost = 8,
  kMessage = 9,
};
enum class OrderColumn : uint8_t {
  kCreateTime = 1,
  kNextSendTime = 2,
  kId = 3
};

// A row's place in its order: the order's column in microseconds (0 in the
// order of ids), then the id.
struct PageKey {
  int64_t value = 0;
  std::string id;

  friend bool operator==(const PageKey&, const PageKey&) = default;
  friend bool operator<(const PageKey& a, const PageKey& b) {
    return std::tie(a.value, a.id) < std::tie(b.value, b.id);
  }
};

struct PageToken {
  Resource resource = Resource::kClient;
  OrderColumn order = OrderColumn::kCreateTime;
  bool descending = false;
  uint64_t binding = 0;  // BindingOf what else the page depends on
  PageKey last;          // its id is a UUID
};

std::string EncodePageToken(const PageToken& token);

// Returns INVALID_ARGUMENT (INVALID_PAGE_TOKEN) for what EncodePageToken did
// not make.
absl::StatusOr<PageToken> DecodePageToken(absl::string_view text);

// The same on every machine for the same parts; seldom for others.
uint64_t BindingOf(absl::Span<const absl::string_view> parts);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_PAGE_TOKEN_H_
