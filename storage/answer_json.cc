#include "storage/answer_json.h"

#include <nlohmann/json.hpp>

#include "base/errors.h"

namespace broadcast::storage {
namespace {

using Json = nlohmann::json;

// Discarded, which is neither object nor array, if it is no JSON.
Json Parse(absl::string_view json) {
  return Json::parse(json.begin(), json.end(), nullptr, false);
}

}  // namespace

std::string CountsToJson(const AnswerCounts& counts) {
  return Json(counts).dump();
}

std::string TextsToJson(const std::map<std::string, std::string>& texts) {
  // What is no UTF-8 is told as well as can be.
  return Json(texts).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string IdsToJson(const std::vector<std::string>& ids) {
  return Json(ids).dump();
}

absl::StatusOr<AnswerCounts> CountsFromJson(absl::string_view json) {
  const Json parsed = Parse(json);
  if (!parsed.is_object()) return error::Internal();
  AnswerCounts counts;
  for (const auto& [name, count] : parsed.items()) {
    if (!count.is_number_integer()) return error::Internal();
    counts[name] = count.get<int64_t>();
  }
  return counts;
}

absl::StatusOr<std::vector<std::string>> IdsFromJson(absl::string_view json) {
  const Json parsed = Parse(json);
  if (!parsed.is_array()) return error::Internal();
  std::vector<std::string> ids;
  for (const Json& id : parsed) {
    if (!id.is_string()) return error::Internal();
    ids.push_back(id.get<std::string>());
  }
  return ids;
}

}  // namespace broadcast::storage
