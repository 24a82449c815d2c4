// The table of operations, and how commands set them in motion and stop them.
// Errors of the database come as sql_error.h makes them. Used within one
// transaction, by its thread.
#ifndef BROADCASTD_STORAGE_OPERATIONS_H_
#define BROADCASTD_STORAGE_OPERATIONS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/delivery_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Inserts operations (running) with all their deliveries, which wait from now
// on; one statement a table. Those without deliveries are finished at once,
// but for those in state planning, which get their deliveries later (plans.h).
// Writes the event `operation.created` of each.
absl::Status InsertOperations(Transaction& transaction, const Scope& scope,
                              absl::Span<const NewOperation> operations);

// What is there once one has been inserted at `now`, the transaction's time.
Operation AsInserted(const NewOperation& made, absl::Time now);

// Nothing if there is none in `scope`.
absl::StatusOr<std::optional<Operation>> FindOperation(
    Transaction& transaction, const Scope& scope,
    const std::string& operation_id);

struct Cancelled {
  int64_t cancelled = 0;  // waited, and will not be sent
  int64_t sending = 0;    // under way: their outcome is still recorded
  bool more = false;      // EndOverdue ends the rest
};

// Marks the operation as cancelled, so that nothing more of it is sent or
// planned. Ends what waits of the first limits::kChunkRows deliveries (as
// unknown what an earlier try may have done) and settles it if that is all. The
// operation is in `scope`.
absl::StatusOr<Cancelled> CancelOperation(Transaction& transaction,
                                          const Scope& scope,
                                          const std::string& operation_id);

// Puts the failed deliveries of a finished or running operation back into
// their queues, at most `most` of them, until `deadline`. A finished operation
// runs again; its entry's counters are not settled a second time. A message of
// a post is not sent again if its post is closed or gone, or has another
// present message in the channel. Nothing of an operation that was cancelled
// waits again while more of it is still being ended.
// Answers how many.
absl::StatusOr<int64_t> RetryFailed(Transaction& transaction,
                                    const Scope& scope,
                                    const std::string& operation_id,
                                    absl::Time deadline, int64_t most);

// Where EndOverdue goes on; as it is made: at the beginning.
struct OverduePlace {
  absl::Time deadline = absl::UnixEpoch();
  std::string operation_id;
  std::string delivery_id;

  bool AtBeginning() const { return operation_id.empty(); }
};

struct EndedOverdue {
  int64_t ended = 0;  // deliveries
  OverduePlace next;  // at the beginning: it is through
};

// Ends what still waits of running operations that were cancelled, or whose
// last deadline was before `before`: nobody serves their lane, or it is paused.
// Looks at limits::kChunkRows deliveries at most. What is under way stays.
absl::StatusOr<EndedOverdue> EndOverdue(Transaction& transaction,
                                        absl::Time before,
                                        int64_t disable_threshold,
                                        const OverduePlace& from);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_OPERATIONS_H_
