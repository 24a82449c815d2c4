// The life of a post's message while its delivery has not posted it for good:
// it is there from when that was decided (messages.h, InsertPending) and
// follows the delivery, wherever that ends or is put back. Private to storage.
// The channels concerned are locked. Errors of the database come as sql_error.h
// makes them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_POST_MESSAGES_H_
#define BROADCASTD_STORAGE_POST_MESSAGES_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/delivery_records.h"
#include "storage/present.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Collects what deliveries have come to and writes it at once. Of deliveries
// that are to become no post's message (`message_id` unset) nothing.
class PostMessages {
 public:
  explicit PostMessages(Transaction& transaction) : transaction_(transaction) {}

  // It is there. Without the platform's id nobody can find it: it stays
  // unknown, so that no second one is sent.
  void Posted(const std::optional<std::string>& message_id,
              const std::string& address,
              const std::string& platform_message_id);

  // Its delivery ended otherwise than as kSent: unknown, or lost (kAbandoned);
  // else it is gone, as if nobody had ever wanted it.
  void End(const std::optional<std::string>& message_id, DeliveryState state);

  // It was unknown, and its delivery waits again.
  void WaitAgain(const std::optional<std::string>& message_id);

  absl::Status Write();

 private:
  struct Place {
    std::string message_id;
    std::string address;
    std::string platform_message_id;
  };
  struct State {
    std::string message_id;
    const char* state;
  };

  Transaction& transaction_;
  std::vector<Place> posted_;
  std::vector<State> states_;
  std::vector<std::string> gone_;
};

// Before deliveries that have ended wait again: makes their messages pending
// again, which may have gone meanwhile. Answers the ids of those deliveries
// that must not wait again, as their post is closed or gone, or has another
// present message in the channel.
absl::StatusOr<std::set<std::string>> ReinstateMessages(
    Transaction& transaction, const std::vector<std::string>& delivery_ids);

// A condition on the row `d` of deliveries: whether it may wait again, as what
// it does is still wanted. A post is sent only if it is open, says the same and
// has no other message there; an edit is made only to what the post says now;
// and nothing is taken back that has been opened again. To ask does no harm.
#define BROADCASTD_MAY_BE_REINSTATED \
  "(CASE WHEN d.message_id IS NOT NULL THEN EXISTS (SELECT 1 "         \
  "FROM posts p WHERE p.post_id = d.post_id AND p.state = 'open' "     \
  "AND p.content_id = COALESCE(d.content_id, p.content_id)) "          \
  "AND NOT EXISTS (SELECT 1 FROM messages n "                          \
  "WHERE n.post_id = d.post_id AND n.channel_id = d.channel_id "       \
  "AND " BROADCASTD_PRESENT("n.") " "                                  \
  "AND n.message_id <> d.message_id) "                                 \
  "ELSE NOT EXISTS (SELECT 1 FROM messages t "                         \
  "JOIN posts p ON p.post_id = t.post_id "                             \
  "WHERE t.message_id = d.target_message_id AND CASE d.action "        \
  "WHEN 'edit' THEN p.state <> 'open' "                                \
  "OR p.content_id <> d.content_id "                                   \
  "WHEN 'probe' THEN 1 = 0 "                                           \
  "ELSE p.state = 'open' AND EXISTS (SELECT 1 FROM feed_channels f "   \
  "WHERE f.feed_id = p.feed_id AND f.channel_id = d.channel_id) END) " \
  "END)"

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_POST_MESSAGES_H_
