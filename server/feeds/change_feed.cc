#include "feeds/change_feed.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "base/errors.h"
#include "base/etag.h"
#include "base/status_macros.h"
#include "storage/clients.h"
#include "storage/contents.h"
#include "storage/feeds.h"
#include "storage/once.h"
#include "storage/sql_error.h"

namespace broadcast::feeds {
namespace {

using storage::ClientPresence;
using storage::Feed;
using storage::FeedLock;
using storage::Scope;
using storage::Transaction;

// Runs `decide` once, and tells its feed again as it is by then.
absl::StatusOr<ChangedFeed> OnceOf(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request,
    absl::FunctionRef<absl::StatusOr<ChangedFeed>()> decide) {
  const auto run = [&]() -> absl::StatusOr<ChangedFeed> { return decide(); };
  return storage::Once(
      transaction, request, run,
      [](const ChangedFeed& changed) { return changed.feed->feed_id; },
      [&](const std::string& feed_id) -> absl::StatusOr<ChangedFeed> {
        ASSIGN_OR_RETURN(auto feed,
                         storage::FindFeed(transaction, scope, feed_id));
        return ChangedFeed{.feed = std::move(feed)};
      });
}

absl::Status CheckClient(Transaction& transaction, const Scope& scope,
                         const std::string& client_id) {
  ASSIGN_OR_RETURN(const ClientPresence presence,
                   storage::ClientPresenceOf(transaction, scope, client_id));
  switch (presence) {
    case ClientPresence::kUnknown:
      return error::ClientNotFound(client_id);
    case ClientPresence::kBeingDeleted:
      return error::ClientBeingDeleted(client_id);
    case ClientPresence::kPresent:
      return absl::OkStatus();
  }
  return error::Internal();
}

absl::Status CheckEtag(const std::string& etag, const Feed& feed) {
  return EtagAllows(etag, feed.revision)
             ? absl::OkStatus()
             : error::EtagMismatch("feed", feed.feed_id, EtagOf(feed.revision));
}

void Apply(const UpdateFeedCommand& command, Feed& feed) {
  feed.display_name = command.display_name.value_or(feed.display_name);
  feed.state = command.state.value_or(feed.state);
  feed.tracking = command.tracking.value_or(feed.tracking);
  feed.labels = command.labels.value_or(feed.labels);
  if (command.tombstone_content.has_value()) {
    feed.tombstone_content = *command.tombstone_content;
  }
}

absl::StatusOr<bool> IsEmpty(Transaction& transaction, const Scope& scope,
                             const std::string& feed_id) {
  ASSIGN_OR_RETURN(const int64_t posts,
                   storage::CountOpenPosts(transaction, scope, feed_id, 1));
  if (posts > 0) return false;
  ASSIGN_OR_RETURN(const auto channels,
                   storage::ReadFeedChannels(transaction, scope, feed_id));
  return channels.empty();
}

absl::StatusOr<DeletedFeed> Delete(Transaction& transaction, const Scope& scope,
                                   const DeleteFeedCommand& command) {
  DeletedFeed deleted{.feed_id = command.feed_id};
  ASSIGN_OR_RETURN(
      const auto feed,
      storage::LockFeed(transaction, scope, command.feed_id, FeedLock::kAlone));
  if (!feed.has_value()) {
    if (command.allow_missing) return deleted;
    return error::FeedNotFound(command.feed_id);
  }
  RETURN_IF_ERROR(CheckEtag(command.etag, *feed));
  if (!command.force) {
    ASSIGN_OR_RETURN(const bool empty,
                     IsEmpty(transaction, scope, command.feed_id));
    if (!empty) return error::FeedNotEmpty(command.feed_id);
  }
  ASSIGN_OR_RETURN(const bool gone,
                   storage::DeleteFeed(transaction, scope, command.feed_id));
  if (!gone) return storage::RunAgain();
  deleted.client_id = feed->client_id;
  deleted.feed_count = 1;
  return deleted;
}

}  // namespace

absl::StatusOr<ChangedFeed> CreateFeed(Transaction& transaction,
                                       const Scope& scope,
                                       const storage::RequestKey& request,
                                       const Feed& feed) {
  return OnceOf(
      transaction, scope, request, [&]() -> absl::StatusOr<ChangedFeed> {
        RETURN_IF_ERROR(CheckClient(transaction, scope, feed.client_id));
        RETURN_IF_ERROR(
            storage::StoreContents(transaction, {&feed.tombstone_content}));
        // Its client, or the content, may be gone by now.
        const auto inserted = storage::InsertFeed(transaction, scope, feed);
        RETURN_IF_ERROR(storage::AgainIfCollected(inserted.status()));
        if (!*inserted) {
          ASSIGN_OR_RETURN(const auto there,
                           storage::FindFeedByName(transaction, scope,
                                                   feed.client_id, feed.name));
          if (!there.has_value()) return storage::RunAgain();
          return error::FeedExists(there->feed_id);
        }
        ASSIGN_OR_RETURN(auto made,
                         storage::FindFeed(transaction, scope, feed.feed_id));
        if (!made.has_value()) return storage::RunAgain();
        return ChangedFeed{.feed = std::move(made)};
      });
}

absl::StatusOr<ChangedFeed> UpdateFeed(Transaction& transaction,
                                       const Scope& scope,
                                       const storage::RequestKey& request,
                                       const UpdateFeedCommand& command) {
  return OnceOf(
      transaction, scope, request, [&]() -> absl::StatusOr<ChangedFeed> {
        ASSIGN_OR_RETURN(auto feed,
                         storage::LockFeed(transaction, scope, command.feed_id,
                                           FeedLock::kAlone));
        if (!feed.has_value()) return error::FeedNotFound(command.feed_id);
        RETURN_IF_ERROR(CheckEtag(command.etag, *feed));
        Apply(command, *feed);
        ++feed->revision;
        feed->update_time = transaction.now();
        RETURN_IF_ERROR(
            storage::StoreContents(transaction, {&feed->tombstone_content}));
        const auto written = storage::UpdateFeed(transaction, scope, *feed);
        RETURN_IF_ERROR(storage::AgainIfCollected(written.status()));
        if (!*written) return storage::RunAgain();
        return ChangedFeed{.feed = std::move(feed)};
      });
}

absl::StatusOr<DeletedFeed> DeleteFeed(Transaction& transaction,
                                       const Scope& scope,
                                       const storage::RequestKey& request,
                                       const DeleteFeedCommand& command) {
  return storage::Once(
      transaction, request, [&] { return Delete(transaction, scope, command); },
      [](const DeletedFeed& deleted) {
        return std::string(deleted.feed_count == 0 ? "0" : "1");
      },
      [&](const std::string& recorded) -> absl::StatusOr<DeletedFeed> {
        return DeletedFeed{.feed_id = command.feed_id,
                           .feed_count = recorded == "0" ? 0 : 1};
      });
}

}  // namespace broadcast::feeds
