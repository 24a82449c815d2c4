// What channels answer that makes us doubt them, or trust them again. Private
// to storage. The queues of the channels concerned are locked. Errors of the
// database come as sql_error.h makes them. Used within one transaction, by its
// thread.
#ifndef BROADCASTD_STORAGE_CHANNEL_HEALTH_H_
#define BROADCASTD_STORAGE_CHANNEL_HEALTH_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/outcomes.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct Suspicion {
  std::string account;
  std::string reason;
};

struct ChannelVerdicts {
  std::set<std::string> healthy;
  std::map<std::string, Suspicion> suspect;
  std::map<std::string, std::string> gone;   // and why
  std::map<std::string, std::string> moved;  // and where to
};

// Records them; tells in `summary` which were disabled, and which are suspect
// for so long that a probe should decide.
absl::Status RecordVerdicts(Transaction& transaction,
                            const ChannelVerdicts& verdicts,
                            const OutcomePolicy& policy,
                            OutcomeSummary* summary);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CHANNEL_HEALTH_H_
