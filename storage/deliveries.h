// Deliveries as people see them: where each is, its tries, and how an unknown
// one is settled. Errors of the database come as sql_error.h makes them. Used
// within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_DELIVERIES_H_
#define BROADCASTD_STORAGE_DELIVERIES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/delivery_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Nothing if there is none in `scope`.
absl::StatusOr<std::optional<Delivery>> FindDelivery(
    Transaction& transaction, const Scope& scope,
    const std::string& delivery_id);

// The deliveries of an operation in the order of their ids, those after
// `after` (empty: from the first), at most `most`, of `state` if given.
// Examines at most limits::kMaxRowsExaminedPerPage rows; `next` is where to go
// on, empty at the end.
struct DeliveryPage {
  std::vector<Delivery> rows;
  std::string next;
};
absl::StatusOr<DeliveryPage> ListDeliveries(Transaction& transaction,
                                            const Scope& scope,
                                            const std::string& operation_id,
                                            const std::string& after,
                                            std::optional<DeliveryState> state,
                                            int64_t most);

// Oldest first; the last one of an ended delivery is how it ended.
absl::StatusOr<std::vector<DeliveryAttempt>> FindAttempts(
    Transaction& transaction, const std::string& delivery_id);

enum class Resolution { kSent, kNotSent, kAbandoned };

// Settles an unknown delivery: it counts as sent, waits to be sent again until
// `deadline`, or is given up. Answers false if it is not unknown (any more).
// `platform_message_id` may be given with kSent, and the message is tracked; a
// post's message without one stays unknown. With kNotSent a post's message that
// must not be sent again (post_messages.h) is cancelled instead.
absl::StatusOr<bool> ResolveDelivery(
    Transaction& transaction, const Scope& scope,
    const std::string& delivery_id, Resolution resolution,
    const std::optional<std::string>& platform_message_id,
    const std::string& new_message_id, absl::Time deadline);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_DELIVERIES_H_
