// Messages of posts that another system has posted, so that no delivery of
// ours tells of them. Errors of the database come as sql_error.h makes them.
// Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_IMPORTED_MESSAGES_H_
#define BROADCASTD_STORAGE_IMPORTED_MESSAGES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/feed_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Where a platform has a message.
struct MessagePlace {
  std::string channel_id;
  std::string address;
  std::string platform_message_id;
};

// What is known of messages at these places, in any order; of their contents
// the id alone.
std::string KeyOf(const MessagePlace& place);
absl::StatusOr<std::vector<Message>> FindMessagesAt(
    Transaction& transaction, const Scope& scope,
    absl::Span<const MessagePlace> places);

// Inserts messages of posts as kLive, in one statement, as they are; asks for
// another run if one of them is there by now, or its post has a present one in
// that channel.
absl::Status InsertLive(Transaction& transaction, const Scope& scope,
                        absl::Span<const Message> messages);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_IMPORTED_MESSAGES_H_
