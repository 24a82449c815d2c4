// Changes a client's name, quota, default contents or labels. The
// transaction's thread.
#ifndef BROADCASTD_CLIENTS_UPDATE_CLIENT_H_
#define BROADCASTD_CLIENTS_UPDATE_CLIENT_H_

#include <optional>
#include <string>

#include "clients/create_client.h"

namespace broadcast::clients {

// What is unset stays as it is; a quota or content that holds nothing clears.
struct UpdateClientCommand {
  std::string client_id;
  std::string etag;  // empty: any
  std::optional<std::string> display_name;
  std::optional<std::optional<int64_t>> pair_quota;
  std::optional<storage::StoredContent> default_open_content;
  std::optional<storage::StoredContent> default_closed_content;
  std::optional<std::string> labels;
};

// Returns NOT_FOUND CLIENT_NOT_FOUND, ABORTED ETAG_MISMATCH, and what Once
// returns.
absl::StatusOr<ChangedClient> UpdateClient(storage::Transaction& transaction,
                                           const storage::Scope& scope,
                                           const storage::RequestKey& request,
                                           const UpdateClientCommand& command);

}  // namespace broadcast::clients

#endif  // BROADCASTD_CLIENTS_UPDATE_CLIENT_H_
