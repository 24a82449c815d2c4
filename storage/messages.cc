#include "storage/messages.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "storage/feed_columns.h"
#include "storage/present.h"

namespace broadcast::storage {
namespace {

constexpr absl::string_view kBeforeAll = "00000000-0000-0000-0000-000000000000";

constexpr Sql kFind{"SELECT" BROADCASTD_MESSAGE_COLUMNS(
    "k.body") "FROM messages m" BROADCASTD_MESSAGE_JOINS
              "WHERE m.message_id = :message_id "
              "AND m.client_id = COALESCE(:scope, m.client_id) "
              "AND (SELECT c.delete_time FROM clients c "
              "WHERE c.client_id = m.client_id) IS NULL"};

#define INSERT_PENDING                                                      \
  "INSERT INTO messages (message_id, channel_id, client_id, operation_id, " \
  "feed_id, post_id, address, content_id, side, state, post_time, "         \
  "update_time) "
const RowsSql kInsert({{"message_id", "uuid"},
                       {"channel_id", "uuid"},
                       {"client_id", "uuid"},
                       {"operation_id", "uuid"},
                       {"feed_id", "uuid"},
                       {"post_id", "uuid"},
                       {"address", "text"},
                       {"content_id", "text"}},
                      INSERT_PENDING
                      "VALUES (:message_id, :channel_id, :client_id, "
                      ":operation_id, :feed_id, :post_id, :address, "
                      ":content_id, '', 'pending', :now, :now) "
                      "ON CONFLICT DO NOTHING",
                      INSERT_PENDING
                      "SELECT x.message_id, x.channel_id, x.client_id, "
                      "x.operation_id, x.feed_id, x.post_id, x.address, "
                      "x.content_id, '', 'pending', :now::bigint, "
                      ":now::bigint FROM @rows "
                      "ORDER BY x.channel_id, x.feed_id, x.post_id "
                      "ON CONFLICT DO NOTHING RETURNING message_id");
#undef INSERT_PENDING

// Left to itself SQLite takes the index over the feed for as good as the one
// over the post, and reads every message of the feed. What it is told to use
// and cannot, it refuses.
#define SELECT_PRESENT(by_post) \
  "SELECT" BROADCASTD_MESSAGE_COLUMNS(                                        \
      "''") "FROM messages m " by_post "WHERE " BROADCASTD_PRESENT("m.")      \
            " AND m.post_id IS NOT NULL "                                     \
            "AND m.feed_id = :feed_id "                                       \
            "AND m.client_id = COALESCE(:scope, m.client_id) "
const RowsSql kPresent(
    {{"post_id", "uuid"}},
    SELECT_PRESENT("INDEXED BY messages_by_post ") "AND m.post_id = :post_id",
    SELECT_PRESENT("") "AND m.post_id = ANY(:post_id::uuid[])");
constexpr Sql kReadPresent{SELECT_PRESENT(
    "") "AND m.channel_id = :channel_id "
        "AND m.post_id > :after "
        "ORDER BY m.channel_id, m.feed_id, m.post_id "
        "LIMIT :most"};
#undef SELECT_PRESENT

const RowsSql kSetStates({{"message_id", "uuid"}, {"state", "text"}},
                         R"sql(
    UPDATE messages SET state = :state, update_time = :now
    WHERE message_id = :message_id
      AND client_id = COALESCE(:scope, client_id))sql",
                         R"sql(
    UPDATE messages m SET state = x.state, update_time = :now
    FROM @rows WHERE m.message_id = x.message_id
      AND m.client_id = COALESCE(:scope, m.client_id))sql");

}  // namespace

absl::StatusOr<std::optional<Message>> FindMessage(
    Transaction& transaction, const Scope& scope,
    const std::string& message_id) {
  return transaction.QueryOne<Message>(
      kFind, {{"message_id", message_id}, {"scope", scope.client_id()}});
}

absl::StatusOr<std::set<std::string>> InsertPending(
    Transaction& transaction, const Scope& scope,
    absl::Span<const Message> messages) {
  std::vector<ValueRow> rows;
  rows.reserve(messages.size());
  for (const Message& message : messages) {
    RETURN_IF_ERROR(scope.Admit(message.client_id));
    rows.push_back({message.message_id, message.channel_id, message.client_id,
                    message.operation_id, message.feed_id, message.post_id,
                    message.address, message.content_id});
  }
  return transaction.ChangeRows(kInsert, rows, {{"now", transaction.now()}});
}

absl::StatusOr<std::vector<Message>> PresentMessages(
    Transaction& transaction, const Scope& scope, const std::string& feed_id,
    const std::vector<std::string>& post_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(post_ids.size());
  for (const std::string& id : post_ids) rows.push_back({id});
  std::vector<Message> messages;
  RETURN_IF_ERROR(transaction.QueryRows<Message>(
      kPresent, rows, {{"feed_id", feed_id}, {"scope", scope.client_id()}},
      [&](Message message) {
        messages.push_back(std::move(message));
        return absl::OkStatus();
      }));
  std::sort(messages.begin(), messages.end(),
            [](const Message& a, const Message& b) {
              return std::tie(a.channel_id, a.post_id) <
                     std::tie(b.channel_id, b.post_id);
            });
  return messages;
}

absl::StatusOr<std::vector<Message>> ReadPresentMessages(
    Transaction& transaction, const Scope& scope, const std::string& channel_id,
    const std::string& feed_id, const std::string& after_post_id,
    int64_t limit) {
  std::vector<Message> messages;
  RETURN_IF_ERROR(transaction.Query<Message>(
      kReadPresent,
      {{"channel_id", channel_id},
       {"feed_id", feed_id},
       {"after",
        after_post_id.empty() ? kBeforeAll : absl::string_view(after_post_id)},
       {"scope", scope.client_id()},
       {"most", limit}},
      [&](Message message) {
        messages.push_back(std::move(message));
        return absl::OkStatus();
      }));
  return messages;
}

absl::StatusOr<int64_t> SetMessageStates(
    Transaction& transaction, const Scope& scope,
    absl::Span<const MessageStateChange> changes) {
  std::vector<ValueRow> rows;
  rows.reserve(changes.size());
  for (const MessageStateChange& change : changes) {
    rows.push_back({change.message_id, ToText(change.state)});
  }
  return transaction.ExecuteRows(
      kSetStates, rows,
      {{"now", transaction.now()}, {"scope", scope.client_id()}});
}

}  // namespace broadcast::storage
