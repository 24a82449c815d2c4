// What is due, and that it fires once.
#include "storage/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "storage/entries.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::ClosedId;
using test::ContentId;
using test::EntryId;
using test::Must;
using test::OpenId;
using test::Plant;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Scope kAll = Scope::AllClients();
constexpr absl::Duration kCooldown = absl::Minutes(5);

std::string OperationId(int number) {
  return absl::StrFormat("00000000-0000-7000-8006-%012d", number);
}

class ScheduleTest : public test::DatabaseTest {
 protected:
  void Set(const std::string& assignments, int client, int pair) {
    raw().Execute(absl::StrCat("UPDATE entries SET ", assignments,
                               " WHERE entry_id = '", EntryId(client, pair),
                               "'"));
  }

  std::vector<DueEntry> Due(int64_t most = 100) {
    std::vector<DueEntry> due;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(due, FindDue(write, most));
      return absl::OkStatus();
    }));
    return due;
  }

  std::vector<std::string> DueIds(int64_t most = 100) {
    std::vector<std::string> ids;
    for (const DueEntry& entry : Due(most)) ids.push_back(entry.entry_id);
    return ids;
  }

  std::set<std::string> Advance(const std::vector<Firing>& firings) {
    std::set<std::string> advanced;
    Must(Write([&](Transaction& write) -> absl::Status {
      now_ = write.now();
      ASSIGN_OR_RETURN(advanced, AdvanceEntries(write, firings));
      return absl::OkStatus();
    }));
    return advanced;
  }

  std::optional<absl::Time> Trigger(int client, int pair, int operation,
                                    const Scope& scope = kAll) {
    std::optional<absl::Time> next;
    Must(Write([&](Transaction& write) -> absl::Status {
      now_ = write.now();
      ASSIGN_OR_RETURN(next, StartTrigger(write, scope, EntryId(client, pair),
                                          OperationId(operation), kCooldown));
      return absl::OkStatus();
    }));
    return next;
  }

  Entry Find(int client, int pair) {
    Entry found;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(auto entry,
                       FindEntry(read, kAll, EntryId(client, pair)));
      found = *std::move(entry);
      return absl::OkStatus();
    }));
    return found;
  }

  std::optional<absl::Time> NextDue() {
    std::optional<absl::Time> next;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(next, FindNextDue(read));
      return absl::OkStatus();
    }));
    return next;
  }

  // One that sends, due at microsecond `seen`.
  static Firing Sends(int pair, int64_t seen, absl::Time next) {
    return {.entry_id = EntryId(1, pair),
            .seen = absl::FromUnixMicros(seen),
            .next = next,
            .operation_id = OperationId(pair),
            .occurrence = 1};
  }

  absl::Time Tomorrow() { return clock().Now() + absl::Hours(24); }

  absl::Time now_;  // of the last transaction
};

TEST_P(ScheduleTest, PausingLastsUntilItIsResumed) {
  SchedulerState state;
  const auto change = [&](const auto& how) {
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(state, how(write));
      return absl::OkStatus();
    }));
  };
  change(FindSchedulerState);
  EXPECT_EQ(state.pause_time, std::nullopt);
  change(
      [](Transaction& write) { return PauseScheduler(write, "maintenance"); });
  ASSERT_TRUE(state.pause_time.has_value());
  const absl::Time paused = *state.pause_time;
  clock().Advance(absl::Hours(1));
  change([](Transaction& write) { return PauseScheduler(write, "still"); });
  EXPECT_EQ(state.pause_time, paused);
  EXPECT_EQ(state.pause_reason, "still");
  Reopen();
  change(FindSchedulerState);
  EXPECT_EQ(state.pause_time, paused);
  change(ResumeScheduler);
  EXPECT_EQ(state.pause_time, std::nullopt);
  change(FindSchedulerState);
  EXPECT_EQ(state.pause_time, std::nullopt);
  EXPECT_EQ(state.pause_reason, "");
}

TEST_P(ScheduleTest, WhatIsDueComesLongestDueFirst) {
  Plant(raw(), {.client = 1, .pairs = 6});
  Set("next_send_time = 30", 1, 0);
  Set("next_send_time = 10", 1, 1);
  Set("next_send_time = 20", 1, 2);
  Set("next_send_time = 8000000000000000", 1, 3);
  Set("next_send_time = 5, state = 'paused'", 1, 4);
  Set("next_send_time = 5, state = 'disabled'", 1, 5);
  EXPECT_EQ(NextDue(), absl::FromUnixMicros(10));
  EXPECT_THAT(DueIds(),
              ElementsAre(EntryId(1, 1), EntryId(1, 2), EntryId(1, 0)));
  EXPECT_THAT(DueIds(2), ElementsAre(EntryId(1, 1), EntryId(1, 2)));
}

TEST_P(ScheduleTest, NothingIsDueWithoutEntries) {
  EXPECT_EQ(NextDue(), std::nullopt);
  EXPECT_THAT(DueIds(), IsEmpty());
  EXPECT_THAT(Advance({}), IsEmpty());
}

TEST_P(ScheduleTest, EntriesOfAClientThatIsBeingDeletedAreNotDue) {
  Plant(raw(), {.client = 1, .pairs = 1});
  Plant(raw(), {.client = 2, .pairs = 1});
  raw().Execute("UPDATE clients SET delete_time = 1 WHERE client_id = '" +
                ClientId(1) + "'");
  Set("next_send_time = 7", 2, 0);
  EXPECT_EQ(NextDue(), absl::FromUnixMicros(7));
  EXPECT_THAT(DueIds(), ElementsAre(EntryId(2, 0)));
  EXPECT_EQ(Trigger(1, 0, 1), std::nullopt);
}

TEST_P(ScheduleTest, ADueEntryComesWithAllThatAFiringNeeds) {
  Plant(raw(), {.client = 1, .pairs = 1});
  test::PlantContents(raw(), 1, 2, 1);
  raw().Execute(absl::StrCat("UPDATE clients SET default_open_content_id = '",
                             ContentId(1), "', default_closed_content_id = '",
                             ContentId(1), "'"));
  Set(absl::StrCat("open_content_id = '", ContentId(2),
                   "', occurrence_count = 6, current_operation_id = '",
                   OperationId(9), "'"),
      1, 0);
  raw().Execute(absl::StrCat("UPDATE channels SET account = 'spare', ",
                             "state = 'disabled', platform = 'webhook' "
                             "WHERE channel_id = '",
                             ClosedId(1, 0), "'"));
  const std::vector<DueEntry> due = Due();
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].entry_id, EntryId(1, 0));
  EXPECT_EQ(due[0].client_id, ClientId(1));
  EXPECT_EQ(due[0].open_channel_id, OpenId(1, 0));
  EXPECT_EQ(due[0].open_account, "main");
  EXPECT_EQ(due[0].open_platform, Platform::kLog);
  EXPECT_EQ(due[0].open_state, ChannelState::kActive);
  EXPECT_EQ(due[0].closed_channel_id, ClosedId(1, 0));
  EXPECT_EQ(due[0].closed_account, "spare");
  EXPECT_EQ(due[0].closed_platform, Platform::kWebhook);
  EXPECT_EQ(due[0].closed_state, ChannelState::kDisabled);
  EXPECT_EQ(due[0].interval, absl::Hours(24));
  EXPECT_EQ(due[0].next_send_time, absl::FromUnixMicros(1));
  EXPECT_EQ(due[0].occurrence_count, 6);
  EXPECT_EQ(due[0].open_content_id, ContentId(2));
  EXPECT_EQ(due[0].closed_content_id, ContentId(1));
  EXPECT_EQ(due[0].current_operation_id, OperationId(9));
}

TEST_P(ScheduleTest, AFiringMovesTheScheduleAndIsSending) {
  Plant(raw(), {.client = 1, .pairs = 2});
  const absl::Time next = Tomorrow();
  EXPECT_THAT(Advance({Sends(0, 1, next)}), ElementsAre(EntryId(1, 0)));
  const Entry fired = Find(1, 0);
  EXPECT_EQ(fired.next_send_time, next);
  EXPECT_EQ(fired.occurrence_count, 1);
  EXPECT_EQ(fired.current_operation_id, OperationId(0));
  EXPECT_EQ(fired.last_send_time, now_);
  EXPECT_EQ(fired.last_outcome, Outcome::kSending);
  EXPECT_EQ(fired.last_error, "");
  EXPECT_EQ(fired.revision, 1);
  EXPECT_EQ(Find(1, 1).next_send_time, absl::FromUnixMicros(1));
  EXPECT_THAT(DueIds(), ElementsAre(EntryId(1, 1)));
}

TEST_P(ScheduleTest, ASkippedFiringSaysWhyAndCountsNothing) {
  Plant(raw(), {.client = 1, .pairs = 1});
  const absl::Time next = Tomorrow();
  EXPECT_THAT(Advance({{.entry_id = EntryId(1, 0),
                        .seen = absl::FromUnixMicros(1),
                        .next = next,
                        .skip_reason = "a \"reason\" \\ {,}"}}),
              ElementsAre(EntryId(1, 0)));
  const Entry skipped = Find(1, 0);
  EXPECT_EQ(skipped.next_send_time, next);
  EXPECT_EQ(skipped.occurrence_count, 0);
  EXPECT_EQ(skipped.current_operation_id, std::nullopt);
  EXPECT_EQ(skipped.last_send_time, std::nullopt);
  EXPECT_EQ(skipped.last_outcome, Outcome::kPending);
  EXPECT_EQ(skipped.last_error, "a \"reason\" \\ {,}");
  EXPECT_EQ(skipped.last_error_time, now_);
  EXPECT_EQ(skipped.failure_count, 0);
  EXPECT_EQ(skipped.consecutive_failure_count, 0);
}

TEST_P(ScheduleTest, OnlyWhatIsStillAsSeenFires) {
  Plant(raw(), {.client = 1, .pairs = 5});
  Set("next_send_time = 2", 1, 1);                 // moved since
  Set("next_send_time = 8000000000000000", 1, 2);  // not due
  Set("state = 'paused'", 1, 3);
  Set("current_operation_id = '" + OperationId(8) + "'", 1, 4);
  const absl::Time next = Tomorrow();
  EXPECT_THAT(Advance({Sends(0, 1, next), Sends(1, 1, next),
                       Sends(2, 8'000'000'000'000'000, next), Sends(3, 1, next),
                       Sends(4, 1, next)}),
              ElementsAre(EntryId(1, 0)));
  EXPECT_THAT(Advance({Sends(0, 1, next)}), IsEmpty());
  EXPECT_EQ(Find(1, 0).occurrence_count, 1);
  EXPECT_EQ(Find(1, 4).current_operation_id, OperationId(8));
  // What still runs may be skipped.
  Firing skip = Sends(4, 1, next);
  skip.operation_id.reset();
  skip.skip_reason = "still_running";
  EXPECT_THAT(Advance({skip}), ElementsAre(EntryId(1, 4)));
  EXPECT_EQ(Find(1, 4).current_operation_id, OperationId(8));
}

TEST_P(ScheduleTest, ReplicasShareWhatIsDueWithoutWaiting) {
  if (sqlite()) GTEST_SKIP() << "SQLite serves one process";
  Plant(raw(), {.client = 1, .pairs = 4});
  Must(Write([&](Transaction& first) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<DueEntry> due, FindDue(first, 2));
    EXPECT_THAT(due, SizeIs(2));
    std::thread([&] {
      EXPECT_THAT(DueIds(), ElementsAre(EntryId(1, 2), EntryId(1, 3)));
    }).join();
    return absl::OkStatus();
  }));
}

TEST_P(ScheduleTest, ATriggerStartsOnceWithinItsCooldown) {
  Plant(raw(), {.client = 1, .pairs = 1});
  const std::optional<absl::Time> next = Trigger(1, 0, 1);
  EXPECT_EQ(next, now_ + kCooldown);
  const Entry entry = Find(1, 0);
  EXPECT_EQ(entry.next_trigger_time, next);
  EXPECT_EQ(entry.last_trigger_time, now_);
  EXPECT_EQ(entry.last_send_time, now_);
  EXPECT_EQ(entry.current_operation_id, OperationId(1));
  EXPECT_EQ(entry.last_outcome, Outcome::kSending);
  EXPECT_EQ(entry.manual_trigger_count, 1);
  EXPECT_EQ(entry.occurrence_count, 1);
  EXPECT_EQ(entry.next_send_time, absl::FromUnixMicros(1));

  Set("current_operation_id = NULL", 1, 0);
  EXPECT_EQ(Trigger(1, 0, 2), std::nullopt);
  EXPECT_EQ(Find(1, 0).next_trigger_time, next);  // no cool-down was burnt
  clock().Advance(kCooldown + absl::Minutes(1));
  EXPECT_TRUE(Trigger(1, 0, 3).has_value());
  clock().Advance(kCooldown * 2);
  EXPECT_EQ(Trigger(1, 0, 4), std::nullopt);  // the third one still runs
  EXPECT_EQ(Find(1, 0).current_operation_id, OperationId(3));
  EXPECT_EQ(Find(1, 0).manual_trigger_count, 2);
}

TEST_P(ScheduleTest, ATriggerIsRefusedOutsideItsScopeOrIfNotActive) {
  Plant(raw(), {.client = 1, .pairs = 2});
  Plant(raw(), {.client = 2, .pairs = 1});
  EXPECT_EQ(Trigger(1, 0, 1, Scope::OneClient(ClientId(2))), std::nullopt);
  EXPECT_EQ(Trigger(3, 0, 1), std::nullopt);
  Set("state = 'paused'", 1, 1);
  EXPECT_EQ(Trigger(1, 1, 1), std::nullopt);
  EXPECT_TRUE(Trigger(1, 0, 1, Scope::OneClient(ClientId(1))).has_value());
}

TEST_P(ScheduleTest, OneOfManyTriggersAtOnceStarts) {
  Plant(raw(), {.client = 1, .pairs = 1});
  std::atomic<int> started = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&, i] {
      Must(Write([&, i](Transaction& write) -> absl::Status {
        ASSIGN_OR_RETURN(const auto next,
                         StartTrigger(write, kAll, EntryId(1, 0),
                                      OperationId(i), kCooldown));
        if (next.has_value()) ++started;
        return absl::OkStatus();
      }));
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(started, 1);
  EXPECT_EQ(Find(1, 0).manual_trigger_count, 1);
}

TEST_P(ScheduleTest, OfThoseWhoHaveSeenTheSameOneMovesTheNextSync) {
  const absl::Time now = clock().Now();
  const auto move = [&](std::optional<absl::Time> seen, absl::Time next) {
    bool moved = false;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(moved, MoveNextSync(write, seen, next));
      return absl::OkStatus();
    }));
    return moved;
  };
  const auto next = [&] {
    std::optional<absl::Time> found;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(found, FindNextSync(read));
      return absl::OkStatus();
    }));
    return found;
  };
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_TRUE(move(std::nullopt, now));
  EXPECT_FALSE(move(std::nullopt, now + absl::Hours(1)));
  EXPECT_EQ(next(), now);

  std::atomic<int> moved = 0;
  std::vector<std::thread> threads;
  for (int i = 1; i <= 8; ++i) {
    threads.emplace_back([&, i] {
      if (move(now, now + absl::Hours(i))) ++moved;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(moved, 1);
  EXPECT_GT(next(), now);

  // The pause of entries is another matter.
  Must(Write([](Transaction& write) {
    return PauseScheduler(write, "maintenance").status();
  }));
  EXPECT_GT(next(), now);
}

// Neither what is due nor when the next one is looks at the others.
TEST_P(ScheduleTest, TheIndexOverWhatIsDueIsTheWayIn) {
  Plant(raw(), {.client = 1, .pairs = 3000});
  raw().Execute("UPDATE entries SET next_send_time = 8000000000000000");
  raw().Execute(sqlite() ? "ANALYZE" : "ANALYZE entries");
  if (!sqlite()) raw().Execute("ANALYZE clients");
  const char* const query =
      "SELECT e.next_send_time FROM entries e WHERE e.state = 'active' AND "
      "(SELECT o.delete_time FROM clients o WHERE o.client_id = e.client_id) "
      "IS NULL ORDER BY e.next_send_time, e.entry_id LIMIT 1";
  std::string plan;
  for (const auto& row : raw().Rows(absl::StrCat(
           sqlite() ? "EXPLAIN QUERY PLAN " : "EXPLAIN ", query))) {
    absl::StrAppend(&plan, row.back(), "\n");
  }
  EXPECT_TRUE(absl::StrContains(plan, "entries_due")) << plan;
  EXPECT_FALSE(absl::StrContains(plan, "TEMP B-TREE")) << plan;
  EXPECT_FALSE(absl::StrContains(plan, "Sort")) << plan;
}

INSTANTIATE_TEST_SUITE_P(Backends, ScheduleTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
