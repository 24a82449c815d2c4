#include "storage/contents.h"

#include <algorithm>

#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

const InsertInto kInsert("contents",
                         {{"content_id", "text"},
                          {"body", "text"},
                          {"create_time", "bigint"}},
                         "ON CONFLICT DO NOTHING");

}  // namespace

absl::Status StoreContents(Transaction& transaction,
                           const std::vector<const StoredContent*>& contents) {
  std::vector<const StoredContent*> wanted;
  for (const StoredContent* content : contents) {
    if (content->content_id.has_value()) wanted.push_back(content);
  }
  if (wanted.empty()) return absl::OkStatus();
  // In the order of the key, so that two transactions never wait crosswise.
  std::sort(wanted.begin(), wanted.end(), [](const auto* a, const auto* b) {
    return *a->content_id < *b->content_id;
  });
  std::vector<ValueRow> rows;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (i > 0 && *wanted[i]->content_id == *wanted[i - 1]->content_id) continue;
    rows.push_back(
        {*wanted[i]->content_id, *wanted[i]->body, transaction.now()});
  }
  return transaction.InsertRows(kInsert, rows).status();
}

absl::Status AgainIfCollected(const absl::Status& status) {
  return FailureOf(status) == SqlFailure::kForeignKey ? RunAgain() : status;
}

}  // namespace broadcast::storage
