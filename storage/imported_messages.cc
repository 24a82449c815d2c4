#include "storage/imported_messages.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/feed_columns.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

#define SELECT_MESSAGE \
  "SELECT" BROADCASTD_MESSAGE_COLUMNS("''") "FROM messages m "       \
  "WHERE m.client_id = COALESCE(:scope, m.client_id) "
const RowsSql kFindAt({{"channel_id", "uuid"},
                       {"address", "text"},
                       {"platform_message_id", "text"}},
                      SELECT_MESSAGE
                      "AND m.channel_id = :channel_id "
                      "AND m.address = :address "
                      "AND m.platform_message_id = :platform_message_id",
                      SELECT_MESSAGE
                      "AND m.platform_message_id IS NOT NULL "
                      "AND (m.channel_id, m.address, m.platform_message_id) "
                      "IN (SELECT x.channel_id, x.address, "
                      "x.platform_message_id FROM @rows)");
#undef SELECT_MESSAGE

const InsertInto kInsert("messages",
                         {{"message_id", "uuid"},
                          {"channel_id", "uuid"},
                          {"client_id", "uuid"},
                          {"feed_id", "uuid"},
                          {"post_id", "uuid"},
                          {"side", "text"},
                          {"address", "text"},
                          {"platform_message_id", "text"},
                          {"content_id", "text"},
                          {"state", "text"},
                          {"post_time", "bigint"},
                          {"update_time", "bigint"}},
                         "ON CONFLICT DO NOTHING");

}  // namespace

std::string KeyOf(const MessagePlace& place) {
  return absl::StrCat(place.channel_id, " ", place.address, " ",
                      place.platform_message_id);
}

absl::StatusOr<std::vector<Message>> FindMessagesAt(
    Transaction& transaction, const Scope& scope,
    absl::Span<const MessagePlace> places) {
  std::vector<ValueRow> rows;
  rows.reserve(places.size());
  for (const MessagePlace& place : places) {
    rows.push_back(
        {place.channel_id, place.address, place.platform_message_id});
  }
  std::vector<Message> found;
  RETURN_IF_ERROR(transaction.QueryRows<Message>(
      kFindAt, rows, {{"scope", scope.client_id()}}, [&](Message message) {
        found.push_back(std::move(message));
        return absl::OkStatus();
      }));
  return found;
}

absl::Status InsertLive(Transaction& transaction, const Scope& scope,
                        absl::Span<const Message> messages) {
  std::vector<ValueRow> rows;
  rows.reserve(messages.size());
  for (const Message& message : messages) {
    RETURN_IF_ERROR(scope.Admit(message.client_id));
    rows.push_back({message.message_id, message.channel_id, message.client_id,
                    message.feed_id, message.post_id, ToText(message.side),
                    message.address, message.platform_message_id,
                    message.content_id, ToText(MessageState::kLive),
                    message.post_time, transaction.now()});
  }
  ASSIGN_OR_RETURN(const int64_t inserted,
                   transaction.InsertRows(kInsert, rows));
  return inserted == static_cast<int64_t>(rows.size()) ? absl::OkStatus()
                                                       : RunAgain();
}

}  // namespace broadcast::storage
