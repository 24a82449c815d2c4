#include "storage/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "feed_fixture.h"
#include "storage/list.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::FeedId;
using test::Must;
using test::OpenId;
using test::PendingId;
using test::PostId;
using testing::ElementsAre;
using testing::IsEmpty;

class MessagesTest : public test::FeedTest {
 protected:
  // Feed 1 in two channels with posts 1 to 3; message 10 * c + p of each.
  void SetUp() override {
    FeedTest::SetUp();
    AddFeed(FeedOf(1), {OpenId(1, 0), OpenId(1, 1)});
    AddFeed(FeedOf(2), {OpenId(1, 0)});
    AddPosts({PostOf(1, 1), PostOf(2, 1), PostOf(3, 1), PostOf(4, 2)});
    std::vector<Message> messages;
    for (const int channel : {0, 1}) {
      for (const int post : {3, 1, 2}) {
        messages.push_back(PendingOf(10 * channel + post, PostOf(post, 1),
                                     OpenId(1, channel)));
      }
    }
    Send(1, messages);
    Send(2, {PendingOf(4, PostOf(4, 2), OpenId(1, 0), 2)});
  }

  static std::vector<std::string> IdsOf(const std::vector<Message>& messages) {
    std::vector<std::string> ids;
    for (const Message& message : messages) ids.push_back(message.message_id);
    return ids;
  }
  std::vector<std::string> Present(const std::string& after = "",
                                   int64_t limit = 100,
                                   const Scope& scope = Scope::AllClients()) {
    return IdsOf(InRead([&](Transaction& read) {
      return ReadPresentMessages(read, scope, OpenId(1, 0), FeedId(1), after,
                                 limit);
    }));
  }
  std::vector<std::string> Listed(const ListRequest& request,
                                  const std::string& channel_id = "",
                                  const std::string& feed_id = "",
                                  const Scope& scope = Scope::AllClients()) {
    ListRequest next = request;
    std::vector<std::string> ids;
    do {
      const auto plan = PlanMessageList(next, scope, channel_id, feed_id);
      const auto page = InRead(
          [&](Transaction& read) { return ListMessages(read, plan.value()); });
      for (const Message& row : page.rows) ids.push_back(row.message_id);
      next.page_token = page.next_page_token;
    } while (!next.page_token.empty());
    return ids;
  }
};

TEST_P(MessagesTest, AChannelIsReadInTheOrderOfPosts) {
  EXPECT_THAT(Present(), ElementsAre(PendingId(1), PendingId(2), PendingId(3)));
  EXPECT_THAT(Present(PostId(1), 1), ElementsAre(PendingId(2)));
  EXPECT_THAT(Present("", 9, Scope::OneClient(ClientId(2))), IsEmpty());
}

TEST_P(MessagesTest, PostsAreFoundInAllChannels) {
  const auto find = [&](const Scope& scope) {
    return IdsOf(InRead([&](Transaction& read) {
      return PresentMessages(read, scope, FeedId(1),
                             {PostId(3), PostId(1), PostId(4)});
    }));
  };
  EXPECT_THAT(find(all_), ElementsAre(PendingId(1), PendingId(3), PendingId(11),
                                      PendingId(13)));
  EXPECT_THAT(find(Scope::OneClient(ClientId(2))), IsEmpty());
}

TEST_P(MessagesTest, APostHasOnePresentMessageAChannel) {
  Must(Write([&](Transaction& write) -> absl::Status {
    const Message messages[] = {PendingOf(50, PostOf(1, 1), OpenId(1, 0)),
                                PendingOf(51, PostOf(1, 1), OpenId(1, 2)),
                                PendingOf(52, PostOf(1, 1), OpenId(1, 2))};
    ASSIGN_OR_RETURN(const auto inserted, InsertPending(write, all_, messages));
    EXPECT_THAT(inserted, ElementsAre(PendingId(51)));
    NewOperation made = Posting(3, {messages[1]});
    return InsertOperations(write, all_, {&made, 1});
  }));
}

TEST_P(MessagesTest, WhatIsGoneMakesRoomForAnother) {
  End(OpenId(1, 0), DeliveryState::kSent);  // post 3
  const auto set = [&](const Scope& scope) {
    return InWrite([&](Transaction& write) {
      const MessageStateChange change{.message_id = PendingId(3),
                                      .state = MessageState::kDeleted};
      return SetMessageStates(write, scope, {&change, 1});
    });
  };
  EXPECT_EQ(set(Scope::OneClient(ClientId(2))), 0);
  EXPECT_EQ(set(all_), 1);
  EXPECT_EQ(StateOf(3), "deleted");
  EXPECT_THAT(Present(), ElementsAre(PendingId(1), PendingId(2)));
  Send(3, {PendingOf(60, PostOf(3, 1), OpenId(1, 0), 3)});
  EXPECT_THAT(Present(),
              ElementsAre(PendingId(1), PendingId(2), PendingId(60)));
}

TEST_P(MessagesTest, AMessageIsFoundWithItsContentWithinTheScope) {
  EXPECT_EQ(FindMessage(1).content, "{}");
  EXPECT_EQ(FindMessage(1).post_id, PostId(1));
  EXPECT_FALSE(InRead([&](Transaction& read) {
                 return storage::FindMessage(
                     read, Scope::OneClient(ClientId(2)), PendingId(1));
               }).has_value());
}

TEST_P(MessagesTest, MessagesAreListedByChannelAndByFeed) {
  const auto all = {PendingId(1),  PendingId(2),  PendingId(3), PendingId(4),
                    PendingId(11), PendingId(12), PendingId(13)};
  EXPECT_THAT(Listed({.page_size = 2}), testing::ElementsAreArray(all));
  EXPECT_THAT(Listed({.page_size = 2}, "", "", Scope::OneClient(ClientId(1))),
              testing::ElementsAreArray(all));
  EXPECT_THAT(Listed({}, "", "", Scope::OneClient(ClientId(2))), IsEmpty());
  EXPECT_THAT(
      Listed({.page_size = 1, .order_by = "message_id desc"}, OpenId(1, 0)),
      ElementsAre(PendingId(4), PendingId(3), PendingId(2), PendingId(1)));
  EXPECT_THAT(Listed({.page_size = 4}, "", FeedId(1)),
              ElementsAre(PendingId(1), PendingId(2), PendingId(3),
                          PendingId(11), PendingId(12), PendingId(13)));
  EXPECT_THAT(Listed({.page_size = 1}, OpenId(1, 0), FeedId(2)),
              ElementsAre(PendingId(4)));
  EXPECT_THAT(Listed({}, OpenId(1, 0), "", Scope::OneClient(ClientId(2))),
              IsEmpty());
  EXPECT_THAT(Listed({}, OpenId(1, 5)), IsEmpty());
}

TEST_P(MessagesTest, MessagesAreFiltered) {
  End(OpenId(1, 0), DeliveryState::kSent);
  const auto filtered = [&](const std::string& filter,
                            const std::string& channel_id = "") {
    return Listed({.filter = filter}, channel_id);
  };
  EXPECT_THAT(filtered("state = LIVE"), ElementsAre(PendingId(3)));
  EXPECT_THAT(filtered("post_id = " + PostId(2)),
              ElementsAre(PendingId(2), PendingId(12)));
  EXPECT_THAT(filtered("post_id = " + PostId(2), OpenId(1, 1)),
              ElementsAre(PendingId(12)));
  EXPECT_THAT(filtered("message_id = " + PendingId(2)),
              ElementsAre(PendingId(2)));
  EXPECT_THAT(filtered("message_id = " + PendingId(2), OpenId(1, 1)),
              IsEmpty());
  EXPECT_THAT(filtered("platform_message_id = \"1\""),
              ElementsAre(PendingId(3)));
  EXPECT_THAT(filtered("entry_id:*"), IsEmpty());
  EXPECT_THAT(filtered("client_id = " + ClientId(2)), IsEmpty());
  EXPECT_EQ(filtered("post_time > \"2000-01-01T00:00:00Z\"").size(), 7);
}

TEST_P(MessagesTest, ATokenBelongsToItsChannelAndFeed) {
  const ListRequest first{.page_size = 1};
  const auto plan = PlanMessageList(first, all_, OpenId(1, 0), "");
  const auto page = InRead(
      [&](Transaction& read) { return ListMessages(read, plan.value()); });
  const ListRequest next{.page_size = 1, .page_token = page.next_page_token};
  EXPECT_TRUE(PlanMessageList(next, all_, OpenId(1, 0), "").ok());
  EXPECT_FALSE(PlanMessageList(next, all_, OpenId(1, 1), "").ok());
  EXPECT_FALSE(PlanMessageList(next, all_, OpenId(1, 0), FeedId(1)).ok());
  EXPECT_FALSE(PlanMessageList(next, all_, "", "").ok());
}

INSTANTIATE_TEST_SUITE_P(Backends, MessagesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
