#include "operations/resolve_delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outbox_test.h"

namespace broadcast::operations {
namespace {

using storage::DeliveryState;
using storage::OperationState;
using storage::Resolution;
using storage::Scope;
using storage::Transaction;
using test::ClientId;
using test::HasReason;
using test::kAll;
using test::Must;
using testing::Contains;
using testing::Pair;

class ResolveDeliveryTest : public OutboxTest {
 protected:
  absl::StatusOr<ResolvedDelivery> Resolve(
      Resolution resolution, const storage::RequestKey& request = {},
      const Scope& scope = kAll) {
    ResolveDeliveryCommand command{
        .delivery_id = delivery_ids_.open_delivery_id,
        .resolution = resolution,
        .new_message_id = ids().Next()};
    if (resolution == Resolution::kSent) command.platform_message_id = "42";
    return Do([&](Transaction& transaction) {
      return ResolveDelivery(transaction, scope, request, command);
    });
  }
};

TEST_P(ResolveDeliveryTest, ItWasSent) {
  EndAll(DeliveryState::kUnknown);
  const auto done = Must(Resolve(Resolution::kSent));
  EXPECT_EQ(done.delivery->state, DeliveryState::kSent);
  EXPECT_EQ(done.delivery->platform_message_id, "42");
  EXPECT_EQ(done.operation->progress.sent, 1);
  EXPECT_EQ(done.operation->progress.unknown, 1);
  EXPECT_EQ(Count("messages WHERE platform_message_id = '42'"), 1);
}

TEST_P(ResolveDeliveryTest, ItWasNotSentAndIsSentAgain) {
  EndAll(DeliveryState::kUnknown);
  const auto done = Must(Resolve(Resolution::kNotSent));
  EXPECT_EQ(done.delivery->state, DeliveryState::kRetry);
  EXPECT_EQ(done.operation->progress.waiting(), 1);
  EXPECT_EQ(Count("ready"), 1);
  EndAll(DeliveryState::kSent);
  EXPECT_EQ(EntryOf(entry_).broadcast_count, 1);
}

TEST_P(ResolveDeliveryTest, ItIsGivenUp) {
  EndAll(DeliveryState::kUnknown);
  const auto done = Must(Resolve(Resolution::kAbandoned));
  EXPECT_EQ(done.delivery->state, DeliveryState::kAbandoned);
  EXPECT_EQ(done.operation->progress.abandoned, 1);
}

TEST_P(ResolveDeliveryTest, OnlyWhatIsUnknownCanBeResolved) {
  EXPECT_THAT(Resolve(Resolution::kSent), HasReason("DELIVERY_NOT_UNKNOWN"));
  EndAll(DeliveryState::kFailed);
  const auto refused = Resolve(Resolution::kSent);
  EXPECT_THAT(refused, HasReason("DELIVERY_NOT_UNKNOWN"));
  EXPECT_THAT(DetailOf(refused.status())->metadata,
              Contains(Pair("state", "FAILED")));
}

TEST_P(ResolveDeliveryTest, NobodyElsesCanBeResolved) {
  EndAll(DeliveryState::kUnknown);
  EXPECT_THAT(Resolve(Resolution::kSent, {}, Scope::OneClient(ClientId(2))),
              HasReason("DELIVERY_NOT_FOUND"));
}

TEST_P(ResolveDeliveryTest, ARepetitionTellsTheDeliveryAsItIs) {
  EndAll(DeliveryState::kUnknown);
  const auto request = Request("ResolveDelivery", "r1");
  Must(Resolve(Resolution::kNotSent, request));
  EndAll(DeliveryState::kSent);
  const auto again = Must(Resolve(Resolution::kNotSent, request));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.delivery->state, DeliveryState::kSent);
}

INSTANTIATE_TEST_SUITE_P(Backends, ResolveDeliveryTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::operations
