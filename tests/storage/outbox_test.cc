// The outbox: whose turn it is, and what is taken.
#include "storage/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "delivery_fixture.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ClosedId;
using test::DeliveryId;
using test::MessageId;
using test::Must;
using test::OpenId;
using test::OperationId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> Channels(const WaitingPage& page) {
  std::vector<std::string> ids;
  for (const WaitingChannel& channel : page.channels) {
    ids.push_back(channel.channel_id);
  }
  return ids;
}

class OutboxTest : public test::DeliveryTest {
 protected:
  // One delivery for each channel of a client.
  void Fill(int operation, int client, absl::Duration not_before = {}) {
    NewOperation made;
    made.operation.operation_id = OperationId(operation);
    made.operation.client_id = ClientId(client);
    for (int pair = 0; pair < kPairs; ++pair) {
      made.deliveries.push_back(
          Planned(operation, pair + 1, OpenId(client, pair), client));
      made.deliveries.back().not_before =
          clock().Now() + not_before - absl::Seconds(pair);
    }
    Insert({made});
  }
};

TEST_P(OutboxTest, NothingWaitsAtFirst) {
  const WaitingPage page = FindWaiting();
  EXPECT_THAT(page.channels, IsEmpty());
  EXPECT_EQ(page.next_client, "");
  EXPECT_EQ(page.next_time, std::nullopt);
}

TEST_P(OutboxTest, WhatIsDueComesEarliestFirst) {
  Fill(1, 1, absl::Seconds(3));
  const WaitingPage page = FindWaiting();
  EXPECT_THAT(Channels(page),
              ElementsAre(OpenId(1, 5), OpenId(1, 4), OpenId(1, 3)));
  EXPECT_EQ(page.channels[0].client_id, ClientId(1));
  EXPECT_EQ(page.next_client, "");
  EXPECT_EQ(page.next_time, clock().Now() + absl::Seconds(1));
}

TEST_P(OutboxTest, ClientsTakeTurns) {
  Fill(1, 1);
  Fill(2, 2);
  Fill(3, 3);
  EXPECT_THAT(Channels(FindWaiting("", 1, 100)),
              ElementsAre(OpenId(1, 5), OpenId(2, 5), OpenId(3, 5)));
  EXPECT_THAT(Channels(FindWaiting(ClientId(1), 1, 100)),
              ElementsAre(OpenId(2, 5), OpenId(3, 5), OpenId(1, 5)));
  WaitingPage page = FindWaiting("", 2, 3);
  EXPECT_THAT(Channels(page),
              ElementsAre(OpenId(1, 5), OpenId(1, 4), OpenId(2, 5)));
  EXPECT_EQ(page.next_client, ClientId(2));
  page = FindWaiting(page.next_client, 2, 3);
  EXPECT_THAT(Channels(page), ElementsAre(OpenId(3, 5), OpenId(3, 4)));
  EXPECT_EQ(page.next_client, "");
  EXPECT_THAT(FindWaiting(ClientId(3), 1, 1).channels, SizeIs(1));
}

TEST_P(OutboxTest, ClientsWithNothingDueArePassedOver) {
  Fill(1, 1, absl::Hours(1));
  Fill(2, 2);
  Fill(3, 3, absl::Hours(1));
  EXPECT_THAT(Channels(FindWaiting("", 2, 2)),
              ElementsAre(OpenId(2, 5), OpenId(2, 4)));
  const WaitingPage page = FindWaiting(ClientId(2), 2, 2);
  EXPECT_THAT(page.channels, SizeIs(2));
}

TEST_P(OutboxTest, ABusyChannelAndAnotherLaneWaitForNobody) {
  Fill(1, 1);
  Take({OpenId(1, 5)});
  Must(Write([](Transaction& write) {
    return MoveChannelQueue(write, OpenId(1, 4), "other");
  }));
  EXPECT_THAT(Channels(FindWaiting()), ElementsAre(OpenId(1, 3), OpenId(1, 2),
                                                   OpenId(1, 1), OpenId(1, 0)));
  EXPECT_THAT(Take({OpenId(1, 4), OpenId(1, 5)}).taken, IsEmpty());
  Must(Write([](Transaction& write) {
    return MoveChannelQueue(write, OpenId(1, 4), kLane);
  }));
}

TEST_P(OutboxTest, GroupsAreToldByTheirAddresses) {
  raw().Execute("UPDATE channels SET platform = 'telegram'");
  const auto address = [&](int pair, const char* text) {
    raw().Execute(absl::StrCat("UPDATE channels SET address = '", text,
                               "' WHERE channel_id = '", OpenId(1, pair), "'"));
  };
  address(0, "-100123");
  address(1, "123");
  address(2, "@name");
  Fill(1, 1);
  raw().Execute("UPDATE channels SET platform = 'log' WHERE channel_id = '" +
                OpenId(1, 0) + "'");
  std::map<std::string, bool> groups;
  for (const WaitingChannel& channel : FindWaiting().channels) {
    groups[channel.channel_id] = channel.group;
  }
  EXPECT_FALSE(groups[OpenId(1, 0)]);
  EXPECT_FALSE(groups[OpenId(1, 1)]);
  EXPECT_TRUE(groups[OpenId(1, 2)]);
}

TEST_P(OutboxTest, WhatIsTakenIsAllThatASenderNeeds) {
  NewOperation made = Broadcast(1, 1, 0);
  made.deliveries[0].on_unknown = OnUnknown::kResend;
  made.deliveries[1].address = "elsewhere";
  Insert({made});
  const TakenIntents taken = Take({ClosedId(1, 0), OpenId(1, 0)});
  EXPECT_TRUE(taken.held);
  ASSERT_THAT(taken.taken, SizeIs(2));
  EXPECT_EQ(taken.taken[0].address, "elsewhere");
  const TakenDelivery& open = taken.taken[1];
  EXPECT_EQ(open.delivery_id, DeliveryId(1, 1));
  EXPECT_EQ(open.operation_id, OperationId(1));
  EXPECT_EQ(open.channel_id, OpenId(1, 0));
  EXPECT_EQ(open.client_id, ClientId(1));
  EXPECT_EQ(open.entry_id, test::EntryId(1, 0));
  EXPECT_EQ(open.side, Side::kOpen);
  EXPECT_EQ(open.kind, OperationKind::kTrigger);
  EXPECT_EQ(open.action, DeliveryAction::kSend);
  EXPECT_EQ(open.platform, Platform::kLog);
  EXPECT_EQ(open.account, "main");
  EXPECT_EQ(open.address, OpenId(1, 0));
  EXPECT_EQ(open.content, "{}");
  EXPECT_EQ(open.on_unknown, OnUnknown::kResend);
  EXPECT_EQ(open.fence, 1);
  EXPECT_EQ(open.attempt, 1);
  EXPECT_EQ(open.deadline, made.deliveries[0].deadline);
  EXPECT_EQ(open.not_before, absl::UnixEpoch());
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kSending);
}

TEST_P(OutboxTest, WhatIsPastItsDeadlineExpiresInstead) {
  NewOperation made = Broadcast(1, 1, 0);
  made.deliveries[0].deadline = clock().Now() + absl::Seconds(1);
  made.deliveries[1].deadline = clock().Now() + absl::Seconds(1);
  Insert({made, Broadcast(2, 1, 0)});
  clock().Advance(absl::Seconds(5));
  const TakenIntents first = Take({OpenId(1, 0), ClosedId(1, 0)});
  EXPECT_EQ(first.expired, 2);
  EXPECT_THAT(first.taken, IsEmpty());
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kExpired);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).attempts, 0);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_EQ(OfEntry(1, 0, "failure_count"), "1");
  EXPECT_THAT(Take({OpenId(1, 0), ClosedId(1, 0)}).taken, SizeIs(2));
}

TEST_P(OutboxTest, WhatHasLostItsTargetFails) {
  NewOperation made;
  made.operation.operation_id = OperationId(1);
  made.deliveries = {Planned(1, 1, OpenId(1, 0))};
  made.deliveries[0].action = DeliveryAction::kDelete;
  made.deliveries[0].target_message_id = MessageId(77);
  Insert({made});
  EXPECT_EQ(Take({OpenId(1, 0)}).refused, 1);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).reason, "target_missing");
}

TEST_P(OutboxTest, ADisabledChannelStopsWhatGoesToItAlone) {
  raw().Execute("UPDATE channels SET state = 'disabled'");
  NewOperation made = Broadcast(1, 1, 0);
  made.operation.kind = OperationKind::kTest;
  made.deliveries[0].address = "elsewhere";
  Insert({made});
  const TakenIntents taken = Take({OpenId(1, 0), ClosedId(1, 0)});
  EXPECT_THAT(taken.taken, SizeIs(1));
  EXPECT_EQ(taken.refused, 1);
  EXPECT_EQ(Events("delivery.failed"), 1);
  Record({OutcomeOf(taken.taken.at(0), DeliveryState::kSent)});
  raw().Execute("UPDATE entries SET current_operation_id = NULL");
}

TEST_P(OutboxTest, AQueueThatCountsWhatIsGoneIsEmptied) {
  Fill(1, 1);
  raw().Execute("DELETE FROM operations");
  EXPECT_THAT(FindWaiting().channels, SizeIs(kPairs));
  EXPECT_THAT(Take({OpenId(1, 0), OpenId(1, 1), OpenId(1, 2), OpenId(1, 3),
                    OpenId(1, 4), OpenId(1, 5)})
                  .taken,
              IsEmpty());
  EXPECT_THAT(FindWaiting().channels, IsEmpty());
}

TEST_P(OutboxTest, UnknownChannelsAndTheSameTwiceAreNoMatter) {
  Fill(1, 1);
  EXPECT_THAT(Take({OpenId(1, 5), OpenId(9, 9), OpenId(1, 5)}).taken,
              SizeIs(1));
  EXPECT_THAT(Take({}).taken, IsEmpty());
}

TEST_P(OutboxTest, WhatALaneThatNobodyServesHadInFlightIsFiled) {
  Fill(1, 1);
  Take({OpenId(1, 0), OpenId(1, 1)});
  StrayOptions options{.served = {kLane},
                       .owner = "two",
                       .lease = absl::Seconds(15),
                       .forced = true,
                       .most = 10};
  const auto file = [&] {
    return InWrite(
        [&](Transaction& write) { return RecordStrayIntents(write, options); });
  };
  EXPECT_EQ(file(), 0);
  options.served = {"other"};
  options.forced = false;
  EXPECT_EQ(file(), 0);  // its owner is there
  clock().Advance(absl::Minutes(1));
  EXPECT_EQ(file(), 2);
  EXPECT_EQ(file(), 0);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kUnknown);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM channel_queues "
                         "WHERE busy = 1"),
            0);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM lanes WHERE owner IS NULL"), 1);
}

TEST_P(OutboxTest, WhatWaitsInALaneThatNobodyServesIsMoved) {
  Fill(1, 1);
  Take({OpenId(1, 0)});
  std::string configured = "another";
  StrayOptions options{.served = {"main#1"}, .most = 2};
  options.lane_of = [&](const std::string& account,
                        const std::string&) -> std::optional<std::string> {
    if (account != configured) return std::nullopt;
    return "main#1";
  };
  const auto move = [&] {
    return InWrite(
        [&](Transaction& write) { return MoveStrayQueues(write, options); });
  };
  EXPECT_EQ(move(), 0);  // its owner is there
  clock().Advance(absl::Minutes(1));
  EXPECT_EQ(move(), 0);  // no lane serves its account
  configured = "main";
  EXPECT_EQ(move(), 2);
  EXPECT_EQ(move(), 2);
  EXPECT_EQ(move(), 1);
  EXPECT_EQ(move(), 0);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM channel_queues "
                         "WHERE lane_id = 'main#1'"),
            kPairs - 1);
}

TEST_P(OutboxTest, TheBacklogIsByLane) {
  Fill(1, 1);
  Fill(2, 1);
  Take({OpenId(1, 0), OpenId(1, 1)});
  const auto lanes =
      InRead([](Transaction& read) { return ReadBacklog(read); });
  ASSERT_THAT(lanes, SizeIs(1));
  EXPECT_EQ(lanes[0].lane_id, kLane);
  EXPECT_EQ(lanes[0].account, "main");
  EXPECT_EQ(lanes[0].waiting, 10);
  EXPECT_EQ(lanes[0].sending, 2);
  EXPECT_EQ(lanes[0].oldest, clock().Now() - absl::Seconds(5));
}

INSTANTIATE_TEST_SUITE_P(Backends, OutboxTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
