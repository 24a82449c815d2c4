// A database of a test with one triggered entry, and a stand-in for the
// dispatcher that ends its deliveries. Derive a fixture from OutboxTest. One
// thread at a time.
#ifndef BROADCASTD_OPERATIONS_OUTBOX_TEST_H_
#define BROADCASTD_OPERATIONS_OUTBOX_TEST_H_

#include <string>
#include <vector>

#include "entries/trigger_entry.h"
#include "storage/deliveries.h"
#include "storage/lanes.h"
#include "storage/outbox.h"
#include "storage/outcomes.h"
#include "support/firing_test.h"

namespace broadcast::operations {

class OutboxTest : public test::FiringTest {
 protected:
  void SetUp() override {
    test::FiringTest::SetUp();
    PlantDue(1, 1, clock().Now() + absl::Hours(3));
    delivery_ids_ = NewIds();
    const entries::TriggerPolicy policy{.cooldown = absl::Minutes(5),
                                        .firing = policy_};
    const entries::TriggerCommand command{.entry_id = entry_,
                                          .ids = delivery_ids_};
    const auto triggered =
        test::Must(Do([&](storage::Transaction& transaction) {
          return entries::Trigger(transaction, test::kAll, {}, policy, command);
        }));
    operation_ = triggered.operation->operation_id;
    const storage::NewLane lanes[] = {{"main", "main"}};
    test::Must(Write([&](storage::Transaction& transaction) {
      return storage::EnsureLanes(transaction, lanes);
    }));
  }

  // Commits the intent to send the head of each channel.
  std::vector<storage::TakenDelivery> TakeAll() {
    const auto claim = test::Must(Do([&](storage::Transaction& transaction) {
      return storage::TakeLane(transaction, "main", "me", absl::Seconds(15),
                               /*forced=*/true);
    }));
    const auto intents = test::Must(Do([&](storage::Transaction& transaction) {
      return storage::RecordIntents(
          transaction,
          {.claim = *claim,
           .channel_ids = {test::OpenId(1, 0), test::ClosedId(1, 0)}});
    }));
    return intents.taken;
  }

  // Tries to send all that waits, and nothing comes of it but `state`.
  void EndAll(storage::DeliveryState state) {
    std::vector<storage::OutcomeRecord> outcomes;
    for (const storage::TakenDelivery& taken : TakeAll()) {
      storage::OutcomeRecord& outcome = outcomes.emplace_back();
      outcome.delivery_id = taken.delivery_id;
      outcome.fence = taken.fence;
      outcome.state = state;
      outcome.reason = "test";
      if (state == storage::DeliveryState::kSent) {
        outcome.reason.clear();
        outcome.platform_message_id = taken.delivery_id;
        outcome.new_message_id = ids().Next();
      }
    }
    test::Must(Do([&](storage::Transaction& transaction) {
      return storage::RecordOutcomes(transaction, outcomes, {});
    }));
  }

  const std::string entry_ = test::EntryId(1, 0);
  entries::FiringIds delivery_ids_;
  std::string operation_;
};

}  // namespace broadcast::operations

#endif  // BROADCASTD_OPERATIONS_OUTBOX_TEST_H_
