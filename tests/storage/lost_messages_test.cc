// What probes find out about the messages that they name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "feed_fixture.h"
#include "storage/plans.h"

namespace broadcast::storage {
namespace {

using test::DeliveryId;
using test::Must;
using test::OpenId;
using test::OperationId;

class LostMessagesTest : public test::FeedTest {
 protected:
  // Message 1 is live, and operation 2 asks about it.
  void ProbeOne() {
    SendOne();
    End(channel_, DeliveryState::kSent);
    ASSERT_EQ(StateOf(1), "live");
    Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kProbe)});
  }
  int64_t Retry() {
    return InWrite([&](Transaction& write) {
      return RetryFailed(write, all_, OperationId(2),
                         clock().Now() + absl::Hours(1), 100);
    });
  }
  void Close() {
    Must(Write([&](Transaction& write) {
      return ClosePosts(write, all_, {test::PostId(1)}, "over").status();
    }));
  }
  int64_t Lost(absl::string_view condition = "") {
    return raw().Number(absl::StrCat(
        "SELECT count(*) FROM events WHERE kind = 'message.lost'", condition));
  }
};

TEST_P(LostMessagesTest, AProbeOfWhatIsThereChangesNothing) {
  ProbeOne();
  const Message before = FindMessage(1);
  clock().Advance(absl::Minutes(1));
  claim_ = TakeLane("one");
  End(channel_, DeliveryState::kSent);
  const Message after = FindMessage(1);
  EXPECT_EQ(after.state, MessageState::kLive);
  EXPECT_EQ(after.update_time, before.update_time);
  EXPECT_EQ(after.content_id, before.content_id);
  const Operation operation = FindOperation(2);
  EXPECT_EQ(operation.state, OperationState::kFinished);
  EXPECT_EQ(operation.progress.sent, 1);
  EXPECT_EQ(operation.sent_actions.probes, 1);
  EXPECT_EQ(operation.sent_actions.lost, 0);
  EXPECT_EQ(operation.last_error, "");
  EXPECT_EQ(Lost(), 0);
}

TEST_P(LostMessagesTest, AProbeThatFindsNothingIsSentAndTheMessageLost) {
  ProbeOne();
  End(channel_, DeliveryState::kSent, "message_not_found");
  EXPECT_EQ(StateOf(1), "lost");
  const Operation operation = FindOperation(2);
  EXPECT_EQ(operation.progress.sent, 1);
  EXPECT_EQ(operation.progress.failed, 0);
  EXPECT_EQ(operation.sent_actions.probes, 1);
  EXPECT_EQ(operation.sent_actions.lost, 1);
  EXPECT_EQ(FindDelivery(DeliveryId(2, 1)).reason, "message_not_found");
  EXPECT_EQ(FindDelivery(DeliveryId(2, 1)).state, DeliveryState::kSent);
  EXPECT_EQ(Lost(absl::StrCat(" AND delivery_id = '", DeliveryId(2, 1),
                              "' AND operation_id = '", OperationId(2), "'")),
            1);
}

TEST_P(LostMessagesTest, AProbeThatFailsLeavesTheMessageAsItWas) {
  for (const char* reason : {"reaction_refused", "message_not_found"}) {
    SCOPED_TRACE(reason);
    if (StateOf(1).empty()) {
      ProbeOne();
    } else {
      EXPECT_EQ(Retry(), 1);
    }
    End(channel_, DeliveryState::kFailed, reason);
    EXPECT_EQ(StateOf(1), "live");
    EXPECT_EQ(FindOperation(2).progress.failed, 1);
    EXPECT_EQ(FindOperation(2).sent_actions.probes, 0);
    EXPECT_EQ(FindOperation(2).sent_actions.lost, 0);
  }
}

TEST_P(LostMessagesTest, WhatWasTakenBackMeanwhileIsNotLost) {
  SendOne();
  End(channel_, DeliveryState::kSent);
  Close();
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kDelete),
             Changing(2, 2, FindMessage(1), DeliveryAction::kProbe)});
  End(channel_, DeliveryState::kSent);
  End(channel_, DeliveryState::kSent, "message_not_found");
  EXPECT_EQ(StateOf(1), "deleted");
  EXPECT_EQ(FindOperation(2).sent_actions.lost, 0);
  EXPECT_EQ(Lost(), 0);
}

TEST_P(LostMessagesTest, WhatNobodyMayDeleteCanBeLostAsWell) {
  SendOne();
  End(channel_, DeliveryState::kSent);
  Close();
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kDelete),
             Changing(2, 2, FindMessage(1), DeliveryAction::kProbe)});
  OutcomeRecord outcome =
      OutcomeOf(Take({channel_}).taken.at(0), DeliveryState::kFailed);
  outcome.target_undeletable = true;
  Record({outcome});
  EXPECT_EQ(StateOf(1), "undeletable");
  End(channel_, DeliveryState::kSent, "message_not_found");
  EXPECT_EQ(StateOf(1), "lost");
}

TEST_P(LostMessagesTest, AnEditThatFindsNothingCountsAsWell) {
  SendOne();
  End(channel_, DeliveryState::kSent);
  Change(2, {Changing(2, 1, FindMessage(1), DeliveryAction::kEdit)});
  End(channel_, DeliveryState::kFailed, "message_not_found");
  EXPECT_EQ(StateOf(1), "lost");
  EXPECT_EQ(FindOperation(2).sent_actions.lost, 1);
  EXPECT_EQ(FindOperation(2).progress.failed, 1);
  EXPECT_EQ(Lost(), 1);
}

TEST_P(LostMessagesTest, AProbeOfAnOwnerThatIsGoneIsAskedAgain) {
  ProbeOne();
  Take({channel_});
  claim_ = TakeLane("two");
  const auto lost = [&] {
    return InWrite([&](Transaction& write) {
      return RecordLostIntents(write, claim_, 10);
    });
  };
  EXPECT_EQ(lost(), 1);
  EXPECT_EQ(FindOperation(2).progress.waiting(), 1);
  // Nothing was done, so that there is nothing to be unsure of.
  EXPECT_EQ(raw().Number("SELECT count(*) FROM ready WHERE maybe_done = 0"), 1);
  Take({channel_});
  InWrite([&](Transaction& write) {
    return CancelOperation(write, all_, OperationId(2));
  });
  claim_ = TakeLane("three");
  EXPECT_EQ(lost(), 1);
  EXPECT_EQ(FindOperation(2).progress.cancelled, 1);
  EXPECT_EQ(FindOperation(2).progress.unknown, 0);
}

TEST_P(LostMessagesTest, ProbesAreCountedUntilTheyHaveEnded) {
  AddFeed(FeedOf(1), {OpenId(1, 0), OpenId(1, 1)});
  AddPosts({PostOf(1, 1)});
  const Message here = PendingOf(1, PostOf(1, 1), OpenId(1, 0));
  const Message there = PendingOf(2, PostOf(1, 1), OpenId(1, 1));
  Send(1, {here, there});
  End(OpenId(1, 0), DeliveryState::kSent);
  End(OpenId(1, 1), DeliveryState::kSent);
  Change(2, {Changing(2, 1, here, DeliveryAction::kProbe),
             Changing(2, 2, here, DeliveryAction::kProbe),
             Changing(2, 3, here, DeliveryAction::kEdit),
             Changing(2, 4, there, DeliveryAction::kProbe)});
  Change(3, {Changing(3, 1, here, DeliveryAction::kProbe)});
  const auto waiting = [&](int operation, int channel) {
    return InRead([&](Transaction& read) {
      return CountWaitingProbes(read, OperationId(operation),
                                OpenId(1, channel));
    });
  };
  EXPECT_EQ(waiting(2, 0), 2);
  EXPECT_EQ(waiting(2, 1), 1);
  EXPECT_EQ(waiting(3, 0), 1);
  EXPECT_EQ(waiting(3, 1), 0);
  const auto taken = Take({OpenId(1, 0)}).taken;
  EXPECT_EQ(waiting(2, 0), 2);  // one is under way
  Record({OutcomeOf(taken.at(0), DeliveryState::kSent)});
  EXPECT_EQ(waiting(2, 0), 1);
  End(OpenId(1, 0), DeliveryState::kFailed);
  EXPECT_EQ(waiting(2, 0), 0);
  EXPECT_EQ(waiting(3, 0), 1);
}

INSTANTIATE_TEST_SUITE_P(Backends, LostMessagesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
