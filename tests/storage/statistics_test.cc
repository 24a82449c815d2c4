#include "storage/statistics.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/delivery_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::EntryId;
using test::Must;
using test::Plant;

class StatisticsTest : public test::DatabaseTest {
 protected:
  Statistics Sums(const Scope& scope = Scope::AllClients()) {
    Statistics sums;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(sums, ReadStatistics(read, scope));
      return absl::OkStatus();
    }));
    return sums;
  }

  void Set(const std::string& assignments, int client, int pair) {
    raw().Execute(absl::StrCat("UPDATE entries SET ", assignments,
                               " WHERE entry_id = '", EntryId(client, pair),
                               "'"));
  }
};

TEST_P(StatisticsTest, NothingSumsUpToNothing) {
  const Statistics sums = Sums();
  EXPECT_EQ(sums.entries, 0);
  EXPECT_EQ(sums.broadcasts, 0);
  EXPECT_EQ(sums.pairs_without_entry, 0);
  EXPECT_EQ(sums.waiting_deliveries, 0);
  EXPECT_EQ(sums.unknown_deliveries, 0);
}

TEST_P(StatisticsTest, WhatIsInScopeIsSummedUp) {
  Plant(raw(), {.client = 1, .pairs = 4});
  Plant(raw(), {.client = 2, .pairs = 1});
  Plant(raw(), {.client = 3, .pairs = 3, .entries = false});
  test::PlantContent(raw());
  Set("state = 'paused', broadcast_count = 6, success_count = 1, "
      "partial_count = 2, failure_count = 3, manual_trigger_count = 4",
      1, 0);
  Set("state = 'disabled', broadcast_count = 10, success_count = 10", 1, 1);
  Set("broadcast_count = 1, failure_count = 1", 2, 0);
  test::PlantQueue(raw(), 1, 0, 3, 0);
  test::PlantQueue(raw(), 1, 1, 4, 1);
  test::PlantQueue(raw(), 2, 0, 0, 0);
  test::PlantOperation(raw(), {.number = 1, .planned = 9});
  test::PlantOperation(raw(), {.number = 2, .client = 2, .planned = 9});
  for (const int delivery : {1, 2, 3, 4}) {
    test::PlantDelivery(raw(), delivery, 1, 1, 0);
  }
  test::PlantDelivery(raw(), 5, 2, 2, 0);
  test::PlantInflight(raw(), 1);
  test::PlantResult(raw(), 2, "unknown", 1);
  test::PlantResult(raw(), 3, "unknown", 1);
  test::PlantResult(raw(), 4, "sent", 1);
  test::PlantResult(raw(), 5, "unknown", 1);

  const Statistics all = Sums();
  EXPECT_EQ(all.entries, 5);
  EXPECT_EQ(all.active_entries, 3);
  EXPECT_EQ(all.paused_entries, 1);
  EXPECT_EQ(all.disabled_entries, 1);
  EXPECT_EQ(all.broadcasts, 17);
  EXPECT_EQ(all.successes, 11);
  EXPECT_EQ(all.partial, 2);
  EXPECT_EQ(all.failures, 4);
  EXPECT_EQ(all.manual_triggers, 4);
  EXPECT_EQ(all.pairs_without_entry, 3);
  EXPECT_EQ(all.waiting_deliveries, 7);
  EXPECT_EQ(all.sending_deliveries, 1);
  EXPECT_EQ(all.unknown_deliveries, 3);

  const Statistics second = Sums(Scope::OneClient(ClientId(2)));
  EXPECT_EQ(second.entries, 1);
  EXPECT_EQ(second.broadcasts, 1);
  EXPECT_EQ(second.pairs_without_entry, 0);
  EXPECT_EQ(second.waiting_deliveries, 0);
  EXPECT_EQ(second.unknown_deliveries, 1);

  raw().Execute("UPDATE clients SET delete_time = 1 WHERE client_id = '" +
                ClientId(1) + "'");
  EXPECT_EQ(Sums().entries, 1);
  EXPECT_EQ(Sums().waiting_deliveries, 0);
  EXPECT_EQ(Sums().unknown_deliveries, 1);
}

INSTANTIATE_TEST_SUITE_P(Backends, StatisticsTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
