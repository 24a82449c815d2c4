#include "storage/tracked_messages.h"

#include <tuple>
#include <utility>

#include "storage/answer_json.h"
#include "storage/present.h"

namespace broadcast::storage {
namespace {

// A platform that gives an id again speaks of the same place.
#define ON_CONFLICT_TRACK                                                    \
  " ON CONFLICT (channel_id, address, platform_message_id) "                 \
  "WHERE platform_message_id IS NOT NULL DO UPDATE SET "                     \
  "entry_id = excluded.entry_id, side = excluded.side, "                     \
  "operation_id = excluded.operation_id, content_id = excluded.content_id, " \
  "feed_id = NULL, post_id = NULL, "                                         \
  "state = 'live', post_time = excluded.post_time, "                         \
  "update_time = excluded.update_time"
const RowsSql kTrack({{"message_id", "uuid"},
                      {"channel_id", "uuid"},
                      {"client_id", "uuid"},
                      {"entry_id", "uuid"},
                      {"side", "text"},
                      {"operation_id", "uuid"},
                      {"address", "text"},
                      {"platform_message_id", "text"},
                      {"content_id", "text"},
                      {"target_message_id", "uuid"}},
                     "INSERT INTO messages (message_id, channel_id, client_id, "
                     "entry_id, side, operation_id, address, "
                     "platform_message_id, content_id, state, post_time, "
                     "update_time) SELECT x.* FROM (SELECT :message_id, "
                     ":channel_id, :client_id, :entry_id, :side, "
                     ":operation_id, :address, :platform_message_id, "
                     "COALESCE(:content_id, (SELECT m.content_id FROM messages "
                     "m WHERE m.message_id = :target_message_id)) AS carried, "
                     "'live', :now, :now) x "
                     "WHERE x.carried IS NOT NULL" ON_CONFLICT_TRACK,
                     "INSERT INTO messages (message_id, channel_id, client_id, "
                     "entry_id, side, operation_id, address, "
                     "platform_message_id, content_id, state, post_time, "
                     "update_time) SELECT y.message_id, y.channel_id, "
                     "y.client_id, y.entry_id, y.side, y.operation_id, "
                     "y.address, y.platform_message_id, y.carried, 'live', "
                     ":now::bigint, :now::bigint FROM (SELECT x.*, "
                     "COALESCE(x.content_id, (SELECT m.content_id FROM "
                     "messages m WHERE m.message_id = x.target_message_id)) "
                     "AS carried FROM @rows) y "
                     "WHERE y.carried IS NOT NULL" ON_CONFLICT_TRACK);
#undef ON_CONFLICT_TRACK

const RowsSql kChange({{"message_id", "uuid"},
                       {"state", "text"},
                       {"content_id", "text"}},
                      R"sql(
    UPDATE messages SET
      state = CASE WHEN :state = '' OR (:state = 'undeletable'
          AND NOT )sql" BROADCASTD_PRESENT("") R"sql()
        THEN state ELSE :state END,
      content_id = COALESCE(:content_id, content_id), update_time = :now
    WHERE message_id = :message_id)sql",
                      R"sql(
    UPDATE messages m SET
      state = CASE WHEN x.state = '' OR (x.state = 'undeletable'
          AND NOT )sql" BROADCASTD_PRESENT("m.") R"sql()
        THEN m.state ELSE x.state END,
      content_id = COALESCE(x.content_id, m.content_id), update_time = :now
    FROM @rows WHERE m.message_id = x.message_id)sql");

// The word of senders for a message that the platform does not find.
constexpr absl::string_view kMessageNotFound = "message_not_found";

#define LOSE                                                \
  "UPDATE messages SET state = 'lost', update_time = :now " \
  "WHERE " BROADCASTD_PRESENT("") " "
const RowsSql kLose({{"message_id", "uuid"}},
                    LOSE "AND message_id = :message_id",
                    LOSE
                    "AND message_id = ANY(:message_id::uuid[]) "
                    "RETURNING message_id");
#undef LOSE

// Where a platform gives an id again, that row is the new message's.
const RowsSql kFindPrevious({{"delivery_id", "uuid"},
                             {"entry_id", "uuid"},
                             {"side", "text"},
                             {"channel_id", "uuid"},
                             {"address", "text"},
                             {"platform_message_id", "text"}},
                            R"sql(
    SELECT :delivery_id, (
      SELECT m.message_id FROM messages m
      WHERE m.entry_id = :entry_id AND m.side = :side
        AND m.state = 'live' AND m.channel_id = :channel_id
        AND m.post_time >= :since
        AND NOT (m.address = :address
                 AND m.platform_message_id = :platform_message_id)
      ORDER BY m.post_time DESC LIMIT 1))sql",
                            R"sql(
    SELECT x.delivery_id, (
      SELECT m.message_id FROM messages m
      WHERE m.entry_id = x.entry_id AND m.side = x.side
        AND m.state = 'live' AND m.channel_id = x.channel_id
        AND m.post_time >= :since
        AND NOT (m.address = x.address
                 AND m.platform_message_id = x.platform_message_id)
      ORDER BY m.post_time DESC LIMIT 1) FROM @rows)sql");

}  // namespace

absl::Status TrackMessages(Transaction& transaction,
                           absl::Span<const PostedMessage> messages) {
  const std::optional<std::string> none;
  std::vector<ValueRow> rows;
  rows.reserve(messages.size());
  for (const PostedMessage& message : messages) {
    const DeliveryFacts& facts = *message.facts;
    rows.push_back({message.message_id, facts.channel_id, facts.client_id,
                    message.of_entry ? facts.entry_id : none,
                    ToText(facts.side), facts.operation_id, message.address,
                    message.platform_message_id, facts.content_id,
                    facts.target_message_id});
  }
  return transaction.ExecuteRows(kTrack, rows, {{"now", transaction.now()}})
      .status();
}

std::optional<MessageChange> TargetChange(const DeliveryFacts& facts,
                                          DeliveryState state,
                                          absl::string_view reason,
                                          bool undeletable) {
  if (!facts.target_message_id.has_value()) return std::nullopt;
  MessageChange change{.message_id = *facts.target_message_id};
  const bool sent = state == DeliveryState::kSent;
  // A probe has done its work with either answer.
  const DeliveryState finds = facts.action == DeliveryAction::kProbe
                                  ? DeliveryState::kSent
                                  : DeliveryState::kFailed;
  if (undeletable) {
    change.state = "undeletable";
  } else if (state == finds && reason == kMessageNotFound) {
    change.lost = true;
  } else if (sent && facts.action == DeliveryAction::kDelete) {
    change.state = "deleted";
  } else if (sent && facts.action == DeliveryAction::kEdit) {
    change.content_id = facts.content_id;
  } else if (sent && facts.action == DeliveryAction::kTombstone) {
    change.state = "tombstoned";
    change.content_id = facts.content_id;
  } else {
    return std::nullopt;
  }
  return change;
}

absl::Status ChangeMessages(Transaction& transaction,
                            absl::Span<const MessageChange> changes) {
  std::vector<ValueRow> rows;
  rows.reserve(changes.size());
  for (const MessageChange& change : changes) {
    rows.push_back({change.message_id, change.state, change.content_id});
  }
  return transaction.ExecuteRows(kChange, rows, {{"now", transaction.now()}})
      .status();
}

absl::StatusOr<std::set<std::string>> LoseMessages(
    Transaction& transaction, const std::set<std::string>& message_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(message_ids.size());
  for (const std::string& id : message_ids) rows.push_back({id});
  return transaction.ChangeRows(kLose, rows, {{"now", transaction.now()}});
}

Event LostEvent(const DeliveryFacts& facts) {
  Event event = EndEvent(facts, DeliveryState::kSent, "");
  event.kind = "message.lost";
  event.detail = TextsToJson({{"message_id", *facts.target_message_id}});
  return event;
}

absl::StatusOr<std::map<std::string, std::string>> FindPrevious(
    Transaction& transaction, const std::vector<const PostedMessage*>& posted,
    absl::Time since) {
  std::vector<ValueRow> rows;
  rows.reserve(posted.size());
  for (const PostedMessage* message : posted) {
    const DeliveryFacts& facts = *message->facts;
    rows.push_back({facts.delivery_id, facts.entry_id, ToText(facts.side),
                    facts.channel_id, message->address,
                    message->platform_message_id});
  }
  std::map<std::string, std::string> previous;
  using Found = std::tuple<std::string, std::optional<std::string>>;
  RETURN_IF_ERROR(transaction.QueryRows<Found>(
      kFindPrevious, rows, {{"since", since}}, [&](const Found& found) {
        const auto& [delivery_id, message_id] = found;
        if (message_id.has_value()) {
          previous.emplace(delivery_id, *message_id);
        }
        return absl::OkStatus();
      }));
  return previous;
}

}  // namespace broadcast::storage
