// Operations: set in motion with all their deliveries, stopped, tried again.
#include "storage/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery_fixture.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ClosedId;
using test::DeliveryId;
using test::EntryId;
using test::IsOk;
using test::OpenId;
using test::OperationId;
using testing::Not;
using testing::SizeIs;

const Scope kAll = Scope::AllClients();

class OperationsTest : public test::DeliveryTest {
 protected:
  Cancelled Cancel(int operation, const Scope& scope = kAll) {
    return InWrite([&](Transaction& write) {
      return CancelOperation(write, scope, OperationId(operation));
    });
  }
  int64_t Retry(int operation, absl::Duration until = absl::Hours(1),
                int64_t most = 100) {
    return InWrite([&](Transaction& write) {
      return RetryFailed(write, kAll, OperationId(operation),
                         write.now() + until, most);
    });
  }
  std::string Channel(int pair) { return OpenId(1, pair); }
};

TEST_P(OperationsTest, WhatIsInsertedWaitsAndCanBeFound) {
  NewOperation made = Broadcast(1, 1, 0);
  made.operation.occurrence = 7;
  made.operation.kind = OperationKind::kBroadcast;
  made.operation.reason = "it was \"time\"";
  Insert({made});
  const Operation found = FindOperation(1);
  EXPECT_EQ(found.operation_id, OperationId(1));
  EXPECT_EQ(found.client_id, ClientId(1));
  EXPECT_EQ(found.entry_id, EntryId(1, 0));
  EXPECT_EQ(found.occurrence, 7);
  EXPECT_EQ(found.kind, OperationKind::kBroadcast);
  EXPECT_EQ(found.state, OperationState::kRunning);
  EXPECT_EQ(found.reason, made.operation.reason);
  EXPECT_EQ(found.progress.planned, 2);
  EXPECT_EQ(found.progress.waiting(), 2);
  EXPECT_EQ(found.create_time, found.update_time);
  EXPECT_EQ(found.finish_time, std::nullopt);
  EXPECT_EQ(Events("operation.created"), 1);
  EXPECT_EQ(Events("operation.finished"), 0);
  const Delivery delivery = FindDelivery(DeliveryId(1, 1));
  EXPECT_EQ(delivery.operation_id, OperationId(1));
  EXPECT_EQ(delivery.state, DeliveryState::kPending);
  EXPECT_EQ(delivery.side, Side::kOpen);
  EXPECT_EQ(delivery.not_before, absl::UnixEpoch());
  EXPECT_EQ(delivery.attempts, 0);
}

TEST_P(OperationsTest, AnOccurrenceFiresOnce) {
  NewOperation made = Broadcast(1, 1, 0);
  made.operation.occurrence = 7;
  Insert({made});
  NewOperation again = Broadcast(2, 1, 0);
  again.operation.occurrence = 7;
  EXPECT_THAT(Write([&](Transaction& write) {
                return InsertOperations(write, kAll, {&again, 1});
              }),
              Not(IsOk()));
}

TEST_P(OperationsTest, OneWithoutDeliveriesIsFinishedAtOnce) {
  NewOperation made;
  made.operation.operation_id = OperationId(1);
  Insert({made});
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_EQ(Events("operation.created"), 1);
  EXPECT_EQ(Events("operation.finished"), 1);
}

TEST_P(OperationsTest, AScopeSeesItsOwnAlone) {
  NewOperation of_nobody;
  of_nobody.operation.operation_id = OperationId(2);
  Insert({Broadcast(1, 1, 0), of_nobody});
  const auto find = [&](int number, const Scope& scope) {
    return InRead([&](Transaction& read) {
             return storage::FindOperation(read, scope, OperationId(number));
           })
        .has_value();
  };
  EXPECT_TRUE(find(1, Scope::OneClient(ClientId(1))));
  EXPECT_FALSE(find(1, Scope::OneClient(ClientId(2))));
  EXPECT_TRUE(find(2, kAll));
  EXPECT_FALSE(find(2, Scope::OneClient(ClientId(1))));
  EXPECT_FALSE(find(3, kAll));
  EXPECT_EQ(Cancel(1, Scope::OneClient(ClientId(2))).cancelled, 0);
  const std::vector<NewOperation> foreign = {Broadcast(3, 1, 1)};
  EXPECT_THAT(Write([&](Transaction& write) {
                return InsertOperations(write, Scope::OneClient(ClientId(2)),
                                        foreign);
              }),
              Not(IsOk()));
}

TEST_P(OperationsTest, DeliveriesOfAChannelKeepTheirOrder) {
  NewOperation made;
  made.operation.operation_id = OperationId(1);
  for (int i = 1; i <= 5; ++i) {
    made.deliveries.push_back(Planned(1, i, Channel(0)));
  }
  NewOperation next;
  next.operation.operation_id = OperationId(2);
  next.deliveries = {Planned(2, 1, Channel(0)), Planned(2, 2, Channel(1))};
  Insert({made});
  Insert({next});
  for (int i = 1; i <= 5; ++i) {
    const auto taken = Take({Channel(0)}).taken;
    ASSERT_THAT(taken, SizeIs(1));
    EXPECT_EQ(taken[0].delivery_id, DeliveryId(1, i));
    EXPECT_THAT(Take({Channel(0)}).taken, SizeIs(0));
    Record({OutcomeOf(taken[0], DeliveryState::kSent)});
  }
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_THAT(Take({Channel(1), Channel(0)}).taken, SizeIs(2));
}

TEST_P(OperationsTest, CancellingEndsWhatWaitsAndLetsWhatIsUnderWayEnd) {
  Insert({Broadcast(1, 1, 0)});
  const auto taken = Take({OpenId(1, 0)}).taken;
  ASSERT_THAT(taken, SizeIs(1));
  const Cancelled answer = Cancel(1);
  EXPECT_EQ(answer.cancelled, 1);
  EXPECT_EQ(answer.sending, 1);
  EXPECT_EQ(FindOperation(1).state, OperationState::kRunning);
  EXPECT_TRUE(FindOperation(1).cancel_time.has_value());
  EXPECT_EQ(FindDelivery(DeliveryId(1, 2)).state, DeliveryState::kCancelled);
  Record({OutcomeOf(taken[0], DeliveryState::kSent)});
  const Operation found = FindOperation(1);
  EXPECT_EQ(found.state, OperationState::kFinished);
  EXPECT_EQ(found.progress.sent, 1);
  EXPECT_EQ(found.progress.cancelled, 1);
  EXPECT_EQ(OfEntry(1, 0, "partial_count"), "1");
  EXPECT_EQ(OfEntry(1, 0, "last_outcome"), "partial");
}

TEST_P(OperationsTest, ACancelledOneCountsNoFailure) {
  Insert({Broadcast(1, 1, 0)});
  EXPECT_EQ(Cancel(1).cancelled, 2);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_EQ(OfEntry(1, 0, "broadcast_count"), "0");
  EXPECT_EQ(OfEntry(1, 0, "consecutive_failure_count"), "0");
  EXPECT_EQ(OfEntry(1, 0, "current_operation_id"), "-");
  EXPECT_EQ(Events("operation.finished"), 1);
  EXPECT_EQ(Cancel(1).cancelled, 0);
  EXPECT_EQ(Events("operation.finished"), 1);
}

TEST_P(OperationsTest, ARetryOfACancelledOneIsNotSentAgain) {
  Insert({Broadcast(1, 1, 0)});
  const auto taken = Take({OpenId(1, 0), ClosedId(1, 0)}).taken;
  EXPECT_EQ(Cancel(1).sending, 2);
  Record({RetryOf(taken[0], absl::Seconds(1)),
          RetryOf(taken[1], absl::Seconds(1))});
  EXPECT_EQ(FindOperation(1).progress.cancelled, 2);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
}

TEST_P(OperationsTest, WhatFailedIsTriedAgainAndSettlesNothingTwice) {
  Insert({Broadcast(1, 1, 0)});
  for (const TakenDelivery& taken :
       Take({OpenId(1, 0), ClosedId(1, 0)}).taken) {
    Record({OutcomeOf(taken, DeliveryState::kFailed)});
  }
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_EQ(OfEntry(1, 0, "failure_count"), "1");
  EXPECT_EQ(Retry(1, absl::Hours(1), 1), 1);
  EXPECT_EQ(FindOperation(1).state, OperationState::kRunning);
  EXPECT_EQ(FindOperation(1).finish_time, std::nullopt);
  EXPECT_EQ(FindOperation(1).progress.failed, 1);
  EXPECT_EQ(test::Broken(raw()), "");
  EXPECT_EQ(Retry(1), 1);
  const auto taken = Take({OpenId(1, 0), ClosedId(1, 0)}).taken;
  ASSERT_THAT(taken, SizeIs(2));
  EXPECT_EQ(taken[0].attempt, 2);
  EXPECT_EQ(taken[0].fence, 2);
  for (const TakenDelivery& delivery : taken) {
    Record({OutcomeOf(delivery, DeliveryState::kSent)});
  }
  EXPECT_EQ(FindOperation(1).progress.sent, 2);
  EXPECT_EQ(OfEntry(1, 0, "failure_count"), "1");
  EXPECT_EQ(OfEntry(1, 0, "broadcast_count"), "1");
  EXPECT_EQ(Retry(1), 0);
  const auto attempts = InRead(
      [&](Transaction& read) { return FindAttempts(read, DeliveryId(1, 1)); });
  ASSERT_THAT(attempts, SizeIs(2));
  EXPECT_EQ(attempts[0].reason, "reason_failed");
  EXPECT_EQ(attempts[1].http_status, 200);
}

TEST_P(OperationsTest, WhatNobodyServesExpires) {
  NewOperation late = Broadcast(1, 1, 0);
  for (NewDelivery& delivery : late.deliveries) {
    delivery.deadline = clock().Now() + absl::Minutes(1);
  }
  Insert({late, Broadcast(2, 1, 1)});
  const auto expire = [&] {
    return InWrite([&](Transaction& write) {
             return EndOverdue(write, write.now(), 1, {});
           })
        .ended;
  };
  EXPECT_EQ(expire(), 0);
  clock().Advance(absl::Minutes(10));
  EXPECT_EQ(expire(), 2);
  EXPECT_EQ(expire(), 0);
  EXPECT_EQ(FindOperation(1).progress.expired, 2);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_EQ(FindOperation(2).state, OperationState::kRunning);
  EXPECT_EQ(OfEntry(1, 0, "state"), "disabled");
  EXPECT_EQ(OfEntry(1, 0, "state_reason"), "failed 1 times in a row");
}

TEST_P(OperationsTest, ManyAreCancelledStepByStepAndNoneOfThemIsSent) {
  NewOperation many;
  many.operation.operation_id = OperationId(1);
  for (int i = 1; i <= 450; ++i) {
    many.deliveries.push_back(Planned(1, i, Channel(0)));
  }
  Insert({many, Broadcast(2, 1, 1)});
  const auto first = Take({Channel(0)}).taken;
  ASSERT_THAT(first, SizeIs(1));
  const Cancelled cancelled = Cancel(1);
  EXPECT_EQ(cancelled.cancelled, 449);
  EXPECT_EQ(cancelled.sending, 1);
  EXPECT_TRUE(cancelled.more);
  EXPECT_EQ(FindOperation(1).progress.cancelled, 199);
  Record({OutcomeOf(first[0], DeliveryState::kFailed)});
  // What is still there is ended when its turn comes.
  EXPECT_EQ(Take({Channel(0)}).cancelled, 1);
  EXPECT_EQ(FindOperation(1).progress.cancelled, 200);
  // Nothing is tried again before all of it has ended.
  EXPECT_EQ(Retry(1), 0);
  OverduePlace place;
  int steps = 0;
  int64_t ended = 0;
  do {
    const EndedOverdue done = InWrite([&](Transaction& write) {
      return EndOverdue(write, write.now() - absl::Minutes(1), 1, place);
    });
    EXPECT_LE(done.ended, 200);
    ended += done.ended;
    place = done.next;
    ++steps;
  } while (!place.AtBeginning());
  EXPECT_EQ(ended, 249);
  EXPECT_EQ(steps, 3);
  EXPECT_EQ(FindOperation(1).progress.cancelled, 449);
  EXPECT_EQ(FindOperation(1).progress.failed, 1);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_EQ(FindOperation(2).state, OperationState::kRunning);
  EXPECT_EQ(Retry(1), 1);
}

TEST_P(OperationsTest, AClientThatGoesTakesItsOwnAlong) {
  Insert({Broadcast(1, 1, 0), Broadcast(2, 2, 0)});
  Take({OpenId(1, 0)});
  raw().Execute("DELETE FROM clients WHERE client_id = '" + ClientId(1) + "'");
  EXPECT_EQ(raw().Number("SELECT count(*) FROM operations"), 1);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM deliveries"), 2);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM inflight"), 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, OperationsTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
