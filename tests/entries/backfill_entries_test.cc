#include "entries/backfill_entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/ids.h"
#include "base/limits.h"
#include "storage/entries.h"
#include "storage/sql_error.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::entries {
namespace {

using storage::Scope;
using storage::Transaction;
using test::ClientId;
using test::HasReason;
using test::Must;
using test::PairId;
using test::Plant;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Le;

const Scope kAll = Scope::AllClients();
const BackfillCommand kEverything = {.interval = absl::Hours(24),
                                     .spread = absl::Hours(24)};

class BackfillEntriesTest : public test::DatabaseTest {
 protected:
  absl::StatusOr<BackfillFound> Find(
      const BackfillCommand& command,
      const std::optional<storage::WalkCursor>& cursor,
      const Scope& scope = kAll) {
    BackfillFound found;
    const absl::Status status = Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(found, FindBackfill(read, scope, command, cursor));
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return found;
  }

  std::vector<std::string> Ids(size_t count) {
    std::vector<std::string> ids;
    while (ids.size() < count) ids.push_back(ids_.Next());
    return ids;
  }

  BackfillReport Give(const BackfillCommand& command,
                      const std::vector<std::string>& pairs,
                      const Scope& scope = kAll) {
    const std::vector<std::string> ids = Ids(pairs.size());
    BackfillReport report;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(report, BackfillStep(write, scope, command, pairs, ids));
      return absl::OkStatus();
    }));
    return report;
  }

  absl::StatusOr<BackfillReport> Backfill(const BackfillCommand& command,
                                          const Scope& scope = kAll) {
    BackfillReport report;
    BackfillFound found;
    steps_.clear();
    while (!found.done) {
      ASSIGN_OR_RETURN(found, Find(command, found.cursor, scope));
      if (found.pairs.empty()) continue;
      steps_.push_back(found.pairs.size());
      report.Add(Give(command, found.pairs, scope));
    }
    return report;
  }

  int64_t Entries() { return raw().Number("SELECT count(*) FROM entries"); }

  std::vector<size_t> steps_;

 private:
  IdSource ids_{&clock(), 1};
};

TEST_P(BackfillEntriesTest, AThousandLegacyPairsGetTheirEntriesInSteps) {
  for (const int client : {1, 2, 3, 4}) {
    Plant(raw(), {.client = client, .pairs = 250, .entries = false});
  }
  Plant(raw(), {.client = 5, .pairs = 1500});
  const auto report = Must(Backfill(kEverything));
  EXPECT_EQ(report.found(), 1000);
  EXPECT_EQ(report.created, 1000);
  EXPECT_EQ(report.skipped, 0);
  EXPECT_EQ(report.failed, 0);
  EXPECT_EQ(report.entry_ids.size(), 1000);
  EXPECT_THAT(steps_, Each(Le(limits::kChunkRows)));
  EXPECT_EQ(Entries(), 2500);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM channel_pairs p JOIN entries e "
                         "ON e.channel_pair_id = p.channel_pair_id "
                         "AND e.client_id = p.client_id"),
            2500);
}

TEST_P(BackfillEntriesTest, TheSecondTimeThereIsNothingToDo) {
  Plant(raw(), {.client = 1, .pairs = 300, .entries = false});
  EXPECT_EQ(Must(Backfill(kEverything)).created, 300);
  const auto again = Must(Backfill(kEverything));
  EXPECT_EQ(again.found(), 0);
  EXPECT_THAT(again.entry_ids, IsEmpty());
  EXPECT_EQ(Entries(), 300);
}

TEST_P(BackfillEntriesTest, AnEntryIsMadeAsIfItWereNew) {
  Plant(raw(), {.client = 1, .pairs = 1, .entries = false});
  const auto report = Must(
      Backfill({.interval = absl::Hours(6), .spread = absl::ZeroDuration()}));
  ASSERT_EQ(report.entry_ids.size(), 1);
  std::optional<storage::Entry> entry;
  Must(Read([&](Transaction& read) -> absl::Status {
    ASSIGN_OR_RETURN(entry,
                     storage::FindEntry(read, kAll, report.entry_ids[0]));
    return absl::OkStatus();
  }));
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->client_id(), ClientId(1));
  EXPECT_EQ(entry->channel_pair.channel_pair_id, PairId(1, 0));
  EXPECT_EQ(entry->state, storage::EntryState::kActive);
  EXPECT_EQ(entry->last_outcome, storage::Outcome::kPending);
  EXPECT_EQ(entry->interval, absl::Hours(6));
  EXPECT_EQ(entry->next_send_time, entry->create_time);
  EXPECT_EQ(entry->update_time, entry->create_time);
  EXPECT_EQ(entry->broadcast_count, 0);
  EXPECT_EQ(entry->consecutive_failure_count, 0);
  EXPECT_EQ(entry->manual_trigger_count, 0);
  EXPECT_EQ(entry->revision, 1);
  EXPECT_EQ(entry->labels, "{}");
  EXPECT_FALSE(entry->open_content.content_id.has_value());
  EXPECT_FALSE(entry->last_send_time.has_value());
}

TEST_P(BackfillEntriesTest, FirstSendsAreSpreadEvenly) {
  Plant(raw(), {.client = 1, .pairs = 1000, .entries = false});
  Must(Backfill({.interval = absl::Hours(24), .spread = absl::Hours(10)}));
  std::array<int, 10> hours{};
  for (const std::string& after :
       raw().Column("SELECT next_send_time - create_time FROM entries")) {
    const int64_t hour =
        std::stoll(after) / absl::ToInt64Microseconds(absl::Hours(1));
    ASSERT_TRUE(hour >= 0 && hour < 10) << after;
    ++hours[static_cast<size_t>(hour)];
  }
  for (const int sends : hours) {
    EXPECT_GT(sends, 60);
    EXPECT_LT(sends, 140);
  }
}

TEST_P(BackfillEntriesTest, ValidateOnlyCountsAndCreatesNothing) {
  Plant(raw(), {.client = 1, .pairs = 450, .entries = false});
  BackfillCommand command = kEverything;
  command.validate_only = true;
  const auto report = Must(Backfill(command));
  EXPECT_EQ(report.found(), 450);
  EXPECT_EQ(report.created, 450);
  EXPECT_THAT(report.entry_ids, IsEmpty());
  EXPECT_EQ(Entries(), 0);
}

TEST_P(BackfillEntriesTest, OneClientGetsItsEntriesAlone) {
  for (const int client : {1, 2, 3}) {
    Plant(raw(), {.client = client, .pairs = 5, .entries = false});
  }
  BackfillCommand command = kEverything;
  command.client_id = ClientId(2);
  EXPECT_EQ(Must(Backfill(command)).created, 5);
  EXPECT_EQ(raw().Column("SELECT DISTINCT client_id FROM entries"),
            std::vector<std::string>{ClientId(2)});
}

TEST_P(BackfillEntriesTest, OnePairGetsItsEntryAlone) {
  Plant(raw(), {.client = 1, .pairs = 5, .entries = false});
  BackfillCommand command = kEverything;
  command.channel_pair_id = PairId(1, 3);
  EXPECT_EQ(Must(Backfill(command)).created, 1);
  EXPECT_EQ(raw().Column("SELECT channel_pair_id FROM entries"),
            std::vector<std::string>{PairId(1, 3)});
  EXPECT_EQ(Must(Backfill(command)).found(), 0);
}

TEST_P(BackfillEntriesTest, WhatIsNotThereOrNotInScopeIsNotFound) {
  Plant(raw(), {.client = 1, .pairs = 1, .entries = false});
  BackfillCommand client = kEverything;
  client.client_id = ClientId(9);
  EXPECT_THAT(Backfill(client), HasReason("CLIENT_NOT_FOUND"));
  client.client_id = ClientId(1);
  const Scope other = Scope::OneClient(ClientId(2));
  EXPECT_THAT(Backfill(client, other), HasReason("CLIENT_NOT_FOUND"));
  BackfillCommand pair = kEverything;
  pair.channel_pair_id = PairId(1, 7);
  EXPECT_THAT(Backfill(pair), HasReason("CHANNEL_PAIR_NOT_FOUND"));
  pair.channel_pair_id = PairId(1, 0);
  EXPECT_THAT(Backfill(pair, other), HasReason("CHANNEL_PAIR_NOT_FOUND"));
  EXPECT_EQ(Entries(), 0);
}

TEST_P(BackfillEntriesTest, AScopeSeesItsOwnPairsAlone) {
  for (const int client : {1, 2, 3}) {
    Plant(raw(), {.client = client, .pairs = 2, .entries = false});
  }
  const Scope own = Scope::OneClient(ClientId(2));
  EXPECT_EQ(Must(Backfill(kEverything, own)).created, 2);
  EXPECT_EQ(Give(kEverything, {PairId(1, 0)}, own).skipped, 1);
  EXPECT_EQ(Entries(), 2);
}

TEST_P(BackfillEntriesTest, PairsOfAClientThatIsBeingDeletedAreLeftAlone) {
  Plant(raw(), {.client = 1, .pairs = 2, .entries = false});
  raw().Execute("UPDATE clients SET delete_time = 1");
  EXPECT_EQ(Must(Backfill(kEverything)).found(), 0);
  EXPECT_EQ(Give(kEverything, {PairId(1, 0)}).skipped, 1);
}

TEST_P(BackfillEntriesTest, PairsServedOrDeletedMeanwhileAreSkipped) {
  Plant(raw(), {.client = 1, .pairs = 4, .entries = false});
  const BackfillFound found = Must(Find(kEverything, std::nullopt));
  ASSERT_EQ(found.pairs.size(), 4);
  EXPECT_EQ(Give(kEverything, {PairId(1, 0)}).created, 1);
  raw().Execute("DELETE FROM channel_pairs WHERE channel_pair_id = '" +
                PairId(1, 2) + "'");
  const BackfillReport report = Give(kEverything, found.pairs);
  EXPECT_EQ(report.created, 2);
  EXPECT_EQ(report.skipped, 2);
  EXPECT_EQ(report.found(), 4);
  EXPECT_EQ(Entries(), 3);
}

TEST_P(BackfillEntriesTest, AStepThatRunsAgainDoesTheSame) {
  Plant(raw(), {.client = 1, .pairs = 3, .entries = false});
  const BackfillFound found = Must(Find(kEverything, std::nullopt));
  const std::vector<std::string> ids = Ids(3);
  int runs = 0;
  BackfillReport report;
  Must(Write([&](Transaction& write) -> absl::Status {
    ASSIGN_OR_RETURN(report,
                     BackfillStep(write, kAll, kEverything, found.pairs, ids));
    return ++runs == 1 ? storage::RunAgain() : absl::OkStatus();
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(report.created, 3);
  EXPECT_EQ(report.entry_ids, ids);
}

TEST_P(BackfillEntriesTest, AStepWhoseCommitNobodyHeardOfTellsTheSameAgain) {
  Plant(raw(), {.client = 1, .pairs = 3, .entries = false});
  const BackfillFound found = Must(Find(kEverything, std::nullopt));
  const std::vector<std::string> ids = Ids(3);
  for (int run = 0; run < 2; ++run) {
    BackfillReport report;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(
          report, BackfillStep(write, kAll, kEverything, found.pairs, ids));
      return absl::OkStatus();
    }));
    EXPECT_EQ(report.created, 3);
    EXPECT_EQ(report.skipped, 0);
    EXPECT_EQ(report.entry_ids, ids);
    ASSERT_EQ(report.made.size(), 3);
    const storage::PairIds& made = report.made[1];
    EXPECT_EQ(made.channel_pair_id, found.pairs[1]);
    EXPECT_EQ(made.client_id, ClientId(1));
    EXPECT_EQ(made.entry_id, ids[1]);
    EXPECT_EQ(made.open_channel_id + made.closed_channel_id,
              raw().Text("SELECT CAST(open_channel_id AS TEXT) || "
                         "CAST(closed_channel_id AS TEXT) FROM channel_pairs "
                         "WHERE channel_pair_id = '" +
                         made.channel_pair_id + "'"));
  }
  EXPECT_EQ(Entries(), 3);
}

// What CreateEntry does for a pair that has no entry.
absl::Status Repair(Transaction& write, int client, int pair,
                    const std::string& entry_id) {
  storage::Entry entry{.entry_id = entry_id, .interval = absl::Hours(1)};
  entry.channel_pair.channel_pair_id = PairId(client, pair);
  entry.channel_pair.client_id = ClientId(client);
  const storage::Entry* const entries[] = {&entry};
  return storage::InsertEntries(write, storage::Scope::AllClients(), entries);
}

TEST_P(BackfillEntriesTest, RepairsThatRunMeanwhileCollideWithNothing) {
  constexpr int kPairs = 600;
  Plant(raw(), {.client = 1, .pairs = kPairs, .entries = false});
  const std::vector<std::string> ids = Ids(kPairs);
  int repaired = 0;
  std::thread repairs([&] {
    for (int i = kPairs - 1; i >= 0; i -= 2) {
      const absl::Status status = Write([&](Transaction& write) {
        return Repair(write, 1, i, ids[static_cast<size_t>(i)]);
      });
      repaired += status.ok() ? 1 : 0;
    }
  });
  BackfillReport report = Must(Backfill(kEverything));
  repairs.join();
  EXPECT_EQ(report.created + repaired, kPairs);
  EXPECT_EQ(Entries(), kPairs);
  EXPECT_EQ(raw().Number("SELECT count(DISTINCT channel_pair_id) FROM entries"),
            kPairs);
}

TEST(BackfillReportTest, OnlyTheFirstIdsAndFailuresAreTold) {
  const std::vector<std::string> pairs(150, "pair");
  BackfillReport total;
  for (int i = 0; i < 8; ++i) {
    BackfillReport step{.created = 150};
    step.entry_ids.assign(150, absl::StrCat(i));
    total.Add(step);
    total.Add(FailedBackfill(pairs, error::StorageBusy()));
  }
  EXPECT_EQ(total.created, 1200);
  EXPECT_EQ(total.failed, 1200);
  EXPECT_EQ(total.found(), 2400);
  EXPECT_EQ(total.entry_ids.size(), BackfillReport::kMaxEntryIds);
  EXPECT_EQ(total.entry_ids.back(), "6");
  EXPECT_EQ(total.failures.size(), limits::kMaxSampleIds);
  EXPECT_EQ(total.failures[0].reason, "STORAGE_BUSY");
}

TEST(SpreadTest, DependsOnThePairAlone) {
  const absl::Duration day = absl::Hours(24);
  const std::string pair = "0190a5c8-7d1e-7f00-8000-3b1f6e2a9c44";
  EXPECT_EQ(SpreadOf(pair, day), SpreadOf(pair, day));
  EXPECT_LT(SpreadOf(pair, day), day);
  EXPECT_EQ(SpreadOf(pair, absl::ZeroDuration()), absl::ZeroDuration());
  // Written down: a later version must not move it.
  EXPECT_EQ(absl::ToInt64Microseconds(SpreadOf(pair, day)), 43746659644);
}

INSTANTIATE_TEST_SUITE_P(Backends, BackfillEntriesTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::entries
