#include "content/fields.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/names.h"
#include "content/text.h"

namespace broadcast {
namespace {

using Json = nlohmann::json;

std::string OneLine(absl::string_view text, int max_length,
                    absl::string_view field, Violations& violations) {
  if (!CheckText(text, {.max_length = max_length}, field, violations)) {
    return "";
  }
  return std::string(text);
}

// A key that is not valid is not repeated: it could be anything.
bool CheckLabel(absl::string_view key, absl::string_view value,
                absl::string_view field, Violations& violations) {
  if (!IsName(key, limits::kMaxLabelKeyLength, "_.-")) {
    violations.Add(field, absl::StrCat("has a key that does not match "
                                       "[a-z][a-z0-9_.-]{0,",
                                       limits::kMaxLabelKeyLength - 1, "}"));
    return false;
  }
  return CheckText(value, {.max_length = limits::kMaxLabelValueLength},
                   absl::StrCat(field, "[\"", key, "\"]"), violations);
}

}  // namespace

std::string Uuid(absl::string_view text, absl::string_view field,
                 Violations& violations) {
  std::string uuid = absl::AsciiStrToLower(text);
  if (IsUuid(uuid)) return uuid;
  violations.Add(field,
                 absl::StrCat(text.empty() ? "must not be empty: give a UUID"
                                           : "must be a UUID",
                              " such as 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"));
  return "";
}

std::string RequestId(absl::string_view text, absl::string_view field,
                      Violations& violations) {
  if (text.size() <= limits::kRequestIdLength &&
      std::all_of(text.begin(), text.end(), absl::ascii_isprint)) {
    return std::string(text);
  }
  violations.Add(field,
                 absl::StrCat("must be at most ", limits::kRequestIdLength,
                              " printable ASCII characters, best a "
                              "fresh UUID"));
  return "";
}

std::string Title(absl::string_view text, absl::string_view field,
                  Violations& violations) {
  return OneLine(text, limits::kMaxTitleLength, field, violations);
}

std::string Reason(absl::string_view text, absl::string_view field,
                   Violations& violations) {
  return OneLine(text, limits::kMaxReasonLength, field, violations);
}

std::string AccountName(absl::string_view text, absl::string_view field,
                        Violations& violations) {
  if (IsAccountName(text)) {
    return std::string(text);
  }
  violations.Add(
      field,
      absl::StrCat(text.empty() ? "must not be empty: give the name of an "
                                  "account, which matches "
                                : "must be the name of an account, which "
                                  "matches ",
                   "[a-z][a-z0-9_-]{0,", limits::kMaxAccountNameLength - 1,
                   "}; AdminService.ListAccounts lists them"));
  return "";
}

std::string FeedName(absl::string_view text, absl::string_view field,
                     Violations& violations) {
  if (IsName(text, limits::kMaxFeedNameLength, "_.-")) return std::string(text);
  violations.Add(field, absl::StrCat(text.empty() ? "must not be empty: give "
                                                    "a name that matches "
                                                  : "must match ",
                                     "[a-z][a-z0-9_.-]{0,",
                                     limits::kMaxFeedNameLength - 1, "}"));
  return "";
}

std::string ExternalId(absl::string_view text, absl::string_view field,
                       Violations& violations) {
  if (!text.empty() && text.size() <= limits::kMaxExternalIdLength &&
      std::all_of(text.begin(), text.end(), absl::ascii_isgraph)) {
    return std::string(text);
  }
  violations.Add(field,
                 absl::StrCat("must have 1 to ", limits::kMaxExternalIdLength,
                              " printable ASCII characters without "
                              "spaces"));
  return "";
}

absl::Duration Interval(absl::Duration interval, absl::string_view field,
                        Violations& violations) {
  if (interval < limits::kMinInterval || interval > limits::kMaxInterval) {
    violations.Add(
        field,
        absl::StrCat("must be ", absl::ToInt64Seconds(limits::kMinInterval),
                     " to ", absl::ToInt64Seconds(limits::kMaxInterval),
                     " seconds (",
                     absl::ToInt64Hours(limits::kMaxInterval) / 24, " days)"));
  } else if (interval != absl::Trunc(interval, absl::Seconds(1))) {
    violations.Add(field, "must be in whole seconds");
  }
  return interval;
}

int64_t PairQuota(int64_t quota, absl::string_view field,
                  Violations& violations) {
  if (quota < 0 || quota > limits::kMaxPairQuota) {
    violations.Add(field, absl::StrCat("must be 0 to ", limits::kMaxPairQuota,
                                       ", or unset for the server's default"));
  }
  return quota;
}

std::string Labels(const LabelMap& labels, absl::string_view field,
                   Violations& violations) {
  bool good = labels.size() <= limits::kMaxLabels;
  if (!good) {
    violations.Add(field,
                   absl::StrCat("has ", labels.size(), " labels; at most ",
                                limits::kMaxLabels, " are allowed"));
  }
  for (const auto& [key, value] : labels) {
    good = CheckLabel(key, value, field, violations) && good;
  }
  return good ? Json(labels).dump() : "{}";
}

absl::StatusOr<LabelMap> LabelsFromJson(absl::string_view object) {
  const Json json = Json::parse(object.begin(), object.end(), nullptr, false);
  try {
    if (json.is_object()) return json.get<LabelMap>();
  } catch (const Json::exception&) {
    return error::Internal();  // not one of ours
  }
  return error::Internal();
}

}  // namespace broadcast
