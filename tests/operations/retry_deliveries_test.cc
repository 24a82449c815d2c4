#include "operations/retry_deliveries.h"

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

class RetryDeliveriesTest : public OutboxTest {
 protected:
  absl::StatusOr<RetriedDeliveries> Retry(
      const std::string& operation_id, const storage::RequestKey& request = {},
      const Scope& scope = kAll) {
    return Do([&](Transaction& transaction) {
      return RetryDeliveries(transaction, scope, request, operation_id);
    });
  }
};

TEST_P(RetryDeliveriesTest, WhatFailedIsSentAgainAndCountsNoSecondBroadcast) {
  EndAll(DeliveryState::kFailed);
  EXPECT_EQ(EntryOf(entry_).failure_count, 1);
  const auto done = Must(Retry(operation_));
  EXPECT_EQ(done.retried, 2);
  EXPECT_EQ(done.operation->state, OperationState::kRunning);
  EXPECT_EQ(done.operation->progress.failed, 0);
  EXPECT_EQ(done.operation->progress.waiting(), 2);
  EndAll(DeliveryState::kSent);
  const storage::Entry entry = EntryOf(entry_);
  EXPECT_EQ(entry.broadcast_count, 1);
  EXPECT_EQ(entry.failure_count, 1);
  EXPECT_EQ(entry.success_count, 0);
  EXPECT_EQ(Must(Retry(operation_)).retried, 0);
}

TEST_P(RetryDeliveriesTest, OnlyWhatFailedIsSentAgain) {
  EXPECT_EQ(Must(Retry(operation_)).retried, 0);
  EndAll(DeliveryState::kUnknown);
  const auto done = Must(Retry(operation_));
  EXPECT_EQ(done.retried, 0);
  EXPECT_EQ(done.operation->progress.unknown, 2);
}

TEST_P(RetryDeliveriesTest, NobodyElsesCanBeSentAgain) {
  EndAll(DeliveryState::kFailed);
  EXPECT_THAT(Retry(test::EntryId(9, 9)), HasReason("OPERATION_NOT_FOUND"));
  EXPECT_THAT(Retry(operation_, {}, Scope::OneClient(ClientId(2))),
              HasReason("OPERATION_NOT_FOUND"));
  EXPECT_EQ(Count("ready"), 0);
}

TEST_P(RetryDeliveriesTest, ARepetitionRetriesNothingMore) {
  EndAll(DeliveryState::kFailed);
  const auto request = Request("RetryDeliveries", "r1");
  EXPECT_EQ(Must(Retry(operation_, request)).retried, 2);
  EndAll(DeliveryState::kFailed);
  const auto again = Must(Retry(operation_, request));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.retried, 2);
  EXPECT_EQ(Count("ready"), 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, RetryDeliveriesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::operations
