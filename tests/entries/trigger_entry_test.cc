#include "entries/trigger_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "channels/change_channel.h"
#include "storage/schedule.h"
#include "support/firing_test.h"

namespace broadcast::entries {
namespace {

using storage::OperationKind;
using storage::OperationState;
using storage::Scope;
using storage::Side;
using storage::Transaction;
using test::ClientId;
using test::ClosedId;
using test::EntryId;
using test::HasReason;
using test::IsOk;
using test::kAll;
using test::Must;
using test::OpenId;
using test::StatusIs;
using testing::Contains;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;
using testing::SizeIs;

constexpr absl::Duration kCooldown = absl::Minutes(5);

class TriggerEntryTest : public test::FiringTest {
 protected:
  void SetUp() override {
    test::FiringTest::SetUp();
    PlantDue(1, 2, clock().Now() + absl::Hours(3));
  }

  absl::StatusOr<Triggered> Send(const std::string& entry_id,
                                 const storage::RequestKey& request = {},
                                 const Scope& scope = kAll,
                                 storage::WriteOptions options = {}) {
    const TriggerPolicy policy{.cooldown = kCooldown, .firing = policy_};
    const TriggerCommand command{
        .entry_id = entry_id, .reason = "now", .ids = NewIds()};
    return Do(
        [&](Transaction& transaction) {
          return Trigger(transaction, scope, request, policy, command);
        },
        std::move(options));
  }

  // Neither the entry nor any other row has changed.
  void ExpectUntouched(const std::string& entry_id) {
    const storage::Entry entry = EntryOf(entry_id);
    EXPECT_EQ(entry.manual_trigger_count, 0);
    EXPECT_EQ(entry.next_trigger_time, std::nullopt);
    EXPECT_EQ(entry.current_operation_id, std::nullopt);
    for (const char* table :
         {"operations", "deliveries", "ready", "events", "request_ids"}) {
      EXPECT_EQ(Count(table), 0) << table;
    }
  }

  const std::string entry_ = EntryId(1, 0);
};

TEST_P(TriggerEntryTest, BothSidesAreSentToAndTheScheduleStays) {
  const storage::Entry before = EntryOf(entry_);
  const Triggered triggered = Must(Send(entry_));
  ASSERT_TRUE(triggered.operation.has_value());
  EXPECT_EQ(triggered.operation->kind, OperationKind::kTrigger);
  EXPECT_EQ(triggered.operation->state, OperationState::kRunning);
  EXPECT_EQ(triggered.operation->reason, "now");
  EXPECT_EQ(triggered.operation->entry_id, entry_);
  EXPECT_EQ(triggered.operation->occurrence, 1);
  EXPECT_EQ(triggered.operation->progress.planned, 2);
  EXPECT_EQ(triggered.operation->progress.waiting(), 2);

  ASSERT_TRUE(triggered.entry.has_value());
  EXPECT_EQ(triggered.entry->manual_trigger_count, 1);
  EXPECT_EQ(triggered.entry->current_operation_id,
            triggered.operation->operation_id);
  EXPECT_EQ(triggered.entry->next_trigger_time, triggered.next_trigger_time);
  EXPECT_EQ(*triggered.entry->last_trigger_time + kCooldown,
            triggered.next_trigger_time);
  EXPECT_EQ(triggered.entry->next_send_time, before.next_send_time);
  EXPECT_EQ(triggered.entry->revision, before.revision);
  EXPECT_FALSE(triggered.replayed);

  ASSERT_THAT(triggered.targets, SizeIs(2));
  EXPECT_EQ(triggered.targets[0].side, Side::kOpen);
  EXPECT_EQ(triggered.targets[0].channel.channel_id, OpenId(1, 0));
  EXPECT_EQ(triggered.targets[0].content.content_id, test::ContentId(1));
  EXPECT_EQ(triggered.targets[0].content.body, "{}");
  EXPECT_EQ(triggered.targets[0].source, ContentSource::kEntry);
  EXPECT_EQ(triggered.targets[1].channel.channel_id, ClosedId(1, 0));
  EXPECT_EQ(triggered.targets[1].content.content_id, test::ContentId(2));
  EXPECT_EQ(Count("ready"), 2);
  EXPECT_EQ(Count("events WHERE kind = 'entry.triggered'"), 1);
}

TEST_P(TriggerEntryTest, TheFirstLevelThatHasContentWins) {
  SetEntry(entry_, "open_content_id = NULL, closed_content_id = NULL");
  raw().Execute("UPDATE clients SET default_open_content_id = '" +
                test::ContentId(1) + "'");
  policy_.default_open_content = {.content_id = std::string(64, 'a'),
                                  .body = "{\"text\":\"a\"}"};
  policy_.default_closed_content = {.content_id = std::string(64, 'b'),
                                    .body = "{\"text\":\"b\"}"};
  const Triggered triggered = Must(Send(entry_));
  ASSERT_THAT(triggered.targets, SizeIs(2));
  EXPECT_EQ(triggered.targets[0].source, ContentSource::kClient);
  EXPECT_EQ(triggered.targets[0].content.content_id, test::ContentId(1));
  EXPECT_EQ(triggered.targets[0].content.body, "{}");
  EXPECT_EQ(triggered.targets[1].source, ContentSource::kServer);
  EXPECT_EQ(triggered.targets[1].content.body, "{\"text\":\"b\"}");
  EXPECT_EQ(Count("contents WHERE content_id = '" + std::string(64, 'b') + "'"),
            1);
  EXPECT_EQ(Count("contents WHERE content_id = '" + std::string(64, 'a') + "'"),
            0);
}

TEST_P(TriggerEntryTest, ASideWithoutContentIsLeftOut) {
  SetEntry(entry_, "open_content_id = NULL");
  const Triggered triggered = Must(Send(entry_));
  EXPECT_EQ(triggered.operation->progress.planned, 1);
  ASSERT_THAT(triggered.targets, SizeIs(1));
  EXPECT_EQ(triggered.targets[0].side, Side::kClosed);
}

TEST_P(TriggerEntryTest, WhatCannotBeSentIsRefusedAndChangesNothing) {
  const std::string other = EntryId(9, 9);
  EXPECT_THAT(Send(other), HasReason("ENTRY_NOT_FOUND"));
  EXPECT_THAT(Send(entry_, {}, Scope::OneClient(ClientId(2))),
              HasReason("ENTRY_NOT_FOUND"));
  ExpectUntouched(entry_);

  accounts_.clear();
  EXPECT_THAT(Send(entry_), HasReason("ACCOUNT_UNAVAILABLE"));
  SetEntry(entry_, "open_content_id = NULL, closed_content_id = NULL");
  const auto missing = Send(entry_);
  EXPECT_THAT(missing, HasReason("ENTRY_CONTENT_MISSING"));
  EXPECT_THAT(DetailOf(missing.status())->metadata,
              Contains(Pair("side", "both")));
  SetChannel(ClosedId(1, 0), "state = 'disabled'");
  EXPECT_THAT(Send(entry_), HasReason("CHANNEL_NOT_ACTIVE"));
  SetEntry(entry_, "state = 'paused'");
  EXPECT_THAT(Send(entry_), HasReason("ENTRY_NOT_ACTIVE"));
  ExpectUntouched(entry_);
}

TEST_P(TriggerEntryTest, ARunningBroadcastRefusesWithItsOperation) {
  const Triggered first = Must(Send(entry_));
  const auto second = Send(entry_);
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(DetailOf(second.status())->metadata,
              Contains(Pair("operation_id", first.operation->operation_id)));
  EXPECT_EQ(Count("operations"), 1);
}

TEST_P(TriggerEntryTest, ACooldownRefusesAndBurnsNothing) {
  const Triggered first = Must(Send(entry_));
  EndBroadcast(entry_);
  const storage::Entry before = EntryOf(entry_);
  const auto second = Send(entry_);
  EXPECT_THAT(second, HasReason("TRIGGER_COOLDOWN"));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kResourceExhausted));
  const ErrorDetail detail = *DetailOf(second.status());
  EXPECT_THAT(detail.metadata, Contains(Key("next_trigger_time")));
  EXPECT_GT(detail.retry_after, absl::ZeroDuration());
  EXPECT_LE(detail.retry_after, kCooldown);
  const storage::Entry after = EntryOf(entry_);
  EXPECT_EQ(after.next_trigger_time, before.next_trigger_time);
  EXPECT_EQ(after.manual_trigger_count, 1);
  EXPECT_EQ(Count("operations"), 1);

  // Another entry has a cool-down of its own, and this one's ends.
  EXPECT_THAT(Send(EntryId(1, 1)), IsOk());
  clock().Advance(kCooldown + absl::Minutes(1));
  const Triggered third = Must(Send(entry_));
  EXPECT_GT(third.next_trigger_time, first.next_trigger_time);
  EXPECT_EQ(third.entry->manual_trigger_count, 2);
}

TEST_P(TriggerEntryTest, ARepetitionInTheCooldownIsToldTheSame) {
  const auto request = Request("Trigger", "r1");
  const Triggered first = Must(Send(entry_, request));
  const Triggered running = Must(Send(entry_, request));
  EXPECT_TRUE(running.replayed);
  EndBroadcast(entry_);
  clock().Advance(absl::Minutes(1));
  const Triggered again = Must(Send(entry_, request));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.operation->operation_id, first.operation->operation_id);
  EXPECT_EQ(again.operation->state, OperationState::kFinished);
  EXPECT_EQ(again.next_trigger_time, first.next_trigger_time);
  EXPECT_THAT(again.targets, IsEmpty());
  EXPECT_EQ(Count("operations"), 1);

  EXPECT_THAT(Send(entry_, Request("Trigger", "r1", "other")),
              HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(Send(entry_, Request("Trigger", "r2")),
              HasReason("TRIGGER_COOLDOWN"));
  // What was refused did not use its request id up.
  clock().Advance(kCooldown);
  EXPECT_FALSE(Must(Send(entry_, Request("Trigger", "r2"))).replayed);
}

TEST_P(TriggerEntryTest, OfManyAtOnceOnePasses) {
  constexpr int kThreads = 16;
  std::atomic<int> passed{0};
  std::atomic<int> running{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const auto answer = Send(entry_);
      passed += answer.ok() ? 1 : 0;
      running += ReasonOf(answer.status()) == "ENTRY_BROADCAST_RUNNING" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed, 1);
  EXPECT_EQ(running, kThreads - 1);
  EXPECT_EQ(Count("operations"), 1);
  EXPECT_EQ(Count("deliveries"), 2);
  EXPECT_EQ(EntryOf(entry_).manual_trigger_count, 1);
}

TEST_P(TriggerEntryTest, TheSameRequestManyTimesAtOnceIsOneTrigger) {
  constexpr int kThreads = 8;
  absl::Mutex mu;
  std::set<std::string> operations;
  int fresh = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const auto answer = Send(entry_, Request("Trigger", "r1"));
      absl::MutexLock lock(&mu);
      ASSERT_THAT(answer, IsOk());
      operations.insert(answer->operation->operation_id);
      fresh += answer->replayed ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(operations, SizeIs(1));
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(Count("operations"), 1);
}

TEST_P(TriggerEntryTest, ARehearsalTellsAndKeepsNothing) {
  const Triggered told = Must(Send(entry_, {}, kAll, {.undo = true}));
  EXPECT_THAT(told.targets, SizeIs(2));
  EXPECT_GT(told.next_trigger_time, clock().Now());
  ExpectUntouched(entry_);
}

TEST_P(TriggerEntryTest, APausedSchedulerStopsNoTrigger) {
  Must(Do([](Transaction& transaction) {
    return storage::PauseScheduler(transaction, "holidays");
  }));
  EXPECT_THAT(Send(entry_), IsOk());
}

TEST_P(TriggerEntryTest, AnUnknownSendIsHeldWhereItWouldAnnoy) {
  accounts_["bot"] = {.platform = storage::Platform::kTelegram};
  accounts_["hooks"] = {.platform = storage::Platform::kWebhook, .lanes = 8};
  SetChannel(OpenId(1, 0), "platform = 'telegram', account = 'bot'");
  SetChannel(ClosedId(1, 0), "platform = 'webhook', account = 'hooks'");
  Must(Send(entry_));
  EXPECT_EQ(raw().Text("SELECT on_unknown FROM deliveries WHERE side = 'open'"),
            "hold");
  EXPECT_EQ(
      raw().Text("SELECT on_unknown FROM deliveries WHERE side = 'closed'"),
      "resend");
  EXPECT_EQ(Count("channel_queues WHERE lane_id = 'bot'"), 1);
  EXPECT_EQ(Count("channel_queues WHERE lane_id LIKE 'hooks#%'"), 1);
}

TEST_P(TriggerEntryTest, WhatWaitsFollowsItsChannelToAnotherAccount) {
  accounts_["other"] = {.platform = storage::Platform::kLog, .lanes = 2};
  Must(Send(entry_));
  const channels::UpdateChannelCommand command{
      .key = {.channel_id = OpenId(1, 0)}, .account = "other"};
  Must(Do([&](Transaction& transaction) {
    return channels::UpdateChannel(transaction, kAll, {}, accounts_, command);
  }));
  EXPECT_EQ(Count("channel_queues WHERE lane_id LIKE 'other#%'"), 1);
  EXPECT_EQ(Count("channel_queues WHERE lane_id = 'main'"), 1);
}

INSTANTIATE_TEST_SUITE_P(Backends, TriggerEntryTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::entries
