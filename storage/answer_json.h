// The JSON that answers are recorded as (request_ids.h): counts by name, or a
// list of ids; and that events tell. Reading never throws, whatever is stored.
// Pure; any thread.
#ifndef BROADCASTD_STORAGE_ANSWER_JSON_H_
#define BROADCASTD_STORAGE_ANSWER_JSON_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadcast::storage {

using AnswerCounts = std::map<std::string, int64_t>;

std::string CountsToJson(const AnswerCounts& counts);
std::string TextsToJson(const std::map<std::string, std::string>& texts);
std::string IdsToJson(const std::vector<std::string>& ids);

// Both return INTERNAL for what is not of that form.
absl::StatusOr<AnswerCounts> CountsFromJson(absl::string_view json);
absl::StatusOr<std::vector<std::string>> IdsFromJson(absl::string_view json);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_ANSWER_JSON_H_
