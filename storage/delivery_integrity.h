// What the integrity check asks of deliveries, a bounded step at a time.
// Private to storage. Errors of the database come as sql_error.h makes them.
// Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_DELIVERY_INTEGRITY_H_
#define BROADCASTD_STORAGE_DELIVERY_INTEGRITY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/scope.h"
#include "storage/transaction.h"
#include "storage/unconfigured_pairs.h"

namespace broadcast::storage {

// Fewer than rows of other kinds: all that belongs to each is counted.
inline constexpr int64_t kOperationsAtOnce = 200;

struct WalkedOperation {
  WalkCursor place;     // with the operation's id
  bool hidden = false;  // its client is being deleted
  bool miscounted = false;
  int64_t deliveries = 0;
  int64_t astray = 0;  // deliveries in none or several of the tables
  int64_t unqueued =
      0;  // deliveries that wait where their channel has no queue
};

// The operations in `scope` after `cursor`, in the order of the walk, at most
// kOperationsAtOnce; fewer at the end.
absl::StatusOr<std::vector<WalkedOperation>> WalkOperations(
    Transaction& transaction, const Scope& scope, const WalkCursor& cursor);

// The ids behind WalkedOperation: deliveries, and channels.
absl::StatusOr<std::vector<std::string>> FindAstray(
    Transaction& transaction, const std::string& operation_id);
absl::StatusOr<std::vector<std::string>> FindUnqueued(
    Transaction& transaction, const std::string& operation_id);

struct WalkedQueue {
  std::string channel_id;
  std::string client_id;
  bool hidden = false;  // its client is being deleted
  bool wrong = false;   // it says otherwise than what waits and is under way
};

// The queues of all channels after `channel_id`, at most
// limits::kMaxRowsExaminedPerPage; fewer at the end.
absl::StatusOr<std::vector<WalkedQueue>> WalkQueues(
    Transaction& transaction, const std::string& channel_id);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_DELIVERY_INTEGRITY_H_
