#include "moving/import_messages.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "feeds/default_feed.h"
#include "storage/channels.h"
#include "storage/contents.h"
#include "storage/imported_messages.h"
#include "storage/messages.h"
#include "storage/posts.h"
#include "storage/sql_error.h"

namespace broadcast::moving {
namespace {

using storage::Channel;
using storage::Message;
using storage::Post;
using storage::Scope;
using storage::Transaction;

class Importer {
 public:
  Importer(Transaction& transaction, IdSource& ids, const ImportPolicy& policy,
           absl::Span<const MessageLine> lines)
      : transaction_(transaction), ids_(ids), policy_(policy), lines_(lines) {}

  absl::StatusOr<ImportedLines> Run() {
    ASSIGN_OR_RETURN(auto made,
                     feeds::SetUpDefaultFeed(transaction_, ids_,
                                             {.account = policy_.account}));
    feed_id_ = made.feed.feed_id;
    RETURN_IF_ERROR(PlaceChats());
    RETURN_IF_ERROR(FindPosts());
    RETURN_IF_ERROR(FindMessages());
    for (const MessageLine& line : lines_) Take(line);
    RETURN_IF_ERROR(storage::AgainIfCollected(
        storage::InsertLive(transaction_, scope_, messages_)));
    done_.imported = static_cast<int64_t>(messages_.size());
    return std::move(done_);
  }

 private:
  // The channel of each chat, made if there is none; a chat of another client
  // has none.
  absl::Status PlaceChats() {
    std::vector<const Channel*> rows;
    for (const MessageLine& line : lines_) {
      if (channels_.contains(line.chat)) continue;
      ASSIGN_OR_RETURN(channels_[line.chat],
                       storage::FindChannelByAddress(
                           transaction_, feeds::kDefaultClientId,
                           storage::Platform::kTelegram, line.chat));
    }
    for (auto& [chat, channel] : channels_) {
      if (channel.has_value()) {
        if (channel->client_id != feeds::kDefaultClientId) channel.reset();
        continue;
      }
      channel = Channel{.channel_id = ids_.Next(),
                        .client_id = feeds::kDefaultClientId,
                        .platform = storage::Platform::kTelegram,
                        .address = chat,
                        .account = policy_.account,
                        .create_time = transaction_.now(),
                        .update_time = transaction_.now()};
      rows.push_back(&*channel);
    }
    ASSIGN_OR_RETURN(const int64_t inserted,
                     storage::InsertChannels(transaction_, scope_, rows));
    return inserted == static_cast<int64_t>(rows.size()) ? absl::OkStatus()
                                                         : storage::RunAgain();
  }

  absl::Status FindPosts() {
    std::set<std::string> external_ids;
    for (const MessageLine& line : lines_) {
      external_ids.insert(line.external_id);
    }
    ASSIGN_OR_RETURN(
        auto posts,
        storage::FindPosts(transaction_, scope_, feed_id_,
                           {external_ids.begin(), external_ids.end()}));
    std::vector<std::string> post_ids;
    for (Post& post : posts) {
      post_ids.push_back(post.post_id);
      std::string external_id = post.external_id;
      posts_[std::move(external_id)] = std::move(post);
    }
    ASSIGN_OR_RETURN(
        const auto present,
        storage::PresentMessages(transaction_, scope_, feed_id_, post_ids));
    for (const Message& message : present) {
      present_[Key(message.channel_id, *message.post_id)] =
          message.platform_message_id.value_or("that is still to be posted");
    }
    return absl::OkStatus();
  }

  absl::Status FindMessages() {
    std::vector<storage::MessagePlace> places;
    for (const MessageLine& line : lines_) {
      if (const auto& channel = channels_[line.chat]; channel.has_value()) {
        places.push_back({channel->channel_id, line.chat, line.message_id});
      }
    }
    ASSIGN_OR_RETURN(const auto found,
                     storage::FindMessagesAt(transaction_, scope_, places));
    for (const Message& message : found) {
      known_[storage::KeyOf({message.channel_id, message.address,
                             *message.platform_message_id})] =
          message.post_id.value_or("");
    }
    return absl::OkStatus();
  }

  void Take(const MessageLine& line) {
    const auto& channel = channels_[line.chat];
    if (!channel.has_value()) {
      return Problem(line, "chat_id",
                     "is a channel of another client than the default one; "
                     "delete it there, or remove the line");
    }
    const auto post = posts_.find(line.external_id);
    if (post == posts_.end()) {
      return Problem(line, "external_id",
                     "is no post of the default feed; publish it there first, "
                     "while the feed has no channels, or remove the line");
    }
    const std::string& post_id = post->second.post_id;
    const std::string place =
        storage::KeyOf({channel->channel_id, line.chat, line.message_id});
    if (const auto known = known_.find(place); known != known_.end()) {
      if (known->second == post_id) {
        ++done_.unchanged;
        return;
      }
      return Problem(line, "message_id",
                     "is known as a message of something else; correct it, or "
                     "remove the line");
    }
    const std::string key = Key(channel->channel_id, post_id);
    if (const auto there = present_.find(key); there != present_.end()) {
      return Problem(
          line, "external_id",
          absl::StrCat("has a message in that chat already, ", there->second,
                       "; delete one of the two by hand and remove "
                       "the line"));
    }
    known_[place] = post_id;
    present_[key] = line.message_id;
    Add(line, *channel, post->second);
  }

  void Add(const MessageLine& line, const Channel& channel, const Post& post) {
    messages_.push_back(
        {.message_id = ids_.Next(),
         .channel_id = channel.channel_id,
         .client_id = channel.client_id,
         .feed_id = feed_id_,
         .post_id = post.post_id,
         .address = line.chat,
         .platform_message_id = line.message_id,
         .content_id = *post.content.content_id,
         .post_time = line.post_time.value_or(transaction_.now() -
                                              limits::kTelegramDeleteWindow)});
  }

  static std::string Key(const std::string& channel_id,
                         const std::string& post_id) {
    return absl::StrCat(channel_id, " ", post_id);
  }

  void Problem(const MessageLine& line, absl::string_view column,
               std::string text) {
    done_.problems.push_back(
        {line.number, std::string(column), std::move(text)});
  }

  Transaction& transaction_;
  IdSource& ids_;
  const ImportPolicy& policy_;
  const absl::Span<const MessageLine> lines_;
  const Scope scope_ = Scope::AllClients();

  std::string feed_id_;
  std::map<std::string, std::optional<Channel>> channels_;  // by chat
  std::map<std::string, Post> posts_;                       // by external id
  std::map<std::string, std::string> present_;  // Key: the platform's id
  std::map<std::string, std::string> known_;    // KeyOf: the post, if any
  std::vector<Message> messages_;
  ImportedLines done_;
};

}  // namespace

absl::StatusOr<ImportedLines> ImportMessages(
    Transaction& transaction, IdSource& ids, const ImportPolicy& policy,
    absl::Span<const MessageLine> lines) {
  return Importer(transaction, ids, policy, lines).Run();
}

}  // namespace broadcast::moving
