#include "upkeep/upkeep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <array>
#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "support/delivery_seed.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::upkeep {
namespace {

using test::Must;
using test::Plant;
using test::PlantContents;
using test::RowsOf;

constexpr std::chrono::hours kNever{1};
constexpr std::chrono::milliseconds kOften{5};

class UpkeepTest : public test::DatabaseTest {
 protected:
  // Asks the database until it agrees.
  testing::AssertionResult Eventually(const std::function<bool()>& holds) {
    const SteadyTime give_up = clock().Steady() + std::chrono::seconds(60);
    while (clock().Steady() < give_up) {
      if (holds()) return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "not within a minute";
  }

  void Hide(int client) {
    raw().Execute(
        absl::StrCat("UPDATE clients SET delete_time = 1 "
                     "WHERE client_id = '",
                     test::ClientId(client), "'"));
  }

  // What the database's own clock says is old, whatever the test's does.
  static absl::Time LongAgo() { return absl::FromUnixSeconds(1'000'000'000); }

  int64_t Count(const std::string& table) {
    return raw().Number("SELECT count(*) FROM " + table);
  }

  void PlantRequestIds(int count, int64_t expire_time) {
    std::vector<std::string> rows;
    for (int i = 0; i < count; ++i) {
      rows.push_back(absl::StrCat("('*','m','", expire_time, "-", i,
                                  "','h','{}',", expire_time, ")"));
    }
    test::Insert(raw(), "request_ids", rows);
  }
};

TEST_P(UpkeepTest, WhatWaitsAtTheStartIsDoneAtOnce) {
  Plant(raw(), {.client = 1, .pairs = 500});
  Plant(raw(), {.client = 2, .pairs = 2});
  Hide(1);
  PlantRequestIds(450, 1);
  PlantRequestIds(3, absl::ToUnixMicros(clock().Now() + absl::Hours(1)));
  PlantContents(raw(), 1, 450, 1);
  Upkeep upkeep(&database(), &test().log(), kNever);
  upkeep.Start();
  EXPECT_TRUE(Eventually([&] {
    return RowsOf(raw(), 1) == 0 && Count("request_ids") == 3 &&
           Count("contents") == 0;
  }));
  EXPECT_EQ(RowsOf(raw(), 2), 9);
}

TEST_P(UpkeepTest, AuditEventsGoOnceTheyAreOldEnough) {
  const auto plant = [&](int first, int count, absl::Duration age) {
    std::vector<std::string> rows;
    for (int i = first; i < first + count; ++i) {
      rows.push_back(absl::StrCat("('", test::EntryId(1, i), "',",
                                  absl::ToUnixMicros(LongAgo() - age),
                                  ",'ops',NULL,'M','e','','','OK','{}',1)"));
    }
    test::Insert(raw(), "audit_events", rows);
  };
  plant(0, 450, absl::Hours(2));
  plant(450, 3, -absl::Hours(1));
  Upkeep upkeep(&database(), &test().log(), kNever, clock().Now() - LongAgo());
  upkeep.Start();
  EXPECT_TRUE(Eventually([&] { return Count("audit_events") == 3; }));
}

TEST_P(UpkeepTest, WhatCameOfDeliveriesGoesOnceItIsOldEnough) {
  Plant(raw(), {.client = 1, .pairs = 1});
  test::PlantContent(raw());
  const auto ago = [&](absl::Duration age) {
    return absl::ToUnixMicros(clock().Now() - age);
  };
  // Old operations; one whose results alone are old; one that still runs.
  for (int i = 1; i <= 450; ++i) {
    test::PlantOperation(raw(), {.number = i,
                                 .planned = 1,
                                 .sent = 1,
                                 .finish_time = ago(absl::Hours(200))});
  }
  const auto finish = [&](int number, absl::Duration age) {
    test::PlantOperation(
        raw(),
        {.number = number, .planned = 1, .sent = 1, .finish_time = ago(age)});
    test::PlantDelivery(raw(), number, number);
    test::PlantResult(raw(), number, "sent", ago(age));
  };
  finish(451, absl::Hours(50));
  finish(452, absl::Hours(1));
  test::PlantOperation(raw(), {.number = 453, .planned = 1});
  test::PlantDelivery(raw(), 453, 453);
  test::PlantEvent(raw(), 1, "old", ago(absl::Hours(25)));
  test::PlantEvent(raw(), 1, "new", ago(absl::Hours(23)));
  Upkeep upkeep(&database(), &test().log(), kNever, limits::kAuditRetention,
                {.results = absl::Hours(40),
                 .operations = absl::Hours(100),
                 .events = absl::Hours(24)});
  upkeep.Start();
  EXPECT_TRUE(Eventually([&] {
    return Count("operations") == 3 && Count("deliveries") == 2 &&
           Count("events") == 1;
  }));
  EXPECT_EQ(raw().Text("SELECT kind FROM events"), "new");
}

TEST_P(UpkeepTest, WhatWaitsPastItsDeadlineExpiresThoughNobodySendsIt) {
  Plant(raw(), {.client = 1, .pairs = 1});
  test::PlantContent(raw());
  for (const int number : {1, 2}) {
    test::PlantOperation(raw(), {.number = number, .planned = 1});
    test::PlantDelivery(raw(), number, number);
    test::PlantReady(raw(), number);
  }
  test::PlantQueue(raw(), 1, 0, 2, 0);
  const auto deadline = [&](int number, absl::Duration away) {
    raw().Execute(absl::StrCat("UPDATE operations SET deadline = ",
                               absl::ToUnixMicros(clock().Now() + away),
                               " WHERE operation_id = '",
                               test::OperationId(number), "'"));
  };
  deadline(1, -absl::Minutes(2));
  deadline(2, absl::Hours(1));
  Upkeep upkeep(&database(), &test().log(), kNever);
  upkeep.Start();
  EXPECT_TRUE(Eventually([&] {
    return Count("results WHERE state = 'expired'") == 1 &&
           Count("operations WHERE state = 'finished'") == 1;
  }));
  EXPECT_EQ(Count("ready"), 1);
}

TEST_P(UpkeepTest, PairsWithoutAnEntryAreCounted) {
  Plant(raw(), {.client = 1, .pairs = 5});
  raw().Execute(absl::StrCat("DELETE FROM entries WHERE entry_id IN ('",
                             test::EntryId(1, 1), "','", test::EntryId(1, 3),
                             "')"));
  prometheus::Registry registry;
  RegistrationMetrics metrics(registry);
  Upkeep upkeep(&database(), &test().log(), kNever, limits::kAuditRetention,
                {.pairs_without_entry = &metrics.pairs_without_entry});
  upkeep.Start();
  EXPECT_TRUE(
      Eventually([&] { return metrics.pairs_without_entry.Value() == 2; }));
}

TEST_P(UpkeepTest, WakingItMakesItLookAtOnce) {
  Upkeep upkeep(&database(), &test().log(), kNever);
  upkeep.Start();
  for (const int client : {1, 2, 3}) {
    Plant(raw(), {.client = client, .pairs = 100});
    Hide(client);
    upkeep.Wake();
    EXPECT_TRUE(Eventually([&] { return RowsOf(raw(), client) == 0; }));
  }
}

TEST_P(UpkeepTest, ItLooksAgainAfterEachPeriod) {
  Upkeep upkeep(&database(), &test().log(), kOften);
  upkeep.Start();
  Plant(raw(), {.client = 1, .pairs = 100});
  Hide(1);
  EXPECT_TRUE(Eventually([&] { return RowsOf(raw(), 1) == 0; }));
  PlantRequestIds(1, 1);
  EXPECT_TRUE(Eventually([&] { return Count("request_ids") == 0; }));
}

TEST_P(UpkeepTest, StoppingEndsAPurgeThatTheNextOneContinues) {
  Plant(raw(), {.client = 1, .pairs = 5000});
  Hide(1);
  {
    Upkeep upkeep(&database(), &test().log(), kNever);
    upkeep.Start();
    EXPECT_TRUE(Eventually([&] { return RowsOf(raw(), 1) < 20001; }));
    upkeep.Stop();
    upkeep.Stop();
  }
  const int64_t left = RowsOf(raw(), 1);
  EXPECT_EQ(RowsOf(raw(), 1), left);
  Upkeep upkeep(&database(), &test().log(), kNever);
  upkeep.Start();
  EXPECT_TRUE(Eventually([&] { return RowsOf(raw(), 1) == 0; }));
}

TEST_P(UpkeepTest, ItOutlivesADatabaseThatAnswersNoMore) {
  Upkeep upkeep(&database(), &test().log(), kOften);
  upkeep.Start();
  database().Stop();
  upkeep.Wake();
  upkeep.Stop();
}

TEST_P(UpkeepTest, StoppingOneThatNeverStartedIsHarmless) {
  Upkeep upkeep(&database(), &test().log());
  upkeep.Wake();
  upkeep.Stop();
}

TEST_P(UpkeepTest, ReplicasShareTheWork) {
  if (sqlite()) GTEST_SKIP() << "SQLite serves one process";
  for (int client = 1; client <= 6; ++client) {
    Plant(raw(), {.client = client, .pairs = 150});
    if (client < 6) Hide(client);
  }
  PlantRequestIds(2000, 1);
  PlantContents(raw(), 1, 2000, 1);
  struct Replica {
    prometheus::Registry registry;
    std::unique_ptr<storage::Database> database;
    std::unique_ptr<Upkeep> upkeep;
  };
  std::array<Replica, 3> replicas;
  for (Replica& replica : replicas) {
    auto options = test().Options();
    options.registry = &replica.registry;
    options.postgres_clock_offset = clock().Now() - absl::Now();
    replica.database = Must(storage::Database::Open(std::move(options)));
    replica.upkeep =
        std::make_unique<Upkeep>(replica.database.get(), &test().log(), kOften);
  }
  for (Replica& replica : replicas) replica.upkeep->Start();
  EXPECT_TRUE(Eventually([&] {
    return Count("clients") == 1 && Count("request_ids") == 0 &&
           Count("contents") == 0;
  }));
  for (Replica& replica : replicas) replica.upkeep->Stop();
  EXPECT_EQ(RowsOf(raw(), 6), 601);
  EXPECT_EQ(Count("channels"), 300);
}

INSTANTIATE_TEST_SUITE_P(Backends, UpkeepTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::upkeep
