// The table of contents: immutable, found by hash. Collected by
// storage/retention.h when nothing refers to them. Used within one
// transaction, by its thread.
#ifndef BROADCASTD_STORAGE_CONTENTS_H_
#define BROADCASTD_STORAGE_CONTENTS_H_

#include <vector>

#include "absl/status/status.h"
#include "storage/records.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Stores those that are not there yet. Unset ones are skipped.
absl::Status StoreContents(Transaction& transaction,
                           const std::vector<const StoredContent*>& contents);

// `status` of writing a row that refers to contents which were stored in the
// same transaction. Asks for another run if one was there already, nothing
// referred to it, and it was collected in between.
absl::Status AgainIfCollected(const absl::Status& status);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CONTENTS_H_
