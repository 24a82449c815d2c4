// Deletes a client with all that is its own: a small one at once, a large one
// by hiding it from every read and purging it step by step. Errors of the
// database come as sql_error.h makes them. Used within one transaction, by its
// thread.
#ifndef BROADCASTD_STORAGE_CLIENT_DELETION_H_
#define BROADCASTD_STORAGE_CLIENT_DELETION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// How much a client and what belongs to it amounts to. All zero if there is
// none.
struct ClientFootprint {
  Deleted counts;
  // Operations, deliveries, plans, feeds, posts, messages and events.
  // CountClient counts of each no further than one more than
  // limits::kChunkRows.
  int64_t delivery_rows = 0;

  int64_t rows() const {
    return counts.clients + counts.channels + counts.channel_pairs +
           counts.entries + delivery_rows;
  }
};

// Zeros if there is none in `scope`, or if it is being deleted.
absl::StatusOr<ClientFootprint> CountClient(Transaction& transaction,
                                            const Scope& scope,
                                            const std::string& client_id);

// What of a client was deleted.
struct DeletedClientRows {
  Deleted counts;
  std::vector<PairIds> pairs;
};

// Deletes the client with all that is its own; answers which rows went.
// Zeros if there is none in `scope`, or if it is being deleted. Asks for
// another run if it has more than limits::kChunkRows rows: those who counted
// fewer before have been overtaken.
absl::StatusOr<DeletedClientRows> DeleteClientNow(Transaction& transaction,
                                                  const Scope& scope,
                                                  const std::string& client_id);

// Hides the client from every read and leaves the rest to PurgeStep. False if
// there is none in `scope`, or if it is being deleted.
absl::StatusOr<bool> HideClient(Transaction& transaction, const Scope& scope,
                                const std::string& client_id);

struct PurgedRows {
  std::string client_id;
  int64_t rows = 0;  // 0: nothing is left to do, or other replicas do it
};

// Deletes up to limits::kChunkRows rows of the client that was hidden first:
// plans, deliveries, operations, events, entries, pairs, feeds with what is
// theirs, messages, channels, at last the client.
absl::StatusOr<PurgedRows> PurgeStep(Transaction& transaction);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CLIENT_DELETION_H_
