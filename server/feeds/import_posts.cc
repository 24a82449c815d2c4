#include "feeds/import_posts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/violations.h"
#include "feeds/retract_messages.h"
#include "storage/answer_json.h"
#include "storage/feeds.h"
#include "storage/once.h"
#include "storage/posts.h"

namespace broadcast::feeds {
namespace {

using storage::Feed;
using storage::Import;
using storage::ImportMode;
using storage::ImportState;
using storage::Scope;
using storage::Transaction;

// How many posts of a feed with that many channels a transaction takes.
size_t StepOf(size_t channels) {
  const size_t most = limits::kMaxBatchMessages / std::max<size_t>(channels, 1);
  return std::clamp<size_t>(most, 1, limits::kImportStep);
}

absl::StatusOr<Feed> OpenFeed(Transaction& transaction, const Scope& scope,
                              const FeedPolicy& policy,
                              const OpenImportCommand& command) {
  ASSIGN_OR_RETURN(auto feed,
                   storage::LockFeed(transaction, scope, command.feed_id,
                                     storage::FeedLock::kShared));
  if (!feed.has_value()) return error::FeedNotFound(command.feed_id);
  if (feed->state == storage::FeedState::kClosed) {
    return error::FeedClosed(command.feed_id);
  }
  if (command.mode == ImportMode::kSnapshot && !Tracks(*feed, policy)) {
    return error::TrackingDisabled(command.feed_id);
  }
  return *std::move(feed);
}

absl::StatusOr<OpenedImport> Begin(Transaction& transaction, const Scope& scope,
                                   const FeedPolicy& policy,
                                   const OpenImportCommand& command) {
  ASSIGN_OR_RETURN(auto running, storage::LockUnfinishedImport(
                                     transaction, scope, command.feed_id));
  ASSIGN_OR_RETURN(const Feed feed,
                   OpenFeed(transaction, scope, policy, command));
  if (running.has_value()) {
    // A rehearsal is in nobody's way, and nothing is changed for one.
    const bool gives_way = running->validate_only ||
                           (command.replace_running && !command.validate_only);
    if (!gives_way) {
      return error::ImportRunning(command.feed_id, running->import_id);
    }
    running->state = ImportState::kAbandoned;
    RETURN_IF_ERROR(storage::StoreImport(transaction, *running));
  }
  RETURN_IF_ERROR(storage::DeleteOldImports(transaction, feed.feed_id,
                                            limits::kKeptImports - 1,
                                            limits::kChunkRows)
                      .status());
  Import import{.import_id = command.new_id,
                .feed_id = feed.feed_id,
                .client_id = feed.client_id,
                .mode = command.mode,
                .validate_only = command.validate_only,
                .create_time = transaction.now(),
                .update_time = transaction.now()};
  RETURN_IF_ERROR(storage::InsertImport(transaction, scope, import));
  return OpenedImport{.import = std::move(import)};
}

absl::StatusOr<OpenedImport> Resume(Transaction& transaction,
                                    const Scope& scope,
                                    const FeedPolicy& policy,
                                    const std::string& import_id,
                                    const OpenImportCommand& command) {
  ASSIGN_OR_RETURN(auto import,
                   storage::LockImport(transaction, scope, import_id));
  if (!import.has_value() || import->feed_id != command.feed_id) {
    return error::ImportNotFound(import_id);
  }
  Violations violations;
  if (import->mode != command.mode) {
    violations.Add("settings.mode", "must be that of the import");
  }
  if (import->validate_only != command.validate_only) {
    violations.Add("settings.validate_only", "must be that of the import");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  OpenedImport opened{.import = *std::move(import), .replayed = true};
  if (opened.import.state == ImportState::kComplete) return opened;
  if (opened.import.state == ImportState::kAbandoned) {
    return error::ImportEnded(import_id);
  }
  RETURN_IF_ERROR(OpenFeed(transaction, scope, policy, command).status());
  ++opened.import.generation;
  RETURN_IF_ERROR(storage::StoreImport(transaction, opened.import));
  return opened;
}

// The import, locked, if who knows it as `held` may go on with it.
absl::StatusOr<Import> Hold(Transaction& transaction, const Scope& scope,
                            const HeldImport& held) {
  ASSIGN_OR_RETURN(auto import,
                   storage::LockImport(transaction, scope, held.import_id));
  if (!import.has_value()) return error::ImportNotFound(held.import_id);
  if (import->state == ImportState::kAbandoned) {
    return error::ImportEnded(held.import_id);
  }
  if (import->generation != held.generation) {
    return error::ImportRunning(import->feed_id, held.import_id);
  }
  return *std::move(import);
}

void Count(const UpsertedPosts& upserted, storage::ImportCounts& counts) {
  for (const auto& [post, outcome] : upserted.posts) {
    ++counts.received;
    switch (outcome) {
      case PostOutcome::kCreated:
        ++counts.created;
        break;
      case PostOutcome::kUpdated:
        ++counts.updated;
        break;
      case PostOutcome::kUnchanged:
        ++counts.unchanged;
        break;
      case PostOutcome::kReopened:
        ++counts.reopened;
        break;
    }
  }
}

absl::StatusOr<UpsertedPosts> Upsert(Transaction& transaction,
                                     const Scope& scope,
                                     const FeedPolicy& policy,
                                     const Import& import,
                                     absl::Span<const PostSpec> posts) {
  ASSIGN_OR_RETURN(
      const auto channels,
      storage::ReadFeedChannels(transaction, scope, import.feed_id));
  posts = posts.subspan(0, StepOf(channels.size()));
  const UpsertPostsCommand command{
      .feed_id = import.feed_id,
      .posts = std::vector<PostSpec>(posts.begin(), posts.end()),
      .operation_id = policy.ids->Next(),
      .kind = storage::OperationKind::kImport};
  return import.validate_only
             ? JudgePosts(transaction, scope, policy, command)
             : UpsertPosts(transaction, scope, {}, policy, command);
}

// Of the next open posts, those to close, and how far they have been looked at.
struct Missing {
  std::vector<std::string> post_ids;
  std::string cursor;
  bool last = false;
};

absl::StatusOr<Missing> NextMissing(Transaction& transaction,
                                    const Import& import, size_t most) {
  ASSIGN_OR_RETURN(
      const auto posts,
      storage::ReadMarkedPosts(transaction, import, import.close_cursor,
                               limits::kImportScan));
  Missing missing{.cursor = import.close_cursor};
  for (const storage::MarkedPost& post : posts) {
    if (missing.post_ids.size() == most) return missing;
    missing.cursor = post.post_id;
    if (!post.stays) missing.post_ids.push_back(post.post_id);
  }
  missing.last = posts.size() < limits::kImportScan;
  return missing;
}

// Those that nobody has changed since they were looked at.
absl::StatusOr<std::vector<std::string>> LockMissing(
    Transaction& transaction, const Scope& scope, const Import& import,
    const std::vector<std::string>& post_ids) {
  ASSIGN_OR_RETURN(const auto posts,
                   storage::LockPosts(transaction, scope, post_ids));
  std::vector<std::string> locked;
  for (const storage::Post& post : posts) {
    if (post.state == storage::PostState::kOpen &&
        post.update_time <= import.create_time) {
      locked.push_back(post.post_id);
    }
  }
  return locked;
}

}  // namespace

absl::StatusOr<OpenedImport> OpenImport(Transaction& transaction,
                                        const Scope& scope,
                                        const storage::RequestKey& request,
                                        const FeedPolicy& policy,
                                        const OpenImportCommand& command) {
  if (!command.import_id.empty()) {
    return Resume(transaction, scope, policy, command.import_id, command);
  }
  return storage::Once(
      transaction, request,
      [&] { return Begin(transaction, scope, policy, command); },
      [](const OpenedImport& opened) {
        return storage::IdsToJson({opened.import.import_id});
      },
      [&](const std::string& recorded) -> absl::StatusOr<OpenedImport> {
        ASSIGN_OR_RETURN(const auto ids, storage::IdsFromJson(recorded));
        if (ids.size() != 1) return error::Internal();
        return Resume(transaction, scope, policy, ids[0], command);
      });
}

absl::StatusOr<ImportProgress> TakePosts(Transaction& transaction,
                                         const Scope& scope,
                                         const FeedPolicy& policy,
                                         const HeldImport& held,
                                         absl::Span<const PostSpec> posts) {
  ASSIGN_OR_RETURN(Import import, Hold(transaction, scope, held));
  if (import.state != ImportState::kRunning) {
    return error::ImportEnded(held.import_id);
  }
  if (import.counts.received > held.received) {
    return ImportProgress{
        .import = std::move(import), .sends = true, .expires = true};
  }
  ASSIGN_OR_RETURN(const auto upserted,
                   Upsert(transaction, scope, policy, import, posts));
  Count(upserted, import.counts);
  ImportProgress progress{.sends = upserted.operation.has_value()};
  std::vector<std::string> post_ids;
  for (const auto& [post, outcome] : upserted.posts) {
    post_ids.push_back(post.post_id);
    progress.expires |= post.expire_time.has_value() && !import.validate_only &&
                        outcome != PostOutcome::kUnchanged;
  }
  if (import.mode == ImportMode::kSnapshot) {
    RETURN_IF_ERROR(
        storage::MarkPosts(transaction, scope, import.import_id, post_ids));
  }
  RETURN_IF_ERROR(storage::StoreImport(transaction, import));
  import.update_time = transaction.now();
  progress.import = std::move(import);
  return progress;
}

absl::StatusOr<MissingCount> CountMissing(Transaction& read,
                                          const Import& import,
                                          MissingCount so_far) {
  ASSIGN_OR_RETURN(const auto posts,
                   storage::ReadMarkedPosts(read, import, so_far.cursor,
                                            limits::kImportScan));
  for (const storage::MarkedPost& post : posts) {
    if (!post.stays) ++so_far.missing;
    so_far.cursor = post.post_id;
  }
  so_far.done = posts.size() < limits::kImportScan;
  return so_far;
}

absl::StatusOr<ImportProgress> EndImport(Transaction& transaction,
                                         const Scope& scope,
                                         const HeldImport& held,
                                         int64_t expected, int64_t missing) {
  ASSIGN_OR_RETURN(Import import, Hold(transaction, scope, held));
  if (import.state != ImportState::kRunning) {
    return ImportProgress{.import = std::move(import)};
  }
  if (import.counts.received != expected) {
    return error::ImportIncomplete(held.import_id, import.counts.received,
                                   expected);
  }
  const bool closes =
      import.mode == ImportMode::kSnapshot && !import.validate_only;
  import.state = closes ? ImportState::kClosing : ImportState::kComplete;
  if (import.validate_only) import.counts.closed = missing;
  RETURN_IF_ERROR(storage::StoreImport(transaction, import));
  import.update_time = transaction.now();
  return ImportProgress{.import = std::move(import), .completes = !closes};
}

absl::StatusOr<ImportProgress> CloseMissing(Transaction& transaction,
                                            const Scope& scope,
                                            const FeedPolicy& policy,
                                            const HeldImport& held) {
  ASSIGN_OR_RETURN(Import import, Hold(transaction, scope, held));
  if (import.state != ImportState::kClosing) {
    return ImportProgress{.import = std::move(import)};
  }
  ASSIGN_OR_RETURN(const auto feed,
                   storage::LockFeed(transaction, scope, import.feed_id,
                                     storage::FeedLock::kShared));
  if (!feed.has_value()) return error::FeedNotFound(import.feed_id);
  if (!Tracks(*feed, policy)) return error::TrackingDisabled(import.feed_id);
  ASSIGN_OR_RETURN(
      const auto channels,
      storage::ReadFeedChannels(transaction, scope, import.feed_id));
  ASSIGN_OR_RETURN(const Missing missing,
                   NextMissing(transaction, import, StepOf(channels.size())));
  ASSIGN_OR_RETURN(const auto post_ids,
                   LockMissing(transaction, scope, import, missing.post_ids));
  ASSIGN_OR_RETURN(
      const int64_t closed,
      storage::ClosePosts(transaction, scope, post_ids, kNotImported));
  ASSIGN_OR_RETURN(
      const auto operation,
      RetractMessages(transaction, scope, policy, *feed, post_ids,
                      policy.ids->Next(), storage::OperationKind::kImport));
  import.counts.closed += closed;
  import.close_cursor = missing.cursor;
  if (missing.last) import.state = ImportState::kComplete;
  RETURN_IF_ERROR(storage::StoreImport(transaction, import));
  import.update_time = transaction.now();
  return ImportProgress{.import = std::move(import),
                        .sends = operation.has_value(),
                        .completes = missing.last};
}

}  // namespace broadcast::feeds
