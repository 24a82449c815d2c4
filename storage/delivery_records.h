// Plain structs of delivery: operations, what they do at each destination, and
// what came of it. Values; any thread.
#ifndef BROADCASTD_STORAGE_DELIVERY_RECORDS_H_
#define BROADCASTD_STORAGE_DELIVERY_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/records.h"

namespace broadcast::storage {

// Enumerations are stored as text; ToText and FromText know the words.
enum class OperationKind {
  kBroadcast,
  kTrigger,
  kTest,
  kPost,
  kFill,
  kClear,
  kSync,
  kMigrate,
  kImport,
};
enum class OperationState { kPlanning, kRunning, kFinished };
enum class DeliveryAction {
  kSend,
  kEdit,
  kDelete,
  kCopy,
  kTombstone,  // an edit after which the message counts as gone
  kProbe,      // asks whether the message is still there, and changes nothing
};
enum class Side { kNone, kOpen, kClosed };
enum class OnUnknown { kHold, kResend };

// Where a delivery is: kPending, kRetry and kSending are read off the tables
// it is in, the others are how it ended. An unknown one may still be settled.
enum class DeliveryState {
  kPending,
  kSending,
  kRetry,
  kSent,
  kFailed,
  kUnknown,
  kExpired,
  kCancelled,
  kAbandoned,
};

// Whether it posts something.
inline bool Posts(DeliveryAction action) {
  return action == DeliveryAction::kSend || action == DeliveryAction::kCopy;
}

absl::string_view ToText(OperationKind value);
absl::string_view ToText(OperationState value);
absl::string_view ToText(DeliveryAction value);
absl::string_view ToText(Side value);
absl::string_view ToText(OnUnknown value);
absl::string_view ToText(DeliveryState value);
bool FromText(absl::string_view text, OperationKind* out);
bool FromText(absl::string_view text, OperationState* out);
bool FromText(absl::string_view text, DeliveryAction* out);
bool FromText(absl::string_view text, Side* out);
bool FromText(absl::string_view text, OnUnknown* out);
bool FromText(absl::string_view text, DeliveryState* out);

// What became of an operation's deliveries. Adds up at every moment.
struct Progress {
  int64_t planned = 0;
  int64_t sent = 0;
  int64_t failed = 0;
  int64_t unknown = 0;
  int64_t expired = 0;
  int64_t cancelled = 0;
  int64_t abandoned = 0;

  int64_t ended() const {
    return sent + failed + unknown + expired + cancelled + abandoned;
  }
  int64_t waiting() const { return planned - ended(); }
};

// What was sent, by action; the rest of Progress::sent has posted something.
struct SentActions {
  int64_t edits = 0;
  int64_t deletes = 0;
  int64_t tombstones = 0;
  int64_t probes = 0;
  int64_t undeletable = 0;  // deletions that failed for good: not sent
  int64_t lost = 0;         // messages that turned out to be gone
};

struct Operation {
  std::string operation_id;
  std::optional<std::string> client_id;
  std::optional<std::string> entry_id;
  std::optional<std::string> feed_id;  // that it is about, if it is one
  std::optional<int64_t> occurrence;
  OperationKind kind = OperationKind::kBroadcast;
  OperationState state = OperationState::kRunning;
  std::string reason;  // why, for people
  Progress progress;
  SentActions sent_actions;
  std::string last_error;  // a reason word, empty: none
  std::optional<absl::Time> cancel_time;
  absl::Time create_time;
  absl::Time update_time;
  std::optional<absl::Time> finish_time;
};

// What a command wants done at one destination. The channel's account and
// address are read when it is sent.
struct NewDelivery {
  std::string delivery_id;
  std::string client_id;
  std::string channel_id;
  std::string lane_id;
  std::optional<std::string> entry_id;
  Side side = Side::kNone;
  DeliveryAction action = DeliveryAction::kSend;
  // kSend, kEdit, kTombstone: stored before.
  std::optional<std::string> content_id;
  std::optional<std::string> target_message_id;  // of all but kSend
  // Both set, or neither: the message that a send or copy is to become
  // (messages.h, InsertPending), and its post.
  std::optional<std::string> message_id;
  std::optional<std::string> post_id;
  std::optional<std::string> address;  // another than the channel's: SendTest
  OnUnknown on_unknown = OnUnknown::kHold;
  absl::Time not_before;
  absl::Time deadline;
};

struct NewOperation {
  // Times and counts are set when it is inserted; so is its state, but for
  // kPlanning.
  Operation operation;
  std::vector<NewDelivery> deliveries;
};

struct DeliveryAttempt {
  int64_t attempt = 0;
  int64_t fence = 0;
  absl::Time intent_time;
  absl::Time finish_time;
  std::string reason;
  std::string detail;
  int64_t http_status = 0;
};

// As reads return it.
struct Delivery {
  std::string delivery_id;
  std::string operation_id;
  std::string client_id;
  std::string channel_id;
  std::optional<std::string> entry_id;
  Side side = Side::kNone;
  DeliveryAction action = DeliveryAction::kSend;
  std::optional<std::string> content_id;
  std::optional<std::string> message_id;  // that it posts or changes, if known
  DeliveryState state = DeliveryState::kPending;
  int64_t attempts = 0;
  std::string reason;  // of how it ended, or of the latest try
  std::string detail;
  int64_t http_status = 0;
  std::optional<std::string> platform_message_id;
  std::optional<absl::Time> not_before;  // while it waits
  absl::Time deadline;
  absl::Time create_time;
  std::optional<absl::Time> finish_time;
};

struct Event {
  std::string token;  // where a watch goes on behind it; set by reads
  std::optional<std::string> client_id;
  std::string kind;  // "operation.finished", "entry.disabled", …
  std::optional<std::string> operation_id;
  std::optional<std::string> entry_id;
  std::optional<std::string> channel_id;
  std::optional<std::string> delivery_id;
  std::string detail = "{}";  // JSON object of words and numbers
  absl::Time create_time;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_DELIVERY_RECORDS_H_
