// What a List call asks for, found right and resolved against the resource's
// table of fields before the database is asked. Private to storage's list
// files, but for ListPlan as a value to carry. Values; any thread.
#ifndef BROADCASTD_STORAGE_LIST_PLAN_H_
#define BROADCASTD_STORAGE_LIST_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "storage/filter.h"
#include "storage/page_token.h"

namespace broadcast::storage {

enum class FieldType {
  kId,    // a UUID
  kTime,  // microseconds; the only type with an order
  kText,
  kWord,   // one of `words`
  kTruth,  // `true` or `false`: whether `sql` is not NULL
  kLabel,  // of the JSON object `sql`, by the key after the field's name
};

// What a filter may name. NULL stands for "not set".
struct ListField {
  absl::string_view name;
  FieldType type;
  absl::string_view sql;  // a value of one row of the table, which is named w
  // As filters write them; stored in lower case.
  absl::Span<const absl::string_view> words = {};
  bool unique = false;  // equality finds at most one row, by an index
};

struct ListOrder {
  OrderColumn column;      // kId: the resource's id alone
  absl::string_view name;  // of the column, and in order_by
  bool by_client = false;  // an index over client_id, this column and the id
};

// A resource that can be listed. Every order has an index over its column and
// the resource's id.
struct Listed {
  Resource resource;
  absl::string_view table;
  absl::string_view id;       // column of the table
  absl::string_view visible;  // condition on w, whatever the filter
  absl::Span<const ListField> fields;
  absl::Span<const ListOrder> orders;  // the first is the default
  absl::string_view columns;  // what a row is read from, up to FROM; then
  absl::string_view joins;    // comes the page as a table, its alias and these
};

const Listed& ListedClients();
const Listed& ListedChannels();
const Listed& ListedPairs();
const Listed& ListedEntries();
const Listed& ListedAuditEvents();
const Listed& ListedOperations();
const Listed& ListedFeeds();
const Listed& ListedPosts();
const Listed& ListedMessages();

// One condition of the filter, checked.
struct ListCondition {
  const ListField* field = nullptr;
  FilterOperator op = FilterOperator::kEqual;
  std::string key;     // of a label
  std::string text;    // value of kId, kText, kWord, kLabel
  int64_t number = 0;  // value of kTime, kTruth

  bool IsKey() const { return field->unique && op == FilterOperator::kEqual; }
};

// Returns INVALID_ARGUMENT (INVALID_FILTER) for a field, operator or value
// that the resource does not have.
absl::StatusOr<ListCondition> ResolveCondition(
    const Listed& listed, const FilterCondition& condition);

// Rows with this value in this column are listed alone.
struct ListPlace {
  absl::string_view column;
  std::string value;
};

struct ListPlan {
  const Listed* listed = nullptr;
  const ListOrder* order = nullptr;
  bool descending = false;
  int64_t page_size = 0;
  std::vector<ListCondition> conditions;

  // The only client whose rows are asked for, by scope or by filter.
  std::optional<std::string> client_id;
  // Besides. The first has an index over it, the order's column and the id.
  std::vector<ListPlace> within;
  // What the conditions leave of the order's column: inclusive bounds.
  std::optional<int64_t> least;
  std::optional<int64_t> greatest;

  uint64_t binding = 0;          // of the page tokens
  std::optional<PageKey> after;  // the last row of the page before
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_LIST_PLAN_H_
