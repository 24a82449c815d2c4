// What the owner of a lane has in flight as the database sees it, to be
// compared with what it knows of: an intent whose write was answered by nobody
// may have been committed. Errors of the database come as sql_error.h makes
// them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_OWN_INTENTS_H_
#define BROADCASTD_STORAGE_OWN_INTENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/lanes.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct OwnIntent {
  std::string delivery_id;
  std::string channel_id;
  int64_t fence = 0;
};

// Those that were committed under `claim`, by delivery id. A read.
absl::StatusOr<std::vector<OwnIntent>> FindOwnIntents(Transaction& transaction,
                                                      const LaneClaim& claim);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_OWN_INTENTS_H_
