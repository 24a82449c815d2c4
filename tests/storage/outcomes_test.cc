// What outcomes bring about: results, messages, counts, counters, the health
// of channels, events.
#include "storage/outcomes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery_fixture.h"
#include "storage/operations.h"

namespace broadcast::storage {
namespace {

using test::ClosedId;
using test::ContentId;
using test::DeliveryId;
using test::MessageId;
using test::OpenId;
using test::OperationId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class OutcomesTest : public test::DeliveryTest {};

TEST_P(OutcomesTest, BothSidesSentIsASuccess) {
  raw().Execute(
      "UPDATE entries SET consecutive_failure_count = 3, "
      "failure_count = 3, broadcast_count = 3");
  const OutcomeSummary summary =
      Play(1, 0, DeliveryState::kSent, DeliveryState::kSent);
  EXPECT_EQ(summary.applied, 2);
  EXPECT_EQ(summary.stale, 0);
  EXPECT_EQ(summary.finished_operations, 1);
  const Operation operation = FindOperation(1);
  EXPECT_EQ(operation.state, OperationState::kFinished);
  EXPECT_EQ(operation.progress.sent, 2);
  EXPECT_TRUE(operation.finish_time.has_value());
  EXPECT_EQ(OfEntry(1, 0, "last_outcome"), "sent");
  EXPECT_EQ(OfEntry(1, 0, "success_count"), "1");
  EXPECT_EQ(OfEntry(1, 0, "broadcast_count"), "4");
  EXPECT_EQ(OfEntry(1, 0, "consecutive_failure_count"), "0");
  EXPECT_EQ(OfEntry(1, 0, "current_operation_id"), "-");
  EXPECT_EQ(OfEntry(1, 0, "revision"), "1");
  EXPECT_EQ(Events("operation.finished"), 1);
  const Delivery delivery = FindDelivery(DeliveryId(1, 1));
  EXPECT_EQ(delivery.state, DeliveryState::kSent);
  EXPECT_EQ(delivery.platform_message_id, "1");
  EXPECT_EQ(delivery.http_status, 200);
  EXPECT_EQ(delivery.attempts, 1);
  EXPECT_THAT(raw().Column("SELECT state FROM messages WHERE content_id = '" +
                           ContentId(1) + "' AND entry_id IS NOT NULL"),
              ElementsAre("live", "live"));
}

TEST_P(OutcomesTest, OneSideSentIsPartialAndSoIsUnknown) {
  Play(1, 0, DeliveryState::kSent, DeliveryState::kFailed);
  Play(2, 1, DeliveryState::kUnknown, DeliveryState::kUnknown);
  Play(3, 2, DeliveryState::kFailed, DeliveryState::kUnknown);
  for (int pair = 0; pair < 3; ++pair) {
    EXPECT_EQ(OfEntry(1, pair, "last_outcome"), "partial");
    EXPECT_EQ(OfEntry(1, pair, "partial_count"), "1");
    EXPECT_EQ(OfEntry(1, pair, "failure_count"), "0");
  }
  EXPECT_EQ(OfEntry(1, 0, "last_error"), "reason_failed");
  EXPECT_EQ(FindOperation(2).progress.unknown, 2);
  EXPECT_EQ(Events("delivery.unknown"), 3);
}

TEST_P(OutcomesTest, FailuresInARowDisableTheEntry) {
  policy_.disable_threshold = 3;
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(OfEntry(1, 0, "state"), "active");
    const OutcomeSummary summary =
        Play(i, 0, DeliveryState::kFailed, DeliveryState::kExpired);
    EXPECT_EQ(OfEntry(1, 0, "consecutive_failure_count"), std::to_string(i));
    EXPECT_THAT(summary.disabled_entries, SizeIs(i == 3 ? 1 : 0));
  }
  EXPECT_EQ(OfEntry(1, 0, "state"), "disabled");
  EXPECT_EQ(OfEntry(1, 0, "state_reason"), "failed 3 times in a row");
  EXPECT_EQ(OfEntry(1, 0, "revision"), "2");
  EXPECT_EQ(OfEntry(1, 0, "failure_count"), "3");
  EXPECT_EQ(Events("entry.disabled"), 1);
}

TEST_P(OutcomesTest, ASuccessInBetweenBeginsTheRowAnew) {
  policy_.disable_threshold = 2;
  Play(1, 0, DeliveryState::kFailed, DeliveryState::kFailed);
  Play(2, 0, DeliveryState::kSent, DeliveryState::kSent);
  Play(3, 0, DeliveryState::kFailed, DeliveryState::kFailed);
  EXPECT_EQ(OfEntry(1, 0, "state"), "active");
  policy_.disable_threshold = 0;
  Play(4, 0, DeliveryState::kFailed, DeliveryState::kFailed);
  EXPECT_EQ(OfEntry(1, 0, "state"), "active");
}

TEST_P(OutcomesTest, APausedEntryIsNotDisabled) {
  policy_.disable_threshold = 1;
  raw().Execute("UPDATE entries SET state = 'paused'");
  Play(1, 0, DeliveryState::kFailed, DeliveryState::kFailed);
  EXPECT_EQ(OfEntry(1, 0, "state"), "paused");
}

TEST_P(OutcomesTest, ATestSettlesNothing) {
  NewOperation made = Broadcast(1, 1, 0);
  made.operation.kind = OperationKind::kTest;
  Insert({made});
  const auto taken = TakeBoth(0);
  EXPECT_EQ(taken[0].kind, OperationKind::kTest);
  Record({OutcomeOf(taken[0], DeliveryState::kFailed),
          OutcomeOf(taken[1], DeliveryState::kSent)});
  EXPECT_EQ(OfEntry(1, 0, "broadcast_count"), "0");
  EXPECT_EQ(
      raw().Number("SELECT count(*) FROM messages WHERE entry_id IS NULL"), 1);
  raw().Execute("UPDATE entries SET current_operation_id = NULL");
}

TEST_P(OutcomesTest, ARetryWaitsAtItsPlaceAndKeepsItsTries) {
  NewOperation made;
  made.operation.operation_id = OperationId(1);
  made.deliveries = {Planned(1, 1, OpenId(1, 0)), Planned(1, 2, OpenId(1, 0))};
  Insert({made});
  auto taken = Take({OpenId(1, 0)}).taken;
  OutcomeRecord retry = RetryOf(taken[0], absl::Minutes(1));
  retry.http_status = 502;
  const OutcomeSummary summary = Record({retry});
  EXPECT_EQ(summary.applied, 1);
  EXPECT_TRUE(summary.next_waiting);
  const Delivery waiting = FindDelivery(DeliveryId(1, 1));
  EXPECT_EQ(waiting.state, DeliveryState::kRetry);
  EXPECT_EQ(waiting.reason, "reason_retry");
  EXPECT_EQ(waiting.http_status, 502);
  EXPECT_EQ(waiting.attempts, 1);
  EXPECT_THAT(Take({OpenId(1, 0)}).taken, IsEmpty());
  EXPECT_THAT(FindWaiting().channels, IsEmpty());
  EXPECT_EQ(FindWaiting().next_time, retry.retry_time);
  clock().Advance(absl::Minutes(2));
  claim_ = TakeLane("one");
  taken = Take({OpenId(1, 0)}).taken;
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].delivery_id, DeliveryId(1, 1));
  EXPECT_EQ(taken[0].fence, 2);
  EXPECT_EQ(taken[0].attempt, 2);
  Record({OutcomeOf(taken[0], DeliveryState::kSent)});
  EXPECT_THAT(InRead([&](Transaction& read) {
                return FindAttempts(read, DeliveryId(1, 1));
              }),
              SizeIs(2));
}

TEST_P(OutcomesTest, ALimitBurnsNoAttempt) {
  Insert({Broadcast(1, 1, 0)});
  OutcomeRecord limit = RetryOf(Take({OpenId(1, 0)}).taken[0], {});
  limit.burns_attempt = false;
  limit.http_status = 429;
  Record({limit});
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).attempts, 0);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).http_status, 429);
  const auto taken = Take({OpenId(1, 0)}).taken;
  EXPECT_EQ(taken[0].attempt, 1);
  EXPECT_EQ(taken[0].fence, 2);
}

TEST_P(OutcomesTest, ARetryPastTheDeadlineExpires) {
  Insert({Broadcast(1, 1, 0)});
  const auto taken = TakeBoth(0);
  const OutcomeSummary summary =
      Record({RetryOf(taken[0], absl::Hours(2)), RetryOf(taken[1], {})});
  EXPECT_THAT(summary.states,
              ElementsAre(DeliveryState::kExpired, DeliveryState::kRetry));
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kExpired);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).reason, "reason_retry");
  EXPECT_EQ(FindOperation(1).progress.expired, 1);
}

TEST_P(OutcomesTest, AnotherFenceChangesNothing) {
  Insert({Broadcast(1, 1, 0)});
  const auto first = TakeBoth(0);
  Record({RetryOf(first[0], {})});
  const auto second = Take({OpenId(1, 0)}).taken;
  OutcomeSummary summary = Record({OutcomeOf(first[0], DeliveryState::kSent)});
  EXPECT_EQ(summary.stale, 1);
  EXPECT_EQ(summary.applied, 0);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kSending);
  OutcomeRecord unheard = OutcomeOf(first[1], DeliveryState::kSent);
  unheard.delivery_id = DeliveryId(77, 1);
  unheard.fence = 1;
  EXPECT_EQ(Record({unheard}).stale, 1);
  summary = Record({OutcomeOf(first[0], DeliveryState::kFailed),
                    OutcomeOf(second[0], DeliveryState::kSent)});
  EXPECT_EQ(summary.stale, 1);
  EXPECT_EQ(summary.applied, 1);
  EXPECT_THAT(summary.states, ElementsAre(std::nullopt, DeliveryState::kSent));
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kSent);
  EXPECT_EQ(Record({OutcomeOf(second[0], DeliveryState::kFailed)}).stale, 1);
}

TEST_P(OutcomesTest, TheSameOutcomeTwiceIsRecordedOnce) {
  Insert({Broadcast(1, 1, 0)});
  const auto taken = TakeBoth(0);
  const std::vector<OutcomeRecord> outcomes = {
      OutcomeOf(taken[0], DeliveryState::kSent),
      OutcomeOf(taken[1], DeliveryState::kUnknown)};
  Record(outcomes);
  const OutcomeSummary again = Record(outcomes);
  EXPECT_EQ(again.applied, 2);
  EXPECT_EQ(again.stale, 0);
  EXPECT_EQ(again.finished_operations, 0);
  EXPECT_EQ(FindOperation(1).progress.sent, 1);
  EXPECT_EQ(OfEntry(1, 0, "partial_count"), "1");
}

TEST_P(OutcomesTest, AnUnknownOneIsSettledByItsOwnFenceAlone) {
  Play(1, 0, DeliveryState::kSent, DeliveryState::kUnknown);
  OutcomeRecord late;
  late.delivery_id = DeliveryId(1, 2);
  late.fence = 1;
  late.state = DeliveryState::kSent;
  late.platform_message_id = "900";
  late.new_message_id = MessageId(900);
  OutcomeRecord stale = late;
  stale.fence = 2;
  EXPECT_EQ(Record({stale}).stale, 1);
  const OutcomeSummary summary = Record({late});
  EXPECT_EQ(summary.settled_late, 1);
  EXPECT_EQ(summary.finished_operations, 0);
  EXPECT_EQ(FindOperation(1).progress.sent, 2);
  EXPECT_EQ(FindOperation(1).progress.unknown, 0);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 2)).platform_message_id, "900");
  EXPECT_EQ(OfEntry(1, 0, "partial_count"), "1");
  EXPECT_EQ(OfEntry(1, 0, "success_count"), "0");
  EXPECT_EQ(raw().Number("SELECT count(*) FROM messages"), 2);
}

TEST_P(OutcomesTest, WhatMayHaveBeenDoneEndsAsUnknownOnceItIsTooLate) {
  Insert({Broadcast(1, 1, 0)});
  const auto taken = TakeBoth(0);
  OutcomeRecord retry = RetryOf(taken[0], absl::Hours(1000));
  retry.maybe_done = true;
  Record({retry, RetryOf(taken[1], absl::Hours(1000))});
  EXPECT_EQ(FindOperation(1).progress.unknown, 1);
  EXPECT_EQ(FindOperation(1).progress.expired, 1);
  EXPECT_EQ(OfEntry(1, 0, "partial_count"), "1");
  EXPECT_EQ(OfEntry(1, 0, "failure_count"), "0");
}

TEST_P(OutcomesTest, WhatMayHaveBeenDoneIsUnknownThoughItExpiresInTheQueue) {
  Insert({Broadcast(1, 1, 0)});
  OutcomeRecord retry = RetryOf(Take({OpenId(1, 0)}).taken[0], {});
  retry.maybe_done = true;
  Record({retry});
  // Given back before it was tried, it still may have been done.
  OutcomeRecord given_back = RetryOf(Take({OpenId(1, 0)}).taken[0], {});
  given_back.burns_attempt = false;
  Record({given_back});
  clock().Advance(absl::Hours(1000));
  claim_ = TakeLane("one");
  const auto refused = Take({OpenId(1, 0), ClosedId(1, 0)});
  EXPECT_THAT(refused.taken, IsEmpty());
  EXPECT_EQ(refused.unknown, 1);
  EXPECT_EQ(refused.expired, 1);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kUnknown);
  EXPECT_EQ(FindOperation(1).progress.unknown, 1);
}

TEST_P(OutcomesTest, WhatMayHaveBeenDoneIsUnknownThoughItIsCancelled) {
  Insert({Broadcast(1, 1, 0)});
  OutcomeRecord retry =
      RetryOf(Take({OpenId(1, 0)}).taken[0], absl::Minutes(1));
  retry.maybe_done = true;
  Record({retry});
  InWrite([](Transaction& write) {
    return CancelOperation(write, Scope::AllClients(), OperationId(1));
  });
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kUnknown);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 2)).state, DeliveryState::kCancelled);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
}

TEST_P(OutcomesTest, WhatMayHaveBeenDoneIsUnknownThoughALaterTryFails) {
  Insert({Broadcast(1, 1, 0)});
  OutcomeRecord retry = RetryOf(Take({OpenId(1, 0)}).taken[0], {});
  retry.maybe_done = true;
  Record({retry});
  Record({OutcomeOf(Take({OpenId(1, 0)}).taken[0], DeliveryState::kFailed)});
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kUnknown);
}

TEST_P(OutcomesTest, AnUnknownOneThatWasNotSentWaitsAgain) {
  Play(1, 0, DeliveryState::kSent, DeliveryState::kUnknown);
  OutcomeRecord late;
  late.delivery_id = DeliveryId(1, 2);
  late.fence = 1;
  late.state = DeliveryState::kRetry;
  late.retry_time = now();
  EXPECT_EQ(Record({late}).settled_late, 1);
  EXPECT_EQ(FindOperation(1).state, OperationState::kRunning);
  const auto taken = Take({ClosedId(1, 0)}).taken;
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].fence, 2);
  Record({OutcomeOf(taken[0], DeliveryState::kSent)});
  EXPECT_EQ(FindOperation(1).progress.sent, 2);
  EXPECT_EQ(OfEntry(1, 0, "broadcast_count"), "1");
}

TEST_P(OutcomesTest, PausesOutliveTheProcess) {
  Insert({Broadcast(1, 1, 0), Broadcast(2, 1, 1)});
  const auto taken = TakeBoth(0);
  OutcomeRecord paused = RetryOf(taken[0], {});
  paused.burns_attempt = false;
  paused.pause_channel_until = now() + absl::Minutes(1);
  paused.pause_lane_until = now() + absl::Minutes(2);
  paused.reason = "flood";
  Record({paused, OutcomeOf(taken[1], DeliveryState::kSent)});
  Reopen();
  EXPECT_THAT(Take({OpenId(1, 0)}).taken, IsEmpty());
  EXPECT_THAT(Take({OpenId(1, 1)}).taken, SizeIs(1));
  const auto lanes = InRead([](Transaction& read) { return ListLanes(read); });
  ASSERT_THAT(lanes, SizeIs(1));
  EXPECT_EQ(lanes[0].paused_until, *paused.pause_lane_until);
  EXPECT_EQ(lanes[0].pause_reason, "flood");
  clock().Advance(absl::Seconds(61));
  claim_ = TakeLane("two");
  EXPECT_THAT(Take({OpenId(1, 0)}).taken, SizeIs(1));
}

TEST_P(OutcomesTest, WhatHappensIsTold) {
  Play(1, 0, DeliveryState::kFailed, DeliveryState::kUnknown);
  Play(2, 1, DeliveryState::kExpired, DeliveryState::kSent);
  EXPECT_EQ(Events("delivery.failed"), 1);
  EXPECT_EQ(Events("delivery.unknown"), 1);
  EXPECT_EQ(Events("delivery.expired"), 1);
  EXPECT_EQ(Events("operation.progressed"), 0);
  Insert({Broadcast(3, 1, 2)});
  for (const TakenDelivery& taken : TakeBoth(2)) {
    Record({OutcomeOf(taken, DeliveryState::kSent)});
  }
  EXPECT_EQ(Events("operation.progressed"), 1);
  EXPECT_EQ(Events("operation.finished"), 3);
  EXPECT_EQ(
      raw().Text("SELECT detail FROM events WHERE kind = 'operation.finished' "
                 "AND operation_id = '" +
                 OperationId(2) + "'"),
      R"({"abandoned":0,"cancelled":0,"expired":1,"failed":0,"planned":2,)"
      R"("sent":1,"unknown":0})");
  EXPECT_EQ(raw().Text("SELECT detail FROM events "
                       "WHERE kind = 'delivery.failed'"),
            R"({"reason":"reason_failed"})");
}

TEST_P(OutcomesTest, NothingIsRecordedOfNothing) {
  const OutcomeSummary summary = Record({});
  EXPECT_EQ(summary.applied, 0);
  EXPECT_FALSE(summary.next_waiting);
}

INSTANTIATE_TEST_SUITE_P(Backends, OutcomesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
