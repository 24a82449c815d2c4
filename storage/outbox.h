// The outbox, as the dispatcher works on it: whose turn it is, the intent to
// send, what to send. An intent is committed before the first byte leaves; what
// was intended and has no outcome is unknown. Errors of the database come as
// sql_error.h makes them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_OUTBOX_H_
#define BROADCASTD_STORAGE_OUTBOX_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/delivery_records.h"
#include "storage/lanes.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// A channel whose head may be tried now. Small: thousands are held in memory.
struct WaitingChannel {
  std::string channel_id;
  std::string client_id;
  bool group = false;  // a Telegram chat with the limits of groups
};

struct WaitingPage {
  std::vector<WaitingChannel> channels;
  std::string next_client;  // pass as `after_client`; empty: begin anew
  std::optional<absl::Time> next_time;  // the earliest not_before in the future
};

// Goes round the clients after `after_client` with something due, at most
// `per_client` channels of each and `most` in all, earliest first within a
// client. Costs the same however much waits. A read; changes nothing.
absl::StatusOr<WaitingPage> FindWaiting(Transaction& transaction,
                                        const std::string& lane_id,
                                        const std::string& after_client,
                                        int64_t per_client, int64_t most);

// All that a sender needs.
struct TakenDelivery {
  std::string delivery_id;
  std::string operation_id;
  std::string channel_id;
  std::string client_id;
  std::optional<std::string> entry_id;
  Side side = Side::kNone;
  OperationKind kind = OperationKind::kBroadcast;
  DeliveryAction action = DeliveryAction::kSend;
  Platform platform = Platform::kLog;
  std::string account;
  std::string address;                 // where to, now
  std::optional<std::string> content;  // the JSON document
  std::optional<std::string> target_platform_message_id;
  std::optional<std::string> target_address;  // where the target was posted
  OnUnknown on_unknown = OnUnknown::kHold;
  int64_t fence = 0;
  int64_t attempt = 0;  // from 1
  absl::Time deadline;
  absl::Time create_time;
  absl::Time not_before;
};

struct Intents {
  std::vector<TakenDelivery> taken;
  int64_t expired = 0;    // were past their deadline, and are settled so
  int64_t refused = 0;    // channel disabled or content gone: failed
  int64_t cancelled = 0;  // of an operation that was
  int64_t unknown = 0;    // one of these, but an earlier try may have done it
};

// Takes the head of each channel that is (still) due, within the lane that
// `claim` holds; takes nothing if the claim or its lease is over (then
// `held` is false). One array statement a step on PostgreSQL.
struct IntentOptions {
  LaneClaim claim;
  std::vector<std::string> channel_ids;
  int64_t disable_threshold =
      5;  // as in OutcomePolicy: expiry may be a failure
};
struct TakenIntents : Intents {
  bool held = true;
};
absl::StatusOr<TakenIntents> RecordIntents(Transaction& transaction,
                                           const IntentOptions& options);

// After a take-over: turns what earlier epochs of the lane had in flight into
// unknown (on_unknown = hold) or back into waiting (resend; an edit or a
// deletion always), at most `most` deliveries. Call until it answers 0, as it
// does if the claim is over.
absl::StatusOr<int64_t> RecordLostIntents(Transaction& transaction,
                                          const LaneClaim& claim, int64_t most);

// Which lane serves a channel of an account now; nothing: none does.
using LaneChooser = std::function<std::optional<std::string>(
    const std::string& account, const std::string& channel_id)>;

// What lanes that nobody holds and this process does not serve still have in
// flight, as their account is configured no more or otherwise: files it as
// RecordLostIntents does, of one lane, at most `most` deliveries. Call until it
// answers 0.
struct StrayOptions {
  std::vector<std::string> served;  // lane ids
  std::string owner;
  absl::Duration lease;
  bool forced = false;  // as TakeLane
  int64_t most = 0;
  LaneChooser lane_of;
};
absl::StatusOr<int64_t> RecordStrayIntents(Transaction& transaction,
                                           const StrayOptions& options);

// Puts what waits in such a lane into the one that serves the channel now, at
// most `options.most` channels; answers how many.
absl::StatusOr<int64_t> MoveStrayQueues(Transaction& transaction,
                                        const StrayOptions& options);

// Puts what waits for a channel into another lane, as its account is another
// now. What is in flight stays where it is.
absl::Status MoveChannelQueue(Transaction& transaction,
                              const std::string& channel_id,
                              const std::string& lane_id);

// For metrics. Reads every channel's queue.
struct LaneBacklog {
  std::string lane_id;
  std::string account;
  int64_t waiting = 0;
  int64_t sending = 0;
  std::optional<absl::Time> oldest;  // not_before of the longest due channel
};
absl::StatusOr<std::vector<LaneBacklog>> ReadBacklog(Transaction& transaction);
absl::StatusOr<int64_t> CountUnknown(Transaction& transaction);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_OUTBOX_H_
