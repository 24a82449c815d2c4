// A database with feeds, whose posts a test has sent to their channels, and
// what their messages have become. The test's thread.
#ifndef BROADCASTD_TESTS_STORAGE_FEED_FIXTURE_H_
#define BROADCASTD_TESTS_STORAGE_FEED_FIXTURE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "delivery_fixture.h"
#include "storage/feeds.h"
#include "storage/messages.h"
#include "storage/plans.h"
#include "storage/posts.h"

namespace broadcast::test {

inline std::string FeedId(int number) {
  return absl::StrFormat("00000000-0000-7000-8020-%012d", number);
}
inline std::string PostId(int number) {
  return absl::StrFormat("00000000-0000-7000-8021-%012d", number);
}
inline std::string PendingId(int number) {
  return absl::StrFormat("00000000-0000-7000-8022-%012d", number);
}

class FeedTest : public DeliveryTest {
 protected:
  const storage::Scope all_ = storage::Scope::AllClients();

  storage::Feed FeedOf(int number, int client = 1) {
    storage::Feed feed;
    feed.feed_id = FeedId(number);
    feed.client_id = ClientId(client);
    feed.name = absl::StrCat("feed-", number);
    return feed;
  }

  void AddFeed(const storage::Feed& feed,
               const std::vector<std::string>& channel_ids = {}) {
    EXPECT_TRUE(InWrite([&](storage::Transaction& write) {
      return storage::InsertFeed(write, all_, feed);
    }));
    InWrite([&](storage::Transaction& write) {
      return storage::AddFeedChannels(write, feed, channel_ids);
    });
  }

  storage::Post PostOf(int number, int feed, int client = 1) {
    storage::Post post;
    post.post_id = PostId(number);
    post.feed_id = FeedId(feed);
    post.client_id = ClientId(client);
    post.external_id = absl::StrCat("post-", number);
    post.content.content_id = ContentId(1);
    post.create_time = post.update_time = absl::FromUnixMicros(number);
    return post;
  }

  void AddPosts(const std::vector<storage::Post>& posts) {
    Must(Write([&](storage::Transaction& write) {
      return storage::InsertPosts(write, all_, posts);
    }));
  }

  storage::Post FindPost(int number) {
    return InRead([&](storage::Transaction& read) {
             return storage::FindPost(read, all_, PostId(number));
           })
        .value();
  }

  storage::Message PendingOf(int number, const storage::Post& post,
                             const std::string& channel_id, int operation = 1) {
    storage::Message message;
    message.message_id = PendingId(number);
    message.channel_id = channel_id;
    message.client_id = post.client_id;
    message.operation_id = OperationId(operation);
    message.feed_id = post.feed_id;
    message.post_id = post.post_id;
    message.address = "there";
    message.content_id = *post.content.content_id;
    return message;
  }

  // Operation `number`, of kind post, that posts each message; the deliveries
  // are numbered as `messages` are ordered, from 1.
  storage::NewOperation Posting(int number,
                                const std::vector<storage::Message>& messages) {
    storage::NewOperation made;
    made.operation.operation_id = OperationId(number);
    made.operation.client_id = messages.at(0).client_id;
    made.operation.feed_id = messages.at(0).feed_id;
    made.operation.kind = storage::OperationKind::kPost;
    for (const storage::Message& message : messages) {
      const int at = static_cast<int>(made.deliveries.size()) + 1;
      storage::NewDelivery delivery = Planned(number, at, message.channel_id);
      delivery.client_id = message.client_id;
      delivery.content_id = message.content_id;
      delivery.message_id = message.message_id;
      delivery.post_id = message.post_id;
      made.deliveries.push_back(std::move(delivery));
    }
    return made;
  }

  // Inserts the messages as pending with such an operation.
  void Send(int operation, const std::vector<storage::Message>& messages) {
    Must(Write([&](storage::Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(const auto inserted,
                       storage::InsertPending(write, all_, messages));
      EXPECT_EQ(inserted.size(), messages.size());
      const storage::NewOperation made = Posting(operation, messages);
      return storage::InsertOperations(write, all_, {&made, 1});
    }));
  }

  // A delivery of `operation` that changes what is there.
  storage::NewDelivery Changing(int operation, int number,
                                const storage::Message& target,
                                storage::DeliveryAction action) {
    storage::NewDelivery delivery =
        Planned(operation, number, target.channel_id);
    delivery.action = action;
    delivery.target_message_id = target.message_id;
    delivery.on_unknown = storage::OnUnknown::kResend;
    delivery.content_id = ContentId(2);
    if (action == storage::DeliveryAction::kDelete ||
        action == storage::DeliveryAction::kProbe) {
      delivery.content_id.reset();
    }
    return delivery;
  }

  void Change(int operation, std::vector<storage::NewDelivery> deliveries) {
    storage::NewOperation made;
    made.operation.operation_id = OperationId(operation);
    made.operation.client_id = ClientId(1);
    made.operation.kind = storage::OperationKind::kSync;
    made.deliveries = std::move(deliveries);
    Insert({made});
  }

  // The head of the channel is tried, and ends so.
  storage::OutcomeSummary End(const std::string& channel_id,
                              storage::DeliveryState state,
                              const std::string& reason = "") {
    const auto taken = Take({channel_id}).taken;
    EXPECT_EQ(taken.size(), 1);
    storage::OutcomeRecord outcome = OutcomeOf(taken.at(0), state);
    if (!reason.empty()) outcome.reason = reason;
    return Record({outcome});
  }

  // The state of message `number`; "" if it is not there.
  std::string StateOf(int number) { return StateOf(PendingId(number)); }
  std::string StateOf(const std::string& message_id) {
    const auto found = InRead([&](storage::Transaction& read) {
      return storage::FindMessage(read, all_, message_id);
    });
    if (!found.has_value()) return "";
    return std::string(ToText(found->state));
  }

  storage::Message FindMessage(int number) {
    return InRead([&](storage::Transaction& read) {
             return storage::FindMessage(read, all_, PendingId(number));
           })
        .value();
  }

  // Feed 1 in the channel of pair 0, with post 1, whose message 1 waits in
  // operation 1.
  void SendOne() {
    AddFeed(FeedOf(1), {channel_});
    AddPosts({PostOf(1, 1)});
    Send(1, {PendingOf(1, PostOf(1, 1), channel_)});
  }

  const std::string channel_ = OpenId(1, 0);
};

}  // namespace broadcast::test

#endif  // BROADCASTD_TESTS_STORAGE_FEED_FIXTURE_H_
