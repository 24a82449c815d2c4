// What the integrity check asks of messages, a bounded step at a time. Private
// to storage. Errors of the database come as sql_error.h makes them. Used
// within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_MESSAGE_INTEGRITY_H_
#define BROADCASTD_STORAGE_MESSAGE_INTEGRITY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct WalkedMessage {
  std::string client_id;
  std::string message_id;
  bool hidden = false;  // its client is being deleted
  // It is pending and no delivery of it waits, or the other way round; or it is
  // of another feed than its post.
  bool wrong = false;
};

// The messages in `scope` after that of `client_id` and `message_id`, in that
// order, at most limits::kMaxRowsExaminedPerPage; fewer at the end.
absl::StatusOr<std::vector<WalkedMessage>> WalkMessages(
    Transaction& transaction, const Scope& scope, const std::string& client_id,
    const std::string& message_id);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_MESSAGE_INTEGRITY_H_
