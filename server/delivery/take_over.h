// What a new owner of a lane does and learns in the transaction that takes it.
// Used within one transaction, by its thread.
#ifndef BROADCASTD_DELIVERY_TAKE_OVER_H_
#define BROADCASTD_DELIVERY_TAKE_OVER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "delivery/lane_limits.h"
#include "storage/lanes.h"
#include "storage/transaction.h"

namespace broadcast::delivery {

struct TakeOverRequest {
  std::string lane_id;
  std::string owner;
  absl::Duration lease;
  bool forced = false;
  absl::Duration memory;  // see MemoryOf
};

struct TakeOver {
  std::optional<storage::LaneClaim> claim;  // none: another owns it
  int64_t lost = 0;  // in flight of an earlier owner; there may be more
  absl::Duration paused_for;
  std::vector<std::pair<std::string, absl::Duration>> sent;  // how long ago
};

// At most this many that were lost are recorded at once.
inline constexpr int64_t kMostLost = 200;

// For how long the past matters to the limits; zero: not at all.
absl::Duration MemoryOf(const Limits& limits);

// Errors of the database come as sql_error.h makes them.
absl::StatusOr<TakeOver> TakeLaneOver(storage::Transaction& transaction,
                                      const TakeOverRequest& request);

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_TAKE_OVER_H_
