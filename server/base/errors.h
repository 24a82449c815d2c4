// Every error that a caller can see, named after what happened. Each carries
// its reason (protos/broadcast/v1/error_reason.proto), and says the remedy.
// Free functions without state; any thread.
#ifndef BROADCASTD_BASE_ERRORS_H_
#define BROADCASTD_BASE_ERRORS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/error_detail.h"

namespace broadcast::error {

// Who calls, and whether it may: see base/access_errors.cc.
absl::Status TokenMissing();  // UNAUTHENTICATED
// UNAUTHENTICATED. `problem` is one of those of ERROR_REASON_TOKEN_INVALID.
absl::Status TokenInvalid(absl::string_view problem);
absl::Status ScopeMissing(absl::string_view scope);  // PERMISSION_DENIED
// RESOURCE_EXHAUSTED. `of` is "principal" or "address", `limit` in calls a
// second.
absl::Status RateLimited(absl::string_view of, int64_t limit,
                         absl::Duration retry_after);

// Requests. All INVALID_ARGUMENT.
absl::Status InvalidFields(std::vector<FieldViolation> violations);
absl::Status InvalidFilter(absl::string_view problem);
absl::Status InvalidOrderBy(absl::string_view problem);
absl::Status InvalidPageToken(absl::string_view problem);
absl::Status RequestIdReused(absl::string_view request_id);

// Clients.
absl::Status ClientNotFound(absl::string_view client_id);
absl::Status ClientExists(absl::string_view client_id);
absl::Status ClientUnknown(absl::string_view client_id);  // FAILED_PRECONDITION
absl::Status ClientBeingDeleted(absl::string_view client_id);
absl::Status ChannelPairLimit(absl::string_view client_id, int64_t limit);

// Channels and pairs.
absl::Status ChannelNotFound(absl::string_view channel_id);
absl::Status ChannelTaken(absl::string_view field);
absl::Status ChannelAccountMismatch(absl::string_view field,
                                    absl::string_view channel_id);
absl::Status ChannelAccountUnknown(absl::string_view field,
                                   absl::string_view account,
                                   absl::string_view platform);
absl::Status ChannelPlatformUnsupported(absl::string_view field,
                                        absl::string_view platform);
absl::Status ChannelNotActive(absl::string_view channel_id,
                              absl::string_view state);
absl::Status ChannelAlreadyActive(absl::string_view channel_id);
absl::Status ChannelPairNotFound(absl::string_view channel_pair_id);
absl::Status ChannelPairTwice(absl::string_view field);
absl::Status ChannelPairExists(absl::string_view channel_pair_id,
                               absl::string_view entry_id);

// Entries.
absl::Status EntryNotFound(absl::string_view entry_id);
absl::Status PairNotConfigured(absl::string_view channel_pair_id);
absl::Status PairOfAddressesNotFound(absl::string_view client_id);
absl::Status EntryNotActive(absl::string_view entry_id,
                            absl::string_view state);
absl::Status EntryAlreadyActive(absl::string_view entry_id);

// Delivery: see base/delivery_errors.cc.
// RESOURCE_EXHAUSTED. `next` is when a trigger is accepted again, `retry_after`
// from now.
absl::Status TriggerCooldown(absl::string_view entry_id, absl::Time next,
                             absl::Duration retry_after);
absl::Status EntryBroadcastRunning(absl::string_view entry_id,
                                   absl::string_view operation_id);  // ABORTED
// FAILED_PRECONDITION. `side` is "open", "closed" or "both".
absl::Status EntryContentMissing(absl::string_view entry_id,
                                 absl::string_view side);
absl::Status OperationNotFound(absl::string_view operation_id);
absl::Status OperationFinished(
    absl::string_view operation_id);  // FAILED_PRECONDITION
absl::Status DeliveryNotFound(absl::string_view delivery_id);
absl::Status DeliveryNotUnknown(absl::string_view delivery_id,
                                absl::string_view state);
absl::Status WatchExpired();                                 // OUT_OF_RANGE
absl::Status InvalidResumeToken(absl::string_view problem);  // INVALID_ARGUMENT
absl::Status AccountUnavailable(absl::string_view account);
// UNAVAILABLE. `problem` is a reason word of the platform's answer.
absl::Status ProbeFailed(absl::string_view channel_id,
                         absl::string_view problem);

// Feeds, posts, Sync and Migrate: see base/feed_errors.cc.
absl::Status FeedNotFound(absl::string_view feed_id);
absl::Status FeedExists(absl::string_view feed_id);
absl::Status FeedClosed(absl::string_view feed_id);    // FAILED_PRECONDITION
absl::Status FeedNotEmpty(absl::string_view feed_id);  // FAILED_PRECONDITION
absl::Status FeedChannelNotFound(absl::string_view feed_id,
                                 absl::string_view channel_id);
absl::Status FeedChannelExists(absl::string_view feed_id,
                               absl::string_view channel_id);
absl::Status FeedChannelLimit(absl::string_view feed_id,
                              int64_t limit);  // RESOURCE_EXHAUSTED
absl::Status PostNotFound(absl::string_view post_id);
absl::Status PostOfNameNotFound(absl::string_view feed_id,
                                absl::string_view external_id);
absl::Status PostClosed(absl::string_view post_id);  // FAILED_PRECONDITION
absl::Status TrackingDisabled(
    absl::string_view feed_id);  // FAILED_PRECONDITION
absl::Status SyncRunning(absl::string_view channel_id,
                         absl::string_view operation_id);  // ABORTED
// FAILED_PRECONDITION, the other four.
absl::Status PlanChanged();
absl::Status PlanExpired();
absl::Status TooManyDeletes(int64_t deletes, int64_t max_deletes);
// `rights` are of "post", "edit" and "delete".
absl::Status BotRightsMissing(absl::string_view channel_id,
                              const std::vector<absl::string_view>& rights);

// Imports: see base/import_errors.cc.
absl::Status ImportNotFound(absl::string_view import_id);
absl::Status ImportRunning(absl::string_view feed_id,
                           absl::string_view import_id);  // ABORTED
absl::Status ImportEnded(absl::string_view import_id);    // FAILED_PRECONDITION
// FAILED_PRECONDITION, these two. `expected` is negative if nobody said.
absl::Status ImportIncomplete(absl::string_view import_id, int64_t received,
                              int64_t expected);
absl::Status TooManyCloses(absl::string_view import_id, int64_t closes,
                           int64_t max_closes);

// ABORTED: the resource has changed since the caller read it.
absl::Status EtagMismatch(absl::string_view resource_type,
                          absl::string_view resource_id,
                          absl::string_view current_etag);

// The server's own state.
absl::Status QueueFull();
absl::Status DeadlineBeforeStart();
absl::Status CancelledBeforeStart();
absl::Status StorageUnavailable();
absl::Status StorageBusy();
absl::Status StorageFull();
absl::Status StorageReadOnly();
absl::Status StorageFailed();
absl::Status StorageTimeout();
absl::Status OutcomeUnknown();
absl::Status ShuttingDown();
absl::Status Internal();

}  // namespace broadcast::error

#endif  // BROADCASTD_BASE_ERRORS_H_
