#include "failure.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;

// gRPC's peers cut a status at 8 KiB of metadata, which has more in it.
constexpr size_t kMostDetailBytes = 7 << 10;

// Details that a failure has.
enum Detail : unsigned {
  kNothing = 0,
  kViolations = 1,
  kResource = 2,
  kPrecondition = 4,
  kQuota = 8,
  kRetry = 16,
};

// What error_reason.proto says of a reason.
struct Promise {
  absl::string_view reason;
  StatusCode code;
  unsigned details = kNothing;
  std::set<std::string> metadata = {};
  std::set<std::string> optional = {};  // metadata that may be there besides

  bool has(Detail detail) const { return (details & detail) != 0; }
};

const std::vector<Promise>& Promises() {
  using Code = StatusCode;
  static const auto& promises = *new std::vector<Promise>{
      {"INVALID_FIELDS", Code::INVALID_ARGUMENT, kViolations},
      {"INVALID_FILTER", Code::INVALID_ARGUMENT, kViolations},
      {"INVALID_ORDER_BY", Code::INVALID_ARGUMENT, kViolations},
      {"INVALID_PAGE_TOKEN", Code::INVALID_ARGUMENT, kViolations},
      {"REQUEST_ID_REUSED",
       Code::INVALID_ARGUMENT,
       kViolations,
       {"request_id"}},
      {"CLIENT_NOT_FOUND", Code::NOT_FOUND, kResource, {"client_id"}},
      {"CLIENT_EXISTS", Code::ALREADY_EXISTS, kResource, {"client_id"}},
      {"CLIENT_UNKNOWN",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"client_id"}},
      {"CLIENT_BEING_DELETED",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"client_id"}},
      {"CHANNEL_NOT_FOUND", Code::NOT_FOUND, kResource, {"channel_id"}},
      {"CHANNEL_TAKEN", Code::ALREADY_EXISTS, kNothing, {"field"}},
      {"CHANNEL_ACCOUNT_UNKNOWN",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"field", "account", "platform"}},
      {"CHANNEL_ACCOUNT_MISMATCH",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"field", "channel_id"}},
      {"CHANNEL_PLATFORM_UNSUPPORTED",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"field", "platform"}},
      {"CHANNEL_NOT_ACTIVE",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"channel_id", "state"}},
      {"CHANNEL_ALREADY_ACTIVE",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"channel_id"}},
      {"CHANNEL_PAIR_NOT_FOUND",
       Code::NOT_FOUND,
       kResource,
       {},
       {"channel_pair_id", "client_id"}},
      {"CHANNEL_PAIR_EXISTS",
       Code::ALREADY_EXISTS,
       kResource,
       {"channel_pair_id"},
       {"entry_id"}},
      {"CHANNEL_PAIR_LIMIT",
       Code::RESOURCE_EXHAUSTED,
       kQuota,
       {"client_id", "limit"}},
      {"ENTRY_NOT_FOUND",
       Code::NOT_FOUND,
       kResource,
       {},
       {"entry_id", "channel_pair_id"}},
      {"ENTRY_NOT_ACTIVE",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"entry_id", "state"}},
      {"ENTRY_ALREADY_ACTIVE",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"entry_id"}},
      {"ETAG_MISMATCH", Code::ABORTED, kResource, {"etag"}},
      {"QUEUE_FULL", Code::RESOURCE_EXHAUSTED, kRetry},
      {"DEADLINE_BEFORE_START", Code::DEADLINE_EXCEEDED},
      {"CANCELLED_BEFORE_START", Code::CANCELLED},
      {"SHUTTING_DOWN", Code::UNAVAILABLE, kRetry},
      {"STORAGE_UNAVAILABLE", Code::UNAVAILABLE, kRetry},
      {"STORAGE_BUSY", Code::UNAVAILABLE, kRetry},
      {"STORAGE_FULL", Code::RESOURCE_EXHAUSTED},
      {"STORAGE_READ_ONLY", Code::UNAVAILABLE},
      {"STORAGE_TIMEOUT", Code::DEADLINE_EXCEEDED, kRetry},
      {"STORAGE_FAILED", Code::INTERNAL},
      {"OUTCOME_UNKNOWN", Code::UNAVAILABLE},
      {"INTERNAL", Code::INTERNAL},
      {"TOKEN_MISSING", Code::UNAUTHENTICATED},
      {"TOKEN_INVALID", Code::UNAUTHENTICATED, kNothing, {"problem"}},
      {"SCOPE_MISSING", Code::PERMISSION_DENIED, kNothing, {"scope"}},
      {"RATE_LIMITED", Code::RESOURCE_EXHAUSTED, kRetry, {"of", "limit"}},
      {"TRIGGER_COOLDOWN",
       Code::RESOURCE_EXHAUSTED,
       kRetry,
       {"entry_id", "next_trigger_time"}},
      {"ENTRY_BROADCAST_RUNNING",
       Code::ABORTED,
       kResource,
       {"entry_id", "operation_id"}},
      {"ENTRY_CONTENT_MISSING",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"entry_id", "side"}},
      {"OPERATION_NOT_FOUND", Code::NOT_FOUND, kResource, {"operation_id"}},
      {"OPERATION_FINISHED",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"operation_id"}},
      {"DELIVERY_NOT_FOUND", Code::NOT_FOUND, kResource, {"delivery_id"}},
      {"DELIVERY_NOT_UNKNOWN",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"delivery_id", "state"}},
      {"WATCH_EXPIRED", Code::OUT_OF_RANGE},
      {"INVALID_RESUME_TOKEN", Code::INVALID_ARGUMENT, kViolations},
      {"ACCOUNT_UNAVAILABLE",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"account"}},
      {"PROBE_FAILED", Code::UNAVAILABLE, kNothing, {"channel_id", "problem"}},
      {"FEED_NOT_FOUND", Code::NOT_FOUND, kResource, {"feed_id"}},
      {"FEED_EXISTS", Code::ALREADY_EXISTS, kResource, {"feed_id"}},
      {"FEED_CLOSED", Code::FAILED_PRECONDITION, kPrecondition, {"feed_id"}},
      {"FEED_NOT_EMPTY", Code::FAILED_PRECONDITION, kPrecondition, {"feed_id"}},
      {"FEED_CHANNEL_NOT_FOUND",
       Code::NOT_FOUND,
       kResource,
       {"feed_id", "channel_id"}},
      {"FEED_CHANNEL_EXISTS",
       Code::ALREADY_EXISTS,
       kResource,
       {"feed_id", "channel_id"}},
      {"FEED_CHANNEL_LIMIT",
       Code::RESOURCE_EXHAUSTED,
       kQuota,
       {"feed_id", "limit"}},
      {"POST_NOT_FOUND",
       Code::NOT_FOUND,
       kResource,
       {},
       {"post_id", "feed_id", "external_id"}},
      {"POST_CLOSED", Code::FAILED_PRECONDITION, kPrecondition, {"post_id"}},
      {"TRACKING_DISABLED",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"feed_id"}},
      {"SYNC_RUNNING",
       Code::ABORTED,
       kResource,
       {"channel_id", "operation_id"}},
      {"PLAN_CHANGED", Code::FAILED_PRECONDITION, kPrecondition},
      {"PLAN_EXPIRED", Code::FAILED_PRECONDITION, kPrecondition},
      {"TOO_MANY_DELETES",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"deletes", "max_deletes"}},
      {"BOT_RIGHTS_MISSING",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"channel_id", "rights"}},
      {"IMPORT_NOT_FOUND", Code::NOT_FOUND, kResource, {"import_id"}},
      {"IMPORT_RUNNING", Code::ABORTED, kResource, {"feed_id", "import_id"}},
      {"IMPORT_ENDED", Code::FAILED_PRECONDITION, kPrecondition, {"import_id"}},
      {"IMPORT_INCOMPLETE",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"import_id", "received"},
       {"expected"}},
      {"TOO_MANY_CLOSES",
       Code::FAILED_PRECONDITION,
       kPrecondition,
       {"import_id", "closes", "max_closes"}}};
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
  if (failure.violations.empty() == promise.has(kViolations)) {
    return promise.has(kViolations) ? "lacks BadRequest" : "has a BadRequest";
  }
  if (failure.retry_after.has_value() != promise.has(kRetry)) {
    return promise.has(kRetry) ? "lacks RetryInfo" : "has a RetryInfo";
  }
  if (failure.quota.has_value() != promise.has(kQuota)) {
    return promise.has(kQuota) ? "lacks QuotaFailure" : "has a QuotaFailure";
  }
  if (promise.has(kResource) && !failure.resource.has_value()) {
    return "lacks ResourceInfo";
  }
  if (promise.has(kPrecondition) && !failure.precondition.has_value()) {
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
