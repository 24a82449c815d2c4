// Everything that touches the outbox at once, on PostgreSQL: nothing gets
// stuck, nothing is miscounted, and hardly anything has to be run again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

#include "delivery_fixture.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

using test::ClosedId;
using test::DeliveryId;
using test::OpenId;
using test::OperationId;

const Scope kAll = Scope::AllClients();
constexpr int kRounds = 60;

// What has to be known of an entry before it may be broadcast.
constexpr Sql kLockEntry{
    "SELECT state FROM entries WHERE entry_id = :entry_id "
    "AND current_operation_id IS NULL",
    "SELECT state FROM entries WHERE entry_id = :entry_id "
    "AND current_operation_id IS NULL FOR UPDATE"};
constexpr Sql kStartEntry{
    "UPDATE entries SET current_operation_id = :operation_id "
    "WHERE entry_id = :entry_id"};

class OutboxRaceTest : public test::DeliveryTest {
 protected:
  std::vector<std::string> AllChannels() {
    std::vector<std::string> ids;
    for (int client = 1; client <= 2; ++client) {
      for (int pair = 0; pair < 3; ++pair) {
        ids.push_back(OpenId(client, pair));
        ids.push_back(ClosedId(client, pair));
      }
    }
    return ids;
  }

  // Counts how often a body runs.
  template <typename F>
  void MustRun(F body) {
    const absl::Status status = Write([&](Transaction& write) -> absl::Status {
      ++bodies_;
      return body(write);
    });
    EXPECT_TRUE(status.ok()) << status;
    ++writes_;
  }

  // Fires entries as commands do: their rows first.
  void Fire(int operation, std::mt19937& random) {
    const int client = 1 + static_cast<int>(random() % 2);
    std::vector<NewOperation> made;
    for (int pair = 0; pair < 3; ++pair) {
      made.push_back(Broadcast(operation + pair, client, pair));
    }
    MustRun([&](Transaction& write) -> absl::Status {
      std::vector<NewOperation> fired;
      for (NewOperation operation : made) {
        const std::string entry_id = *operation.operation.entry_id;
        ASSIGN_OR_RETURN(const auto idle,
                         write.QueryOne<std::tuple<std::string>>(
                             kLockEntry, {{"entry_id", entry_id}}));
        if (!idle.has_value()) {
          operation.operation.kind = OperationKind::kTest;
          operation.operation.entry_id.reset();
        } else {
          RETURN_IF_ERROR(
              write
                  .Execute(kStartEntry,
                           {{"operation_id", operation.operation.operation_id},
                            {"entry_id", entry_id}})
                  .status());
        }
        fired.push_back(std::move(operation));
      }
      return InsertOperations(write, kAll, fired);
    });
  }

  void Dispatch(std::mt19937& random) {
    std::vector<std::string> channels = AllChannels();
    std::shuffle(channels.begin(), channels.end(), random);
    TakenIntents taken;
    MustRun([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(taken, RecordIntents(write, {.claim = claim_,
                                                    .channel_ids = channels}));
      return absl::OkStatus();
    });
    EXPECT_TRUE(taken.held);
    const std::lock_guard<std::mutex> lock(mutex_);
    for (TakenDelivery& delivery : taken.taken) {
      const bool once =
          sent_.insert({delivery.delivery_id, delivery.fence}).second;
      EXPECT_TRUE(once) << "taken twice by the same fence";
      under_way_.push_back(std::move(delivery));
    }
  }

  void End(std::mt19937& random) {
    std::vector<OutcomeRecord> outcomes;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (size_t i = 0; i < 6 && !under_way_.empty(); ++i) {
        static constexpr DeliveryState kStates[] = {
            DeliveryState::kSent, DeliveryState::kSent, DeliveryState::kRetry,
            DeliveryState::kFailed, DeliveryState::kUnknown};
        outcomes.push_back(OutcomeOf(under_way_.back(), kStates[random() % 5]));
        under_way_.pop_back();
      }
    }
    std::shuffle(outcomes.begin(), outcomes.end(), random);
    OutcomeSummary summary;
    MustRun([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(summary, RecordOutcomes(write, outcomes, policy_));
      return absl::OkStatus();
    });
    EXPECT_EQ(summary.applied, outcomes.size());
  }

  void Command(int operation, std::mt19937& random) {
    switch (random() % 3) {
      case 0:
        MustRun([&](Transaction& write) {
          return CancelOperation(write, kAll, OperationId(operation)).status();
        });
        break;
      case 1:
        MustRun([&](Transaction& write) {
          return RetryFailed(write, kAll, OperationId(operation),
                             write.now() + absl::Hours(1), 10)
              .status();
        });
        break;
      default:
        MustRun([&](Transaction& write) {
          return ResolveDelivery(write, kAll, DeliveryId(operation, 1),
                                 Resolution::kNotSent, std::nullopt, "",
                                 write.now() + absl::Hours(1))
              .status();
        });
    }
  }

  // Ends everything that is left.
  void Drain() {
    for (int round = 0; round < 2000; ++round) {
      std::mt19937 random(round);
      Dispatch(random);
      std::vector<OutcomeRecord> outcomes;
      for (const TakenDelivery& taken : under_way_) {
        outcomes.push_back(OutcomeOf(taken, DeliveryState::kSent));
      }
      under_way_.clear();
      Record(outcomes);
      if (raw().Number("SELECT count(*) FROM ready") == 0) return;
    }
    FAIL() << "something waits for ever";
  }

  std::mutex mutex_;
  std::vector<TakenDelivery> under_way_;
  std::set<std::pair<std::string, int64_t>> sent_;
  std::atomic<int> bodies_{0};
  std::atomic<int> writes_{0};
};

TEST_P(OutboxRaceTest, NothingGetsStuck) {
  claim_ =
      InWrite([&](Transaction& write) {
        return storage::TakeLane(write, kLane, "one", absl::Hours(1), true);
      }).value();
  policy_.disable_threshold = 0;
  std::vector<std::thread> threads;
  std::atomic<int> fired{0};
  const auto loop = [&](int seed,
                        std::function<void(std::mt19937&, int)> step) {
    threads.emplace_back([seed, step = std::move(step)] {
      std::mt19937 random(seed);
      for (int i = 0; i < kRounds; ++i) step(random, i);
    });
  };
  for (int firer = 0; firer < 2; ++firer) {
    loop(firer, [&, firer](std::mt19937& random, int i) {
      Fire(firer * 1000 + i * 3 + 1, random);
      ++fired;
    });
  }
  for (int sender = 0; sender < 2; ++sender) {
    loop(10 + sender, [&](std::mt19937& random, int) { Dispatch(random); });
    loop(20 + sender, [&](std::mt19937& random, int) { End(random); });
    loop(30 + sender, [&, sender](std::mt19937& random, int) {
      Command(sender * 1000 + 1 + static_cast<int>(random() % (kRounds * 3)),
              random);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fired, 2 * kRounds);
  EXPECT_EQ(test::Broken(raw()), "");
  // A conflict is run again; none of these is a conflict by itself.
  EXPECT_LE(bodies_ - writes_, writes_ / 20);
  Drain();
  EXPECT_EQ(raw().Number("SELECT count(*) FROM operations "
                         "WHERE state <> 'finished'"),
            0);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM inflight"), 0);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM entries "
                         "WHERE current_operation_id IS NOT NULL"),
            0);
  EXPECT_EQ(raw().Number("SELECT sum(broadcast_count) FROM entries"),
            raw().Number("SELECT count(*) FROM operations o WHERE entry_id IS "
                         "NOT NULL AND (cancel_time IS NULL OR "
                         "sends_sent + sends_unknown > 0)"));
}

INSTANTIATE_TEST_SUITE_P(Backends, OutboxRaceTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
