// How a post's message follows the delivery that is to post it, and those that
// change it.
#include "storage/post_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "feed_fixture.h"
#include "storage/channel_removal.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ContentId;
using test::DeliveryId;
using test::Must;
using test::OpenId;
using test::OperationId;
using test::PendingId;
using test::PostId;

class PostMessagesTest : public test::FeedTest {
 protected:
  int64_t Retry(int operation) {
    return InWrite([&](Transaction& write) {
      return RetryFailed(write, all_, OperationId(operation),
                         clock().Now() + absl::Hours(1), 100);
    });
  }
  bool Resolve(Resolution resolution,
               const std::optional<std::string>& platform_id = std::nullopt) {
    return InWrite([&](Transaction& write) {
      return ResolveDelivery(write, all_, DeliveryId(1, 1), resolution,
                             platform_id, test::MessageId(77),
                             clock().Now() + absl::Hours(1));
    });
  }
  Cancelled Cancel(int operation) {
    return InWrite([&](Transaction& write) {
      return CancelOperation(write, all_, OperationId(operation));
    });
  }
  void Close(int post) {
    Must(Write([&](Transaction& write) {
      return ClosePosts(write, all_, {PostId(post)}, "over").status();
    }));
  }
  void Open(int number) {
    Post post = FindPost(number);
    post.state = PostState::kOpen;
    post.close_reason.clear();
    post.close_time.reset();
    ++post.revision;
    Must(Write([&](Transaction& write) {
      return UpdatePosts(write, all_, {&post, 1}).status();
    }));
  }
  // Message 1 is live.
  void SendOneForGood() {
    SendOne();
    End(channel_, DeliveryState::kSent);
    ASSERT_EQ(StateOf(1), "live");
  }
};

TEST_P(PostMessagesTest, WhatIsSentIsLiveWhereItWasPosted) {
  SendOne();
  EXPECT_EQ(StateOf(1), "pending");
  EXPECT_FALSE(FindMessage(1).platform_message_id.has_value());
  clock().Advance(absl::Minutes(5));
  claim_ = TakeLane("one");
  End(channel_, DeliveryState::kSent);
  const Message message = FindMessage(1);
  EXPECT_EQ(message.state, MessageState::kLive);
  EXPECT_EQ(message.platform_message_id, "1");
  EXPECT_EQ(message.address, channel_);
  EXPECT_EQ(message.post_time, message.update_time);
  EXPECT_EQ(message.post_id, PostId(1));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM messages"), 1);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).message_id, PendingId(1));
}

TEST_P(PostMessagesTest, WhatEndsOtherwiseIsAsIfItHadNeverBeen) {
  SendOne();
  End(channel_, DeliveryState::kFailed);
  EXPECT_EQ(StateOf(1), "");
}

TEST_P(PostMessagesTest, WhatIsTriedAgainStaysPending) {
  SendOne();
  const auto taken = Take({channel_}).taken;
  Record({RetryOf(taken.at(0), absl::Minutes(1))});
  EXPECT_EQ(StateOf(1), "pending");
}

TEST_P(PostMessagesTest, WhatIsPastItsDeadlineGoes) {
  SendOne();
  clock().Advance(absl::Hours(2));
  claim_ = TakeLane("one");
  EXPECT_EQ(Take({channel_}).expired, 1);
  EXPECT_EQ(StateOf(1), "");
}

TEST_P(PostMessagesTest, WhatNobodySendsGoes) {
  SendOne();
  clock().Advance(absl::Hours(2));
  EXPECT_EQ(InWrite([&](Transaction& write) {
              return EndOverdue(write, write.now(), 5, {});
            }).ended,
            1);
  EXPECT_EQ(StateOf(1), "");
}

TEST_P(PostMessagesTest, WhatIsCancelledGoes) {
  SendOne();
  EXPECT_EQ(Cancel(1).cancelled, 1);
  EXPECT_EQ(StateOf(1), "");
}

TEST_P(PostMessagesTest, WhatAPreviousOwnerLeftIsUnknown) {
  SendOne();
  Take({channel_});
  claim_ = TakeLane("two");
  EXPECT_EQ(InWrite([&](Transaction& write) {
              return RecordLostIntents(write, claim_, 10);
            }),
            1);
  EXPECT_EQ(StateOf(1), "unknown");
}

TEST_P(PostMessagesTest, AnUnknownOneIsSettledByItsOwnTry) {
  SendOne();
  const auto taken = Take({channel_}).taken;
  Record({OutcomeOf(taken.at(0), DeliveryState::kUnknown)});
  EXPECT_EQ(StateOf(1), "unknown");
  EXPECT_EQ(Record({RetryOf(taken[0], absl::ZeroDuration())}).settled_late, 1);
  EXPECT_EQ(StateOf(1), "pending");
  End(channel_, DeliveryState::kUnknown);
  EXPECT_EQ(StateOf(1), "unknown");
}

TEST_P(PostMessagesTest, AnUnknownOneIsResolvedAsSent) {
  SendOne();
  End(channel_, DeliveryState::kUnknown);
  EXPECT_TRUE(Resolve(Resolution::kSent, "4711"));
  EXPECT_EQ(FindMessage(1).platform_message_id, "4711");
  EXPECT_EQ(StateOf(1), "live");
}

TEST_P(PostMessagesTest, AnUnknownOneThatWasSentWithoutAnIdStaysUnknown) {
  SendOne();
  End(channel_, DeliveryState::kUnknown);
  EXPECT_TRUE(Resolve(Resolution::kSent));
  EXPECT_EQ(StateOf(1), "unknown");
}

TEST_P(PostMessagesTest, AnUnknownOneIsGivenUp) {
  SendOne();
  End(channel_, DeliveryState::kUnknown);
  EXPECT_TRUE(Resolve(Resolution::kAbandoned));
  EXPECT_EQ(StateOf(1), "lost");
}

TEST_P(PostMessagesTest, AnUnknownOneThatWasNotSentWaitsAgain) {
  SendOne();
  End(channel_, DeliveryState::kUnknown);
  EXPECT_TRUE(Resolve(Resolution::kNotSent));
  EXPECT_EQ(StateOf(1), "pending");
  End(channel_, DeliveryState::kSent);
  EXPECT_EQ(StateOf(1), "live");
}

TEST_P(PostMessagesTest, AnUnknownOneOfAClosedPostIsNotSentAgain) {
  SendOne();
  End(channel_, DeliveryState::kUnknown);
  Close(1);
  EXPECT_TRUE(Resolve(Resolution::kNotSent));
  EXPECT_EQ(StateOf(1), "");
  const Delivery delivery = FindDelivery(DeliveryId(1, 1));
  EXPECT_EQ(delivery.state, DeliveryState::kCancelled);
  EXPECT_EQ(delivery.reason, "overtaken");
  EXPECT_EQ(FindOperation(1).progress.cancelled, 1);
}

TEST_P(PostMessagesTest, AFailedOneIsPendingAgainWhenItIsRetried) {
  SendOne();
  End(channel_, DeliveryState::kFailed);
  EXPECT_EQ(Retry(1), 1);
  const Message message = FindMessage(1);
  EXPECT_EQ(message.state, MessageState::kPending);
  EXPECT_EQ(message.feed_id, test::FeedId(1));
  EXPECT_EQ(message.post_id, PostId(1));
  EXPECT_EQ(message.content_id, ContentId(1));
  End(channel_, DeliveryState::kSent);
  EXPECT_EQ(StateOf(1), "live");
}

TEST_P(PostMessagesTest, AFailedOneIsNotRetriedBesideAnother) {
  SendOne();
  End(channel_, DeliveryState::kFailed);
  Send(2, {PendingOf(2, PostOf(1, 1), channel_, 2)});
  EXPECT_EQ(Retry(1), 0);
  EXPECT_EQ(StateOf(1), "");
  EXPECT_EQ(FindOperation(1).progress.failed, 1);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
}

TEST_P(PostMessagesTest, AFailedOneOfAClosedPostIsNotRetried) {
  SendOne();
  End(channel_, DeliveryState::kFailed);
  Close(1);
  EXPECT_EQ(Retry(1), 0);
}

TEST_P(PostMessagesTest, APlatformThatGivesAnIdAgainSpeaksOfTheSamePlace) {
  SendOneForGood();
  AddPosts({PostOf(2, 1)});
  Send(2, {PendingOf(2, PostOf(2, 1), channel_, 2)});
  next_message_ = 1;
  End(channel_, DeliveryState::kSent);
  EXPECT_EQ(StateOf(1), "");
  EXPECT_EQ(StateOf(2), "live");
}

TEST_P(PostMessagesTest, AnAnnouncementInThePlaceOfAPostsMessageIsNoPosts) {
  SendOneForGood();
  Insert({Broadcast(2, 1, 0)});
  next_message_ = 1;
  End(channel_, DeliveryState::kSent);
  EXPECT_EQ(StateOf(1), "live");
  EXPECT_FALSE(FindMessage(1).post_id.has_value());
  End(test::ClosedId(1, 0), DeliveryState::kFailed);
}

TEST_P(PostMessagesTest, WhatWasPostedIsEditedDeletedAndMadeATombstone) {
  AddFeed(FeedOf(1), {OpenId(1, 0), OpenId(1, 1), OpenId(1, 2)});
  AddPosts({PostOf(1, 1)});
  std::vector<Message> messages;
  for (int i = 0; i < 3; ++i) {
    messages.push_back(PendingOf(i + 1, PostOf(1, 1), OpenId(1, i)));
  }
  Send(1, messages);
  for (int i = 0; i < 3; ++i) End(OpenId(1, i), DeliveryState::kSent);
  Close(1);
  Change(2, {Changing(2, 1, messages[0], DeliveryAction::kEdit),
             Changing(2, 2, messages[1], DeliveryAction::kDelete),
             Changing(2, 3, messages[2], DeliveryAction::kTombstone)});
  for (int i = 0; i < 3; ++i) End(OpenId(1, i), DeliveryState::kSent);
  EXPECT_EQ(StateOf(1), "live");
  EXPECT_EQ(FindMessage(1).content_id, ContentId(2));
  EXPECT_EQ(StateOf(2), "deleted");
  EXPECT_EQ(StateOf(3), "tombstoned");
  EXPECT_EQ(FindMessage(3).content_id, ContentId(2));
  const SentActions sent = FindOperation(2).sent_actions;
  EXPECT_EQ(sent.edits, 1);
  EXPECT_EQ(sent.deletes, 1);
  EXPECT_EQ(sent.tombstones, 1);
  EXPECT_EQ(sent.undeletable, 0);
  EXPECT_EQ(FindDelivery(DeliveryId(2, 2)).message_id, PendingId(2));
}

TEST_P(PostMessagesTest, WhatWasOpenedAgainIsNotTakenBackByARetry) {
  SendOneForGood();
  Close(1);
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kDelete)});
  End(channel_, DeliveryState::kFailed);
  Open(1);
  EXPECT_EQ(Retry(2), 0);
  Close(1);
  EXPECT_EQ(Retry(2), 1);
}

TEST_P(PostMessagesTest, WhatWasOpenedAgainIsNotTakenBackByWhatWaits) {
  SendOneForGood();
  Close(1);
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kDelete),
             Changing(2, 2, FindMessage(1), DeliveryAction::kEdit)});
  Open(1);
  EXPECT_EQ(Take({channel_}).cancelled, 1);
  EXPECT_EQ(FindDelivery(DeliveryId(2, 1)).reason, "reopened");
  End(channel_, DeliveryState::kSent);  // what it says now
  EXPECT_EQ(StateOf(1), "live");
  EXPECT_EQ(FindOperation(2).state, OperationState::kFinished);
}

TEST_P(PostMessagesTest, WhatMayBeGoneIsTakenBackAlthoughItIsOpenAgain) {
  SendOneForGood();
  Close(1);
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kDelete)});
  OutcomeRecord retry =
      RetryOf(Take({channel_}).taken.at(0), absl::ZeroDuration());
  retry.maybe_done = true;
  Record({retry});
  Open(1);
  End(channel_, DeliveryState::kSent);
  EXPECT_EQ(StateOf(1), "deleted");
}

TEST_P(PostMessagesTest, AnEditIsRetriedOnlyToWhatThePostSays) {
  SendOneForGood();
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kEdit)});
  End(channel_, DeliveryState::kFailed);
  EXPECT_EQ(Retry(2), 0);
  storage::Post post = FindPost(1);
  post.content.content_id = ContentId(2);
  ++post.revision;
  Must(Write([&](Transaction& write) {
    return UpdatePosts(write, all_, {&post, 1}).status();
  }));
  EXPECT_EQ(Retry(2), 1);
}

TEST_P(PostMessagesTest, APostThatSaysSomethingElseIsNotRetried) {
  SendOne();
  End(channel_, DeliveryState::kFailed);
  storage::Post post = FindPost(1);
  post.content.content_id = ContentId(2);
  ++post.revision;
  Must(Write([&](Transaction& write) {
    return UpdatePosts(write, all_, {&post, 1}).status();
  }));
  EXPECT_EQ(Retry(1), 0);
}

TEST_P(PostMessagesTest, WhatCannotBeDeletedIsCountedUntilItIsTriedAgain) {
  SendOneForGood();
  Close(1);
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kDelete)});
  const auto taken = Take({channel_}).taken;
  OutcomeRecord outcome = OutcomeOf(taken.at(0), DeliveryState::kFailed);
  outcome.target_undeletable = true;
  Record({outcome});
  EXPECT_EQ(StateOf(1), "undeletable");
  EXPECT_EQ(FindOperation(2).sent_actions.undeletable, 1);
  EXPECT_EQ(Retry(2), 1);
  EXPECT_EQ(FindOperation(2).sent_actions.undeletable, 0);
  End(channel_, DeliveryState::kSent);
  EXPECT_EQ(StateOf(1), "deleted");
}

TEST_P(PostMessagesTest, WhatThePlatformDoesNotFindIsLost) {
  SendOneForGood();
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kEdit)});
  End(channel_, DeliveryState::kFailed, "message_not_found");
  EXPECT_EQ(StateOf(1), "lost");
}

TEST_P(PostMessagesTest, WhatIsGoneIsNotLost) {
  SendOneForGood();
  Close(1);
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kDelete),
             Changing(2, 2, FindMessage(1), DeliveryAction::kTombstone)});
  End(channel_, DeliveryState::kSent);
  End(channel_, DeliveryState::kFailed, "message_not_found");
  EXPECT_EQ(StateOf(1), "deleted");
}

TEST_P(PostMessagesTest, WhatIsGoneIsEditedNoMore) {
  SendOneForGood();
  Close(1);
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kDelete),
             Changing(2, 2, FindMessage(1), DeliveryAction::kEdit)});
  End(channel_, DeliveryState::kSent);
  EXPECT_EQ(Take({channel_}).refused, 1);
  EXPECT_EQ(StateOf(1), "deleted");
}

TEST_P(PostMessagesTest, AnEditBehindASendThatFailedIsRefused) {
  SendOne();
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kEdit)});
  End(channel_, DeliveryState::kFailed);
  EXPECT_EQ(Take({channel_}).refused, 1);
  EXPECT_EQ(FindDelivery(DeliveryId(2, 1)).reason, "target_missing");
}

TEST_P(PostMessagesTest, ACopyBecomesAMessageOfItsPostElsewhere) {
  SendOneForGood();
  const std::string target = OpenId(1, 1);
  Must(Write([&](Transaction& write) -> absl::Status {
    const Message copy = PendingOf(2, PostOf(1, 1), target, 2);
    RETURN_IF_ERROR(InsertPending(write, all_, {&copy, 1}).status());
    NewOperation made = Posting(2, {copy});
    made.deliveries[0].action = DeliveryAction::kCopy;
    made.deliveries[0].content_id.reset();
    made.deliveries[0].target_message_id = PendingId(1);
    return InsertOperations(write, all_, {&made, 1});
  }));
  End(target, DeliveryState::kFailed);
  EXPECT_EQ(StateOf(2), "");
  EXPECT_EQ(Retry(2), 1);
  EXPECT_EQ(FindMessage(2).content_id, ContentId(1));
  End(target, DeliveryState::kSent);
  EXPECT_EQ(StateOf(2), "live");
  EXPECT_EQ(StateOf(1), "live");
}

INSTANTIATE_TEST_SUITE_P(Backends, PostMessagesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
