// A whole registration (client, channels, pair, contents, entry, request id,
// audit event) in one statement, for PostgreSQL: one round trip instead of a
// dozen, which is what most registrations cost. What the one statement cannot
// decide is left to the functions it stands for. Used by the transaction's
// thread.
#ifndef BROADCASTD_STORAGE_REGISTRATION_H_
#define BROADCASTD_STORAGE_REGISTRATION_H_

#include <optional>

#include "absl/status/statusor.h"
#include "storage/records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct RegisteredAtOnce {
  Client client;
  absl::Time now;
  absl::Time next_send_time;
};

// Registers `entry` with its pair and channels, all of them new, under a
// client that is new or below its quota, and records `answer` for `key`, and
// `audit`, whose client, method and request id are theirs. Times of the rows
// are the database's.
// Asks for a whole transaction (NeedsWholeTransaction, or a constraint's
// error) if anything of it exists already or the client may have no more; then
// nothing was changed.
absl::StatusOr<RegisteredAtOnce> RegisterAtOnce(
    Transaction& transaction, const Scope& scope, const Entry& entry,
    std::optional<absl::Time> start_time, int64_t default_pair_quota,
    const RequestKey& key, const std::string& answer, const AuditEvent& audit);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_REGISTRATION_H_
