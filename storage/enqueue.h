// Puts deliveries into the queues of their channels: new ones, and those that
// had ended. Private to storage. Errors of the database come as sql_error.h
// makes them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_ENQUEUE_H_
#define BROADCASTD_STORAGE_ENQUEUE_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/delivery_records.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct PlannedDelivery {
  const std::string* operation_id;
  const NewDelivery* delivery;
};

// Inserts deliveries of operations that are there, at the ends of the queues.
absl::Status EnqueueDeliveries(Transaction& transaction,
                               absl::Span<const PlannedDelivery> planned);

struct Requeued {
  std::string delivery_id;
  std::string channel_id;
};

// Puts deliveries that have ended back, at the ends of the queues; how they
// ended becomes one of their tries. Their operations are locked. Answers the
// ids of those that were put back: a message of a post may not be sent again
// (post_messages.h, ReinstateMessages).
absl::StatusOr<std::set<std::string>> Requeue(
    Transaction& transaction, absl::Span<const Requeued> requeued,
    absl::Time deadline);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_ENQUEUE_H_
