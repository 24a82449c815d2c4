// Moves channel pairs, and with them the sides of their entries, from one
// channel to another. Errors of the database come as sql_error.h makes them.
// Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_REPOINT_PAIRS_H_
#define BROADCASTD_STORAGE_REPOINT_PAIRS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct RepointedPairs {
  int64_t moved = 0;
  // Still with the old channel: the pair would become one that exists, or a
  // pair of one channel.
  int64_t kept = 0;
};

// Both are channels of one client.
absl::StatusOr<RepointedPairs> RepointPairs(Transaction& transaction,
                                            const Scope& scope,
                                            const std::string& from,
                                            const std::string& to);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_REPOINT_PAIRS_H_
