// Sends an entry's content to both of its channels now, once a cool-down, and
// leaves its schedule alone. The transaction's thread.
#ifndef BROADCASTD_ENTRIES_TRIGGER_ENTRY_H_
#define BROADCASTD_ENTRIES_TRIGGER_ENTRY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "entries/firing.h"
#include "storage/delivery_records.h"
#include "storage/records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::entries {

struct TriggerPolicy {
  absl::Duration cooldown;
  FiringPolicy firing;
};

struct TriggerCommand {
  std::string entry_id;
  std::string reason;
  FiringIds ids;
};

enum class ContentSource { kEntry, kClient, kServer };

// What goes where.
struct Target {
  storage::Side side = storage::Side::kNone;
  storage::Channel channel;
  storage::StoredContent content;
  ContentSource source = ContentSource::kEntry;
};

struct Triggered {
  // Both unset in a replay if they were deleted since.
  std::optional<storage::Operation> operation;
  std::optional<storage::Entry> entry;
  absl::Time next_trigger_time;  // in a replay as the first time
  std::vector<Target> targets;   // the sides that have content; not in a replay
  bool replayed = false;
};

// One conditional UPDATE decides, so that of several calls at once one passes.
// What is refused has changed nothing. A side without content at any level is
// left out.
// Returns NOT_FOUND ENTRY_NOT_FOUND; FAILED_PRECONDITION ENTRY_NOT_ACTIVE,
// CHANNEL_NOT_ACTIVE, ENTRY_CONTENT_MISSING (neither side has content) or
// ACCOUNT_UNAVAILABLE; ABORTED ENTRY_BROADCAST_RUNNING; RESOURCE_EXHAUSTED
// TRIGGER_COOLDOWN, in this order; and what Once returns.
absl::StatusOr<Triggered> Trigger(storage::Transaction& transaction,
                                  const storage::Scope& scope,
                                  const storage::RequestKey& request,
                                  const TriggerPolicy& policy,
                                  const TriggerCommand& command);

}  // namespace broadcast::entries

#endif  // BROADCASTD_ENTRIES_TRIGGER_ENTRY_H_
