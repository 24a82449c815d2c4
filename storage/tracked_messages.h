// The table of messages, as outcomes move it: what was posted is tracked, what
// was deleted or edited is told. Private to storage. The channels concerned are
// locked. Errors of the database come as sql_error.h makes them. Used within
// one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_TRACKED_MESSAGES_H_
#define BROADCASTD_STORAGE_TRACKED_MESSAGES_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/delivery_facts.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// What was posted by `facts`, whose action is send or copy, and which has no
// message of a post to become (post_messages.h).
struct PostedMessage {
  const DeliveryFacts* facts;
  std::string message_id;
  std::string address;
  std::string platform_message_id;
  bool of_entry = false;  // it is an announcement of its entry
};

// A copy carries what its original does.
absl::Status TrackMessages(Transaction& transaction,
                           absl::Span<const PostedMessage> messages);

// What has become of messages, by id.
struct MessageChange {
  std::string message_id;
  std::string state;                      // empty: as it was
  std::optional<std::string> content_id;  // unset: as it was
  bool lost = false;                      // the rest is unset
};

// What of its target a delivery tells that has ended as `state` for `reason`;
// nothing if it has none, or tells nothing.
std::optional<MessageChange> TargetChange(const DeliveryFacts& facts,
                                          DeliveryState state,
                                          absl::string_view reason,
                                          bool undeletable);

// One that is gone already does not become undeletable. None becomes lost so.
absl::Status ChangeMessages(Transaction& transaction,
                            absl::Span<const MessageChange> changes);

// Messages that their platform does not find are lost; answers which of them
// were thought to be there.
absl::StatusOr<std::set<std::string>> LoseMessages(
    Transaction& transaction, const std::set<std::string>& message_ids);

// That a delivery has found its message lost.
Event LostEvent(const DeliveryFacts& facts);

// The latest live announcement, but for `posted` itself, of each one's entry
// and side in its channel since `since`, by the id of the delivery, where there
// is one.
absl::StatusOr<std::map<std::string, std::string>> FindPrevious(
    Transaction& transaction, const std::vector<const PostedMessage*>& posted,
    absl::Time since);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_TRACKED_MESSAGES_H_
