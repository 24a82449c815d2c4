#include "clients/update_client.h"

#include <utility>

#include "base/errors.h"
#include "base/etag.h"
#include "base/status_macros.h"
#include "storage/clients.h"
#include "storage/contents.h"
#include "storage/once.h"
#include "storage/sql_error.h"

namespace broadcast::clients {
namespace {

using storage::Client;
using storage::Scope;
using storage::Transaction;

void Apply(const UpdateClientCommand& command, Client& client) {
  client.display_name = command.display_name.value_or(client.display_name);
  client.pair_quota = command.pair_quota.value_or(client.pair_quota);
  client.labels = command.labels.value_or(client.labels);
  client.default_open_content =
      command.default_open_content.value_or(client.default_open_content);
  client.default_closed_content =
      command.default_closed_content.value_or(client.default_closed_content);
}

absl::StatusOr<ChangedClient> Decide(Transaction& transaction,
                                     const Scope& scope,
                                     const UpdateClientCommand& command) {
  ASSIGN_OR_RETURN(auto client,
                   storage::FindClient(transaction, scope, command.client_id));
  if (!client.has_value()) return error::ClientNotFound(command.client_id);
  if (!EtagAllows(command.etag, client->revision)) {
    return error::EtagMismatch("client", command.client_id,
                               EtagOf(client->revision));
  }
  Apply(command, *client);
  ++client->revision;
  client->update_time = transaction.now();
  RETURN_IF_ERROR(storage::StoreContents(
      transaction,
      {&client->default_open_content, &client->default_closed_content}));
  const auto written = storage::UpdateClient(transaction, scope, *client);
  RETURN_IF_ERROR(storage::AgainIfCollected(written.status()));
  if (!*written) return storage::RunAgain();
  return ChangedClient{.client = std::move(client)};
}

}  // namespace

absl::StatusOr<ChangedClient> UpdateClient(Transaction& transaction,
                                           const Scope& scope,
                                           const storage::RequestKey& request,
                                           const UpdateClientCommand& command) {
  return storage::Once(
      transaction, request, [&] { return Decide(transaction, scope, command); },
      [&](const ChangedClient&) { return command.client_id; },
      [&](const std::string& client_id) -> absl::StatusOr<ChangedClient> {
        ASSIGN_OR_RETURN(auto found,
                         storage::FindClient(transaction, scope, client_id));
        return ChangedClient{.client = std::move(found)};
      });
}

}  // namespace broadcast::clients
