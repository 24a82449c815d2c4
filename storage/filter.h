// Reads the filters of the List calls: the part of AIP-160 that
// ListEntriesRequest.filter documents, conditions `FIELD OPERATOR VALUE` joined
// by AND. Knows the syntax, not the fields. Pure; any thread.
#ifndef BROADCASTD_STORAGE_FILTER_H_
#define BROADCASTD_STORAGE_FILTER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadcast::storage {

enum class FilterOperator {
  kEqual,  // also `:` with a value
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kPresent,  // `:*`; has no value
};

struct FilterCondition {
  std::string field;  // of [A-Za-z0-9_.-], at least one character
  FilterOperator op = FilterOperator::kEqual;
  std::string value;    // without quotes; UTF-8 without NUL
  size_t position = 0;  // of the field in the filter, in bytes from 0
};

// The conditions in their order; none for an empty filter. Takes time linear
// in the length of a filter, and none for one that is too long.
// Returns INVALID_ARGUMENT (INVALID_FILTER) for anything else than documented.
absl::StatusOr<std::vector<FilterCondition>> ParseFilter(
    absl::string_view filter);

// INVALID_ARGUMENT (INVALID_FILTER) that says where the problem is.
absl::Status FilterProblem(size_t position, absl::string_view problem);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_FILTER_H_
