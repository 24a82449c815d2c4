#include "storage/entries.h"

#include "storage/columns.h"

namespace broadcast::storage {
namespace {

constexpr Sql kFind{"SELECT" BROADCASTD_ENTRY_COLUMNS
                    "FROM entries e" BROADCASTD_ENTRY_JOINS
                    "WHERE e.entry_id = :entry_id AND c.delete_time IS NULL "
                    "AND e.client_id = COALESCE(:scope, e.client_id)"};

const InsertInto kInsert("entries", {{"entry_id", "uuid"},
                                     {"client_id", "uuid"},
                                     {"channel_pair_id", "uuid"},
                                     {"state", "text"},
                                     {"state_reason", "text"},
                                     {"last_outcome", "text"},
                                     {"interval_us", "bigint"},
                                     {"next_send_time", "bigint"},
                                     {"last_send_time", "bigint"},
                                     {"last_trigger_time", "bigint"},
                                     {"next_trigger_time", "bigint"},
                                     {"broadcast_count", "bigint"},
                                     {"success_count", "bigint"},
                                     {"partial_count", "bigint"},
                                     {"failure_count", "bigint"},
                                     {"consecutive_failure_count", "bigint"},
                                     {"manual_trigger_count", "bigint"},
                                     {"occurrence_count", "bigint"},
                                     {"replace_previous", "bigint"},
                                     {"last_error", "text"},
                                     {"open_content_id", "text"},
                                     {"closed_content_id", "text"},
                                     {"labels", "text"},
                                     {"revision", "bigint"},
                                     {"create_time", "bigint"},
                                     {"update_time", "bigint"}});

constexpr Sql kUpdate{R"sql(
    UPDATE entries SET state = :state, state_reason = :state_reason,
      interval_us = :interval, next_send_time = :next_send_time,
      open_content_id = :open_content_id,
      closed_content_id = :closed_content_id, labels = :labels,
      consecutive_failure_count = :consecutive_failure_count,
      replace_previous = :replace_previous, revision = :revision, update_time = :update_time
    WHERE entry_id = :entry_id AND revision = :revision - 1
      AND client_id = COALESCE(:scope, client_id))sql"};

constexpr Sql kDelete{R"sql(
    DELETE FROM entries
    WHERE entry_id = :entry_id
      AND client_id = COALESCE(:scope, client_id))sql"};

}  // namespace

absl::StatusOr<std::optional<Entry>> FindEntry(Transaction& transaction,
                                               const Scope& scope,
                                               const std::string& entry_id) {
  return transaction.QueryOne<Entry>(
      kFind, {{"scope", scope.client_id()}, {"entry_id", entry_id}});
}

absl::Status InsertEntries(Transaction& transaction, const Scope& scope,
                           absl::Span<const Entry* const> entries) {
  std::vector<ValueRow> rows;
  rows.reserve(entries.size());
  for (const Entry* entry : entries) {
    RETURN_IF_ERROR(scope.Admit(entry->client_id()));
    rows.push_back({entry->entry_id,
                    entry->client_id(),
                    entry->channel_pair.channel_pair_id,
                    ToText(entry->state),
                    entry->state_reason,
                    ToText(entry->last_outcome),
                    entry->interval,
                    entry->next_send_time,
                    entry->last_send_time,
                    entry->last_trigger_time,
                    entry->next_trigger_time,
                    entry->broadcast_count,
                    entry->success_count,
                    entry->partial_count,
                    entry->failure_count,
                    entry->consecutive_failure_count,
                    entry->manual_trigger_count,
                    entry->occurrence_count,
                    entry->replace_previous,
                    entry->last_error,
                    entry->open_content.content_id,
                    entry->closed_content.content_id,
                    entry->labels,
                    entry->revision,
                    entry->create_time,
                    entry->update_time});
  }
  return transaction.InsertRows(kInsert, rows).status();
}

absl::StatusOr<bool> UpdateEntry(Transaction& transaction, const Scope& scope,
                                 const Entry& entry) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      transaction.Execute(
          kUpdate,
          {{"state", ToText(entry.state)},
           {"state_reason", entry.state_reason},
           {"interval", entry.interval},
           {"next_send_time", entry.next_send_time},
           {"open_content_id", entry.open_content.content_id},
           {"closed_content_id", entry.closed_content.content_id},
           {"labels", entry.labels},
           {"consecutive_failure_count", entry.consecutive_failure_count},
           {"replace_previous", entry.replace_previous},
           {"revision", entry.revision},
           {"update_time", entry.update_time},
           {"entry_id", entry.entry_id},
           {"scope", scope.client_id()}}));
  return changed == 1;
}

absl::StatusOr<int64_t> DeleteEntry(Transaction& transaction,
                                    const Scope& scope,
                                    const std::string& entry_id) {
  return transaction.Execute(
      kDelete, {{"entry_id", entry_id}, {"scope", scope.client_id()}});
}

}  // namespace broadcast::storage
