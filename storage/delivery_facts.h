// What is known of a delivery wherever it is: what to do, for whom, at which
// channel. Private to storage. Read without a lock: it changes hardly ever.
// Errors of the database come as sql_error.h makes them. Used within one
// transaction, by its thread.
#ifndef BROADCASTD_STORAGE_DELIVERY_FACTS_H_
#define BROADCASTD_STORAGE_DELIVERY_FACTS_H_

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/delivery_records.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct DeliveryFacts {
  std::string delivery_id;
  std::string operation_id;
  std::string client_id;
  std::string channel_id;
  std::optional<std::string> entry_id;
  Side side = Side::kNone;
  DeliveryAction action = DeliveryAction::kSend;
  std::optional<std::string> content_id;
  std::optional<std::string> target_message_id;
  std::optional<std::string> message_id;  // of a post, that it is to become
  std::optional<std::string> address;     // another than the channel's
  OnUnknown on_unknown = OnUnknown::kHold;
  absl::Time deadline;
  std::string account;
  std::string channel_address;
  int64_t replaces_previous = 0;  // its entry's wish
};
using Facts = std::map<std::string, DeliveryFacts>;

// That it has ended so: "delivery.failed", …
Event EndEvent(const DeliveryFacts& facts, DeliveryState state,
               const std::string& reason);

// That `message_id` is deleted from the channel and side of `facts`. Its id and
// its lane are left to be set.
NewDelivery DeletionBeside(const DeliveryFacts& facts,
                           const std::string& message_id, absl::Time not_before,
                           absl::Time deadline);

// By id; of those that are there.
absl::StatusOr<Facts> FindFacts(Transaction& transaction,
                                const std::set<std::string>& delivery_ids);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_DELIVERY_FACTS_H_
