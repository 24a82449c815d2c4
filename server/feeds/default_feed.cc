#include "feeds/default_feed.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/channel_successors.h"
#include "storage/channels.h"
#include "storage/clients.h"
#include "storage/contents.h"
#include "storage/feeds.h"
#include "storage/sql_error.h"

namespace broadcast::feeds {
namespace {

using storage::Channel;
using storage::ClientPresence;
using storage::Feed;
using storage::FeedLock;
using storage::Platform;
using storage::Scope;
using storage::Transaction;

class SetUp {
 public:
  SetUp(Transaction& transaction, IdSource& ids, const DefaultFeedSpec& spec)
      : transaction_(transaction), ids_(ids), spec_(spec) {}

  absl::StatusOr<DefaultFeed> Run() {
    RETURN_IF_ERROR(MakeClient());
    RETURN_IF_ERROR(MakeFeed());
    RETURN_IF_ERROR(PlaceChats());
    RETURN_IF_ERROR(AddChannels());
    return std::move(made_);
  }

 private:
  absl::Status MakeClient() {
    ASSIGN_OR_RETURN(
        const ClientPresence presence,
        storage::ClientPresenceOf(transaction_, scope_, kDefaultClientId));
    if (presence == ClientPresence::kBeingDeleted) {
      return error::ClientBeingDeleted(kDefaultClientId);
    }
    if (presence == ClientPresence::kPresent) return absl::OkStatus();
    const absl::Time now = transaction_.now();
    // Another server may do the same; then its client is as good.
    return storage::InsertClient(transaction_, scope_,
                                 {.client_id = kDefaultClientId,
                                  .display_name = "Default",
                                  .create_time = now,
                                  .update_time = now})
        .status();
  }

  // Has it alone from here on, so that servers take turns.
  absl::Status MakeFeed() {
    ASSIGN_OR_RETURN(auto found, Find());
    if (!found.has_value()) {
      const auto inserted = storage::InsertFeed(transaction_, scope_,
                                                {.feed_id = ids_.Next(),
                                                 .client_id = kDefaultClientId,
                                                 .name = kDefaultFeedName,
                                                 .display_name = "Default"});
      RETURN_IF_ERROR(storage::AgainIfCollected(inserted.status()));
      made_.created = *inserted;
      ASSIGN_OR_RETURN(found, Find());
    }
    if (!found.has_value()) return storage::RunAgain();
    ASSIGN_OR_RETURN(found,
                     storage::LockFeed(transaction_, scope_, found->feed_id,
                                       FeedLock::kAlone));
    if (!found.has_value()) return storage::RunAgain();
    made_.feed = *std::move(found);
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<Feed>> Find() {
    return storage::FindFeedByName(transaction_, scope_, kDefaultClientId,
                                   kDefaultFeedName);
  }

  // Finds which channels are missing, and makes those that are not there.
  absl::Status PlaceChats() {
    ASSIGN_OR_RETURN(
        const auto channels,
        storage::ReadFeedChannels(transaction_, scope_, made_.feed.feed_id));
    channel_count_ = channels.size();
    std::set<std::string> on_feed;
    std::set<std::string> chats_on_feed;
    for (const Channel& channel : channels) {
      on_feed.insert(channel.channel_id);
      if (channel.platform == Platform::kTelegram) {
        chats_on_feed.insert(channel.address);
      }
    }
    for (const std::string& chat : spec_.chats) {
      if (chats_on_feed.contains(chat)) continue;
      ASSIGN_OR_RETURN(const std::string channel_id, Place(chat));
      if (!on_feed.contains(channel_id)) missing_.insert(channel_id);
    }
    return MakeChannels();
  }

  // The channel that is to stand for the chat.
  absl::StatusOr<std::string> Place(const std::string& chat) {
    ASSIGN_OR_RETURN(
        const auto successor,
        storage::FindSuccessor(transaction_, scope_, kDefaultClientId,
                               Platform::kTelegram, chat));
    if (successor.has_value()) {
      made_.left.push_back({chat, successor->address});
      return successor->channel_id;
    }
    ASSIGN_OR_RETURN(const auto found, storage::FindChannelByAddress(
                                           transaction_, kDefaultClientId,
                                           Platform::kTelegram, chat));
    if (found.has_value()) {
      if (found->client_id == kDefaultClientId) return found->channel_id;
      return error::ChannelTaken(absl::StrCat("chat ", chat));
    }
    const absl::Time now = transaction_.now();
    new_channels_.push_back({.channel_id = ids_.Next(),
                             .client_id = kDefaultClientId,
                             .platform = Platform::kTelegram,
                             .address = chat,
                             .account = spec_.account,
                             .create_time = now,
                             .update_time = now});
    return new_channels_.back().channel_id;
  }

  absl::Status MakeChannels() {
    std::sort(new_channels_.begin(), new_channels_.end(),
              [](const Channel& a, const Channel& b) {
                return a.address < b.address;
              });
    std::vector<const Channel*> rows;
    rows.reserve(new_channels_.size());
    for (const Channel& channel : new_channels_) rows.push_back(&channel);
    const auto inserted = storage::InsertChannels(transaction_, scope_, rows);
    RETURN_IF_ERROR(storage::AgainIfCollected(inserted.status()));
    // Somebody has registered one of them meanwhile.
    return *inserted == static_cast<int64_t>(rows.size()) ? absl::OkStatus()
                                                          : storage::RunAgain();
  }

  absl::Status AddChannels() {
    if (missing_.empty()) return absl::OkStatus();
    if (made_.feed.state == storage::FeedState::kClosed) {
      return error::FeedClosed(made_.feed.feed_id);
    }
    if (channel_count_ + missing_.size() > limits::kMaxFeedChannels) {
      return error::FeedChannelLimit(made_.feed.feed_id,
                                     limits::kMaxFeedChannels);
    }
    const auto added = storage::AddFeedChannels(
        transaction_, made_.feed, {missing_.begin(), missing_.end()});
    RETURN_IF_ERROR(storage::AgainIfCollected(added.status()));
    if (*added != static_cast<int64_t>(missing_.size())) {
      return storage::RunAgain();
    }
    made_.channels_added = *added;
    return absl::OkStatus();
  }

  Transaction& transaction_;
  IdSource& ids_;
  const DefaultFeedSpec& spec_;
  const Scope scope_ = Scope::AllClients();

  size_t channel_count_ = 0;
  std::vector<Channel> new_channels_;
  std::set<std::string> missing_;  // ids of channels
  DefaultFeed made_;
};

}  // namespace

absl::StatusOr<DefaultFeed> SetUpDefaultFeed(Transaction& transaction,
                                             IdSource& ids,
                                             const DefaultFeedSpec& spec) {
  return SetUp(transaction, ids, spec).Run();
}

}  // namespace broadcast::feeds
