#include "storage/post_messages.h"

#include <tuple>
#include <utility>

#include "storage/feed_records.h"

namespace broadcast::storage {
namespace {

// Only while it is not there for good.
#define UNDECIDED "state IN ('pending', 'unknown')"
const RowsSql kSetState({{"message_id", "uuid"}, {"state", "text"}},
                        "UPDATE messages SET state = :state, "
                        "update_time = :now WHERE message_id = :message_id "
                        "AND " UNDECIDED,
                        "UPDATE messages m SET state = x.state, "
                        "update_time = :now FROM @rows "
                        "WHERE m.message_id = x.message_id AND m." UNDECIDED);

const RowsSql kDelete({{"message_id", "uuid"}},
                      "DELETE FROM messages WHERE message_id = :message_id "
                      "AND " UNDECIDED,
                      "DELETE FROM messages WHERE message_id = "
                      "ANY(:message_id::uuid[]) AND " UNDECIDED);

// A platform that gives an id again speaks of the same place.
const RowsSql kClearPlace({{"message_id", "uuid"},
                           {"address", "text"},
                           {"platform_message_id", "text"}},
                          R"sql(
    DELETE FROM messages WHERE message_id <> :message_id
      AND address = :address AND platform_message_id = :platform_message_id
      AND channel_id = (SELECT n.channel_id FROM messages n
        WHERE n.message_id = :message_id))sql",
                          R"sql(
    DELETE FROM messages m USING @rows JOIN messages n
      ON n.message_id = x.message_id
    WHERE m.channel_id = n.channel_id AND m.address = x.address
      AND m.platform_message_id = x.platform_message_id
      AND m.message_id <> n.message_id)sql");

const RowsSql kPost({{"message_id", "uuid"},
                     {"address", "text"},
                     {"platform_message_id", "text"}},
                    "UPDATE messages SET state = 'live', address = :address, "
                    "platform_message_id = :platform_message_id, "
                    "post_time = :now, update_time = :now "
                    "WHERE message_id = :message_id AND " UNDECIDED,
                    "UPDATE messages m SET state = 'live', "
                    "address = x.address, "
                    "platform_message_id = x.platform_message_id, "
                    "post_time = :now, update_time = :now FROM @rows "
                    "WHERE m.message_id = x.message_id AND m." UNDECIDED);
#undef UNDECIDED

#define PUT_BACK                                                    \
  "UPDATE messages SET state = 'pending', update_time = :now "      \
  "WHERE state = 'unknown' AND message_id IN (SELECT d.message_id " \
  "FROM deliveries d JOIN posts p ON p.post_id = d.post_id "        \
  "AND p.state = 'open' WHERE d.delivery_id "
const RowsSql kPutBack({{"delivery_id", "uuid"}}, PUT_BACK "= :delivery_id)",
                       PUT_BACK "= ANY(:delivery_id::uuid[]))");
#undef PUT_BACK

// A copy carries what its original does.
#define INSERT_ANEW                                                         \
  "INSERT INTO messages (message_id, channel_id, client_id, side, "         \
  "operation_id, feed_id, post_id, address, content_id, state, post_time, " \
  "update_time) SELECT d.message_id, d.channel_id, d.client_id, '', "       \
  "d.operation_id, p.feed_id, d.post_id, COALESCE(d.address, c.address), "  \
  "COALESCE(d.content_id, t.content_id, p.content_id), 'pending', "         \
  "CAST(:now AS bigint), CAST(:now AS bigint) FROM deliveries d "           \
  "JOIN channels c ON c.channel_id = d.channel_id "                         \
  "JOIN posts p ON p.post_id = d.post_id AND p.state = 'open' "             \
  "LEFT JOIN messages t ON t.message_id = d.target_message_id "             \
  "WHERE d.message_id IS NOT NULL AND d.delivery_id "
const RowsSql kInsertAnew({{"delivery_id", "uuid"}},
                          INSERT_ANEW "= :delivery_id ON CONFLICT DO NOTHING",
                          INSERT_ANEW
                          "= ANY(:delivery_id::uuid[]) ORDER BY d.delivery_id "
                          "ON CONFLICT DO NOTHING");
#undef INSERT_ANEW

#define SELECT_REFUSED                                       \
  "SELECT d.delivery_id FROM deliveries d "                  \
  "WHERE d.message_id IS NOT NULL AND NOT EXISTS (SELECT 1 " \
  "FROM messages m WHERE m.message_id = d.message_id "       \
  "AND m.state = 'pending') AND d.delivery_id "
const RowsSql kRefused({{"delivery_id", "uuid"}},
                       SELECT_REFUSED "= :delivery_id",
                       SELECT_REFUSED "= ANY(:delivery_id::uuid[])");
#undef SELECT_REFUSED

}  // namespace

void PostMessages::Posted(const std::optional<std::string>& message_id,
                          const std::string& address,
                          const std::string& platform_message_id) {
  if (!message_id.has_value()) return;
  if (platform_message_id.empty()) {
    states_.push_back({*message_id, "unknown"});
    return;
  }
  posted_.push_back({*message_id, address, platform_message_id});
}

void PostMessages::End(const std::optional<std::string>& message_id,
                       DeliveryState state) {
  if (!message_id.has_value()) return;
  if (state == DeliveryState::kUnknown) {
    states_.push_back({*message_id, "unknown"});
  } else if (state == DeliveryState::kAbandoned) {
    states_.push_back({*message_id, "lost"});
  } else {
    gone_.push_back(*message_id);
  }
}

void PostMessages::WaitAgain(const std::optional<std::string>& message_id) {
  if (message_id.has_value()) states_.push_back({*message_id, "pending"});
}

absl::Status PostMessages::Write() {
  const absl::Time now = transaction_.now();
  std::vector<ValueRow> gone, states, posted;
  for (const std::string& id : gone_) gone.push_back({id});
  for (const State& state : states_) {
    states.push_back({state.message_id, state.state});
  }
  for (const Place& place : posted_) {
    posted.push_back(
        {place.message_id, place.address, place.platform_message_id});
  }
  RETURN_IF_ERROR(transaction_.ExecuteRows(kDelete, gone).status());
  RETURN_IF_ERROR(
      transaction_.ExecuteRows(kSetState, states, {{"now", now}}).status());
  RETURN_IF_ERROR(transaction_.ExecuteRows(kClearPlace, posted).status());
  return transaction_.ExecuteRows(kPost, posted, {{"now", now}}).status();
}

absl::StatusOr<std::set<std::string>> ReinstateMessages(
    Transaction& transaction, const std::vector<std::string>& delivery_ids) {
  const absl::Time now = transaction.now();
  std::vector<ValueRow> rows;
  rows.reserve(delivery_ids.size());
  for (const std::string& id : delivery_ids) rows.push_back({id});
  RETURN_IF_ERROR(
      transaction.ExecuteRows(kPutBack, rows, {{"now", now}}).status());
  RETURN_IF_ERROR(
      transaction.ExecuteRows(kInsertAnew, rows, {{"now", now}}).status());
  std::set<std::string> refused;
  RETURN_IF_ERROR(transaction.QueryRows<std::tuple<std::string>>(
      kRefused, rows, {}, [&](std::tuple<std::string> id) {
        refused.insert(std::get<0>(std::move(id)));
        return absl::OkStatus();
      }));
  return refused;
}

}  // namespace broadcast::storage
