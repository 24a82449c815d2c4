// The table of channel successors: which channel a migration has put in the
// place of another, by the old one's address. Errors of the database come as
// sql_error.h makes them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_CHANNEL_SUCCESSORS_H_
#define BROADCASTD_STORAGE_CHANNEL_SUCCESSORS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// `to` has taken over from `from`. Whatever had taken over from `to` has not
// any more, so that no chain of successors is a ring. Both are channels of one
// client, which nobody else migrates.
absl::Status RecordSuccessor(Transaction& transaction, const Scope& scope,
                             const std::string& from, const std::string& to);

// The channel at the end of the chain that begins at the address. Nothing if
// no migration has left it, or if that channel has been deleted since.
absl::StatusOr<std::optional<Channel>> FindSuccessor(
    Transaction& transaction, const Scope& scope, const std::string& client_id,
    Platform platform, const std::string& address);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CHANNEL_SUCCESSORS_H_
