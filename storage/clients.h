// The table of clients. Errors of the database come as sql_error.h makes them.
// Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_CLIENTS_H_
#define BROADCASTD_STORAGE_CLIENTS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Nothing if there is none in `scope`, or if it is being deleted.
absl::StatusOr<std::optional<Client>> FindClient(Transaction& transaction,
                                                 const Scope& scope,
                                                 const std::string& client_id);

enum class ClientPresence { kUnknown, kPresent, kBeingDeleted };

// Unknown too if it is not in `scope`.
absl::StatusOr<ClientPresence> ClientPresenceOf(Transaction& transaction,
                                                const Scope& scope,
                                                const std::string& client_id);

// False if a client of that id exists, even one that is being deleted.
absl::StatusOr<bool> InsertClient(Transaction& transaction, const Scope& scope,
                                  const Client& client);

struct CountedClient {
  Client client;  // of its contents only the ids
  bool being_deleted = false;
};

// Adds `pairs` to the client's count, making the client if it is unknown, and
// so holds its row until the transaction ends. Refusing a count over the quota
// is the caller's decision.
absl::StatusOr<CountedClient> AddPairs(Transaction& transaction,
                                       const Scope& scope,
                                       const std::string& client_id,
                                       int64_t pairs);

// The same for a client that exists; nothing if there is none in `scope`.
absl::StatusOr<std::optional<CountedClient>> AddPairsToKnown(
    Transaction& transaction, const Scope& scope, const std::string& client_id,
    int64_t pairs);

// Takes `pairs` off the client's count, which holds its row likewise. Asks for
// another run if the client is gone.
absl::StatusOr<CountedClient> RemovePairs(Transaction& transaction,
                                          const Scope& scope,
                                          const std::string& client_id,
                                          int64_t pairs);

// Writes display_name, pair_quota, defaults, labels, revision and update_time,
// if the row still has the revision before. Answers whether it had.
absl::StatusOr<bool> UpdateClient(Transaction& transaction, const Scope& scope,
                                  const Client& client);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CLIENTS_H_
