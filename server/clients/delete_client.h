// Deletes a client with all that is its own. The transaction's thread.
#ifndef BROADCASTD_CLIENTS_DELETE_CLIENT_H_
#define BROADCASTD_CLIENTS_DELETE_CLIENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::clients {

struct DeleteClientCommand {
  std::string client_id;
  std::string etag;  // empty: any
  bool allow_missing = false;
};

struct DeletedClient {
  storage::Deleted counts;
  std::vector<storage::PairIds> pairs;  // that went at once; none in a replay
  bool purging = false;  // hidden; the rows themselves go in the background
  bool replayed = false;
};

// A client of more than limits::kChunkRows rows is hidden for the upkeep to
// purge; a smaller one goes at once.
// Returns NOT_FOUND CLIENT_NOT_FOUND unless `allow_missing`, ABORTED
// ETAG_MISMATCH, and what Once returns.
absl::StatusOr<DeletedClient> DeleteClient(storage::Transaction& transaction,
                                           const storage::Scope& scope,
                                           const storage::RequestKey& request,
                                           const DeleteClientCommand& command);

}  // namespace broadcast::clients

#endif  // BROADCASTD_CLIENTS_DELETE_CLIENT_H_
