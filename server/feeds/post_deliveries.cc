#include "feeds/post_deliveries.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/contents.h"
#include "storage/messages.h"
#include "storage/operations.h"

namespace broadcast::feeds {
namespace {

using storage::Channel;
using storage::DeliveryAction;
using storage::Message;
using storage::NewDelivery;
using storage::OnUnknown;
using storage::Platform;
using storage::Post;
using storage::Scope;
using storage::Transaction;

// To edit or delete twice is to do it once; a message that arrives twice
// annoys a chat, but neither a webhook, which knows it by its id, nor a log.
OnUnknown OnUnknownOf(DeliveryAction action, Platform platform) {
  return action == DeliveryAction::kSend && platform == Platform::kTelegram
             ? OnUnknown::kHold
             : OnUnknown::kResend;
}

NewDelivery DeliveryTo(const Channel& channel, DeliveryAction action,
                       const FeedPolicy& policy, absl::Time now,
                       absl::Time deadline) {
  return {.delivery_id = policy.ids->Next(),
          .client_id = channel.client_id,
          .channel_id = channel.channel_id,
          .lane_id = channels::LaneOf(
              channel.account, *AccountOf(channel, policy), channel.channel_id),
          .action = action,
          .on_unknown = OnUnknownOf(action, channel.platform),
          .not_before = now,
          .deadline = deadline};
}

}  // namespace

absl::Time DeadlineOf(const Post& post, absl::Time now) {
  const absl::Time latest = now + limits::kPostTime;
  return std::min(post.expire_time.value_or(latest), latest);
}

NewDelivery SendOf(const Post& post, const Channel& channel,
                   const FeedPolicy& policy, absl::Time now) {
  NewDelivery made = DeliveryTo(channel, DeliveryAction::kSend, policy, now,
                                DeadlineOf(post, now));
  made.content_id = post.content.content_id;
  return made;
}

NewDelivery EditOf(const Post& post, const Message& message,
                   const Channel& channel, const FeedPolicy& policy,
                   absl::Time now) {
  NewDelivery made = DeliveryTo(channel, DeliveryAction::kEdit, policy, now,
                                DeadlineOf(post, now));
  made.content_id = post.content.content_id;
  made.target_message_id = message.message_id;
  return made;
}

NewDelivery RetractOf(const Message& message, Retraction retraction,
                      const std::optional<std::string>& tombstone_id,
                      const Channel& channel, const FeedPolicy& policy,
                      absl::Time now) {
  const bool deletes = retraction == Retraction::kDelete;
  NewDelivery made = DeliveryTo(
      channel, deletes ? DeliveryAction::kDelete : DeliveryAction::kTombstone,
      policy, now, now + limits::kPostTime);
  made.target_message_id = message.message_id;
  if (!deletes) made.content_id = tombstone_id;
  return made;
}

NewDelivery ProbeOf(const std::string& message_id, const Channel& channel,
                    const FeedPolicy& policy, absl::Time now) {
  NewDelivery made = DeliveryTo(channel, DeliveryAction::kProbe, policy, now,
                                now + limits::kPostTime);
  made.target_message_id = message_id;
  return made;
}

Message PendingOf(const Post& post, const Channel& channel,
                  const std::string& operation_id, const FeedPolicy& policy) {
  return {.message_id = policy.ids->Next(),
          .channel_id = channel.channel_id,
          .client_id = post.client_id,
          .operation_id = operation_id,
          .feed_id = post.feed_id,
          .post_id = post.post_id,
          .address = channel.address,
          .content_id = *post.content.content_id};
}

absl::Status SendPending(Transaction& transaction, const Scope& scope,
                         const std::vector<Message>& messages,
                         const std::map<std::string, const Post*>& posts,
                         const std::map<std::string, const Channel*>& channels,
                         const FeedPolicy& policy,
                         std::vector<NewDelivery>& deliveries) {
  if (messages.empty()) return absl::OkStatus();
  const auto inserted = storage::InsertPending(transaction, scope, messages);
  RETURN_IF_ERROR(storage::AgainIfCollected(inserted.status()));
  const absl::Time now = transaction.now();
  for (const Message& message : messages) {
    if (inserted->count(message.message_id) == 0) continue;
    NewDelivery made = SendOf(*posts.at(*message.post_id),
                              *channels.at(message.channel_id), policy, now);
    made.message_id = message.message_id;
    made.post_id = message.post_id;
    deliveries.push_back(std::move(made));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<storage::Operation>> InsertPostOperation(
    Transaction& transaction, const Scope& scope, const storage::Feed& feed,
    const std::string& operation_id, std::vector<NewDelivery> deliveries,
    storage::OperationKind kind) {
  if (deliveries.empty()) return std::nullopt;
  const storage::NewOperation made{.operation = {.operation_id = operation_id,
                                                 .client_id = feed.client_id,
                                                 .feed_id = feed.feed_id,
                                                 .kind = kind},
                                   .deliveries = std::move(deliveries)};
  // A content may have been collected, or a channel deleted, in between.
  RETURN_IF_ERROR(storage::AgainIfCollected(
      storage::InsertOperations(transaction, scope, absl::MakeSpan(&made, 1))));
  return storage::AsInserted(made, transaction.now());
}

}  // namespace broadcast::feeds
