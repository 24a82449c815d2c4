#include "failure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/rpc/status.pb.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;

// gRPC's peers cut a status at 8 KiB of metadata, which has more in it.
constexpr size_t kMostDetailBytes = 7 << 10;

// What error_reason.proto says of a reason.
struct Promise {
  absl::string_view reason;
  StatusCode code;
  std::set<std::string> metadata;
  bool violations = false;
  bool resource = false;
  bool precondition = false;
  bool quota = false;
  bool retry = false;
  // Metadata that may be there besides.
  std::set<std::string> optional = {};
};

const std::vector<Promise>& Promises() {
  static const auto& promises = *new std::vector<Promise>{
      {"INVALID_FIELDS", StatusCode::INVALID_ARGUMENT, {}, .violations = true},
      {"INVALID_FILTER", StatusCode::INVALID_ARGUMENT, {}, .violations = true},
      {"INVALID_ORDER_BY",
       StatusCode::INVALID_ARGUMENT,
       {},
       .violations = true},
      {"INVALID_PAGE_TOKEN",
       StatusCode::INVALID_ARGUMENT,
       {},
       .violations = true},
      {"REQUEST_ID_REUSED",
       StatusCode::INVALID_ARGUMENT,
       {"request_id"},
       .violations = true},
      {"CLIENT_NOT_FOUND",
       StatusCode::NOT_FOUND,
       {"client_id"},
       .resource = true},
      {"CLIENT_EXISTS",
       StatusCode::ALREADY_EXISTS,
       {"client_id"},
       .resource = true},
      {"CLIENT_UNKNOWN",
       StatusCode::FAILED_PRECONDITION,
       {"client_id"},
       .precondition = true},
      {"CLIENT_BEING_DELETED",
       StatusCode::FAILED_PRECONDITION,
       {"client_id"},
       .precondition = true},
      {"CHANNEL_NOT_FOUND",
       StatusCode::NOT_FOUND,
       {"channel_id"},
       .resource = true},
      {"CHANNEL_TAKEN", StatusCode::ALREADY_EXISTS, {"field"}},
      {"CHANNEL_ACCOUNT_UNKNOWN",
       StatusCode::FAILED_PRECONDITION,
       {"field", "account", "platform"}},
      {"CHANNEL_ACCOUNT_MISMATCH",
       StatusCode::FAILED_PRECONDITION,
       {"field", "channel_id"},
       .precondition = true},
      {"CHANNEL_PLATFORM_UNSUPPORTED",
       StatusCode::FAILED_PRECONDITION,
       {"field", "platform"}},
      {"CHANNEL_NOT_ACTIVE",
       StatusCode::FAILED_PRECONDITION,
       {"channel_id", "state"},
       .precondition = true},
      {"CHANNEL_ALREADY_ACTIVE",
       StatusCode::FAILED_PRECONDITION,
       {"channel_id"},
       .precondition = true},
      {"CHANNEL_PAIR_NOT_FOUND",
       StatusCode::NOT_FOUND,
       {},
       .resource = true,
       .optional = {"channel_pair_id", "client_id"}},
      {"CHANNEL_PAIR_EXISTS",
       StatusCode::ALREADY_EXISTS,
       {"channel_pair_id"},
       .resource = true,
       .optional = {"entry_id"}},
      {"CHANNEL_PAIR_LIMIT",
       StatusCode::RESOURCE_EXHAUSTED,
       {"client_id", "limit"},
       .quota = true},
      {"ENTRY_NOT_FOUND",
       StatusCode::NOT_FOUND,
       {},
       .resource = true,
       .optional = {"entry_id", "channel_pair_id"}},
      {"ENTRY_NOT_ACTIVE",
       StatusCode::FAILED_PRECONDITION,
       {"entry_id", "state"},
       .precondition = true},
      {"ENTRY_ALREADY_ACTIVE",
       StatusCode::FAILED_PRECONDITION,
       {"entry_id"},
       .precondition = true},
      {"ETAG_MISMATCH", StatusCode::ABORTED, {"etag"}, .resource = true},
      {"QUEUE_FULL", StatusCode::RESOURCE_EXHAUSTED, {}, .retry = true},
      {"DEADLINE_BEFORE_START", StatusCode::DEADLINE_EXCEEDED, {}},
      {"CANCELLED_BEFORE_START", StatusCode::CANCELLED, {}},
      {"SHUTTING_DOWN", StatusCode::UNAVAILABLE, {}, .retry = true},
      {"STORAGE_UNAVAILABLE", StatusCode::UNAVAILABLE, {}, .retry = true},
      {"STORAGE_BUSY", StatusCode::UNAVAILABLE, {}, .retry = true},
      {"STORAGE_FULL", StatusCode::RESOURCE_EXHAUSTED, {}},
      {"STORAGE_READ_ONLY", StatusCode::UNAVAILABLE, {}},
      {"STORAGE_TIMEOUT", StatusCode::DEADLINE_EXCEEDED, {}},
      {"STORAGE_FAILED", StatusCode::INTERNAL, {}},
      {"OUTCOME_UNKNOWN", StatusCode::UNAVAILABLE, {}},
      {"INTERNAL", StatusCode::INTERNAL, {}},
  };
  return promises;
}

const Promise* PromiseOf(absl::string_view reason) {
  for (const Promise& promise : Promises()) {
    if (promise.reason == reason) return &promise;
  }
  return nullptr;
}

// SQL, its libraries, sources, files and addresses of memory.
std::string Leak(const std::string& text) {
  static const auto& leak = *new std::regex(
      "\\b(SELECT|INSERT|DELETE FROM|ROLLBACK|SAVEPOINT|SQLSTATE|PRAGMA|CHECK "
      "constraint|violates|duplicate key)\\b|sqlite|soci|libpq|postgres|"
      "request_ids|channel_pairs_by|\\.cc\\b|\\.db\\b|(^|[^\\w/:.])/[a-z]+/|"
      "0x[0-9a-f]{6,}|std::|unknown exception");
  std::smatch found;
  return std::regex_search(text, found, leak) ? found.str() : "";
}

std::string AllText(const Failure& failure) {
  std::string text = failure.message;
  for (const auto& violation : failure.violations) {
    absl::StrAppend(&text, "\n", violation.field(), "\n",
                    violation.description());
  }
  for (const auto& [key, value] : failure.metadata) {
    absl::StrAppend(&text, "\n", key, "\n", value);
  }
  if (failure.resource.has_value()) {
    absl::StrAppend(&text, "\n", failure.resource->DebugString());
  }
  return text;
}

std::string BrokenMetadata(const Failure& failure, const Promise& promise) {
  for (const std::string& key : promise.metadata) {
    if (failure.metadata.count(key) == 0) return "lacks metadata " + key;
  }
  for (const auto& [key, value] : failure.metadata) {
    if (key != "request_index" && promise.metadata.count(key) == 0 &&
        promise.optional.count(key) == 0) {
      return "has unexpected metadata " + key;
    }
    if (value.empty()) return "has empty metadata " + key;
  }
  return "";
}

std::string BrokenDetails(const Failure& failure, const Promise& promise) {
  if (failure.violations.empty() == promise.violations) {
    return promise.violations ? "lacks BadRequest" : "has a BadRequest";
  }
  if (failure.retry_after.has_value() != promise.retry) {
    return promise.retry ? "lacks RetryInfo" : "has a RetryInfo";
  }
  if (failure.quota.has_value() != promise.quota) {
    return promise.quota ? "lacks QuotaFailure" : "has a QuotaFailure";
  }
  if (promise.resource && !failure.resource.has_value()) {
    return "lacks ResourceInfo";
  }
  if (promise.precondition && !failure.precondition.has_value()) {
    return "lacks PreconditionFailure";
  }
  return "";
}

}  // namespace

std::vector<std::string> Failure::fields() const {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

Failure FailureOf(const grpc::Status& status) {
  Failure failure{.code = status.error_code(),
                  .message = status.error_message(),
                  .detail_bytes = status.error_details().size()};
  google::rpc::Status packed;
  if (!packed.ParseFromString(status.error_details())) return failure;
  for (const auto& detail : packed.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info)) {
      failure.reason = info.reason();
      failure.domain = info.domain();
      failure.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.UnpackTo(&bad)) {
      failure.violations = {bad.field_violations().begin(),
                            bad.field_violations().end()};
    } else if (detail.UnpackTo(&retry)) {
      failure.retry_after = absl::Seconds(retry.retry_delay().seconds()) +
                            absl::Nanoseconds(retry.retry_delay().nanos());
    } else if (detail.Is<google::rpc::QuotaFailure>()) {
      detail.UnpackTo(&failure.quota.emplace());
    } else if (detail.Is<google::rpc::PreconditionFailure>()) {
      detail.UnpackTo(&failure.precondition.emplace());
    } else if (detail.Is<google::rpc::ResourceInfo>()) {
      detail.UnpackTo(&failure.resource.emplace());
    }
  }
  return failure;
}

std::string Broken(const Failure& failure) {
  const Promise* const promise = PromiseOf(failure.reason);
  if (promise == nullptr) return "its reason is unknown";
  if (failure.domain != "broadcastd") return "its domain is not ours";
  if (failure.code != promise->code) return "its code is not its reason's";
  if (failure.message.empty()) return "says nothing";
  if (failure.detail_bytes > kMostDetailBytes) return "is too large";
  if (std::string what = BrokenMetadata(failure, *promise); !what.empty()) {
    return what;
  }
  if (std::string what = BrokenDetails(failure, *promise); !what.empty()) {
    return what;
  }
  const std::string leak = Leak(AllText(failure));
  return leak.empty() ? "" : absl::StrCat("tells ", leak);
}

std::vector<std::string> KnownReasons() {
  std::vector<std::string> reasons;
  for (const Promise& promise : Promises()) {
    reasons.emplace_back(promise.reason);
  }
  return reasons;
}

StatusCode CodeOf(absl::string_view reason) {
  const Promise* const promise = PromiseOf(reason);
  return promise == nullptr ? StatusCode::OK : promise->code;
}

}  // namespace broadcast::test
