#include "clients/create_client.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/clients.h"
#include "storage/contents.h"
#include "storage/once.h"

namespace broadcast::clients {
namespace {

using storage::Client;
using storage::Scope;
using storage::Transaction;

absl::StatusOr<ChangedClient> Decide(Transaction& transaction,
                                     const Scope& scope, Client client) {
  if (!scope.Contains(client.client_id)) {
    return error::ClientNotFound(client.client_id);
  }
  client.create_time = transaction.now();
  client.update_time = client.create_time;
  RETURN_IF_ERROR(storage::StoreContents(
      transaction,
      {&client.default_open_content, &client.default_closed_content}));
  const auto inserted = storage::InsertClient(transaction, scope, client);
  RETURN_IF_ERROR(storage::AgainIfCollected(inserted.status()));
  if (*inserted) return ChangedClient{.client = std::move(client)};
  ASSIGN_OR_RETURN(
      const auto presence,
      storage::ClientPresenceOf(transaction, scope, client.client_id));
  return presence == storage::ClientPresence::kBeingDeleted
             ? error::ClientBeingDeleted(client.client_id)
             : error::ClientExists(client.client_id);
}

}  // namespace

absl::StatusOr<ChangedClient> CreateClient(Transaction& transaction,
                                           const Scope& scope,
                                           const storage::RequestKey& request,
                                           const Client& client) {
  return storage::Once(
      transaction, request, [&] { return Decide(transaction, scope, client); },
      [](const ChangedClient& made) { return made.client->client_id; },
      [&](const std::string& client_id) -> absl::StatusOr<ChangedClient> {
        ASSIGN_OR_RETURN(auto found,
                         storage::FindClient(transaction, scope, client_id));
        return ChangedClient{.client = std::move(found)};
      });
}

}  // namespace broadcast::clients
