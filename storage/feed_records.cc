#include "storage/feed_records.h"

#include <array>
#include <cstddef>

namespace broadcast::storage {
namespace {

constexpr std::array kFeedStates = {"open", "closed"};
constexpr std::array kPostStates = {"open", "closed"};
constexpr std::array kMessageStates = {"pending", "live",       "unknown",
                                       "deleted", "tombstoned", "undeletable",
                                       "lost"};
constexpr std::array kPlanKinds = {"sync", "fill", "clear", "migrate"};
constexpr std::array kPlanModes = {"full", "post_only", "delete_only"};

template <typename E, typename Words>
bool Find(const Words& words, absl::string_view text, E* out) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == text) {
      *out = static_cast<E>(i);
      return true;
    }
  }
  return false;
}

template <typename Words>
absl::string_view Word(const Words& words, size_t index) {
  return words.at(index);
}

}  // namespace

absl::string_view ToText(FeedState value) {
  return Word(kFeedStates, static_cast<size_t>(value));
}
absl::string_view ToText(PostState value) {
  return Word(kPostStates, static_cast<size_t>(value));
}
absl::string_view ToText(MessageState value) {
  return Word(kMessageStates, static_cast<size_t>(value));
}
absl::string_view ToText(PlanKind value) {
  return Word(kPlanKinds, static_cast<size_t>(value));
}
absl::string_view ToText(PlanMode value) {
  return Word(kPlanModes, static_cast<size_t>(value));
}

bool FromText(absl::string_view text, FeedState* out) {
  return Find(kFeedStates, text, out);
}
bool FromText(absl::string_view text, PostState* out) {
  return Find(kPostStates, text, out);
}
bool FromText(absl::string_view text, MessageState* out) {
  return Find(kMessageStates, text, out);
}
bool FromText(absl::string_view text, PlanKind* out) {
  return Find(kPlanKinds, text, out);
}
bool FromText(absl::string_view text, PlanMode* out) {
  return Find(kPlanModes, text, out);
}

}  // namespace broadcast::storage
