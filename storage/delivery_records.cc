#include "storage/delivery_records.h"

#include <array>

namespace broadcast::storage {
namespace {

constexpr std::array kOperationKinds = {"broadcast", "trigger", "test",
                                        "post",      "fill",    "clear",
                                        "sync",      "migrate", "import"};
constexpr std::array kOperationStates = {"planning", "running", "finished"};
constexpr std::array kActions = {"send", "edit",      "delete",
                                 "copy", "tombstone", "probe"};
constexpr std::array kSides = {"", "open", "closed"};
constexpr std::array kOnUnknown = {"hold", "resend"};
constexpr std::array kDeliveryStates = {"pending", "sending",   "retry",
                                        "sent",    "failed",    "unknown",
                                        "expired", "cancelled", "abandoned"};

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

absl::string_view ToText(OperationKind value) {
  return Word(kOperationKinds, static_cast<size_t>(value));
}
absl::string_view ToText(OperationState value) {
  return Word(kOperationStates, static_cast<size_t>(value));
}
absl::string_view ToText(DeliveryAction value) {
  return Word(kActions, static_cast<size_t>(value));
}
absl::string_view ToText(Side value) {
  return Word(kSides, static_cast<size_t>(value));
}
absl::string_view ToText(OnUnknown value) {
  return Word(kOnUnknown, static_cast<size_t>(value));
}
absl::string_view ToText(DeliveryState value) {
  return Word(kDeliveryStates, static_cast<size_t>(value));
}

bool FromText(absl::string_view text, OperationKind* out) {
  return Find(kOperationKinds, text, out);
}
bool FromText(absl::string_view text, OperationState* out) {
  return Find(kOperationStates, text, out);
}
bool FromText(absl::string_view text, DeliveryAction* out) {
  return Find(kActions, text, out);
}
bool FromText(absl::string_view text, Side* out) {
  return Find(kSides, text, out);
}
bool FromText(absl::string_view text, OnUnknown* out) {
  return Find(kOnUnknown, text, out);
}
bool FromText(absl::string_view text, DeliveryState* out) {
  return Find(kDeliveryStates, text, out);
}

}  // namespace broadcast::storage
