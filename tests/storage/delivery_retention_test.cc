// Results and operations go when they are old enough, in bounded steps. Of
// events see events_test.cc.
#include "storage/delivery_retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "support/delivery_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::DeliveryId;
using test::Must;
using test::OperationId;
using test::Plant;
using test::PlantDelivery;
using test::PlantOperation;
using test::PlantResult;
using testing::ElementsAre;
using testing::IsEmpty;

class DeliveryRetentionTest : public test::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    Plant(raw(), {.client = 1, .pairs = 1});
    test::PlantContent(raw());
  }

  template <typename F>
  int64_t Step(F step, int64_t before, int64_t most = 100) {
    int64_t gone = 0;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(gone, step(write, absl::FromUnixMicros(before), most));
      return absl::OkStatus();
    }));
    return gone;
  }

  std::vector<std::string> Deliveries() {
    return raw().Column("SELECT delivery_id FROM deliveries ORDER BY 1");
  }
  std::vector<std::string> Operations() {
    return raw().Column("SELECT operation_id FROM operations ORDER BY 1");
  }
};

TEST_P(DeliveryRetentionTest, DeliveriesOfFinishedOperationsGoOnceTheyAreOld) {
  PlantOperation(
      raw(),
      {.number = 1, .planned = 3, .sent = 2, .unknown = 1, .finish_time = 20});
  PlantOperation(raw(), {.number = 2, .planned = 2, .sent = 1});
  for (const int delivery : {1, 2, 3}) PlantDelivery(raw(), delivery, 1);
  for (const int delivery : {4, 5}) PlantDelivery(raw(), delivery, 2);
  PlantResult(raw(), 1, "sent", 10);
  PlantResult(raw(), 2, "sent", 20);
  PlantResult(raw(), 3, "unknown", 10);
  PlantResult(raw(), 4, "sent", 10);
  test::PlantReady(raw(), 5);
  raw().Execute(absl::StrCat(
      "INSERT INTO attempts (delivery_id, fence, attempt, intent_time, "
      "finish_time, reason, detail, http_status) VALUES ('",
      DeliveryId(1), "',1,1,1,1,'','',500)"));

  EXPECT_EQ(Step(DeleteExpiredDeliveries, 10), 0);
  EXPECT_EQ(Step(DeleteExpiredDeliveries, 11), 1);
  EXPECT_EQ(Step(DeleteExpiredDeliveries, 1000), 1);
  EXPECT_EQ(Step(DeleteExpiredDeliveries, 1000), 0);
  // What is unknown waits for somebody to settle it, and what runs goes on.
  EXPECT_THAT(Deliveries(),
              ElementsAre(DeliveryId(3), DeliveryId(4), DeliveryId(5)));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM attempts"), 0);
  EXPECT_EQ(raw().Number("SELECT sum(planned) FROM operations"), 5);
}

TEST_P(DeliveryRetentionTest, DeliveriesGoInBoundedStepsOldestFirst) {
  PlantOperation(raw(),
                 {.number = 1, .planned = 25, .sent = 25, .finish_time = 30});
  for (int i = 1; i <= 25; ++i) {
    PlantDelivery(raw(), i, 1);
    PlantResult(raw(), i, "sent", 26 - i);
  }
  EXPECT_EQ(Step(DeleteExpiredDeliveries, 24, 20), 20);
  EXPECT_EQ(Step(DeleteExpiredDeliveries, 24, 20), 3);
  EXPECT_EQ(Step(DeleteExpiredDeliveries, 24, 20), 0);
  EXPECT_THAT(Deliveries(), ElementsAre(DeliveryId(1), DeliveryId(2)));
}

TEST_P(DeliveryRetentionTest, OperationsGoWithWhatIsLeftOfThem) {
  PlantOperation(raw(),
                 {.number = 1, .planned = 1, .unknown = 1, .finish_time = 10});
  PlantOperation(raw(), {.number = 2, .finish_time = 20});
  PlantOperation(raw(), {.number = 3});
  PlantDelivery(raw(), 1, 1);
  PlantResult(raw(), 1, "unknown", 10);
  EXPECT_EQ(Step(DeleteExpiredOperations, 10), 0);
  EXPECT_EQ(Step(DeleteExpiredOperations, 11), 2);
  EXPECT_THAT(Deliveries(), IsEmpty());
  EXPECT_EQ(Step(DeleteExpiredOperations, 1000), 1);
  EXPECT_EQ(Step(DeleteExpiredOperations, 1000), 0);
  EXPECT_THAT(Operations(), ElementsAre(OperationId(3)));
}

TEST_P(DeliveryRetentionTest, ALargeOperationGoesInBoundedSteps) {
  PlantOperation(
      raw(), {.number = 1, .planned = 25, .unknown = 25, .finish_time = 10});
  for (int i = 2; i <= 4; ++i) {
    PlantOperation(raw(), {.number = i, .finish_time = 10 + i});
  }
  for (int i = 1; i <= 25; ++i) {
    PlantDelivery(raw(), i, 1);
    PlantResult(raw(), i, "unknown", 10);
  }
  EXPECT_EQ(Step(DeleteExpiredOperations, 1000, 10), 10);
  EXPECT_EQ(Step(DeleteExpiredOperations, 1000, 10), 10);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM operations"), 4);
  EXPECT_EQ(Step(DeleteExpiredOperations, 1000, 10), 9);
  EXPECT_EQ(Step(DeleteExpiredOperations, 1000, 10), 0);
  EXPECT_THAT(Operations(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Backends, DeliveryRetentionTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
