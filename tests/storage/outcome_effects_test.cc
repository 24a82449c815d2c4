// What outcomes bring about beyond their operation: messages tracked, edited,
// replaced; channels doubted, disabled, moved.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery_fixture.h"

namespace broadcast::storage {
namespace {

using test::ClosedId;
using test::ContentId;
using test::DeliveryId;
using test::EntryId;
using test::MessageId;
using test::Must;
using test::OpenId;
using test::OperationId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class OutcomeEffectsTest : public test::DeliveryTest {
 protected:
  std::string OfChannel(const std::string& channel_id, const char* column) {
    return raw().Text(absl::StrCat("SELECT ", column, " FROM channels WHERE ",
                                   "channel_id = '", channel_id, "'"));
  }
  void SetReplacing(int pair) {
    raw().Execute("UPDATE entries SET replace_previous = 1 WHERE entry_id = '" +
                  EntryId(1, pair) + "'");
  }
};

TEST_P(OutcomeEffectsTest, WhatIsDeletedOrEditedIsTold) {
  Play(1, 0, DeliveryState::kSent, DeliveryState::kSent);
  Play(2, 1, DeliveryState::kSent, DeliveryState::kSent);
  NewOperation made;
  made.operation.operation_id = OperationId(5);
  made.deliveries = {Planned(5, 1, OpenId(1, 0)), Planned(5, 2, ClosedId(1, 0)),
                     Planned(5, 3, OpenId(1, 1)),
                     Planned(5, 4, ClosedId(1, 1))};
  made.deliveries[0].action = DeliveryAction::kDelete;
  made.deliveries[0].target_message_id = MessageId(1);
  made.deliveries[1].action = DeliveryAction::kEdit;
  made.deliveries[1].target_message_id = MessageId(2);
  made.deliveries[1].content_id = ContentId(2);
  made.deliveries[2].action = DeliveryAction::kDelete;
  made.deliveries[2].target_message_id = MessageId(3);
  made.deliveries[3].action = DeliveryAction::kCopy;
  made.deliveries[3].content_id.reset();
  made.deliveries[3].target_message_id = MessageId(4);
  Insert({made});
  const auto taken =
      Take({OpenId(1, 0), ClosedId(1, 0), OpenId(1, 1), ClosedId(1, 1)}).taken;
  ASSERT_THAT(taken, SizeIs(4));
  EXPECT_EQ(taken[0].target_platform_message_id, "1");
  EXPECT_EQ(taken[0].target_address, OpenId(1, 0));
  OutcomeRecord undeletable = OutcomeOf(taken[2], DeliveryState::kFailed);
  undeletable.target_undeletable = true;
  Record({OutcomeOf(taken[0], DeliveryState::kSent),
          OutcomeOf(taken[1], DeliveryState::kSent), undeletable,
          OutcomeOf(taken[3], DeliveryState::kSent)});
  EXPECT_THAT(raw().Column("SELECT state FROM messages ORDER BY message_id"),
              ElementsAre("deleted", "live", "undeletable", "live", "live"));
  EXPECT_EQ(raw().Text("SELECT content_id FROM messages WHERE message_id = '" +
                       MessageId(2) + "'"),
            ContentId(2));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM messages WHERE content_id = '" +
                         ContentId(1) + "'"),
            4);
}

TEST_P(OutcomeEffectsTest, ANewAnnouncementReplacesTheOneBefore) {
  Play(1, 0, DeliveryState::kSent, DeliveryState::kSent);
  SetReplacing(0);
  Insert({Broadcast(2, 1, 0)});
  auto taken = TakeBoth(0);
  const OutcomeSummary summary =
      Record({OutcomeOf(taken[0], DeliveryState::kSent),
              OutcomeOf(taken[1], DeliveryState::kFailed)});
  EXPECT_TRUE(summary.next_waiting);
  EXPECT_EQ(summary.finished_operations, 0);
  Operation operation = FindOperation(2);
  EXPECT_EQ(operation.progress.planned, 3);
  EXPECT_EQ(operation.progress.waiting(), 1);
  taken = TakeBoth(0);
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].action, DeliveryAction::kDelete);
  EXPECT_EQ(taken[0].operation_id, OperationId(2));
  EXPECT_EQ(taken[0].channel_id, OpenId(1, 0));
  EXPECT_EQ(taken[0].target_platform_message_id, "1");
  // That it fails is no failure of the broadcast.
  Record({OutcomeOf(taken[0], DeliveryState::kFailed)});
  EXPECT_EQ(FindOperation(2).state, OperationState::kFinished);
  EXPECT_EQ(OfEntry(1, 0, "partial_count"), "1");
  EXPECT_EQ(OfEntry(1, 0, "success_count"), "1");
}

TEST_P(OutcomeEffectsTest, AMessageWhoseIdIsGivenAgainDoesNotReplaceItself) {
  Play(1, 0, DeliveryState::kSent, DeliveryState::kSent);
  SetReplacing(0);
  Insert({Broadcast(2, 1, 0)});
  const auto taken = TakeBoth(0);
  OutcomeRecord again = OutcomeOf(taken[0], DeliveryState::kSent);
  again.platform_message_id = "1";
  Record({again, OutcomeOf(taken[1], DeliveryState::kFailed)});
  EXPECT_EQ(FindOperation(2).progress.planned, 2);
  EXPECT_EQ(FindOperation(2).state, OperationState::kFinished);
  EXPECT_EQ(
      raw().Text("SELECT operation_id FROM messages WHERE message_id = '" +
                 MessageId(1) + "'"),
      OperationId(2));
}

TEST_P(OutcomeEffectsTest, ADeletionThatFailsLeavesTheBroadcastASuccess) {
  Play(1, 0, DeliveryState::kSent, DeliveryState::kSent);
  SetReplacing(0);
  Play(2, 0, DeliveryState::kSent, DeliveryState::kSent);
  EXPECT_EQ(OfEntry(1, 0, "success_count"), "1");
  for (const TakenDelivery& taken : TakeBoth(0)) {
    Record({OutcomeOf(taken, DeliveryState::kFailed)});
  }
  EXPECT_EQ(OfEntry(1, 0, "success_count"), "2");
  EXPECT_EQ(OfEntry(1, 0, "consecutive_failure_count"), "0");
}

TEST_P(OutcomeEffectsTest, WhatIsTooOldToBeDeletedStays) {
  Play(1, 0, DeliveryState::kSent, DeliveryState::kSent);
  SetReplacing(0);
  clock().Advance(absl::Hours(49));
  claim_ = TakeLane("one");
  Play(2, 0, DeliveryState::kSent, DeliveryState::kSent);
  EXPECT_EQ(FindOperation(2).progress.planned, 2);
  EXPECT_EQ(FindOperation(2).state, OperationState::kFinished);
}

TEST_P(OutcomeEffectsTest, AChannelThatIsGoneIsDisabledAndItsDeliveriesFail) {
  Insert({Broadcast(1, 1, 0), Broadcast(2, 1, 0)});
  OutcomeRecord gone =
      OutcomeOf(Take({OpenId(1, 0)}).taken[0], DeliveryState::kFailed);
  gone.channel = ChannelVerdict::kGone;
  const OutcomeSummary summary = Record({gone});
  EXPECT_THAT(summary.disabled_channels, ElementsAre(OpenId(1, 0)));
  EXPECT_EQ(OfChannel(OpenId(1, 0), "state"), "disabled");
  EXPECT_EQ(OfChannel(OpenId(1, 0), "state_reason"), "reason_failed");
  EXPECT_EQ(Events("channel.disabled"), 1);
  const TakenIntents next = Take({OpenId(1, 0)});
  EXPECT_THAT(next.taken, IsEmpty());
  EXPECT_EQ(next.refused, 1);
  EXPECT_EQ(FindDelivery(DeliveryId(2, 1)).reason, "channel_disabled");
}

TEST_P(OutcomeEffectsTest, ASuspectChannelIsProbedAfterSomeTime) {
  NewOperation made;
  made.operation.operation_id = OperationId(1);
  for (int i = 1; i <= 5; ++i) {
    made.deliveries.push_back(Planned(1, i, OpenId(1, 0)));
    made.deliveries.back().deadline += absl::Hours(10);
  }
  Insert({made});
  const auto suspect = [&] {
    OutcomeRecord outcome =
        OutcomeOf(Take({OpenId(1, 0)}).taken.at(0), DeliveryState::kFailed);
    outcome.channel = ChannelVerdict::kSuspect;
    return Record({outcome}).channels_to_probe;
  };
  EXPECT_THAT(suspect(), IsEmpty());
  EXPECT_THAT(suspect(), IsEmpty());
  clock().Advance(absl::Minutes(31));
  claim_ = TakeLane("one");
  EXPECT_THAT(suspect(), ElementsAre(OpenId(1, 0)));
  OutcomeRecord fine =
      OutcomeOf(Take({OpenId(1, 0)}).taken.at(0), DeliveryState::kSent);
  fine.channel = ChannelVerdict::kHealthy;
  Record({fine});
  EXPECT_THAT(suspect(), IsEmpty());
  Must(Write([&](Transaction& write) {
    return DisableLostChannel(write, OpenId(1, 0), "chat not found");
  }));
  EXPECT_EQ(OfChannel(OpenId(1, 0), "state"), "disabled");
  EXPECT_EQ(raw().Number("SELECT count(*) FROM channel_health"), 0);
}

TEST_P(OutcomeEffectsTest, WhenManyChannelsFailAlikeNoneIsBlamed) {
  policy_.suspect_failures = 1;
  policy_.suspect_period = absl::ZeroDuration();
  // 36 channels in all: eight are over a fifth of them.
  std::vector<NewOperation> made;
  std::vector<std::string> channels;
  for (int client = 1; client <= 2; ++client) {
    for (int pair = 0; pair < 2; ++pair) {
      made.push_back(Broadcast(client * 10 + pair, client, pair));
      channels.push_back(OpenId(client, pair));
      channels.push_back(ClosedId(client, pair));
    }
  }
  Insert(made);
  std::vector<OutcomeRecord> outcomes;
  for (const TakenDelivery& taken : Take(channels).taken) {
    outcomes.push_back(OutcomeOf(taken, DeliveryState::kFailed));
    outcomes.back().channel = ChannelVerdict::kSuspect;
  }
  ASSERT_THAT(outcomes, SizeIs(8));
  EXPECT_THAT(Record({outcomes[0], outcomes[1], outcomes[2], outcomes[3]})
                  .channels_to_probe,
              SizeIs(4));
  EXPECT_THAT(Record({outcomes.begin() + 4, outcomes.end()}).channels_to_probe,
              IsEmpty());
}

TEST_P(OutcomeEffectsTest, AChatThatMovedTakesItsChannelAlong) {
  raw().Execute("UPDATE channels SET platform = 'telegram'");
  Insert({Broadcast(1, 1, 0), Broadcast(2, 1, 1)});
  const auto taken = Take({OpenId(1, 0), OpenId(1, 1)}).taken;
  OutcomeRecord moved = RetryOf(taken[0], {});
  moved.new_address = "-1001";
  OutcomeRecord taken_by_other = RetryOf(taken[1], {});
  taken_by_other.new_address = ClosedId(1, 1);
  Record({moved, taken_by_other});
  EXPECT_EQ(OfChannel(OpenId(1, 0), "address"), "-1001");
  EXPECT_EQ(OfChannel(OpenId(1, 1), "address"), OpenId(1, 1));
  EXPECT_EQ(Take({OpenId(1, 0)}).taken.at(0).address, "-1001");
  EXPECT_EQ(Events("channel.moved"), 1);
}

INSTANTIATE_TEST_SUITE_P(Backends, OutcomeEffectsTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
