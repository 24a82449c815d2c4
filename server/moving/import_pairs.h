// Takes over channel pairs with their schedules and counters, so that each
// fires when it would have. The transaction's thread.
#ifndef BROADCASTD_MOVING_IMPORT_PAIRS_H_
#define BROADCASTD_MOVING_IMPORT_PAIRS_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "moving/import_lines.h"
#include "moving/import_messages.h"
#include "storage/transaction.h"

namespace broadcast::moving {

// A pair that has an entry stays as it is, one without gets the line's. Clients
// and channels are made if need be; a chat that a migration has left stands for
// its successor. Only a quota that a client has of its own counts.
absl::StatusOr<ImportedLines> ImportPairs(storage::Transaction& transaction,
                                          IdSource& ids,
                                          const ImportPolicy& policy,
                                          absl::Span<const PairLine> lines);

}  // namespace broadcast::moving

#endif  // BROADCASTD_MOVING_IMPORT_PAIRS_H_
