#include "storage/integrity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "storage/channel_pairs.h"
#include "storage/channels.h"
#include "storage/clients.h"
#include "storage/entries.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ClosedId;
using test::EntryId;
using test::Must;
using test::PairId;
using test::Plant;
using testing::ElementsAre;

const Scope kAll = Scope::AllClients();

class IntegrityTest : public test::DatabaseTest {
 protected:
  IntegrityReport Check(const Scope& scope = kAll) {
    IntegrityCheck check;
    steps_ = 0;
    while (!check.done()) {
      ++steps_;
      Must(Read([&](Transaction& read) -> absl::Status {
        ASSIGN_OR_RETURN(check, IntegrityStep(read, scope, check));
        return absl::OkStatus();
      }));
    }
    return check.report();
  }

  // The only finding is of `kind`, and is `ids`.
  void ExpectOnly(FindingKind kind, const std::set<std::string>& ids) {
    IntegrityReport report = Check();
    EXPECT_EQ(report[kind].count, static_cast<int64_t>(ids.size()));
    EXPECT_EQ(report[kind].sample_ids, ids);
    EXPECT_FALSE(report.clean());
    report[kind] = {};
    EXPECT_TRUE(report.clean());
  }

  // Lets the raw connection break a constraint of `entries` for good.
  void DropConstraint(const std::string& like) {
    const std::string name = raw().Text(absl::StrCat(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'entries'::regclass"
        " AND pg_get_constraintdef(oid) LIKE '",
        like, "'"));
    raw().Execute(absl::StrCat("ALTER TABLE entries DROP CONSTRAINT ", name));
  }

  int steps_ = 0;
};

TEST_P(IntegrityTest, AnEmptyDatabaseIsClean) {
  const IntegrityReport report = Check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.clients, 0);
  EXPECT_LE(report.check_time - clock().Now(), absl::Minutes(1));
}

TEST_P(IntegrityTest, ACleanDatabaseIsCountedWhole) {
  for (int client = 1; client <= 30; ++client) {
    Plant(raw(), {.client = client, .pairs = 90});
  }
  const IntegrityReport report = Check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.clients, 30);
  EXPECT_EQ(report.channels, 5400);
  EXPECT_EQ(report.channel_pairs, 2700);
  EXPECT_EQ(report.entries, 2700);
  EXPECT_EQ(steps_, 1 + 3 + 3 + 1 + 1 + 1);  // at most 1,000 rows a step
}

TEST_P(IntegrityTest, AFullLastPageEndsTheWalk) {
  Plant(raw(), {.client = 1, .pairs = 1000});
  const IntegrityReport report = Check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.channel_pairs, 1000);
  EXPECT_EQ(report.entries, 1000);
}

TEST_P(IntegrityTest, ManyClientsAreCountedAcrossPages) {
  for (int client = 1; client <= 2001; ++client) {
    Plant(raw(), {.client = client});
  }
  EXPECT_EQ(Check().clients, 2001);
}

TEST_P(IntegrityTest, APairWithoutEntryIsFound) {
  Plant(raw(), {.client = 1, .pairs = 3});
  raw().Execute("DELETE FROM entries WHERE entry_id = '" + EntryId(1, 1) + "'");
  ExpectOnly(FindingKind::kPairWithoutEntry, {PairId(1, 1)});
}

TEST_P(IntegrityTest, AnEntryWithoutPairWhichForeignKeysForbidIsFound) {
  Plant(raw(), {.client = 1, .pairs = 3});
  if (sqlite()) {
    raw().Execute("PRAGMA foreign_keys = OFF");
  } else {
    DropConstraint("FOREIGN KEY (channel_pair_id)%");
  }
  raw().Execute(
      absl::StrCat("DELETE FROM channel_pairs WHERE channel_pair_id = '",
                   PairId(1, 1), "'; UPDATE clients SET pair_count = 2"));
  ExpectOnly(FindingKind::kEntryWithoutPair, {EntryId(1, 1)});
}

TEST_P(IntegrityTest, AnEntryOfAnotherClientThanItsPairIsFound) {
  Plant(raw(), {.client = 1, .pairs = 2});
  Plant(raw(), {.client = 2, .pairs = 1});
  raw().Execute(absl::StrCat("UPDATE entries SET client_id = '", ClientId(2),
                             "' WHERE entry_id = '", EntryId(1, 1), "'"));
  ExpectOnly(FindingKind::kEntryWithoutPair, {EntryId(1, 1)});
}

TEST_P(IntegrityTest, AnEntryOfAPairWithTheChannelOfAnotherClientIsFound) {
  Plant(raw(), {.client = 1, .pairs = 2});
  Plant(raw(), {.client = 2, .pairs = 1});
  raw().Execute(absl::StrCat("UPDATE channels SET client_id = '", ClientId(2),
                             "' WHERE channel_id = '", ClosedId(1, 0), "'"));
  ExpectOnly(FindingKind::kEntryWithoutPair, {EntryId(1, 0)});
}

TEST_P(IntegrityTest, AClientWithChannelsButNoEntryIsFound) {
  Plant(raw(), {.client = 1});
  Plant(raw(), {.client = 2, .pairs = 1});
  Plant(raw(), {.client = 3, .pairs = 1, .entries = false});
  Plant(raw(), {.client = 4, .pairs = 1});
  const IntegrityReport report = Check();
  EXPECT_THAT(report[FindingKind::kClientWithoutEntry].sample_ids,
              ElementsAre(ClientId(3)));
  EXPECT_THAT(report[FindingKind::kPairWithoutEntry].sample_ids,
              ElementsAre(PairId(3, 0)));
}

TEST_P(IntegrityTest, AClientWhosePairsAreMiscountedIsFound) {
  for (const int client : {1, 2, 3}) {
    Plant(raw(), {.client = client, .pairs = client});
  }
  raw().Execute(
      absl::StrCat("UPDATE clients SET pair_count = 3 WHERE "
                   "client_id <> '",
                   ClientId(1), "'"));
  ExpectOnly(FindingKind::kClientCounterMismatch, {ClientId(2)});
}

TEST_P(IntegrityTest, ASumOfBroadcastsWhichAConstraintForbidsIsFound) {
  Plant(raw(), {.client = 1, .pairs = 2});
  if (sqlite()) {
    raw().Execute("PRAGMA ignore_check_constraints = ON");
  } else {
    DropConstraint("%broadcast_count = %");
  }
  raw().Execute(
      absl::StrCat("UPDATE entries SET broadcast_count = 5, "
                   "success_count = 4 WHERE entry_id = '",
                   EntryId(1, 0), "'"));
  ExpectOnly(FindingKind::kEntryCounterMismatch, {EntryId(1, 0)});
}

TEST_P(IntegrityTest, MoreFailuresInARowThanAtAllAreFound) {
  Plant(raw(), {.client = 1, .pairs = 2});
  const std::string counts =
      "UPDATE entries SET broadcast_count = 6, success_count = 1, "
      "partial_count = 2, failure_count = 3, consecutive_failure_count = ";
  raw().Execute(counts + "3");
  EXPECT_TRUE(Check().clean());
  raw().Execute(counts + "4 WHERE entry_id = '" + EntryId(1, 1) + "'");
  ExpectOnly(FindingKind::kEntryCounterMismatch, {EntryId(1, 1)});
}

TEST_P(IntegrityTest, TheSamplesAreTheFirstHundredByTheirOwnId) {
  for (const int client : {1, 2}) {
    Plant(raw(), {.client = client, .pairs = 1100, .entries = false});
  }
  // The walk by creation meets the first ids last.
  raw().Execute("UPDATE channel_pairs SET create_time = 5000 - create_time");
  const IntegrityReport report = Check();
  const IntegrityFinding& finding = report[FindingKind::kPairWithoutEntry];
  EXPECT_EQ(finding.count, 2200);
  EXPECT_EQ(finding.sample_ids.size(), limits::kMaxSampleIds);
  EXPECT_EQ(*finding.sample_ids.begin(), PairId(1, 0));
  EXPECT_EQ(*finding.sample_ids.rbegin(), PairId(1, 99));
}

TEST_P(IntegrityTest, AScopeSeesItsOwnClientAlone) {
  Plant(raw(), {.client = 1, .pairs = 1, .entries = false});
  Plant(raw(), {.client = 2, .pairs = 2});
  Plant(raw(), {.client = 3, .pairs = 1, .entries = false});
  const IntegrityReport clean = Check(Scope::OneClient(ClientId(2)));
  EXPECT_TRUE(clean.clean());
  EXPECT_EQ(clean.clients, 1);
  EXPECT_EQ(clean.channels, 4);
  EXPECT_EQ(clean.channel_pairs, 2);
  EXPECT_EQ(clean.entries, 2);
  const IntegrityReport report = Check(Scope::OneClient(ClientId(3)));
  EXPECT_THAT(report[FindingKind::kPairWithoutEntry].sample_ids,
              ElementsAre(PairId(3, 0)));
  EXPECT_EQ(Check(Scope::OneClient(ClientId(9))).clients, 0);
}

TEST_P(IntegrityTest, ClientsThatAreBeingDeletedAreLeftOut) {
  Plant(raw(), {.client = 1, .pairs = 2, .entries = false});
  Plant(raw(), {.client = 2, .pairs = 2});
  raw().Execute(absl::StrCat(
      "UPDATE clients SET delete_time = 1, pair_count = 9 WHERE client_id = '",
      ClientId(1), "'"));
  const IntegrityReport report = Check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.clients, 1);
  EXPECT_EQ(report.channels, 4);
  EXPECT_EQ(report.channel_pairs, 2);
}

// A registration as the commands make it, in one transaction.
absl::Status Register(Transaction& write, int client, int number) {
  const absl::Time now = write.now();
  Entry entry{.entry_id = EntryId(client, number), .interval = absl::Hours(1)};
  ChannelPair& pair = entry.channel_pair;
  pair = {.channel_pair_id = PairId(client, number),
          .client_id = ClientId(client),
          .create_time = now};
  pair.open_channel = {.channel_id = test::OpenId(client, number),
                       .client_id = pair.client_id,
                       .address = absl::StrCat("open-", number),
                       .account = "main"};
  pair.closed_channel = {.channel_id = ClosedId(client, number),
                         .client_id = pair.client_id,
                         .address = absl::StrCat("closed-", number),
                         .account = "main"};
  RETURN_IF_ERROR(
      AddPairs(write, Scope::AllClients(), pair.client_id, 1).status());
  const std::vector<const Channel*> channels = {&pair.closed_channel,
                                                &pair.open_channel};
  RETURN_IF_ERROR(
      InsertChannels(write, Scope::AllClients(), channels).status());
  const ChannelPair* const pairs[] = {&pair};
  RETURN_IF_ERROR(InsertPairs(write, Scope::AllClients(), pairs).status());
  const Entry* const entries[] = {&entry};
  return InsertEntries(write, Scope::AllClients(), entries);
}

TEST_P(IntegrityTest, ConcurrentRegistrationsGiveNoFalseFinding) {
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      EXPECT_THAT(Write([i](Transaction& write) {
                    return Register(write, 1 + i % 7, i);
                  }),
                  test::IsOk());
    }
  });
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(Check().clean());
  stop = true;
  writer.join();
}

INSTANTIATE_TEST_SUITE_P(Backends, IntegrityTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
