#include "clients/delete_client.h"

#include <utility>

#include "base/errors.h"
#include "base/etag.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/answer_json.h"
#include "storage/client_deletion.h"
#include "storage/clients.h"
#include "storage/once.h"
#include "storage/sql_error.h"

namespace broadcast::clients {
namespace {

using storage::Scope;
using storage::Transaction;

absl::StatusOr<DeletedClient> Remove(Transaction& transaction,
                                     const Scope& scope,
                                     const std::string& client_id) {
  ASSIGN_OR_RETURN(const storage::ClientFootprint footprint,
                   storage::CountClient(transaction, scope, client_id));
  if (footprint.rows() > limits::kChunkRows) {
    ASSIGN_OR_RETURN(const bool hidden,
                     storage::HideClient(transaction, scope, client_id));
    if (!hidden) return storage::RunAgain();
    return DeletedClient{.counts = footprint.counts, .purging = true};
  }
  ASSIGN_OR_RETURN(auto deleted,
                   storage::DeleteClientNow(transaction, scope, client_id));
  if (deleted.counts.clients == 0) return storage::RunAgain();
  return DeletedClient{.counts = deleted.counts,
                       .pairs = std::move(deleted.pairs)};
}

absl::StatusOr<DeletedClient> Decide(Transaction& transaction,
                                     const Scope& scope,
                                     const DeleteClientCommand& command) {
  ASSIGN_OR_RETURN(auto client,
                   storage::FindClient(transaction, scope, command.client_id));
  if (!client.has_value()) {
    if (command.allow_missing) return DeletedClient{};
    return error::ClientNotFound(command.client_id);
  }
  if (!EtagAllows(command.etag, client->revision)) {
    return error::EtagMismatch("client", command.client_id,
                               EtagOf(client->revision));
  }
  // Writing the row holds it at the revision that was compared: neither an
  // update nor a new pair comes before the end of the transaction.
  ++client->revision;
  ASSIGN_OR_RETURN(const bool held,
                   storage::UpdateClient(transaction, scope, *client));
  if (!held) return storage::RunAgain();
  return Remove(transaction, scope, command.client_id);
}

std::string Record(const DeletedClient& deleted) {
  return storage::CountsToJson({{"clients", deleted.counts.clients},
                                {"channels", deleted.counts.channels},
                                {"channel_pairs", deleted.counts.channel_pairs},
                                {"entries", deleted.counts.entries},
                                {"purging", deleted.purging ? 1 : 0}});
}

absl::StatusOr<DeletedClient> Replay(const std::string& recorded) {
  ASSIGN_OR_RETURN(auto counts, storage::CountsFromJson(recorded));
  return DeletedClient{.counts = {.clients = counts["clients"],
                                  .channels = counts["channels"],
                                  .channel_pairs = counts["channel_pairs"],
                                  .entries = counts["entries"]},
                       .purging = counts["purging"] != 0};
}

}  // namespace

absl::StatusOr<DeletedClient> DeleteClient(Transaction& transaction,
                                           const Scope& scope,
                                           const storage::RequestKey& request,
                                           const DeleteClientCommand& command) {
  return storage::Once(
      transaction, request, [&] { return Decide(transaction, scope, command); },
      &Record, &Replay);
}

}  // namespace broadcast::clients
