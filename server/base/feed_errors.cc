// The errors of base/errors.h that tell of feeds and what keeps channels in
// agreement with them.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/errors.h"

namespace broadcast::error {
namespace {

using Code = absl::StatusCode;

std::string FeedSubject(absl::string_view feed_id) {
  return absl::StrCat("feeds/", feed_id);
}

// Of a plan that is not done.
absl::Status NotDone(absl::string_view reason, absl::string_view message) {
  return MakeError(
      Code::kFailedPrecondition, message,
      {.reason = std::string(reason), .precondition_subject = "expected_plan"});
}

}  // namespace

absl::Status FeedNotFound(absl::string_view feed_id) {
  return MakeNotFound("FEED_NOT_FOUND", "feed", "feed_id", feed_id);
}

absl::Status FeedExists(absl::string_view feed_id) {
  return MakeError(Code::kAlreadyExists,
                   absl::StrCat("the client has a feed of this name: ", feed_id,
                                "; UpdateFeed changes it"),
                   {.reason = "FEED_EXISTS",
                    .metadata = {{"feed_id", std::string(feed_id)}},
                    .resource_type = "feed",
                    .resource_name = std::string(feed_id)});
}

absl::Status FeedClosed(absl::string_view feed_id) {
  return MakeError(Code::kFailedPrecondition,
                   absl::StrCat("feed ", feed_id,
                                " is closed and takes no posts; open it with "
                                "UpdateFeed"),
                   {.reason = "FEED_CLOSED",
                    .metadata = {{"feed_id", std::string(feed_id)}},
                    .precondition_subject = FeedSubject(feed_id)});
}

absl::Status FeedNotEmpty(absl::string_view feed_id) {
  return MakeError(Code::kFailedPrecondition,
                   absl::StrCat("feed ", feed_id,
                                " has open posts or channels; close and remove "
                                "them first, or delete it with force"),
                   {.reason = "FEED_NOT_EMPTY",
                    .metadata = {{"feed_id", std::string(feed_id)}},
                    .precondition_subject = FeedSubject(feed_id)});
}

absl::Status FeedChannelNotFound(absl::string_view feed_id,
                                 absl::string_view channel_id) {
  return MakeError(Code::kNotFound,
                   absl::StrCat("feed ", feed_id,
                                " is not published to channel ", channel_id),
                   {.reason = "FEED_CHANNEL_NOT_FOUND",
                    .metadata = {{"feed_id", std::string(feed_id)},
                                 {"channel_id", std::string(channel_id)}},
                    .resource_type = "feed_channel",
                    .resource_name = absl::StrCat(feed_id, "/", channel_id)});
}

absl::Status FeedChannelExists(absl::string_view feed_id,
                               absl::string_view channel_id) {
  return MakeError(Code::kAlreadyExists,
                   absl::StrCat("feed ", feed_id, " is published to channel ",
                                channel_id, " already"),
                   {.reason = "FEED_CHANNEL_EXISTS",
                    .metadata = {{"feed_id", std::string(feed_id)},
                                 {"channel_id", std::string(channel_id)}},
                    .resource_type = "feed_channel",
                    .resource_name = absl::StrCat(feed_id, "/", channel_id)});
}

absl::Status FeedChannelLimit(absl::string_view feed_id, int64_t limit) {
  return MakeError(
      Code::kResourceExhausted,
      absl::StrCat("feed ", feed_id, " is published to ", limit,
                   " channels, which is the most; remove one, or use another "
                   "feed"),
      {.reason = "FEED_CHANNEL_LIMIT",
       .metadata = {{"feed_id", std::string(feed_id)},
                    {"limit", absl::StrCat(limit)}},
       .quota_subject = FeedSubject(feed_id)});
}

absl::Status PostNotFound(absl::string_view post_id) {
  return MakeNotFound("POST_NOT_FOUND", "post", "post_id", post_id);
}

absl::Status PostOfNameNotFound(absl::string_view feed_id,
                                absl::string_view external_id) {
  return MakeError(
      Code::kNotFound,
      "no post of this external_id in the feed, or the caller may not see it",
      {.reason = "POST_NOT_FOUND",
       .metadata = {{"feed_id", std::string(feed_id)},
                    {"external_id", std::string(external_id)}},
       .resource_type = "post",
       .resource_name = absl::StrCat(feed_id, "/", external_id)});
}

absl::Status PostClosed(absl::string_view post_id) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("post ", post_id, " is closed; UpsertPost opens it again"),
      {.reason = "POST_CLOSED",
       .metadata = {{"post_id", std::string(post_id)}},
       .precondition_subject = absl::StrCat("posts/", post_id)});
}

absl::Status TrackingDisabled(absl::string_view feed_id) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("feed ", feed_id,
                   " does not remember its messages, so they can be neither "
                   "edited nor deleted; set its tracking with UpdateFeed"),
      {.reason = "TRACKING_DISABLED",
       .metadata = {{"feed_id", std::string(feed_id)}},
       .precondition_subject = FeedSubject(feed_id)});
}

absl::Status SyncRunning(absl::string_view channel_id,
                         absl::string_view operation_id) {
  return MakeError(
      Code::kAborted,
      absl::StrCat("channel ", channel_id,
                   " is being brought in line by operation ", operation_id,
                   "; wait until that has finished, or cancel it"),
      {.reason = "SYNC_RUNNING",
       .metadata = {{"channel_id", std::string(channel_id)},
                    {"operation_id", std::string(operation_id)}},
       .resource_type = "operation",
       .resource_name = std::string(operation_id)});
}

absl::Status PlanChanged() {
  return NotDone("PLAN_CHANGED",
                 "expected_plan is not what would be done now, and nothing was "
                 "done; look at the plan again with validate_only");
}

absl::Status PlanExpired() {
  return NotDone("PLAN_EXPIRED",
                 "expected_plan is too old, and nothing was done; look at the "
                 "plan again with validate_only");
}

absl::Status TooManyDeletes(int64_t deletes, int64_t max_deletes) {
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat(deletes, " messages would be deleted, more than ",
                   max_deletes,
                   "; nothing was done; look at the plan with validate_only, "
                   "and raise max_deletes if it is right"),
      {.reason = "TOO_MANY_DELETES",
       .metadata = {{"deletes", absl::StrCat(deletes)},
                    {"max_deletes", absl::StrCat(max_deletes)}},
       .precondition_subject = "max_deletes"});
}

absl::Status BotRightsMissing(absl::string_view channel_id,
                              const std::vector<absl::string_view>& rights) {
  const std::string missing = absl::StrJoin(rights, ",");
  return MakeError(
      Code::kFailedPrecondition,
      absl::StrCat("the account of channel ", channel_id,
                   " lacks rights there: ", missing,
                   "; have an administrator of the channel grant them"),
      {.reason = "BOT_RIGHTS_MISSING",
       .metadata = {{"channel_id", std::string(channel_id)},
                    {"rights", missing}},
       .precondition_subject = absl::StrCat("channels/", channel_id)});
}

}  // namespace broadcast::error
