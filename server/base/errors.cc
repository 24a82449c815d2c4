#include "base/errors.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace broadcast::error {
namespace {

using Code = absl::StatusCode;

absl::Status State(Code code, absl::string_view reason,
                   absl::string_view message) {
  return MakeError(code, message, {.reason = std::string(reason)});
}

absl::Status RetryLater(Code code, absl::string_view reason,
                        absl::Duration delay, absl::string_view message) {
  return MakeError(code, message,
                   {.reason = std::string(reason), .retry_after = delay});
}

}  // namespace

absl::Status InvalidFields(std::vector<FieldViolation> violations) {
  std::string message = "the request has ";
  if (violations.size() == 1) {
    absl::StrAppend(&message, "an invalid field: ", violations[0].field, ": ",
                    violations[0].description);
  } else {
    absl::StrAppend(&message, violations.size(),
                    " invalid fields; see the field violations");
  }
  return MakeError(
      Code::kInvalidArgument, message,
      {.reason = "INVALID_FIELDS", .violations = std::move(violations)});
}

absl::Status InvalidFilter(absl::string_view problem) {
  return MakeError(Code::kInvalidArgument, absl::StrCat("filter: ", problem),
                   {.reason = "INVALID_FILTER",
                    .violations = {{.field = "filter",
                                    .description = std::string(problem)}}});
}

absl::Status InvalidOrderBy(absl::string_view problem) {
  return MakeError(Code::kInvalidArgument, absl::StrCat("order_by: ", problem),
                   {.reason = "INVALID_ORDER_BY",
                    .violations = {{.field = "order_by",
                                    .description = std::string(problem)}}});
}

absl::Status InvalidPageToken(absl::string_view problem) {
  return MakeError(Code::kInvalidArgument,
                   absl::StrCat("page_token: ", problem),
                   {.reason = "INVALID_PAGE_TOKEN",
                    .violations = {{.field = "page_token",
                                    .description = std::string(problem)}}});
}

absl::Status RequestIdReused(absl::string_view request_id) {
  return MakeError(
      Code::kInvalidArgument,
      "request_id was used within the last 24 hours for a different request; "
      "use a new one",
      {.reason = "REQUEST_ID_REUSED",
       .metadata = {{"request_id", std::string(request_id)}},
       .violations = {{.field = "request_id",
                       .description =
                           "already used with another payload; use a new "
                           "one"}}});
}

absl::Status ClientNotFound(absl::string_view client_id) {
  return MakeNotFound("CLIENT_NOT_FOUND", "client", "client_id", client_id);
}

absl::Status ClientExists(absl::string_view client_id) {
  return MakeError(
      Code::kAlreadyExists,
      absl::StrCat("client ", client_id, " exists; UpdateClient changes it"),
      {.reason = "CLIENT_EXISTS",
       .metadata = {{"client_id", std::string(client_id)}},
       .resource_type = "client",
       .resource_name = std::string(client_id)});
}

absl::Status ClientUnknown(absl::string_view client_id) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("client ", client_id,
                   " is not registered and this server registers none by "
                   "itself; call CreateClient first"),
      {.reason = "CLIENT_UNKNOWN",
       .metadata = {{"client_id", std::string(client_id)}},
       .precondition_subject = absl::StrCat("clients/", client_id)});
}

absl::Status ClientBeingDeleted(absl::string_view client_id) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("client ", client_id,
                   " is being deleted; try again when that has finished"),
      {.reason = "CLIENT_BEING_DELETED",
       .metadata = {{"client_id", std::string(client_id)}},
       .precondition_subject = absl::StrCat("clients/", client_id)});
}

absl::Status ChannelPairLimit(absl::string_view client_id, int64_t limit) {
  return MakeError(
      Code::kResourceExhausted,
      absl::StrCat("client ", client_id, " has its ", limit,
                   " channel pairs; delete one, or have its pair_quota raised"),
      {.reason = "CHANNEL_PAIR_LIMIT",
       .metadata = {{"client_id", std::string(client_id)},
                    {"limit", absl::StrCat(limit)}},
       .quota_subject = absl::StrCat("clients/", client_id)});
}

absl::Status ChannelNotFound(absl::string_view channel_id) {
  return MakeNotFound("CHANNEL_NOT_FOUND", "channel", "channel_id", channel_id);
}

absl::Status ChannelTaken(absl::string_view field) {
  return MakeError(
      Code::kAlreadyExists,
      absl::StrCat(field,
                   ": this destination is registered by another "
                   "client; an operator can transfer it"),
      {.reason = "CHANNEL_TAKEN", .metadata = {{"field", std::string(field)}}});
}

absl::Status ChannelAccountMismatch(absl::string_view field,
                                    absl::string_view channel_id) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat(field, ": channel ", channel_id,
                   " is registered with another account; use that account, or "
                   "change it with UpdateChannel"),
      {.reason = "CHANNEL_ACCOUNT_MISMATCH",
       .metadata = {{"field", std::string(field)},
                    {"channel_id", std::string(channel_id)}},
       .precondition_subject = absl::StrCat("channels/", channel_id)});
}

absl::Status ChannelAccountUnknown(absl::string_view field,
                                   absl::string_view account,
                                   absl::string_view platform) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat(field, ": this server has no ", platform,
                   " account of "
                   "that name; ListAccounts lists those it has"),
      {.reason = "CHANNEL_ACCOUNT_UNKNOWN",
       .metadata = {{"field", std::string(field)},
                    {"account", std::string(account)},
                    {"platform", std::string(platform)}},
       .precondition_subject = absl::StrCat("accounts/", account)});
}

absl::Status ChannelPlatformUnsupported(absl::string_view field,
                                        absl::string_view platform) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat(field, ": this server cannot send by ", platform,
                   " yet; use telegram, webhook or log"),
      {.reason = "CHANNEL_PLATFORM_UNSUPPORTED",
       .metadata = {{"field", std::string(field)},
                    {"platform", std::string(platform)}},
       .precondition_subject = absl::StrCat("platforms/", platform)});
}

absl::Status ChannelNotActive(absl::string_view channel_id,
                              absl::string_view state) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("channel ", channel_id, " is ", state,
                   "; EnableChannel makes it active"),
      {.reason = "CHANNEL_NOT_ACTIVE",
       .metadata = {{"channel_id", std::string(channel_id)},
                    {"state", absl::AsciiStrToUpper(state)}},
       .precondition_subject = absl::StrCat("channels/", channel_id)});
}

absl::Status ChannelAlreadyActive(absl::string_view channel_id) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("channel ", channel_id, " is active already"),
      {.reason = "CHANNEL_ALREADY_ACTIVE",
       .metadata = {{"channel_id", std::string(channel_id)}},
       .precondition_subject = absl::StrCat("channels/", channel_id)});
}

absl::Status ChannelPairNotFound(absl::string_view channel_pair_id) {
  return MakeNotFound("CHANNEL_PAIR_NOT_FOUND", "channel pair",
                      "channel_pair_id", channel_pair_id);
}

absl::Status ChannelPairTwice(absl::string_view field) {
  return InvalidFields(
      {{.field = std::string(field),
        .description = "an earlier request of this batch registers the same "
                       "channel pair; leave one of them out"}});
}

absl::Status ChannelPairExists(absl::string_view channel_pair_id,
                               absl::string_view entry_id) {
  ErrorDetail detail{
      .reason = "CHANNEL_PAIR_EXISTS",
      .metadata = {{"channel_pair_id", std::string(channel_pair_id)}},
      .resource_type = "channel pair",
      .resource_name = std::string(channel_pair_id)};
  std::string message =
      absl::StrCat("channel pair ", channel_pair_id, " is registered");
  if (entry_id.empty()) {
    absl::StrAppend(&message, "; CreateEntry gives it an entry");
  } else {
    detail.metadata["entry_id"] = std::string(entry_id);
    absl::StrAppend(&message, " and has entry ", entry_id,
                    "; UpdateEntry changes that");
  }
  return MakeError(Code::kAlreadyExists, message, detail);
}

absl::Status EntryNotFound(absl::string_view entry_id) {
  return MakeNotFound("ENTRY_NOT_FOUND", "entry", "entry_id", entry_id);
}

absl::Status PairNotConfigured(absl::string_view channel_pair_id) {
  return MakeError(
      Code::kNotFound,
      absl::StrCat("channel pair ", channel_pair_id,
                   " has no entry; CreateEntry gives it one"),
      {.reason = "ENTRY_NOT_FOUND",
       .metadata = {{"channel_pair_id", std::string(channel_pair_id)}},
       .resource_type = "channel pair",
       .resource_name = std::string(channel_pair_id)});
}

absl::Status PairOfAddressesNotFound(absl::string_view client_id) {
  return MakeError(
      Code::kNotFound,
      absl::StrCat("client ", client_id,
                   " has no channel pair of these addresses that this caller "
                   "may see"),
      {.reason = "CHANNEL_PAIR_NOT_FOUND",
       .metadata = {{"client_id", std::string(client_id)}},
       .resource_type = "channel pair"});
}

absl::Status EntryNotActive(absl::string_view entry_id,
                            absl::string_view state) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("entry ", entry_id, " is ", state,
                   "; ResumeEntry makes it active"),
      {.reason = "ENTRY_NOT_ACTIVE",
       .metadata = {{"entry_id", std::string(entry_id)},
                    {"state", absl::AsciiStrToUpper(state)}},
       .precondition_subject = absl::StrCat("entries/", entry_id)});
}

absl::Status EntryAlreadyActive(absl::string_view entry_id) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("entry ", entry_id, " is active already"),
      {.reason = "ENTRY_ALREADY_ACTIVE",
       .metadata = {{"entry_id", std::string(entry_id)}},
       .precondition_subject = absl::StrCat("entries/", entry_id)});
}

absl::Status EtagMismatch(absl::string_view resource_type,
                          absl::string_view resource_id,
                          absl::string_view current_etag) {
  return MakeError(
      Code::kAborted,
      absl::StrCat(resource_type, " ", resource_id,
                   " has changed since it was read; read it again and repeat "
                   "the change"),
      {.reason = "ETAG_MISMATCH",
       .metadata = {{"etag", std::string(current_etag)}},
       .resource_type = std::string(resource_type),
       .resource_name = std::string(resource_id)});
}

absl::Status QueueFull() {
  return RetryLater(Code::kResourceExhausted, "QUEUE_FULL", absl::Seconds(1),
                    "the server's queue is full and nothing was done; try "
                    "again later");
}

absl::Status DeadlineBeforeStart() {
  return State(Code::kDeadlineExceeded, "DEADLINE_BEFORE_START",
               "the deadline passed before the call started; nothing was "
               "done");
}

absl::Status CancelledBeforeStart() {
  return State(Code::kCancelled, "CANCELLED_BEFORE_START",
               "the call was cancelled before it started; nothing was done");
}

absl::Status StorageUnavailable() {
  return RetryLater(Code::kUnavailable, "STORAGE_UNAVAILABLE", absl::Seconds(1),
                    "the database cannot be reached and nothing was done; try "
                    "again");
}

absl::Status StorageBusy() {
  return RetryLater(Code::kUnavailable, "STORAGE_BUSY", absl::Seconds(1),
                    "the database is held by another process and nothing was "
                    "done; try again");
}

absl::Status StorageFull() {
  return State(Code::kResourceExhausted, "STORAGE_FULL",
               "the database has no space left and nothing was done; reads "
               "go on, writes resume when space is freed");
}

absl::Status StorageReadOnly() {
  return State(Code::kUnavailable, "STORAGE_READ_ONLY",
               "the database accepts no writes and nothing was done; reads go "
               "on, writes resume when it is writable");
}

absl::Status StorageFailed() {
  return State(Code::kInternal, "STORAGE_FAILED",
               "the database failed; the server's log says how");
}

absl::Status StorageTimeout() {
  return RetryLater(Code::kDeadlineExceeded, "STORAGE_TIMEOUT",
                    absl::Seconds(1),
                    "the database took too long and nothing was changed; try "
                    "again");
}

absl::Status OutcomeUnknown() {
  return State(Code::kUnavailable, "OUTCOME_UNKNOWN",
               "the connection to the database was lost while committing, so "
               "the change may or may not have been made; read before "
               "repeating, or repeat with the same request_id");
}

absl::Status ShuttingDown() {
  return RetryLater(Code::kUnavailable, "SHUTTING_DOWN", absl::Seconds(1),
                    "the server is shutting down and nothing was done; try "
                    "again");
}

absl::Status Internal() {
  return State(Code::kInternal, "INTERNAL",
               "the server failed; its log says how");
}

}  // namespace broadcast::error
