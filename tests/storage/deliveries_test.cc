// Deliveries as people see them, and how unknown ones are settled.
#include "storage/deliveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery_fixture.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ClosedId;
using test::DeliveryId;
using test::MessageId;
using test::OpenId;
using test::OperationId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Scope kAll = Scope::AllClients();

class DeliveriesTest : public test::DeliveryTest {
 protected:
  bool Resolve(const std::string& delivery_id, Resolution resolution,
               const std::optional<std::string>& platform_message_id = {},
               const Scope& scope = kAll) {
    return InWrite([&](Transaction& write) {
      return ResolveDelivery(write, scope, delivery_id, resolution,
                             platform_message_id, MessageId(500),
                             write.now() + absl::Hours(1));
    });
  }
  DeliveryPage List(const std::string& after,
                    std::optional<DeliveryState> state, int64_t most,
                    const Scope& scope = kAll) {
    return InRead([&](Transaction& read) {
      return ListDeliveries(read, scope, OperationId(1), after, state, most);
    });
  }
  // The numbers of all pages.
  std::vector<int> Numbers(std::optional<DeliveryState> state, int64_t most) {
    std::vector<int> numbers;
    std::string after;
    do {
      const DeliveryPage page = List(after, state, most);
      EXPECT_LE(page.rows.size(), most);
      for (const storage::Delivery& row : page.rows) {
        numbers.push_back(std::stoi(row.delivery_id.substr(32)));
      }
      after = page.next;
    } while (!after.empty());
    return numbers;
  }
  void MakeUnknown() {
    Insert({Broadcast(1, 1, 0)});
    const auto taken = Take({OpenId(1, 0), ClosedId(1, 0)}).taken;
    Record({OutcomeOf(taken[0], DeliveryState::kSent),
            OutcomeOf(taken[1], DeliveryState::kUnknown)});
  }
};

TEST_P(DeliveriesTest, PagesFollowEachOtherInTheOrderOfIds) {
  NewOperation made;
  made.operation.operation_id = OperationId(1);
  for (int i = 1; i <= 9; ++i) {
    made.deliveries.push_back(Planned(1, i, OpenId(1, i % 3)));
  }
  Insert({made, Broadcast(2, 1, 0)});
  const auto taken = Take({OpenId(1, 0), OpenId(1, 1)}).taken;
  Record({OutcomeOf(taken[0], DeliveryState::kFailed)});
  for (const int64_t most : {1, 2, 9, 100}) {
    EXPECT_THAT(Numbers({}, most), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
    EXPECT_THAT(Numbers(DeliveryState::kFailed, most), ElementsAre(3));
    EXPECT_THAT(Numbers(DeliveryState::kSending, most), ElementsAre(1));
    EXPECT_THAT(Numbers(DeliveryState::kPending, most),
                ElementsAre(2, 4, 5, 6, 7, 8, 9));
    EXPECT_THAT(Numbers(DeliveryState::kSent, most), IsEmpty());
  }
  EXPECT_THAT(List("", {}, 10, Scope::OneClient(ClientId(2))).rows, IsEmpty());
  EXPECT_THAT(List("", {}, 10, Scope::OneClient(ClientId(1))).rows, SizeIs(9));
}

TEST_P(DeliveriesTest, OneIsFoundInItsScopeAlone) {
  Insert({Broadcast(1, 1, 0)});
  const auto find = [&](const Scope& scope, const std::string& id) {
    return InRead([&](Transaction& read) {
             return storage::FindDelivery(read, scope, id);
           })
        .has_value();
  };
  EXPECT_TRUE(find(Scope::OneClient(ClientId(1)), DeliveryId(1, 1)));
  EXPECT_FALSE(find(Scope::OneClient(ClientId(2)), DeliveryId(1, 1)));
  EXPECT_FALSE(find(kAll, DeliveryId(1, 3)));
}

TEST_P(DeliveriesTest, AnUnknownOneIsResolvedAsSent) {
  MakeUnknown();
  EXPECT_FALSE(Resolve(DeliveryId(1, 2), Resolution::kSent, "800",
                       Scope::OneClient(ClientId(2))));
  EXPECT_TRUE(Resolve(DeliveryId(1, 2), Resolution::kSent, "800"));
  EXPECT_FALSE(Resolve(DeliveryId(1, 2), Resolution::kAbandoned));
  const Operation operation = FindOperation(1);
  EXPECT_EQ(operation.progress.sent, 2);
  EXPECT_EQ(operation.progress.unknown, 0);
  EXPECT_EQ(operation.state, OperationState::kFinished);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 2)).platform_message_id, "800");
  EXPECT_EQ(raw().Number("SELECT count(*) FROM messages WHERE message_id = '" +
                         MessageId(500) + "' AND state = 'live'"),
            1);
  EXPECT_EQ(OfEntry(1, 0, "partial_count"), "1");
  EXPECT_EQ(OfEntry(1, 0, "success_count"), "0");
}

TEST_P(DeliveriesTest, AnUnknownOneIsGivenUp) {
  MakeUnknown();
  EXPECT_TRUE(Resolve(DeliveryId(1, 2), Resolution::kAbandoned, "800"));
  EXPECT_EQ(FindOperation(1).progress.abandoned, 1);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM messages"), 1);
}

TEST_P(DeliveriesTest, AnUnknownOneIsSentAgain) {
  MakeUnknown();
  clock().Advance(absl::Hours(2));
  claim_ = TakeLane("one");
  EXPECT_TRUE(Resolve(DeliveryId(1, 2), Resolution::kNotSent));
  EXPECT_EQ(FindOperation(1).state, OperationState::kRunning);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 2)).state, DeliveryState::kRetry);
  const auto taken = Take({ClosedId(1, 0)}).taken;
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].fence, 2);
  Record({OutcomeOf(taken[0], DeliveryState::kSent)});
  EXPECT_EQ(FindOperation(1).progress.sent, 2);
  const auto attempts = InRead(
      [](Transaction& read) { return FindAttempts(read, DeliveryId(1, 2)); });
  ASSERT_THAT(attempts, SizeIs(2));
  EXPECT_EQ(attempts[0].reason, "reason_unknown");
  EXPECT_EQ(attempts[0].detail, "what they said");
}

TEST_P(DeliveriesTest, OnlyUnknownOnesAreResolved) {
  MakeUnknown();
  EXPECT_FALSE(Resolve(DeliveryId(1, 1), Resolution::kNotSent));
  EXPECT_FALSE(Resolve(DeliveryId(1, 3), Resolution::kSent));
}

INSTANTIATE_TEST_SUITE_P(Backends, DeliveriesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
