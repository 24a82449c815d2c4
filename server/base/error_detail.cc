#include "base/error_detail.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace broadcast {
namespace {

constexpr absl::string_view kPayloadUrl = "broadcastd/error-detail";

using Json = nlohmann::json;

Json Encode(const ErrorDetail& detail) {
  Json json = {{"reason", detail.reason},
               {"metadata", detail.metadata},
               {"quota", detail.quota_subject},
               {"resource_type", detail.resource_type},
               {"resource_name", detail.resource_name},
               {"precondition", detail.precondition_subject}};
  for (const FieldViolation& violation : detail.violations) {
    json["violations"].push_back({violation.field, violation.description});
  }
  if (detail.retry_after.has_value()) {
    json["retry_after_us"] = absl::ToInt64Microseconds(*detail.retry_after);
  }
  return json;
}

ErrorDetail Decode(const Json& json) {
  ErrorDetail detail;
  detail.reason = json.value("reason", "");
  detail.metadata = json.value("metadata", detail.metadata);
  detail.quota_subject = json.value("quota", "");
  detail.resource_type = json.value("resource_type", "");
  detail.resource_name = json.value("resource_name", "");
  detail.precondition_subject = json.value("precondition", "");
  for (const Json& violation : json.value("violations", Json::array())) {
    detail.violations.push_back({violation.at(0).get<std::string>(),
                                 violation.at(1).get<std::string>()});
  }
  if (json.contains("retry_after_us")) {
    detail.retry_after =
        absl::Microseconds(json["retry_after_us"].get<int64_t>());
  }
  return detail;
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, absl::string_view message,
                       const ErrorDetail& detail) {
  absl::Status status(code, message);
  // Text from a caller may hold anything; a payload must not throw over it.
  status.SetPayload(kPayloadUrl,
                    absl::Cord(Encode(detail).dump(
                        -1, ' ', false, Json::error_handler_t::replace)));
  return status;
}

absl::Status MakeNotFound(absl::string_view reason, absl::string_view type,
                          absl::string_view key, absl::string_view id) {
  return MakeError(
      absl::StatusCode::kNotFound,
      absl::StrCat("no ", type, " ", id, " that this caller may see"),
      {.reason = std::string(reason),
       .metadata = {{std::string(key), std::string(id)}},
       .resource_type = std::string(type),
       .resource_name = std::string(id)});
}

std::optional<ErrorDetail> DetailOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  const Json json = Json::parse(std::string(*payload), nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return Decode(json);
}

std::string ReasonOf(const absl::Status& status) {
  std::optional<ErrorDetail> detail = DetailOf(status);
  return detail.has_value() ? std::move(detail->reason) : std::string();
}

absl::Status WithMetadata(const absl::Status& status, absl::string_view key,
                          absl::string_view value) {
  std::optional<ErrorDetail> detail = DetailOf(status);
  if (!detail.has_value()) return status;
  detail->metadata[std::string(key)] = std::string(value);
  return MakeError(status.code(), status.message(), *detail);
}

}  // namespace broadcast
