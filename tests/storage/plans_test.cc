#include "storage/plans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "feed_fixture.h"
#include "storage/channel_removal.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::FeedId;
using test::Must;
using test::OpenId;
using test::OperationId;
using testing::ElementsAre;
using testing::IsEmpty;

class PlansTest : public test::FeedTest {
 protected:
  Plan PlanOf(int operation, const std::string& channel_id, int next_time = 1) {
    Plan plan;
    plan.operation_id = OperationId(operation);
    plan.channel_id = channel_id;
    plan.client_id = ClientId(1);
    plan.phase = "walk";
    plan.as_of = absl::FromUnixMicros(5);
    plan.next_time = absl::FromUnixMicros(next_time);
    return plan;
  }

  void Begin(int number, const std::vector<Plan>& plans) {
    Must(Write([&](Transaction& write) -> absl::Status {
      NewOperation made;
      made.operation.operation_id = OperationId(number);
      made.operation.client_id = ClientId(1);
      made.operation.kind = OperationKind::kSync;
      made.operation.state = OperationState::kPlanning;
      RETURN_IF_ERROR(InsertOperations(write, all_, {&made, 1}));
      return InsertPlans(write, all_, plans);
    }));
  }
  std::optional<Plan> Lock() {
    return InWrite([](Transaction& write) { return LockPlan(write); });
  }
  std::optional<absl::Time> Next() {
    return InRead([](Transaction& read) { return NextPlanTime(read); });
  }
  void Store(const Plan& plan) {
    Must(Write([&](Transaction& write) { return StorePlan(write, plan); }));
  }
  void Add(int operation, const std::vector<NewDelivery>& deliveries) {
    Must(Write([&](Transaction& write) {
      return AddDeliveries(write, all_, OperationId(operation), deliveries);
    }));
  }
  void EndPlanningOf(int operation) {
    Must(Write([&](Transaction& write) {
      return EndPlanning(write, OperationId(operation));
    }));
  }
  std::vector<std::string> Unfinished(const std::vector<std::string>& ids) {
    const auto plans =
        InRead([&](Transaction& read) { return UnfinishedPlans(read, ids); });
    std::vector<std::string> found;
    for (const UnfinishedPlan& plan : plans) {
      found.push_back(absl::StrCat(plan.channel_id, " ", plan.operation_id));
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  void EndDeliveries(const std::string& channel_id) {
    Must(Write([&](Transaction& write) -> absl::Status {
      RETURN_IF_ERROR(EndDeliveriesTo(write, {channel_id}));
      static constexpr Sql kDelete{
          "DELETE FROM channels WHERE channel_id = :channel_id"};
      return write.Execute(kDelete, {{"channel_id", channel_id}}).status();
    }));
  }
};

TEST_P(PlansTest, APlanIsStoredAsFarAsItIs) {
  Plan plan = PlanOf(1, OpenId(1, 0));
  plan.kind = PlanKind::kMigrate;
  plan.mode = PlanMode::kPostOnly;
  plan.feed_id = FeedId(1);
  plan.target_channel_id = OpenId(1, 1);
  plan.delete_old = true;
  Begin(1, {plan});
  plan = Lock().value();
  EXPECT_EQ(plan.kind, PlanKind::kMigrate);
  EXPECT_EQ(plan.mode, PlanMode::kPostOnly);
  EXPECT_EQ(plan.feed_id, FeedId(1));
  EXPECT_EQ(plan.target_channel_id, OpenId(1, 1));
  EXPECT_EQ(plan.phase, "walk");
  EXPECT_EQ(plan.as_of, absl::FromUnixMicros(5));
  EXPECT_TRUE(plan.delete_old);
  EXPECT_FALSE(plan.done);
  plan.phase = "copy";
  plan.cursor_feed = "f";
  plan.cursor_post = "p";
  plan.counts = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  plan.done = true;
  Store(plan);
  EXPECT_FALSE(Lock().has_value());
  EXPECT_FALSE(Next().has_value());
  const auto read = InRead(
      [&](Transaction& read) { return ReadPlans(read, all_, OperationId(1)); });
  ASSERT_EQ(read.size(), 1);
  const Plan& stored = read.at(0);
  EXPECT_EQ(stored.phase, "copy");
  EXPECT_EQ(stored.cursor_feed, "f");
  EXPECT_EQ(stored.cursor_post, "p");
  EXPECT_EQ(stored.counts.open_posts, 1);
  EXPECT_EQ(stored.counts.missing, 3);
  EXPECT_EQ(stored.counts.tombstones, 9);
  EXPECT_TRUE(stored.done);
  EXPECT_THAT(InRead([&](Transaction& read) {
                return ReadPlans(read, Scope::OneClient(ClientId(2)),
                                 OperationId(1));
              }),
              IsEmpty());
}

TEST_P(PlansTest, TheEarliestDueComesFirst) {
  Begin(1, {PlanOf(1, OpenId(1, 0), 30), PlanOf(1, OpenId(1, 1), 20)});
  EXPECT_EQ(Next(), absl::FromUnixMicros(20));
  Plan plan = Lock().value();
  EXPECT_EQ(plan.channel_id, OpenId(1, 1));
  plan.next_time = clock().Now() + absl::Hours(1);
  Store(plan);
  EXPECT_EQ(Lock()->channel_id, OpenId(1, 0));
  Plan other = Lock().value();
  other.done = true;
  Store(other);
  EXPECT_FALSE(Lock().has_value());
  EXPECT_EQ(Next(), plan.next_time);
  EXPECT_EQ(InRead([](Transaction& read) {
              return CountWaitingPlans(read, OperationId(1));
            }),
            1);
}

TEST_P(PlansTest, NobodyPlansForAClientThatIsBeingDeleted) {
  Begin(1, {PlanOf(1, OpenId(1, 0))});
  raw().Execute("UPDATE clients SET delete_time = 1");
  EXPECT_FALSE(Lock().has_value());
  EXPECT_FALSE(Next().has_value());
  raw().Execute("UPDATE clients SET delete_time = NULL");
}

TEST_P(PlansTest, AnOperationGrowsWhileItIsPlanned) {
  Begin(1, {PlanOf(1, OpenId(1, 0))});
  EXPECT_EQ(FindOperation(1).state, OperationState::kPlanning);
  EXPECT_EQ(Events("operation.created"), 1);
  Add(1, {Planned(1, 1, OpenId(1, 0)), Planned(1, 2, OpenId(1, 0))});
  EXPECT_EQ(FindOperation(1).progress.planned, 2);
  End(OpenId(1, 0), DeliveryState::kSent);
  End(OpenId(1, 0), DeliveryState::kSent);
  EXPECT_EQ(FindOperation(1).state, OperationState::kPlanning);
  Add(1, {Planned(1, 3, OpenId(1, 1))});
  EndPlanningOf(1);
  EXPECT_EQ(FindOperation(1).state, OperationState::kRunning);
  EXPECT_EQ(Events("operation.progressed"), 1);
  EXPECT_EQ(Events("operation.finished"), 0);
  End(OpenId(1, 1), DeliveryState::kSent);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_EQ(FindOperation(1).progress.sent, 3);
}

TEST_P(PlansTest, AnOperationWithNothingLeftIsFinishedAtOnce) {
  Begin(1, {PlanOf(1, OpenId(1, 0))});
  EndPlanningOf(1);
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_EQ(Events("operation.finished"), 1);
  EndPlanningOf(1);
  EXPECT_EQ(Events("operation.finished"), 1);
}

TEST_P(PlansTest, NothingIsAddedToWhatIsPlanned) {
  Begin(1, {});
  const auto locked = [&] {
    return InWrite(
        [](Transaction& write) { return LockPlanning(write, OperationId(1)); });
  };
  EXPECT_TRUE(locked());
  EndPlanningOf(1);
  EXPECT_FALSE(locked());
  const std::vector<NewDelivery> one = {Planned(1, 1, OpenId(1, 0))};
  EXPECT_FALSE(Write([&](Transaction& write) {
                 return AddDeliveries(write, all_, OperationId(1), one);
               }).ok());
}

TEST_P(PlansTest, ACancelledOperationPlansNoMore) {
  Begin(1, {PlanOf(1, OpenId(1, 0))});
  Add(1, {Planned(1, 1, OpenId(1, 0))});
  EXPECT_EQ(InWrite([&](Transaction& write) {
              return CancelOperation(write, all_, OperationId(1));
            }).cancelled,
            1);
  EXPECT_FALSE(Lock().has_value());
  EXPECT_EQ(FindOperation(1).state, OperationState::kFinished);
  EXPECT_TRUE(FindOperation(1).cancel_time.has_value());
}

TEST_P(PlansTest, SyncsAndMigrationsKeepOthersOut) {
  Begin(1, {PlanOf(1, OpenId(1, 0))});
  Plan migrate = PlanOf(2, OpenId(1, 1));
  migrate.kind = PlanKind::kMigrate;
  migrate.target_channel_id = OpenId(1, 2);
  Begin(2, {migrate});
  Plan fill = PlanOf(3, OpenId(1, 3));
  fill.kind = PlanKind::kFill;
  Begin(3, {fill});
  EXPECT_THAT(Unfinished({OpenId(1, 0), OpenId(1, 1), OpenId(1, 2),
                          OpenId(1, 3), OpenId(1, 4)}),
              ElementsAre(absl::StrCat(OpenId(1, 0), " ", OperationId(1)),
                          absl::StrCat(OpenId(1, 1), " ", OperationId(2)),
                          absl::StrCat(OpenId(1, 2), " ", OperationId(2))));
  Add(1, {Planned(1, 1, OpenId(1, 0))});
  EndPlanningOf(1);
  EXPECT_EQ(Unfinished({OpenId(1, 0)}).size(), 1) << "its deliveries wait";
  End(OpenId(1, 0), DeliveryState::kSent);
  EXPECT_THAT(Unfinished({OpenId(1, 0)}), IsEmpty());
  EXPECT_THAT(Unfinished({}), IsEmpty());
}

TEST_P(PlansTest, AChannelThatGoesIsPlannedNoMore) {
  Plan migrate = PlanOf(2, OpenId(1, 1));
  migrate.kind = PlanKind::kMigrate;
  migrate.target_channel_id = OpenId(1, 0);
  Begin(1, {PlanOf(1, OpenId(1, 0)), PlanOf(1, OpenId(1, 1))});
  Begin(2, {migrate});
  Begin(3, {PlanOf(3, OpenId(1, 0))});
  raw().Execute("DELETE FROM channel_pairs");
  EndDeliveries(OpenId(1, 0));
  EXPECT_EQ(FindOperation(1).state, OperationState::kPlanning);
  EXPECT_EQ(FindOperation(2).state, OperationState::kFinished);
  EXPECT_EQ(FindOperation(3).state, OperationState::kFinished);
  EXPECT_EQ(Lock()->operation_id, OperationId(1));
}

INSTANTIATE_TEST_SUITE_P(Backends, PlansTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
