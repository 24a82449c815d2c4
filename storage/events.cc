#include "storage/events.h"

namespace broadcast::storage {
namespace {

const InsertInto kAppend("events", {{"client_id", "uuid"},
                                    {"kind", "text"},
                                    {"operation_id", "uuid"},
                                    {"entry_id", "uuid"},
                                    {"channel_id", "uuid"},
                                    {"delivery_id", "uuid"},
                                    {"detail", "text"},
                                    {"create_time", "bigint"}});

}  // namespace

absl::Status AppendEvents(Transaction& transaction,
                          absl::Span<const Event> events) {
  std::vector<ValueRow> rows;
  rows.reserve(events.size());
  const absl::Time now = transaction.now();
  for (const Event& event : events) {
    rows.push_back({event.client_id, event.kind, event.operation_id,
                    event.entry_id, event.channel_id, event.delivery_id,
                    event.detail, now});
  }
  return transaction.InsertRows(kAppend, rows).status();
}

}  // namespace broadcast::storage
