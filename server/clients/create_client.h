// Registers a client. The transaction's thread.
#ifndef BROADCASTD_CLIENTS_CREATE_CLIENT_H_
#define BROADCASTD_CLIENTS_CREATE_CLIENT_H_

#include <optional>

#include "absl/status/statusor.h"
#include "storage/records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::clients {

struct ChangedClient {
  std::optional<storage::Client> client;  // unset in a replay: deleted since
  bool replayed = false;
};

// Of `client` everything but times, count and revision is taken.
// Returns ALREADY_EXISTS CLIENT_EXISTS, FAILED_PRECONDITION
// CLIENT_BEING_DELETED, NOT_FOUND outside `scope`, and what Once returns.
absl::StatusOr<ChangedClient> CreateClient(storage::Transaction& transaction,
                                           const storage::Scope& scope,
                                           const storage::RequestKey& request,
                                           const storage::Client& client);

}  // namespace broadcast::clients

#endif  // BROADCASTD_CLIENTS_CREATE_CLIENT_H_
