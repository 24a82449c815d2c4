#include "storage/message_integrity.h"

#include <utility>

#include "base/limits.h"
#include "storage/unconfigured_pairs.h"

namespace broadcast::storage {

template <>
struct Columns<WalkedMessage> {
  template <typename V>
  static void Visit(V& v, WalkedMessage& message) {
    v(message.client_id);
    v(message.message_id);
    v(message.hidden);
    v(message.wrong);
  }
};

namespace {

// The limit is written out, because PostgreSQL plans for the rows it knows of.
static_assert(limits::kMaxRowsExaminedPerPage == 1000);
constexpr Sql kMessages{R"sql(
    SELECT m.client_id, m.message_id,
      CASE WHEN (SELECT c.delete_time FROM clients c
                 WHERE c.client_id = m.client_id) IS NULL THEN 0 ELSE 1 END,
      CASE WHEN m.post_id IS NULL THEN 0
        WHEN COALESCE((SELECT p.feed_id FROM posts p
          WHERE p.post_id = m.post_id), m.feed_id) <> m.feed_id THEN 1
        WHEN (m.state = 'pending') <> EXISTS (SELECT 1 FROM deliveries d
          WHERE d.message_id = m.message_id
            AND (EXISTS (SELECT 1 FROM ready w
                 WHERE w.delivery_id = d.delivery_id)
              OR EXISTS (SELECT 1 FROM inflight i
                 WHERE i.delivery_id = d.delivery_id)))
        THEN 1 ELSE 0 END
    FROM (SELECT * FROM messages
      WHERE (client_id, message_id) > (:client_id, :message_id)
        AND client_id <= :last_client_id
      ORDER BY client_id, message_id LIMIT 1000) m
    ORDER BY m.client_id, m.message_id)sql"};

}  // namespace

absl::StatusOr<std::vector<WalkedMessage>> WalkMessages(
    Transaction& transaction, const Scope& scope, const std::string& client_id,
    const std::string& message_id) {
  const std::string last = LastClient(scope);
  std::vector<WalkedMessage> messages;
  RETURN_IF_ERROR(transaction.Query<WalkedMessage>(kMessages,
                                                   {{"client_id", client_id},
                                                    {"message_id", message_id},
                                                    {"last_client_id", last}},
                                                   [&](WalkedMessage message) {
                                                     messages.push_back(
                                                         std::move(message));
                                                     return absl::OkStatus();
                                                   }));
  return messages;
}

}  // namespace broadcast::storage
