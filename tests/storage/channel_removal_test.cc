// A pair that goes leaves no operation waiting for its channels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/channel_pairs.h"
#include "storage/integrity.h"
#include "storage/operations.h"
#include "storage/outcomes.h"
#include "support/delivery_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::DeliveryId;
using test::Must;
using test::OperationId;
using test::PairId;

const Scope kAll = Scope::AllClients();

class ChannelRemovalTest : public test::DatabaseTest {
 protected:
  // Two pairs that share the closed channel of the first. Operation 1 has one
  // delivery under way to the first pair's open channel, two that wait there,
  // and one that waits for the shared channel.
  void SetUp() override {
    DatabaseTest::SetUp();
    test::Plant(raw(), {.client = 1, .pairs = 2});
    test::PlantContent(raw());
    raw().Execute(absl::StrCat(
        "UPDATE channel_pairs SET closed_channel_id = '", test::ClosedId(1, 0),
        "' WHERE channel_pair_id = '", PairId(1, 1), "'"));
    raw().Execute(absl::StrCat("DELETE FROM channels WHERE channel_id = '",
                               test::ClosedId(1, 1), "'"));
    test::PlantOperation(raw(), {.number = 1, .planned = 4});
    for (const int delivery : {1, 2, 3, 4}) {
      test::PlantDelivery(raw(), delivery, 1);
    }
    test::PlantInflight(raw(), 1);
    test::PlantReady(raw(), 2);
    test::PlantReady(raw(), 3);
    test::PlantReady(raw(), 4);
    for (const char* table : {"deliveries", "ready"}) {
      raw().Execute(absl::StrCat(
          "UPDATE ", table, " SET channel_id = '", test::ClosedId(1, 0),
          "' WHERE delivery_id = '", DeliveryId(4), "'"));
    }
    test::PlantQueue(raw(), 1, 0, 2, 1);
    raw().Execute(absl::StrCat(
        "INSERT INTO channel_queues (channel_id, client_id, lane_id, waiting, "
        "busy, not_before, paused_until, last_sequence) VALUES ('",
        test::ClosedId(1, 0), "','", test::ClientId(1),
        "','main',1,0,1,0,1000)"));
    // All posts.
    raw().Execute("UPDATE operations SET sends = planned");
  }

  Deleted Delete(int pair) {
    Deleted counts;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(auto gone, DeletePair(write, kAll, PairId(1, pair)));
      counts = gone->counts;
      return absl::OkStatus();
    }));
    return counts;
  }

  Operation Find() {
    Operation operation;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(auto found, FindOperation(read, kAll, OperationId(1)));
      operation = *std::move(found);
      return absl::OkStatus();
    }));
    return operation;
  }

  bool Clean() {
    IntegrityCheck check;
    while (!check.done()) {
      Must(Read([&](Transaction& read) -> absl::Status {
        ASSIGN_OR_RETURN(check, IntegrityStep(read, kAll, check));
        return absl::OkStatus();
      }));
    }
    return check.report().clean();
  }
};

TEST_P(ChannelRemovalTest, WhatWaitsForAChannelThatGoesIsCancelled) {
  EXPECT_EQ(Delete(0).channels, 1);
  Operation operation = Find();
  EXPECT_EQ(operation.state, OperationState::kRunning);
  EXPECT_EQ(operation.progress.cancelled, 3);
  EXPECT_EQ(operation.progress.waiting(), 1);
  EXPECT_TRUE(Clean());
  // With the last pair of the other channel the operation is through.
  EXPECT_EQ(Delete(1).channels, 2);
  operation = Find();
  EXPECT_EQ(operation.state, OperationState::kFinished);
  EXPECT_EQ(operation.progress.cancelled, 4);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM deliveries"), 0);
  EXPECT_TRUE(Clean());
}

TEST_P(ChannelRemovalTest, AnOutcomeThatComesAfterwardsIsDropped) {
  Delete(0);
  OutcomeSummary summary;
  Must(Write([&](Transaction& write) -> absl::Status {
    ASSIGN_OR_RETURN(summary,
                     RecordOutcomes(write,
                                    {{.delivery_id = DeliveryId(1),
                                      .fence = 1,
                                      .platform_message_id = "7",
                                      .new_message_id = test::MessageId(1)}},
                                    OutcomePolicy()));
    return absl::OkStatus();
  }));
  EXPECT_EQ(summary.applied, 0);
  EXPECT_EQ(Find().progress.sent, 0);
  EXPECT_TRUE(Clean());
}

INSTANTIATE_TEST_SUITE_P(Backends, ChannelRemovalTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
