#include "operations/cancel_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outbox_test.h"

namespace broadcast::operations {
namespace {

using storage::DeliveryState;
using storage::OperationState;
using storage::Scope;
using storage::Transaction;
using test::ClientId;
using test::HasReason;
using test::kAll;
using test::Must;
using testing::SizeIs;

class CancelOperationTest : public OutboxTest {
 protected:
  absl::StatusOr<CancelledOperation> Cancel(
      const std::string& operation_id, const storage::RequestKey& request = {},
      const Scope& scope = kAll) {
    return Do([&](Transaction& transaction) {
      return CancelOperation(transaction, scope, request, operation_id);
    });
  }
};

TEST_P(CancelOperationTest, WhatWaitsIsNotSentAndTheEntryCountsNoFailure) {
  const auto done = Must(Cancel(operation_));
  EXPECT_EQ(done.counts.cancelled, 2);
  EXPECT_EQ(done.counts.sending, 0);
  EXPECT_EQ(done.operation->state, OperationState::kFinished);
  EXPECT_EQ(done.operation->progress.cancelled, 2);
  EXPECT_EQ(done.operation->progress.waiting(), 0);
  EXPECT_TRUE(done.operation->cancel_time.has_value());
  const storage::Entry entry = EntryOf(entry_);
  EXPECT_EQ(entry.current_operation_id, std::nullopt);
  EXPECT_EQ(entry.consecutive_failure_count, 0);
  EXPECT_THAT(Cancel(operation_), HasReason("OPERATION_FINISHED"));
}

TEST_P(CancelOperationTest, WhatIsBeingSentIsNotCalledBack) {
  ASSERT_THAT(TakeAll(), SizeIs(2));
  const auto done = Must(Cancel(operation_));
  EXPECT_EQ(done.counts.cancelled, 0);
  EXPECT_EQ(done.counts.sending, 2);
  EXPECT_EQ(done.operation->state, OperationState::kRunning);
}

TEST_P(CancelOperationTest, NobodyElsesCanBeCancelled) {
  EXPECT_THAT(Cancel(test::EntryId(9, 9)), HasReason("OPERATION_NOT_FOUND"));
  EXPECT_THAT(Cancel(operation_, {}, Scope::OneClient(ClientId(2))),
              HasReason("OPERATION_NOT_FOUND"));
  EXPECT_EQ(Count("ready"), 2);
}

TEST_P(CancelOperationTest, ARepetitionTellsTheCountsOfTheFirstTime) {
  const auto request = Request("CancelOperation", "r1");
  EXPECT_FALSE(Must(Cancel(operation_, request)).replayed);
  const auto again = Must(Cancel(operation_, request));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.counts.cancelled, 2);
  EXPECT_EQ(again.operation->state, OperationState::kFinished);
}

INSTANTIATE_TEST_SUITE_P(Backends, CancelOperationTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::operations
