// The queues of channels: the rows that everything which changes what waits for
// a channel takes first, and what waits in them or is under way. Private to
// storage. Within a transaction rows are taken in this order, each kind by key:
// lanes, operations, entries, channel_queues, then what belongs to a channel
// (ready, inflight, results, attempts, messages), channel_health, channels.
// Errors of the database come as sql_error.h makes them. Used within one
// transaction, by its thread.
#ifndef BROADCASTD_STORAGE_CHANNEL_QUEUE_H_
#define BROADCASTD_STORAGE_CHANNEL_QUEUE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/delivery_records.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct ChannelQueue {
  std::string channel_id;
  std::string lane_id;
  int64_t waiting = 0;
  int64_t busy = 0;
  absl::Time paused_until;
  int64_t last_sequence = 0;
};
using ChannelQueues = std::map<std::string, ChannelQueue>;

// A delivery in its queue.
struct WaitingRow {
  std::string delivery_id;
  std::string channel_id;
  int64_t sequence = 0;
  absl::Time not_before;
  int64_t attempts = 0;
  int64_t fence = 0;
  int64_t maybe_done = 0;  // an earlier try was not answered
};

// One try to send a delivery.
struct Try {
  int64_t fence;
  int64_t attempts;
  absl::Time intent_time;
  int64_t maybe_done = 0;  // by an earlier one
};

// A delivery under way.
struct InflightRow {
  std::string delivery_id;
  std::string channel_id;
  int64_t sequence = 0;
  std::string lane_id;
  std::string owner;
  int64_t epoch = 0;
  int64_t fence = 0;
  int64_t attempts = 0;
  absl::Time intent_time;
  int64_t maybe_done = 0;  // by an earlier try
};

// How a delivery has ended.
struct ResultRow {
  std::string delivery_id;
  DeliveryState state = DeliveryState::kSent;
  std::string reason;
  std::string detail;
  int64_t http_status = 0;
  std::optional<std::string> platform_message_id;
  int64_t fence = 0;
  int64_t attempts = 0;
  std::optional<absl::Time> intent_time;  // unset: it was not tried then
};

// A try that did not end its delivery.
struct AttemptRow {
  std::string delivery_id;
  int64_t fence = 0;
  int64_t attempt = 0;
  absl::Time intent_time;
  std::string reason;
  std::string detail;
  int64_t http_status = 0;
};

// What is to be added to a channel's queue.
struct QueueGrowth {
  std::string client_id;
  std::string lane_id;
  int64_t count = 0;
  absl::Time not_before;  // of the first
};

// Locks the queues of those channels that have one.
absl::StatusOr<ChannelQueues> LockQueues(
    Transaction& transaction, const std::set<std::string>& channel_ids);

// Writes locked queues; their heads are looked up.
absl::Status StoreQueues(Transaction& transaction, const ChannelQueues& queues);

// Makes room for `count` rows at the end of the queues of channels, which are
// locked from then on.
absl::Status GrowQueues(Transaction& transaction,
                        const std::map<std::string, QueueGrowth>& growth);

// The channel of each row below is locked.

// Deliveries that nobody has tried yet, where GrowQueues has made room:
// `sequence` counts from the end, 0 is the last.
absl::Status InsertAtEnd(Transaction& transaction,
                         absl::Span<const WaitingRow> rows);
absl::Status InsertReady(Transaction& transaction,
                         absl::Span<const WaitingRow> rows);
// Deletes those that are there as told, each the head of its queue if `heads`;
// answers the ids of the deliveries that were.
absl::StatusOr<std::set<std::string>> DeleteReady(
    Transaction& transaction, absl::Span<const WaitingRow> rows, bool heads);
absl::Status InsertInflight(Transaction& transaction,
                            absl::Span<const InflightRow> rows);
absl::Status DeleteInflight(Transaction& transaction,
                            const std::vector<std::string>& delivery_ids);
absl::Status InsertResults(Transaction& transaction,
                           absl::Span<const ResultRow> rows);
absl::Status DeleteResults(Transaction& transaction,
                           const std::vector<std::string>& delivery_ids);
absl::Status InsertAttempts(Transaction& transaction,
                            absl::Span<const AttemptRow> rows);

// Where each delivery is, of those that are under way or have ended.
struct Whereabouts {
  std::optional<InflightRow> inflight;
  std::optional<ResultRow> result;
};
absl::StatusOr<std::map<std::string, Whereabouts>> FindWhereabouts(
    Transaction& transaction, const std::set<std::string>& delivery_ids);

// Gives deliveries more time.
absl::Status ExtendDeadlines(Transaction& transaction,
                             const std::vector<std::string>& delivery_ids,
                             absl::Time deadline);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CHANNEL_QUEUE_H_
