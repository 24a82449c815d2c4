// Lanes: taken, renewed, given back; who has taken one over is obeyed.
#include "storage/lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery_fixture.h"

namespace broadcast::storage {
namespace {

using test::ClosedId;
using test::DeliveryId;
using test::Must;
using test::OpenId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LanesTest : public test::DeliveryTest {
 protected:
  std::optional<LaneClaim> TryTake(const std::string& owner,
                                   bool forced = false) {
    return InWrite([&](Transaction& write) {
      return storage::TakeLane(write, kLane, owner, absl::Seconds(15), forced);
    });
  }
  std::vector<std::string> Renew(const std::vector<LaneClaim>& claims) {
    return InWrite([&](Transaction& write) {
      return RenewLanes(write, claims, absl::Seconds(15));
    });
  }
  void Release(const LaneClaim& claim) {
    Must(Write([&](Transaction& write) { return ReleaseLane(write, claim); }));
  }
  int64_t Lost(const LaneClaim& claim, int64_t most = 100) {
    return InWrite([&](Transaction& write) {
      return RecordLostIntents(write, claim, most);
    });
  }
  int64_t Owners() {
    return InRead([](Transaction& read) { return CountOwners(read); });
  }
};

TEST_P(LanesTest, EnsuringIsSafeToRepeat) {
  const std::vector<NewLane> lanes = {{"b", "x"}, {"a", "x"}, {"main", "main"}};
  for (int i = 0; i < 2; ++i) {
    Must(Write([&](Transaction& write) { return EnsureLanes(write, lanes); }));
  }
  const auto found = InRead([](Transaction& read) { return ListLanes(read); });
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].lane_id, "a");
  EXPECT_EQ(found[0].account, "x");
  EXPECT_EQ(found[0].owner, std::nullopt);
  EXPECT_EQ(found[2].owner, "one");
  EXPECT_EQ(found[2].epoch, 1);
}

TEST_P(LanesTest, ALaneIsTakenWhenItsLeaseHasEnded) {
  EXPECT_EQ(TryTake("two"), std::nullopt);
  clock().Advance(absl::Seconds(10));
  EXPECT_THAT(Renew({claim_}), ElementsAre(kLane));
  clock().Advance(absl::Seconds(10));
  EXPECT_EQ(TryTake("two"), std::nullopt);
  clock().Advance(absl::Seconds(6));
  EXPECT_THAT(Renew({claim_}), IsEmpty());
  const auto taken = TryTake("two");
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->epoch, 2);
  EXPECT_THAT(Renew({claim_, *taken}), ElementsAre(kLane));
  EXPECT_EQ(TryTake("three", true)->epoch, 3);
}

TEST_P(LanesTest, WhoNeverHeardOfItsTakingTakesAgain) {
  EXPECT_EQ(TryTake("one")->epoch, 2);
  EXPECT_THAT(Renew({claim_}), IsEmpty());
}

TEST_P(LanesTest, ALaneIsGivenBackByItsOwnerAlone) {
  LaneClaim other = claim_;
  other.epoch = 7;
  Release(other);
  EXPECT_EQ(TryTake("two"), std::nullopt);
  Release(claim_);
  EXPECT_EQ(TryTake("two")->epoch, 2);
}

TEST_P(LanesTest, ReplicasThatAreThereAreCounted) {
  EXPECT_EQ(Owners(), 1);
  const auto announce = [&](const std::string& owner) {
    Must(Write([&](Transaction& write) {
      return AnnounceOwner(write, owner, absl::Seconds(15));
    }));
  };
  announce("one");
  announce("two");
  announce("two");
  EXPECT_EQ(Owners(), 2);
  Must(Write([](Transaction& write) { return ForgetOwner(write, "two"); }));
  EXPECT_EQ(Owners(), 1);
  announce("two");
  clock().Advance(absl::Hours(2));
  EXPECT_EQ(Owners(), 0);
  announce("three");
  EXPECT_EQ(raw().Number("SELECT count(*) FROM lane_owners"), 1);
}

TEST_P(LanesTest, WithoutTheLaneNothingIsTaken) {
  Insert({Broadcast(1, 1, 0)});
  LaneClaim other = claim_;
  other.owner = "two";
  EXPECT_FALSE(Take({OpenId(1, 0)}, other).held);
  other = claim_;
  other.epoch = 0;
  EXPECT_FALSE(Take({OpenId(1, 0)}, other).held);
  clock().Advance(absl::Seconds(16));
  const TakenIntents late = Take({OpenId(1, 0)});
  EXPECT_FALSE(late.held);
  EXPECT_THAT(late.taken, IsEmpty());
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kPending);
}

TEST_P(LanesTest, WhatAnOwnerLeftInFlightIsUnknown) {
  NewOperation made = Broadcast(1, 1, 0);
  NewOperation harmless = Broadcast(2, 1, 1);
  harmless.deliveries[0].on_unknown = OnUnknown::kResend;
  harmless.deliveries[1].on_unknown = OnUnknown::kResend;
  harmless.deliveries[1].deadline = clock().Now() + absl::Seconds(10);
  Insert({made, harmless});
  const auto lost =
      Take({OpenId(1, 0), ClosedId(1, 0), OpenId(1, 1), ClosedId(1, 1)}).taken;
  ASSERT_THAT(lost, SizeIs(4));
  EXPECT_EQ(Lost(claim_), 0);
  clock().Advance(absl::Seconds(16));
  const LaneClaim old = claim_;
  claim_ = *TryTake("two");
  EXPECT_EQ(Lost(old), 0);
  EXPECT_EQ(Lost(claim_, 1), 1);
  EXPECT_EQ(test::Broken(raw()), "");
  EXPECT_EQ(Lost(claim_), 3);
  EXPECT_EQ(Lost(claim_), 0);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).state, DeliveryState::kUnknown);
  EXPECT_EQ(FindDelivery(DeliveryId(1, 1)).reason, "owner_lost");
  EXPECT_EQ(FindDelivery(DeliveryId(2, 1)).state, DeliveryState::kRetry);
  EXPECT_EQ(FindDelivery(DeliveryId(2, 2)).state, DeliveryState::kUnknown);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_EQ(OfEntry(1, 0, "partial_count"), "1");
  EXPECT_EQ(Events("delivery.unknown"), 3);
  EXPECT_EQ(InRead([](Transaction& read) { return CountUnknown(read); }), 3);
  // The old owner hears of its sends late.
  EXPECT_EQ(Record({OutcomeOf(lost[0], DeliveryState::kSent)}).settled_late, 1);
  EXPECT_EQ(Record({OutcomeOf(lost[2], DeliveryState::kSent)}).stale, 1);
  const auto again = Take({OpenId(1, 1)}).taken;
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].fence, 2);
}

TEST_P(LanesTest, RecentSendsAreThoseOfTheLaneSince) {
  Insert({Broadcast(1, 1, 0), Broadcast(2, 1, 1), Broadcast(3, 1, 2)});
  const absl::Time start = now();
  auto taken = Take({OpenId(1, 0), OpenId(1, 1), OpenId(1, 2)}).taken;
  Record({OutcomeOf(taken[0], DeliveryState::kSent),
          RetryOf(taken[1], absl::Minutes(1))});
  const auto recent = [&](const std::string& lane, absl::Time since,
                          int64_t most) {
    return InRead([&](Transaction& read) {
      return RecentSends(read, lane, since, most);
    });
  };
  EXPECT_THAT(recent(kLane, start - absl::Seconds(1), 100), SizeIs(3));
  EXPECT_THAT(recent(kLane, start - absl::Seconds(1), 2), SizeIs(2));
  EXPECT_THAT(recent("other", start - absl::Seconds(1), 100), IsEmpty());
  EXPECT_THAT(recent(kLane, start + absl::Seconds(30), 100), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Backends, LanesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
