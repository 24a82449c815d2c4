// Ends what waits for channels, or is under way to them, before they are
// deleted with all their deliveries, so that no operation waits for ever.
// Private to storage. Errors of the database come as sql_error.h makes them.
// Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_CHANNEL_REMOVAL_H_
#define BROADCASTD_STORAGE_CHANNEL_REMOVAL_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Counts it as cancelled. Asks for another run if something was added
// meanwhile.
absl::Status EndDeliveriesTo(Transaction& transaction,
                             const std::set<std::string>& channel_ids);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CHANNEL_REMOVAL_H_
