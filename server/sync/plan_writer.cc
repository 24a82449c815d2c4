#include "sync/plan_writer.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "feeds/post_deliveries.h"
#include "storage/contents.h"
#include "storage/messages.h"
#include "storage/plans.h"
#include "storage/posts.h"

namespace broadcast::sync {
namespace {

using storage::DeliveryAction;
using storage::Message;
using storage::NewDelivery;
using storage::Post;
using storage::Scope;
using storage::Transaction;

class Writer {
 public:
  Writer(Transaction& transaction, const Scope& scope, const WritePlan& plan)
      : transaction_(transaction),
        scope_(scope),
        plan_(plan),
        tombstone_(plan.turn.feed.has_value()
                       ? feeds::TombstoneOf(*plan.turn.feed)
                       : feeds::BuiltInTombstone()) {}

  absl::StatusOr<int64_t> Run(const std::vector<Decision>& decisions) {
    if (decisions.empty()) return 0;
    RETURN_IF_ERROR(LockPosts(decisions));
    RETURN_IF_ERROR(InsertMessages(decisions));
    RETURN_IF_ERROR(StoreTombstone(decisions));
    std::vector<NewDelivery> deliveries;
    for (const Decision& decision : decisions) {
      std::optional<NewDelivery> made = DeliveryOf(decision);
      if (made.has_value()) deliveries.push_back(*std::move(made));
    }
    // A content may have been collected, or a channel deleted, in between.
    RETURN_IF_ERROR(storage::AgainIfCollected(storage::AddDeliveries(
        transaction_, scope_, plan_.operation_id, deliveries)));
    return static_cast<int64_t>(deliveries.size());
  }

 private:
  absl::Status LockPosts(const std::vector<Decision>& decisions) {
    std::vector<std::string> ids;
    ids.reserve(decisions.size());
    for (const Decision& decision : decisions) {
      ids.push_back(decision.place().post_id);
    }
    ASSIGN_OR_RETURN(auto posts, storage::LockPosts(transaction_, scope_, ids));
    for (Post& post : posts) {
      std::string id = post.post_id;
      posts_.emplace(std::move(id), std::move(post));
    }
    return absl::OkStatus();
  }

  // The post that is to be shown; null if it is to be shown no more.
  const Post* ShownPost(const Decision& decision) const {
    const auto found = posts_.find(decision.place().post_id);
    if (found == posts_.end()) return nullptr;
    const Post& post = found->second;
    if (post.state != storage::PostState::kOpen) return nullptr;
    if (post.expire_time.has_value() && *post.expire_time <= now()) {
      return nullptr;
    }
    return &post;
  }

  absl::Status InsertMessages(const std::vector<Decision>& decisions) {
    std::vector<Message> pending;
    for (const Decision& decision : decisions) {
      if (decision.verdict != Verdict::kPost &&
          decision.verdict != Verdict::kCopy) {
        continue;
      }
      const Post* post = ShownPost(decision);
      if (post == nullptr) continue;
      pending.push_back(feeds::PendingOf(*post, plan_.leg.channel,
                                         plan_.operation_id, plan_.policy));
    }
    if (pending.empty()) return absl::OkStatus();
    const auto inserted = storage::InsertPending(transaction_, scope_, pending);
    RETURN_IF_ERROR(storage::AgainIfCollected(inserted.status()));
    for (const Message& message : pending) {
      if (inserted->count(message.message_id) == 0) continue;
      message_ids_[*message.post_id] = message.message_id;
    }
    return absl::OkStatus();
  }

  absl::Status StoreTombstone(const std::vector<Decision>& decisions) {
    for (const Decision& decision : decisions) {
      if (decision.verdict != Verdict::kTombstone) continue;
      return storage::StoreContents(transaction_, {&tombstone_});
    }
    return absl::OkStatus();
  }

  std::optional<NewDelivery> DeliveryOf(const Decision& decision) const {
    switch (decision.verdict) {
      case Verdict::kPost:
      case Verdict::kCopy:
        return SendOf(decision);
      case Verdict::kEdit:
        return EditOf(decision);
      case Verdict::kDelete:
        return RetractOf(decision, feeds::Retraction::kDelete);
      case Verdict::kTombstone:
        return RetractOf(decision, feeds::Retraction::kTombstone);
      case Verdict::kKeep:
      case Verdict::kUndeletable:
      case Verdict::kUnknown:
        return std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<NewDelivery> SendOf(const Decision& decision) const {
    const Post* post = ShownPost(decision);
    const auto message_id = message_ids_.find(decision.place().post_id);
    if (post == nullptr || message_id == message_ids_.end()) {
      return std::nullopt;
    }
    NewDelivery made =
        feeds::SendOf(*post, plan_.leg.channel, plan_.policy, now());
    made.message_id = message_id->second;
    made.post_id = post->post_id;
    // The original says what the post said when it was decided.
    if (decision.verdict == Verdict::kCopy &&
        post->content.content_id == decision.post->content_id) {
      made.action = DeliveryAction::kCopy;
      made.target_message_id = decision.post->original_id;
    }
    return made;
  }

  std::optional<NewDelivery> EditOf(const Decision& decision) const {
    const Post* post = ShownPost(decision);
    if (post == nullptr) return std::nullopt;
    return feeds::EditOf(*post, MessageOf(decision), plan_.leg.channel,
                         plan_.policy, now());
  }

  std::optional<NewDelivery> RetractOf(const Decision& decision,
                                       feeds::Retraction how) const {
    // Opened again since.
    if (plan_.turn.wanted && ShownPost(decision) != nullptr) {
      return std::nullopt;
    }
    return feeds::RetractOf(MessageOf(decision), how, tombstone_.content_id,
                            plan_.leg.channel, plan_.policy, now());
  }

  static Message MessageOf(const Decision& decision) {
    return {.message_id = decision.message->message_id};
  }

  absl::Time now() const { return transaction_.now(); }

  Transaction& transaction_;
  const Scope& scope_;
  const WritePlan& plan_;
  const storage::StoredContent tombstone_;
  std::map<std::string, Post> posts_;
  std::map<std::string, std::string> message_ids_;  // by post
};

}  // namespace

absl::StatusOr<int64_t> WriteDecisions(Transaction& transaction,
                                       const Scope& scope,
                                       const WritePlan& plan,
                                       const std::vector<Decision>& decisions) {
  return Writer(transaction, scope, plan).Run(decisions);
}

}  // namespace broadcast::sync
