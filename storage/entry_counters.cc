#include "storage/entry_counters.h"

#include <utility>
#include <vector>

namespace broadcast::storage {

template <>
struct Columns<EntryCounters> {
  template <typename V>
  static void Visit(V& v, EntryCounters& entry) {
    v(entry.entry_id);
    v(entry.client_id);
    v(entry.state);
    v(entry.state_reason);
    v(entry.last_outcome);
    v(entry.current_operation_id);
    v(entry.broadcast_count);
    v(entry.success_count);
    v(entry.partial_count);
    v(entry.failure_count);
    v(entry.consecutive_failure_count);
    v(entry.last_error);
    v(entry.last_error_time);
    v(entry.revision);
    v(entry.update_time);
  }
};

namespace {

#define SELECT_ENTRY                                                        \
  "SELECT entry_id, client_id, state, state_reason, last_outcome, "         \
  "current_operation_id, broadcast_count, success_count, partial_count, "   \
  "failure_count, consecutive_failure_count, last_error, last_error_time, " \
  "revision, update_time FROM entries "
const RowsSql kLockEntries({{"entry_id", "uuid"}},
                           SELECT_ENTRY "WHERE entry_id = :entry_id",
                           SELECT_ENTRY
                           "WHERE entry_id = ANY(:entry_id::uuid[]) "
                           "ORDER BY entry_id FOR NO KEY UPDATE");
#undef SELECT_ENTRY

const RowsSql kUpdateEntries({{"entry_id", "uuid"},
                              {"state", "text"},
                              {"state_reason", "text"},
                              {"last_outcome", "text"},
                              {"current_operation_id", "uuid"},
                              {"broadcast_count", "bigint"},
                              {"success_count", "bigint"},
                              {"partial_count", "bigint"},
                              {"failure_count", "bigint"},
                              {"consecutive_failure_count", "bigint"},
                              {"last_error", "text"},
                              {"last_error_time", "bigint"},
                              {"revision", "bigint"},
                              {"update_time", "bigint"}},
                             R"sql(
    UPDATE entries SET state = :state, state_reason = :state_reason,
      last_outcome = :last_outcome,
      current_operation_id = :current_operation_id,
      broadcast_count = :broadcast_count, success_count = :success_count,
      partial_count = :partial_count, failure_count = :failure_count,
      consecutive_failure_count = :consecutive_failure_count,
      last_error = :last_error, last_error_time = :last_error_time,
      revision = :revision, update_time = :update_time
    WHERE entry_id = :entry_id)sql",
                             R"sql(
    UPDATE entries e SET state = x.state, state_reason = x.state_reason,
      last_outcome = x.last_outcome,
      current_operation_id = x.current_operation_id,
      broadcast_count = x.broadcast_count, success_count = x.success_count,
      partial_count = x.partial_count, failure_count = x.failure_count,
      consecutive_failure_count = x.consecutive_failure_count,
      last_error = x.last_error, last_error_time = x.last_error_time,
      revision = x.revision, update_time = x.update_time
    FROM @rows WHERE e.entry_id = x.entry_id)sql");

}  // namespace

absl::Status LockEntryCounters(Transaction& transaction,
                               const std::set<std::string>& entry_ids,
                               std::map<std::string, EntryCounters>* entries) {
  std::vector<ValueRow> rows;
  rows.reserve(entry_ids.size());
  for (const std::string& entry_id : entry_ids) rows.push_back({entry_id});
  return transaction.QueryRows<EntryCounters>(
      kLockEntries, rows, {}, [&](EntryCounters entry) {
        std::string id = entry.entry_id;
        entries->emplace(std::move(id), std::move(entry));
        return absl::OkStatus();
      });
}

absl::Status WriteEntryCounters(
    Transaction& transaction, absl::Span<const EntryCounters* const> entries) {
  std::vector<ValueRow> rows;
  rows.reserve(entries.size());
  for (const EntryCounters* entry : entries) {
    rows.push_back({entry->entry_id, ToText(entry->state), entry->state_reason,
                    ToText(entry->last_outcome), entry->current_operation_id,
                    entry->broadcast_count, entry->success_count,
                    entry->partial_count, entry->failure_count,
                    entry->consecutive_failure_count, entry->last_error,
                    entry->last_error_time, entry->revision,
                    entry->update_time});
  }
  return transaction.ExecuteRows(kUpdateEntries, rows).status();
}

}  // namespace broadcast::storage
