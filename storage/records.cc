#include "storage/records.h"

#include <array>

namespace broadcast::storage {
namespace {

constexpr std::array kPlatforms = {"telegram", "email", "webhook", "log"};
constexpr std::array kChannelStates = {"active", "disabled"};
constexpr std::array kEntryStates = {"active", "paused", "disabled"};
constexpr std::array kOutcomes = {"pending", "sending", "sent", "partial",
                                  "failed"};

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

absl::string_view ToText(Platform value) {
  return Word(kPlatforms, static_cast<size_t>(value));
}
absl::string_view ToText(ChannelState value) {
  return Word(kChannelStates, static_cast<size_t>(value));
}
absl::string_view ToText(EntryState value) {
  return Word(kEntryStates, static_cast<size_t>(value));
}
absl::string_view ToText(Outcome value) {
  return Word(kOutcomes, static_cast<size_t>(value));
}

bool FromText(absl::string_view text, Platform* out) {
  return Find(kPlatforms, text, out);
}
bool FromText(absl::string_view text, ChannelState* out) {
  return Find(kChannelStates, text, out);
}
bool FromText(absl::string_view text, EntryState* out) {
  return Find(kEntryStates, text, out);
}
bool FromText(absl::string_view text, Outcome* out) {
  return Find(kOutcomes, text, out);
}

}  // namespace broadcast::storage
