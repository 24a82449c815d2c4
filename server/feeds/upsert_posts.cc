#include "feeds/upsert_posts.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/etag.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/violations.h"
#include "feeds/post_deliveries.h"
#include "storage/answer_json.h"
#include "storage/contents.h"
#include "storage/feeds.h"
#include "storage/messages.h"
#include "storage/once.h"
#include "storage/operations.h"
#include "storage/posts.h"
#include "storage/sql_error.h"

namespace broadcast::feeds {
namespace {

using storage::Channel;
using storage::Message;
using storage::MessageState;
using storage::NewDelivery;
using storage::Post;
using storage::PostState;
using storage::Scope;
using storage::Transaction;

// What is decided of one post.
struct Change {
  Post post;  // as it will be
  PostOutcome outcome = PostOutcome::kUnchanged;
  bool edits = false;  // its messages say something else than it does
};

absl::Status CheckBounds(const UpsertPostsCommand& command,
                         const std::vector<Channel>& channels, absl::Time now) {
  Violations violations;
  const size_t most = limits::kMaxBatchMessages;
  if (command.posts.size() > 1 &&
      command.posts.size() * channels.size() > most) {
    violations.Add("posts", absl::StrCat("has ", command.posts.size(),
                                         " posts for ", channels.size(),
                                         " channels; posts times "
                                         "channels must be at most ",
                                         most));
  }
  for (const PostSpec& spec : command.posts) {
    if (spec.expire_time.has_value() && *spec.expire_time <= now) {
      violations.Add(Subfield(spec.field, "expire_time"),
                     "must be in the future, or unset");
    }
  }
  return violations.ToStatus();
}

Change NewPost(const PostSpec& spec, const storage::Feed& feed,
               absl::Time now) {
  return {.post = {.post_id = spec.new_id,
                   .feed_id = feed.feed_id,
                   .client_id = feed.client_id,
                   .external_id = spec.external_id,
                   .content = spec.content,
                   .expire_time = spec.expire_time,
                   .labels = spec.labels,
                   .create_time = now,
                   .update_time = now},
          .outcome = PostOutcome::kCreated};
}

Change ChangeOf(Post post, const PostSpec& spec, absl::Time now) {
  const bool same_content = post.content.content_id == spec.content.content_id;
  const bool was_closed = post.state == PostState::kClosed;
  if (!was_closed && same_content && post.expire_time == spec.expire_time &&
      post.labels == spec.labels) {
    return {.post = std::move(post)};
  }
  post.content = spec.content;
  post.expire_time = spec.expire_time;
  post.labels = spec.labels;
  post.state = PostState::kOpen;
  post.close_reason.clear();
  post.close_time.reset();
  ++post.revision;
  post.update_time = now;
  return {
      .post = std::move(post),
      .outcome = was_closed ? PostOutcome::kReopened : PostOutcome::kUpdated,
      .edits = !same_content};
}

// What becomes of each post, in the order of the command.
absl::StatusOr<std::vector<Change>> ChangesOf(
    Transaction& transaction, const Scope& scope, const storage::Feed& feed,
    const UpsertPostsCommand& command) {
  std::vector<std::string> names;
  names.reserve(command.posts.size());
  for (const PostSpec& spec : command.posts) names.push_back(spec.external_id);
  ASSIGN_OR_RETURN(auto found,
                   storage::FindPosts(transaction, scope, feed.feed_id, names));
  std::map<std::string, Post> known;
  for (Post& post : found) {
    std::string name = post.external_id;
    known.emplace(std::move(name), std::move(post));
  }
  std::vector<Change> changes;
  for (const PostSpec& spec : command.posts) {
    const auto post = known.find(spec.external_id);
    if (post == known.end()) {
      if (!command.etag.empty()) {
        return error::PostOfNameNotFound(feed.feed_id, spec.external_id);
      }
      changes.push_back(NewPost(spec, feed, transaction.now()));
      continue;
    }
    if (!EtagAllows(command.etag, post->second.revision)) {
      return error::EtagMismatch("post", post->second.post_id,
                                 EtagOf(post->second.revision));
    }
    changes.push_back(
        ChangeOf(std::move(post->second), spec, transaction.now()));
  }
  return changes;
}

absl::Status WritePosts(Transaction& transaction, const Scope& scope,
                        const std::vector<Change>& changes) {
  std::vector<const storage::StoredContent*> contents;
  std::vector<Post> made, changed;
  for (const Change& change : changes) {
    if (change.outcome == PostOutcome::kUnchanged) continue;
    contents.push_back(&change.post.content);
    (change.outcome == PostOutcome::kCreated ? made : changed)
        .push_back(change.post);
  }
  RETURN_IF_ERROR(storage::StoreContents(transaction, contents));
  if (!made.empty()) {
    RETURN_IF_ERROR(storage::AgainIfCollected(
        storage::InsertPosts(transaction, scope, made)));
  }
  if (changed.empty()) return absl::OkStatus();
  const auto written = storage::UpdatePosts(transaction, scope, changed);
  RETURN_IF_ERROR(storage::AgainIfCollected(written.status()));
  return *written == static_cast<int64_t>(changed.size()) ? absl::OkStatus()
                                                          : storage::RunAgain();
}

// The deliveries that follow of changes, in the order of the posts.
class Sending {
 public:
  Sending(Transaction& transaction, const Scope& scope,
          const FeedPolicy& policy, const std::vector<Channel>& channels)
      : transaction_(transaction), scope_(scope), policy_(policy) {
    for (const Channel& channel : channels) {
      if (IsReachable(channel, policy)) {
        channels_.emplace(channel.channel_id, &channel);
      }
    }
  }

  // Of a feed without tracking.
  std::vector<NewDelivery> Forgotten(const std::vector<Change>& changes) const {
    std::vector<NewDelivery> deliveries;
    for (const Change& change : changes) {
      if (!Opens(change)) continue;
      for (const auto& [channel_id, channel] : channels_) {
        deliveries.push_back(
            SendOf(change.post, *channel, policy_, transaction_.now()));
      }
    }
    return deliveries;
  }

  absl::StatusOr<std::vector<NewDelivery>> Tracked(
      const std::string& feed_id, const std::string& operation_id,
      const std::vector<Change>& changes) {
    RETURN_IF_ERROR(FindPresent(feed_id, changes));
    std::vector<Message> pending;
    std::map<std::string, const Post*> posts;
    std::vector<NewDelivery> edits;
    for (const Change& change : changes) {
      posts.emplace(change.post.post_id, &change.post);
      for (const auto& [channel_id, channel] : channels_) {
        const auto present = present_.find({change.post.post_id, channel_id});
        if (present == present_.end()) {
          if (!Opens(change)) continue;
          pending.push_back(
              PendingOf(change.post, *channel, operation_id, policy_));
        } else if (change.edits &&
                   present->second.state != MessageState::kUnknown) {
          edits.push_back(EditOf(change.post, present->second, *channel,
                                 policy_, transaction_.now()));
        }
      }
    }
    std::vector<NewDelivery> deliveries;
    RETURN_IF_ERROR(SendPending(transaction_, scope_, pending, posts, channels_,
                                policy_, deliveries));
    for (NewDelivery& edit : edits) deliveries.push_back(std::move(edit));
    return deliveries;
  }

 private:
  static bool Opens(const Change& change) {
    return change.outcome == PostOutcome::kCreated ||
           change.outcome == PostOutcome::kReopened;
  }

  absl::Status FindPresent(const std::string& feed_id,
                           const std::vector<Change>& changes) {
    std::vector<std::string> post_ids;
    for (const Change& change : changes) {
      if (change.outcome == PostOutcome::kReopened || change.edits) {
        post_ids.push_back(change.post.post_id);
      }
    }
    if (post_ids.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(
        auto messages,
        storage::PresentMessages(transaction_, scope_, feed_id, post_ids));
    for (Message& message : messages) {
      std::pair<std::string, std::string> key{*message.post_id,
                                              message.channel_id};
      present_.emplace(std::move(key), std::move(message));
    }
    return absl::OkStatus();
  }

  Transaction& transaction_;
  const Scope& scope_;
  const FeedPolicy& policy_;
  std::map<std::string, const Channel*> channels_;
  std::map<std::pair<std::string, std::string>, Message> present_;
};

// What is decided of all posts, before anything is written.
struct Decision {
  storage::Feed feed;
  std::vector<Channel> channels;
  std::vector<Change> changes;
};

absl::StatusOr<Decision> Judge(Transaction& transaction, const Scope& scope,
                               const FeedPolicy& policy,
                               const UpsertPostsCommand& command) {
  ASSIGN_OR_RETURN(auto feed,
                   storage::LockFeed(transaction, scope, command.feed_id,
                                     storage::FeedLock::kShared));
  if (!feed.has_value()) return error::FeedNotFound(command.feed_id);
  if (feed->state == storage::FeedState::kClosed) {
    return error::FeedClosed(command.feed_id);
  }
  ASSIGN_OR_RETURN(auto channels, storage::ReadFeedChannels(transaction, scope,
                                                            command.feed_id));
  RETURN_IF_ERROR(CheckBounds(command, channels, transaction.now()));
  ASSIGN_OR_RETURN(auto changes, ChangesOf(transaction, scope, *feed, command));
  const bool tracked = Tracks(*feed, policy);
  for (const Change& change : changes) {
    if (!tracked && change.edits && change.outcome == PostOutcome::kUpdated) {
      return error::TrackingDisabled(command.feed_id);
    }
  }
  return Decision{.feed = *std::move(feed),
                  .channels = std::move(channels),
                  .changes = std::move(changes)};
}

UpsertedPosts PostsOf(const std::string& feed_id,
                      std::vector<Change>&& changes) {
  UpsertedPosts upserted{.feed_id = feed_id};
  for (Change& change : changes) {
    upserted.posts.push_back({std::move(change.post), change.outcome});
  }
  return upserted;
}

absl::StatusOr<UpsertedPosts> Decide(Transaction& transaction,
                                     const Scope& scope,
                                     const FeedPolicy& policy,
                                     const UpsertPostsCommand& command) {
  ASSIGN_OR_RETURN(auto decision, Judge(transaction, scope, policy, command));
  auto& [feed, channels, changes] = decision;
  RETURN_IF_ERROR(WritePosts(transaction, scope, changes));
  Sending sending(transaction, scope, policy, channels);
  std::vector<NewDelivery> deliveries;
  if (Tracks(feed, policy)) {
    ASSIGN_OR_RETURN(
        deliveries,
        sending.Tracked(command.feed_id, command.operation_id, changes));
  } else {
    deliveries = sending.Forgotten(changes);
  }
  UpsertedPosts upserted = PostsOf(command.feed_id, std::move(changes));
  ASSIGN_OR_RETURN(
      upserted.operation,
      InsertPostOperation(transaction, scope, feed, command.operation_id,
                          std::move(deliveries), command.kind));
  return upserted;
}

// What a replay tells again: the operation, then each post and its outcome.
std::string Record(const UpsertedPosts& upserted) {
  std::vector<std::string> values;
  values.push_back(upserted.operation.has_value()
                       ? upserted.operation->operation_id
                       : std::string());
  for (const auto& [post, outcome] : upserted.posts) {
    values.push_back(post.post_id);
    values.push_back(absl::StrCat(static_cast<int>(outcome)));
  }
  return storage::IdsToJson(values);
}

absl::StatusOr<UpsertedPosts> Replay(Transaction& transaction,
                                     const Scope& scope,
                                     const std::string& feed_id,
                                     const std::string& recorded) {
  ASSIGN_OR_RETURN(const auto values, storage::IdsFromJson(recorded));
  if (values.size() % 2 != 1) return error::Internal();
  UpsertedPosts upserted{.feed_id = feed_id};
  if (!values[0].empty()) {
    ASSIGN_OR_RETURN(upserted.operation,
                     storage::FindOperation(transaction, scope, values[0]));
  }
  for (size_t i = 1; i < values.size(); i += 2) {
    int outcome = 0;
    if (!absl::SimpleAtoi(values[i + 1], &outcome)) return error::Internal();
    ASSIGN_OR_RETURN(auto post,
                     storage::FindPost(transaction, scope, values[i]));
    if (!post.has_value()) continue;
    upserted.posts.push_back(
        {*std::move(post), static_cast<PostOutcome>(outcome)});
  }
  return upserted;
}

}  // namespace

absl::StatusOr<UpsertedPosts> UpsertPosts(Transaction& transaction,
                                          const Scope& scope,
                                          const storage::RequestKey& request,
                                          const FeedPolicy& policy,
                                          const UpsertPostsCommand& command) {
  return storage::Once(
      transaction, request,
      [&] { return Decide(transaction, scope, policy, command); }, Record,
      [&](const std::string& recorded) {
        return Replay(transaction, scope, command.feed_id, recorded);
      });
}

absl::StatusOr<UpsertedPosts> JudgePosts(Transaction& transaction,
                                         const Scope& scope,
                                         const FeedPolicy& policy,
                                         const UpsertPostsCommand& command) {
  ASSIGN_OR_RETURN(auto decision, Judge(transaction, scope, policy, command));
  return PostsOf(command.feed_id, std::move(decision.changes));
}

}  // namespace broadcast::feeds
