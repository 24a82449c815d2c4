#include "cli/call_failure.h"

#include <grpcpp/support/status.h>

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/display_width.h"
#include "cli/remedies.h"
#include "cli/time_text.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/error_details.pb.h"

namespace broadcast::cli {
namespace {

constexpr char kDomain[] = "broadcastd";
constexpr char kDetails[] = "broadcastctl/details";  // google.rpc.Status
constexpr char kHint[] = "broadcastctl/hint";        // lines

std::string PayloadOf(const absl::Status& failure, absl::string_view name) {
  const auto payload = failure.GetPayload(name);
  return payload.has_value() ? std::string(*payload) : "";
}

// A newer server may send details that this program cannot read.
bool IsKnown(const google::protobuf::Any& packed) {
  std::string name;
  return google::protobuf::Any::ParseAnyTypeUrl(packed.type_url(), &name) &&
         google::protobuf::DescriptorPool::generated_pool()
                 ->FindMessageTypeByName(name) != nullptr;
}

void Read(const google::protobuf::Any& packed, FailureDetail& detail) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad;
  google::rpc::RetryInfo retry;
  if (packed.UnpackTo(&info) && info.domain() == kDomain) {
    detail.reason = info.reason();
    detail.metadata.insert(info.metadata().begin(), info.metadata().end());
  } else if (packed.UnpackTo(&bad)) {
    for (const auto& violation : bad.field_violations()) {
      detail.violations.emplace_back(violation.field(),
                                     violation.description());
    }
  } else if (packed.UnpackTo(&retry)) {
    detail.retry_after = DurationOf(retry.retry_delay());
  }
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status failure(static_cast<absl::StatusCode>(status.error_code()),
                       status.error_message());
  if (!status.error_details().empty()) {
    failure.SetPayload(kDetails, absl::Cord(status.error_details()));
  }
  return failure;
}

google::rpc::Status ToProto(const absl::Status& failure) {
  google::rpc::Status proto;
  if (!proto.ParseFromString(PayloadOf(failure, kDetails))) proto.Clear();
  auto& details = *proto.mutable_details();
  details.erase(std::remove_if(details.begin(), details.end(),
                               [](const auto& any) { return !IsKnown(any); }),
                details.end());
  proto.set_code(static_cast<int>(failure.code()));
  proto.set_message(std::string(failure.message()));
  return proto;
}

FailureDetail DetailOf(const absl::Status& failure) {
  const google::rpc::Status proto = ToProto(failure);
  FailureDetail detail;
  for (const google::protobuf::Any& packed : proto.details()) {
    Read(packed, detail);
  }
  return detail;
}

bool IsBrokenOff(const absl::Status& failure) {
  return (failure.code() == absl::StatusCode::kUnavailable ||
          failure.code() == absl::StatusCode::kCancelled) &&
         DetailOf(failure).reason.empty();
}

absl::Status WithHint(absl::Status failure, absl::string_view hint) {
  const std::string before = PayloadOf(failure, kHint);
  failure.SetPayload(kHint, absl::Cord(absl::StrCat(
                                before, before.empty() ? "" : "\n", hint)));
  return failure;
}

std::vector<std::string> HintsOf(const absl::Status& failure) {
  return absl::StrSplit(PayloadOf(failure, kHint), '\n', absl::SkipEmpty());
}

ExitStatus ExitOf(const absl::Status& failure) {
  switch (failure.code()) {
    case absl::StatusCode::kOk:
      return kExitDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kExitUsage;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kExitConnection;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kExitDenied;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return kExitPrecondition;
    case absl::StatusCode::kResourceExhausted:
      // RetryInfo is there if and only if waiting helps.
      return DetailOf(failure).retry_after.has_value() ? kExitTooSoon
                                                       : kExitPrecondition;
    case absl::StatusCode::kCancelled:
      return kExitInterrupted;
    default:
      return kExitFailed;
  }
}

std::string FailureText(const absl::Status& failure, const Palette& palette) {
  const FailureDetail detail = DetailOf(failure);
  std::string text = absl::StrCat(
      palette.Paint("broadcastctl:", Color::kRed), " ",
      Printable(failure.message()), detail.reason.empty() ? "" : " [",
      Printable(detail.reason), detail.reason.empty() ? "" : "]", "\n");
  for (const auto& [field, why] : detail.violations) {
    absl::StrAppend(&text, "  ", Printable(field), ": ", Printable(why), "\n");
  }
  for (const auto& [key, value] : detail.metadata) {
    absl::StrAppend(&text, "  ", Printable(key), " = ", Printable(value), "\n");
  }
  if (detail.retry_after.has_value()) {
    absl::StrAppend(&text, "retry in ", WaitText(*detail.retry_after), "\n");
  }
  const std::string remedy = RemedyFor(failure.code(), detail);
  if (!remedy.empty()) absl::StrAppend(&text, Printable(remedy), "\n");
  for (const std::string& hint : HintsOf(failure)) {
    absl::StrAppend(&text, hint, "\n");
  }
  return text;
}

}  // namespace broadcast::cli
