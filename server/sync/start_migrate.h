// Sets a migration in motion, from one channel of a client to another. The
// planner does the rest. The transaction's thread.
#ifndef BROADCASTD_SYNC_START_MIGRATE_H_
#define BROADCASTD_SYNC_START_MIGRATE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "channels/register_pairs.h"
#include "feeds/feed_policy.h"
#include "storage/delivery_records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"
#include "sync/read_plan.h"

namespace broadcast::sync {

struct MigrateCommand {
  std::string channel_id;
  std::string target_channel_id;                // or else:
  std::optional<channels::ChannelSpec> target;  // may be there already
  std::optional<std::string> feed_id;           // unset: all, and the entries
  bool delete_old = false;
  std::string operation_id;
};

// From where to where. The target's id is empty while it is still to be made.
struct Migration {
  storage::Channel source;
  storage::Channel target;
};

// Looks both up. Returns NOT_FOUND CHANNEL_NOT_FOUND, FEED_NOT_FOUND and
// FEED_CHANNEL_NOT_FOUND; ALREADY_EXISTS CHANNEL_TAKEN; FAILED_PRECONDITION
// CHANNEL_ACCOUNT_MISMATCH, CHANNEL_ACCOUNT_UNKNOWN, CHANNEL_NOT_ACTIVE,
// ACCOUNT_UNAVAILABLE and TRACKING_DISABLED; INVALID_ARGUMENT if both are the
// same channel. A read.
absl::StatusOr<Migration> FindMigration(storage::Transaction& transaction,
                                        const storage::Scope& scope,
                                        const feeds::FeedPolicy& policy,
                                        const MigrateCommand& command);

// What is read to tell what it does. Messages are copied where the account
// still is in the old channel (`source_readable`).
std::vector<Leg> LegsOf(const Migration& migration,
                        const MigrateCommand& command, bool source_readable,
                        absl::Time now);

struct StartedMigration {
  // Unset in a replay if they were deleted since.
  std::optional<storage::Operation> operation;
  std::optional<storage::Channel> target;
  WholePlan plan;  // in a replay counts and fingerprint
  bool replayed = false;
};

// Makes the target if it is not there, and begins. Returns what FindMigration
// returns; ABORTED SYNC_RUNNING; and what Once returns.
absl::StatusOr<StartedMigration> StartMigrate(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request, const feeds::FeedPolicy& policy,
    const MigrateCommand& command, bool source_readable, const WholePlan& plan);

// The answer of a call that was made before; nothing if there was none. A read.
absl::StatusOr<std::optional<StartedMigration>> FindStartedMigration(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request);

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_START_MIGRATE_H_
