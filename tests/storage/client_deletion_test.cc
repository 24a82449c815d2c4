#include "storage/client_deletion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "storage/channel_pairs.h"
#include "storage/clients.h"
#include "storage/entries.h"
#include "storage/sql_error.h"
#include "support/delivery_seed.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::EntryId;
using test::Must;
using test::PairId;
using test::Plant;
using test::RowsOf;
using testing::Each;
using testing::Le;

const Scope kAll = Scope::AllClients();

class ClientDeletionTest : public test::DatabaseTest {
 protected:
  ClientFootprint Count(const std::string& client_id,
                        const Scope& scope = kAll) {
    ClientFootprint footprint;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(footprint, CountClient(read, scope, client_id));
      return absl::OkStatus();
    }));
    return footprint;
  }

  DeletedClientRows DeleteRows(const std::string& client_id,
                               const Scope& scope = kAll) {
    DeletedClientRows deleted;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(deleted, DeleteClientNow(write, scope, client_id));
      return absl::OkStatus();
    }));
    return deleted;
  }

  Deleted Delete(const std::string& client_id, const Scope& scope = kAll) {
    return DeleteRows(client_id, scope).counts;
  }

  bool Hide(const std::string& client_id, const Scope& scope = kAll) {
    bool hidden = false;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(hidden, HideClient(write, scope, client_id));
      return absl::OkStatus();
    }));
    return hidden;
  }

  int64_t Purge() {
    PurgedRows purged;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(purged, PurgeStep(write));
      return absl::OkStatus();
    }));
    purged_client_ = purged.client_id;
    return purged.rows;
  }

  std::string purged_client_;
};

TEST_P(ClientDeletionTest, TheFootprintCountsEveryRowOfTheClient) {
  Plant(raw(), {.client = 1, .pairs = 3});
  Plant(raw(), {.client = 2, .pairs = 5});
  const ClientFootprint footprint = Count(ClientId(1));
  EXPECT_EQ(footprint.counts.clients, 1);
  EXPECT_EQ(footprint.counts.channels, 6);
  EXPECT_EQ(footprint.counts.channel_pairs, 3);
  EXPECT_EQ(footprint.counts.entries, 3);
  EXPECT_EQ(footprint.rows(), 13);
}

TEST_P(ClientDeletionTest, OutsideTheScopeThereIsNothing) {
  Plant(raw(), {.client = 1, .pairs = 1});
  const Scope other = Scope::OneClient(ClientId(2));
  EXPECT_EQ(Count(ClientId(1), other).rows(), 0);
  EXPECT_EQ(Delete(ClientId(1), other).clients, 0);
  EXPECT_FALSE(Hide(ClientId(1), other));
  EXPECT_EQ(Count(ClientId(9)).rows(), 0);
  EXPECT_EQ(Delete(ClientId(9)).clients, 0);
  EXPECT_FALSE(Hide(ClientId(9)));
  EXPECT_EQ(RowsOf(raw(), 1), 5);
}

TEST_P(ClientDeletionTest, ASmallClientGoesAtOnceAndAlone) {
  Plant(raw(), {.client = 1, .pairs = 10});
  Plant(raw(), {.client = 2, .pairs = 10});
  const Deleted deleted = Delete(ClientId(1), Scope::OneClient(ClientId(1)));
  EXPECT_EQ(deleted.clients, 1);
  EXPECT_EQ(deleted.channels, 20);
  EXPECT_EQ(deleted.channel_pairs, 10);
  EXPECT_EQ(deleted.entries, 10);
  EXPECT_EQ(RowsOf(raw(), 1), 0);
  EXPECT_EQ(RowsOf(raw(), 2), 41);
}

TEST_P(ClientDeletionTest, WhatGoesAtOnceIsTold) {
  Plant(raw(), {.client = 1, .pairs = 2});
  raw().Execute("DELETE FROM entries WHERE entry_id = '" + EntryId(1, 1) + "'");
  const DeletedClientRows deleted = DeleteRows(ClientId(1));
  ASSERT_EQ(deleted.pairs.size(), 2);
  EXPECT_EQ(deleted.pairs[0].channel_pair_id, PairId(1, 0));
  EXPECT_EQ(deleted.pairs[0].client_id, ClientId(1));
  EXPECT_EQ(deleted.pairs[0].entry_id, EntryId(1, 0));
  EXPECT_EQ(deleted.pairs[1].entry_id, std::nullopt);
}

TEST_P(ClientDeletionTest, TwoHundredRowsGoAtOnceAndOneMoreAsksForAnotherRun) {
  Plant(raw(), {.client = 1, .pairs = 50});
  Plant(raw(), {.client = 2, .pairs = 50});
  raw().Execute("DELETE FROM entries WHERE entry_id = '" + EntryId(1, 0) + "'");
  EXPECT_EQ(RowsOf(raw(), 1), limits::kChunkRows);
  EXPECT_EQ(Delete(ClientId(1)).clients, 1);
  SqlFailure failure = SqlFailure::kNone;
  Must(Write([&](Transaction& write) {
    failure = FailureOf(DeleteClientNow(write, kAll, ClientId(2)).status());
    return absl::OkStatus();
  }));
  EXPECT_EQ(failure, SqlFailure::kConflict);
  EXPECT_EQ(RowsOf(raw(), 2), 201);
}

TEST_P(ClientDeletionTest, AHiddenClientIsGoneFromEveryReadAtOnce) {
  Plant(raw(), {.client = 1, .pairs = 2});
  EXPECT_TRUE(Hide(ClientId(1)));
  EXPECT_FALSE(Hide(ClientId(1)));
  EXPECT_EQ(Count(ClientId(1)).rows(), 0);
  EXPECT_EQ(Delete(ClientId(1)).clients, 0);
  Must(Read([&](Transaction& read) {
    EXPECT_FALSE(Must(FindClient(read, kAll, ClientId(1))).has_value());
    EXPECT_FALSE(Must(FindPair(read, kAll, PairId(1, 0))).has_value());
    EXPECT_FALSE(Must(FindEntry(read, kAll, EntryId(1, 0))).has_value());
    EXPECT_EQ(Must(ClientPresenceOf(read, Scope::AllClients(), ClientId(1))),
              ClientPresence::kBeingDeleted);
    return absl::OkStatus();
  }));
  EXPECT_EQ(RowsOf(raw(), 1), 9);
}

TEST_P(ClientDeletionTest, AHiddenClientIsPurgedInBoundedSteps) {
  Plant(raw(), {.client = 1, .pairs = 1250});
  Plant(raw(), {.client = 2, .pairs = 3});
  ASSERT_TRUE(Hide(ClientId(1)));
  std::vector<int64_t> steps;
  while (const int64_t rows = Purge()) steps.push_back(rows);
  EXPECT_THAT(steps, Each(Le(limits::kChunkRows)));
  EXPECT_EQ(steps.size(), 26);  // 5,001 rows
  EXPECT_EQ(RowsOf(raw(), 1), 0);
  EXPECT_EQ(RowsOf(raw(), 2), 13);
}

TEST_P(ClientDeletionTest, ThePurgeTakesEntriesThenPairsThenChannels) {
  Plant(raw(), {.client = 1, .pairs = 300});
  ASSERT_TRUE(Hide(ClientId(1)));
  const auto left = [&] {
    return raw().Rows(
        "SELECT (SELECT count(*) FROM entries),"
        " (SELECT count(*) FROM channel_pairs),"
        " (SELECT count(*) FROM channels), (SELECT count(*) FROM clients)")[0];
  };
  using Counts = std::vector<std::string>;
  Purge();
  EXPECT_EQ(left(), Counts({"100", "300", "600", "1"}));
  Purge();
  EXPECT_EQ(left(), Counts({"0", "200", "600", "1"}));
  Purge();
  EXPECT_EQ(left(), Counts({"0", "0", "600", "1"}));
  for (int i = 0; i < 3; ++i) Purge();
  EXPECT_EQ(left(), Counts({"0", "0", "0", "1"}));
  EXPECT_EQ(Purge(), 1);
  EXPECT_EQ(Purge(), 0);
}

TEST_P(ClientDeletionTest, AnInterruptedPurgeIsContinuedByTheNextProcess) {
  Plant(raw(), {.client = 1, .pairs = 1250});
  ASSERT_TRUE(Hide(ClientId(1)));
  for (int i = 0; i < 9; ++i) EXPECT_EQ(Purge(), limits::kChunkRows);
  Reopen();
  EXPECT_EQ(RowsOf(raw(), 1), 5001 - 9 * limits::kChunkRows);
  while (Purge() > 0) continue;
  EXPECT_EQ(RowsOf(raw(), 1), 0);
}

TEST_P(ClientDeletionTest, APurgedIdCanBeUsedAgain) {
  Plant(raw(), {.client = 1, .pairs = 1});
  ASSERT_TRUE(Hide(ClientId(1)));
  while (Purge() > 0) continue;
  Plant(raw(), {.client = 1, .pairs = 2});
  EXPECT_EQ(Count(ClientId(1)).rows(), 9);
}

TEST_P(ClientDeletionTest, TheClientThatWasHiddenFirstGoesFirst) {
  for (const int client : {1, 2, 3}) Plant(raw(), {.client = client});
  for (const int client : {2, 3, 1}) {
    ASSERT_TRUE(Hide(ClientId(client)));
    clock().Advance(absl::Seconds(1));
  }
  EXPECT_EQ(Purge(), 1);
  EXPECT_EQ(RowsOf(raw(), 2), 0);
  EXPECT_EQ(RowsOf(raw(), 3), 1);
}

// A client with one pair, and `operations` with one delivery each, one message
// and `events` events.
void PlantDeliveries(test::RawConnection& raw, int operations, int events) {
  Plant(raw, {.client = 1, .pairs = 1});
  test::PlantContent(raw);
  for (int i = 1; i <= operations; ++i) {
    test::PlantOperation(raw, {.number = i, .planned = 1});
    test::PlantDelivery(raw, i, i);
    test::PlantReady(raw, i);
  }
  test::PlantQueue(raw, 1, 0, operations, 0);
  test::PlantMessage(raw, 1);
  for (int i = 0; i < events; ++i) test::PlantEvent(raw, 1, "e", 1);
}

TEST_P(ClientDeletionTest, DeliveriesAreAPartOfTheFootprint) {
  PlantDeliveries(raw(), 3, 2);
  const ClientFootprint footprint = Count(ClientId(1));
  EXPECT_EQ(footprint.delivery_rows, 3 + 3 + 1 + 2);
  EXPECT_EQ(footprint.rows(), 5 + 9);
}

TEST_P(ClientDeletionTest, ASmallClientGoesWithItsDeliveries) {
  PlantDeliveries(raw(), 3, 2);
  test::PlantEvent(raw(), 2, "other", 1);
  EXPECT_EQ(Delete(ClientId(1)).clients, 1);
  for (const char* table : {"clients", "operations", "deliveries", "ready",
                            "channel_queues", "messages"}) {
    EXPECT_EQ(raw().Number(absl::StrCat("SELECT count(*) FROM ", table)), 0)
        << table;
  }
  EXPECT_EQ(raw().Number("SELECT count(*) FROM events"), 1);
}

TEST_P(ClientDeletionTest, AClientWithManyDeliveriesIsPurgedInBoundedSteps) {
  PlantDeliveries(raw(), 250, 150);
  EXPECT_GT(Count(ClientId(1)).rows(), limits::kChunkRows);
  EXPECT_TRUE(Hide(ClientId(1)));
  std::vector<int64_t> steps;
  int64_t total = 0;
  do {
    steps.push_back(Purge());
    total += steps.back();
  } while (steps.back() > 0);
  EXPECT_THAT(steps, Each(Le(limits::kChunkRows)));
  EXPECT_EQ(total, 250 + 250 + 150 + 1 + 5);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM events"), 0);
  EXPECT_EQ(RowsOf(raw(), 1), 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, ClientDeletionTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
