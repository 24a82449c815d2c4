#include "rpc/status.h"

#include <string>

#include "base/error_detail.h"
#include "base/errors.h"
#include "base/limits.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace broadcast::rpc {
namespace {

constexpr size_t kMaxDescriptionBytes = 200;

// What the message and the other details leave.
constexpr size_t kMaxViolationBytes =
    limits::kMaxStatusDetailBytes - limits::kMaxStatusMessageBytes - 512;

// Cuts at a character's border, so that the text stays valid UTF-8.
std::string Cut(absl::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) {
    --most;
  }
  return std::string(text.substr(0, most));
}

google::rpc::ErrorInfo Info(const ErrorDetail& detail) {
  google::rpc::ErrorInfo info;
  info.set_reason(detail.reason);
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : detail.metadata) {
    (*info.mutable_metadata())[key] = Cut(value, kMaxDescriptionBytes);
  }
  return info;
}

google::rpc::BadRequest Violations(const ErrorDetail& detail) {
  google::rpc::BadRequest bad;
  for (const FieldViolation& violation : detail.violations) {
    if (bad.field_violations_size() == limits::kMaxFieldViolations) break;
    auto* added = bad.add_field_violations();
    added->set_field(Cut(violation.field, kMaxDescriptionBytes));
    added->set_description(Cut(violation.description, kMaxDescriptionBytes));
  }
  while (bad.ByteSizeLong() > kMaxViolationBytes) {
    bad.mutable_field_violations()->RemoveLast();
  }
  return bad;
}

void AddDetails(const ErrorDetail& detail, const std::string& message,
                google::rpc::Status& packed) {
  packed.add_details()->PackFrom(Info(detail));
  if (!detail.violations.empty()) {
    packed.add_details()->PackFrom(Violations(detail));
  }
  if (detail.retry_after.has_value()) {
    google::rpc::RetryInfo retry;
    const int64_t millis = absl::ToInt64Milliseconds(*detail.retry_after);
    retry.mutable_retry_delay()->set_seconds(millis / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(millis % 1000) *
                                           1'000'000);
    packed.add_details()->PackFrom(retry);
  }
  if (!detail.quota_subject.empty()) {
    google::rpc::QuotaFailure quota;
    auto* violation = quota.add_violations();
    violation->set_subject(detail.quota_subject);
    violation->set_description(message);
    packed.add_details()->PackFrom(quota);
  }
  if (!detail.precondition_subject.empty()) {
    google::rpc::PreconditionFailure failure;
    auto* violation = failure.add_violations();
    violation->set_type(detail.reason);
    violation->set_subject(detail.precondition_subject);
    violation->set_description(message);
    packed.add_details()->PackFrom(failure);
  }
  if (!detail.resource_type.empty()) {
    google::rpc::ResourceInfo resource;
    resource.set_resource_type(detail.resource_type);
    resource.set_resource_name(detail.resource_name);
    resource.set_description(message);
    packed.add_details()->PackFrom(resource);
  }
}

}  // namespace

bool ForbidsRetry(const absl::Status& status) {
  return status.code() == absl::StatusCode::kResourceExhausted &&
         ReasonOf(status) == "TRIGGER_COOLDOWN";
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::optional<ErrorDetail> detail = DetailOf(status);
  if (!detail.has_value()) return ToGrpcStatus(error::Internal());
  const std::string message =
      Cut(std::string(status.message()), limits::kMaxStatusMessageBytes);
  google::rpc::Status packed;
  packed.set_code(static_cast<int>(status.code()));
  packed.set_message(message);
  AddDetails(*detail, message, packed);
  while (packed.ByteSizeLong() > limits::kMaxStatusDetailBytes &&
         packed.details_size() > 1) {
    packed.mutable_details()->RemoveLast();
  }
  return {static_cast<grpc::StatusCode>(status.code()), message,
          packed.SerializeAsString()};
}

}  // namespace broadcast::rpc
