// What an absl::Status says beyond its code and message: the machine-readable
// half of an error, carried as a payload until rpc turns it into google.rpc
// details. Values only; any thread.
#ifndef BROADCASTD_BASE_ERROR_DETAIL_H_
#define BROADCASTD_BASE_ERROR_DETAIL_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace broadcast {

struct FieldViolation {
  std::string field;        // path in the request, e.g. "open_channel.address"
  std::string description;  // what is wrong and what would be right
};

struct ErrorDetail {
  std::string reason;  // a name of ErrorReason, without its prefix
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> violations;     // BadRequest
  std::optional<absl::Duration> retry_after;  // RetryInfo
  std::string quota_subject;                  // QuotaFailure, if not empty
  std::string resource_type;                  // ResourceInfo, if not empty
  std::string resource_name;
  std::string precondition_subject;  // PreconditionFailure, if not empty
};

absl::Status MakeError(absl::StatusCode code, absl::string_view message,
                       const ErrorDetail& detail);

// NOT_FOUND: there is no `type` of that id, or the caller may not see it. The
// id is the metadata's `key`.
absl::Status MakeNotFound(absl::string_view reason, absl::string_view type,
                          absl::string_view key, absl::string_view id);

// Nothing for a status that MakeError did not make.
std::optional<ErrorDetail> DetailOf(const absl::Status& status);

// The reason of `status`, or "" if it has none.
std::string ReasonOf(const absl::Status& status);

// `status` with one more key in its metadata. Without a detail it stays as it
// is.
absl::Status WithMetadata(const absl::Status& status, absl::string_view key,
                          absl::string_view value);

}  // namespace broadcast

#endif  // BROADCASTD_BASE_ERROR_DETAIL_H_
