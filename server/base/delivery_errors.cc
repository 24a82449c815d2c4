// The errors of base/errors.h that tell of what is sent.
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/errors.h"

namespace broadcast::error {
namespace {

using Code = absl::StatusCode;

std::string InUtc(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

}  // namespace

absl::Status TriggerCooldown(absl::string_view entry_id, absl::Time next,
                             absl::Duration retry_after) {
  const std::string next_text = InUtc(next);
  return MakeError(
      Code::kResourceExhausted,
      absl::StrCat("entry ", entry_id,
                   " was triggered a moment ago; nothing "
                   "was sent; trigger it again at ",
                   next_text, " or later"),
      {.reason = "TRIGGER_COOLDOWN",
       .metadata = {{"entry_id", std::string(entry_id)},
                    {"next_trigger_time", next_text}},
       // RetryInfo has whole milliseconds; earlier is refused again.
       .retry_after = absl::Ceil(retry_after, absl::Milliseconds(1))});
}

absl::Status EntryBroadcastRunning(absl::string_view entry_id,
                                   absl::string_view operation_id) {
  return MakeError(Code::kAborted,
                   absl::StrCat("entry ", entry_id,
                                " is being sent by operation ", operation_id,
                                "; wait until that has finished, or cancel it"),
                   {.reason = "ENTRY_BROADCAST_RUNNING",
                    .metadata = {{"entry_id", std::string(entry_id)},
                                 {"operation_id", std::string(operation_id)}},
                    .resource_type = "operation",
                    .resource_name = std::string(operation_id)});
}

absl::Status EntryContentMissing(absl::string_view entry_id,
                                 absl::string_view side) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("entry ", entry_id, " has nothing to send (", side,
                   "); give it content with UpdateEntry, or its client a "
                   "default with UpdateClient"),
      {.reason = "ENTRY_CONTENT_MISSING",
       .metadata = {{"entry_id", std::string(entry_id)},
                    {"side", std::string(side)}},
       .precondition_subject = absl::StrCat("entries/", entry_id)});
}

absl::Status OperationNotFound(absl::string_view operation_id) {
  return MakeNotFound("OPERATION_NOT_FOUND", "operation", "operation_id",
                      operation_id);
}

absl::Status OperationFinished(absl::string_view operation_id) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("operation ", operation_id,
                   " has finished; GetOperation tells how"),
      {.reason = "OPERATION_FINISHED",
       .metadata = {{"operation_id", std::string(operation_id)}},
       .precondition_subject = absl::StrCat("operations/", operation_id)});
}

absl::Status DeliveryNotFound(absl::string_view delivery_id) {
  return MakeNotFound("DELIVERY_NOT_FOUND", "delivery", "delivery_id",
                      delivery_id);
}

absl::Status DeliveryNotUnknown(absl::string_view delivery_id,
                                absl::string_view state) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("delivery ", delivery_id, " is ", state,
                   ", so there is nothing to resolve; only an unknown one can "
                   "be resolved"),
      {.reason = "DELIVERY_NOT_UNKNOWN",
       .metadata = {{"delivery_id", std::string(delivery_id)},
                    {"state", absl::AsciiStrToUpper(state)}},
       .precondition_subject = absl::StrCat("deliveries/", delivery_id)});
}

absl::Status WatchExpired() {
  return MakeError(Code::kOutOfRange,
                   "events behind the resume token are no longer kept; read "
                   "the resources, then watch anew without a token",
                   {.reason = "WATCH_EXPIRED"});
}

absl::Status InvalidResumeToken(absl::string_view problem) {
  return MakeError(Code::kInvalidArgument,
                   absl::StrCat("resume_token: ", problem),
                   {.reason = "INVALID_RESUME_TOKEN",
                    .violations = {{.field = "resume_token",
                                    .description = std::string(problem)}}});
}

absl::Status AccountUnavailable(absl::string_view account) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("this server has no account ", account,
                   " that it can send with; configure it, or give the channel "
                   "another one with UpdateChannel"),
      {.reason = "ACCOUNT_UNAVAILABLE",
       .metadata = {{"account", std::string(account)}},
       .precondition_subject = absl::StrCat("accounts/", account)});
}

absl::Status ProbeFailed(absl::string_view channel_id,
                         absl::string_view problem) {
  return MakeError(
      Code::kUnavailable,
      absl::StrCat("the platform of channel ", channel_id,
                   " could not be asked: ", problem, "; try again later"),
      {.reason = "PROBE_FAILED",
       .metadata = {{"channel_id", std::string(channel_id)},
                    {"problem", std::string(problem)}}});
}

}  // namespace broadcast::error
