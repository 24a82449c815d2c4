// Random histories of the outbox: whatever happens in whatever order, counts
// add up, each delivery is at one place, and all of it comes to an end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "delivery_fixture.h"

namespace broadcast::storage {
namespace {

using test::ClosedId;
using test::DeliveryId;
using test::EntryId;
using test::MessageId;
using test::OpenId;
using test::OperationId;

const Scope kAll = Scope::AllClients();

class OutboxHistoryTest : public test::DeliveryTest {
 protected:
  int Pick(int below) {
    return std::uniform_int_distribution<int>(0, below - 1)(random_);
  }
  bool Chance(int percent) { return Pick(100) < percent; }

  std::vector<std::string> AllChannels() {
    std::vector<std::string> ids;
    for (int client = 1; client <= 2; ++client) {
      for (int pair = 0; pair < 2; ++pair) {
        ids.push_back(OpenId(client, pair));
        ids.push_back(ClosedId(client, pair));
      }
    }
    return ids;
  }

  void Enqueue() {
    std::vector<NewOperation> made;
    for (int i = Pick(2); i >= 0; --i) {
      const int client = 1 + Pick(2);
      const int pair = Pick(2);
      NewOperation operation = Broadcast(++operations_, client, pair);
      // One broadcast of an entry at a time, as commands see to it.
      const bool running = OfEntry(client, pair, "current_operation_id") != "-";
      bool chosen = false;
      for (const NewOperation& other : made) {
        chosen |= other.operation.entry_id == operation.operation.entry_id;
      }
      if (running || chosen) {
        operation.operation.entry_id.reset();
        operation.operation.kind = OperationKind::kTest;
      }
      for (NewDelivery& delivery : operation.deliveries) {
        if (Chance(20)) delivery.on_unknown = OnUnknown::kResend;
        if (Chance(20)) delivery.not_before = clock().Now() + absl::Minutes(2);
        if (Chance(20)) delivery.deadline = clock().Now() + absl::Minutes(5);
      }
      made.push_back(std::move(operation));
    }
    Insert(made);
  }

  void TakeSome() {
    std::vector<std::string> channels = AllChannels();
    std::shuffle(channels.begin(), channels.end(), random_);
    channels.resize(1 + Pick(static_cast<int>(channels.size())));
    for (TakenDelivery& taken : Take(channels).taken) {
      taken_.push_back(std::move(taken));
    }
  }

  OutcomeRecord RandomOutcome(const TakenDelivery& taken) {
    static constexpr DeliveryState kStates[] = {
        DeliveryState::kSent,   DeliveryState::kSent,    DeliveryState::kFailed,
        DeliveryState::kRetry,  DeliveryState::kUnknown, DeliveryState::kSent,
        DeliveryState::kExpired};
    OutcomeRecord outcome = OutcomeOf(taken, kStates[Pick(7)]);
    outcome.retry_time = clock().Now() + absl::Seconds(Pick(90));
    outcome.burns_attempt = Chance(70);
    outcome.http_status = Chance(50) ? 500 : 0;
    if (Chance(10)) {
      outcome.pause_channel_until = clock().Now() + absl::Minutes(1);
    }
    if (Chance(5)) outcome.channel = ChannelVerdict::kSuspect;
    return outcome;
  }

  // Some of what was ever taken, stale and repeated ones among it.
  void End() {
    std::vector<OutcomeRecord> outcomes;
    std::shuffle(taken_.begin(), taken_.end(), random_);
    for (int i = Pick(4); i >= 0 && !taken_.empty(); --i) {
      outcomes.push_back(RandomOutcome(taken_.back()));
      if (Chance(20)) outcomes.push_back(RandomOutcome(taken_.back()));
      if (Chance(80)) taken_.pop_back();
    }
    Record(outcomes);
  }

  void LoseLane() {
    claim_ = TakeLane("one");
    const int64_t most = 1 + Pick(3);
    while (InWrite([&](Transaction& write) {
             return RecordLostIntents(write, claim_, most);
           }) > 0) {
    }
  }

  void Command() {
    const std::string operation = OperationId(1 + Pick(operations_ + 1));
    switch (Pick(4)) {
      case 0:
        InWrite([&](Transaction& write) {
          return CancelOperation(write, kAll, operation);
        });
        break;
      case 1:
        InWrite([&](Transaction& write) {
          return RetryFailed(write, kAll, operation,
                             write.now() + absl::Hours(1), 1 + Pick(2));
        });
        break;
      case 2:
        InWrite([&](Transaction& write) {
          return EndOverdue(write, write.now(), 5, {});
        });
        break;
      default:
        Resolve();
    }
  }

  void Resolve() {
    const std::string delivery =
        DeliveryId(1 + Pick(operations_ + 1), 1 + Pick(2));
    const auto resolution = static_cast<Resolution>(Pick(3));
    const int number = next_message_++;
    InWrite([&](Transaction& write) {
      return ResolveDelivery(write, kAll, delivery, resolution,
                             absl::StrCat(number), MessageId(number),
                             write.now() + absl::Hours(1));
    });
  }

  // Until nothing waits.
  void Drain() {
    for (int round = 0; round < 200; ++round) {
      clock().Advance(absl::Minutes(3));
      LoseLane();
      taken_ = Take(AllChannels()).taken;
      std::vector<OutcomeRecord> outcomes;
      for (const TakenDelivery& taken : taken_) {
        outcomes.push_back(OutcomeOf(taken, DeliveryState::kSent));
      }
      Record(outcomes);
      if (raw().Number("SELECT count(*) FROM ready") == 0) return;
    }
    FAIL() << "something waits for ever";
  }

  std::mt19937 random_;
  int operations_ = 0;
  std::vector<TakenDelivery> taken_;
};

TEST_P(OutboxHistoryTest, WhateverHappensAddsUp) {
  raw().Execute("UPDATE entries SET replace_previous = 1 WHERE entry_id IN ('" +
                EntryId(1, 0) + "', '" + EntryId(2, 0) + "')");
  for (int seed = 1; seed <= 4; ++seed) {
    random_.seed(seed);
    for (int step = 0; step < 60; ++step) {
      const int what = Pick(100);
      if (what < 20) {
        Enqueue();
      } else if (what < 50) {
        TakeSome();
      } else if (what < 80) {
        End();
      } else if (what < 84) {
        LoseLane();
      } else if (what < 94) {
        Command();
      } else {
        clock().Advance(absl::Seconds(Pick(240)));
        claim_ = TakeLane("one");
      }
      const std::string broken = test::Broken(raw());
      ASSERT_EQ(broken, "") << "seed " << seed << ", step " << step;
    }
    Drain();
    EXPECT_EQ(raw().Number("SELECT count(*) FROM operations "
                           "WHERE state <> 'finished'"),
              0);
    EXPECT_EQ(raw().Number("SELECT count(*) FROM inflight"), 0);
    EXPECT_EQ(raw().Number("SELECT count(*) FROM entries "
                           "WHERE current_operation_id IS NOT NULL"),
              0);
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, OutboxHistoryTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
