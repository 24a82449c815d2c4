#include "feeds/feed_policy.h"

#include <utility>

#include "base/limits.h"
#include "content/content.h"

namespace broadcast::feeds {
namespace {

using storage::MessageState;
using storage::Platform;

constexpr absl::string_view kTombstoneText = "This message has been removed.";

}  // namespace

bool Tracks(const storage::Feed& feed, const FeedPolicy& policy) {
  return feed.tracking.value_or(policy.default_tracking);
}

storage::StoredContent TombstoneOf(const storage::Feed& feed) {
  return feed.tombstone_content.content_id.has_value() ? feed.tombstone_content
                                                       : BuiltInTombstone();
}

storage::StoredContent BuiltInTombstone() {
  std::string document = ToJson({.text = std::string(kTombstoneText)});
  std::string id = ContentId(document);
  return {.content_id = std::move(id), .body = std::move(document)};
}

const channels::Account* AccountOf(const storage::Channel& channel,
                                   const FeedPolicy& policy) {
  const auto found = policy.accounts->find(channel.account);
  return channels::HasAccount(*policy.accounts, channel.account,
                              channel.platform, channel.client_id)
             ? &found->second
             : nullptr;
}

bool IsReachable(const storage::Channel& channel, const FeedPolicy& policy) {
  return channel.state == storage::ChannelState::kActive &&
         AccountOf(channel, policy) != nullptr;
}

std::optional<absl::Time> DeletableSince(Platform platform, absl::Time now) {
  if (platform != Platform::kTelegram) return std::nullopt;
  return now - (limits::kTelegramDeleteWindow - limits::kDeleteMargin);
}

bool CanProbe(Platform platform) { return platform == Platform::kTelegram; }

Retraction RetractionOf(const storage::Message& message, Platform platform,
                        absl::Time now) {
  const auto since = DeletableSince(platform, now);
  const bool old = since.has_value() && message.post_time < *since;
  switch (message.state) {
    case MessageState::kPending:
      return Retraction::kDelete;
    case MessageState::kLive:
      return old ? Retraction::kTombstone : Retraction::kDelete;
    case MessageState::kUndeletable:
      return old ? Retraction::kTombstone : Retraction::kNone;
    case MessageState::kUnknown:
    case MessageState::kDeleted:
    case MessageState::kTombstoned:
    case MessageState::kLost:
      return Retraction::kNone;
  }
  return Retraction::kNone;
}

}  // namespace broadcast::feeds
