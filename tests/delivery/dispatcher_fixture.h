// Dispatchers over a real database, with a sender that the test scripts. The
// channels are those of support/registry_seed.h, on the account `main`.
#ifndef BROADCASTD_DELIVERY_DISPATCHER_FIXTURE_H_
#define BROADCASTD_DELIVERY_DISPATCHER_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/ids.h"
#include "content/content.h"
#include "delivery/dispatcher.h"
#include "scripted_sender.h"
#include "storage/contents.h"
#include "storage/deliveries.h"
#include "storage/operations.h"
#include "support/answer.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::delivery {

// The id of delivery `number`, which sorts by it.
inline std::string DeliveryId(int number) {
  return absl::StrFormat("00000000-0000-7000-8007-%012d", number);
}

class DispatcherTest : public test::DatabaseTest {
 protected:
  struct Planned {
    int client = 1;
    std::string channel_id;
    storage::OnUnknown on_unknown = storage::OnUnknown::kHold;
    absl::Duration delay;
  };

  // One operation with a delivery to each; answers its id. Deliveries are
  // numbered on.
  std::string Enqueue(const std::vector<Planned>& planned) {
    storage::NewOperation operation;
    operation.operation.operation_id =
        absl::StrFormat("00000000-0000-7000-8006-%012d", ++operations_);
    operation.operation.client_id = test::ClientId(planned.at(0).client);
    operation.operation.kind = storage::OperationKind::kTest;
    storage::StoredContent content;
    content.body = ToJson(Content{.text = "Doors are open"});
    content.content_id = broadcast::ContentId(*content.body);
    const absl::Time now = clock().Now();
    for (const Planned& plan : planned) {
      storage::NewDelivery delivery;
      delivery.delivery_id = DeliveryId(++deliveries_);
      delivery.client_id = test::ClientId(plan.client);
      delivery.channel_id = plan.channel_id;
      delivery.lane_id = "main";
      delivery.content_id = content.content_id;
      delivery.on_unknown = plan.on_unknown;
      delivery.not_before = now + plan.delay;
      delivery.deadline = now + absl::Hours(24);
      operation.deliveries.push_back(std::move(delivery));
    }
    test::Must(Write([&](storage::Transaction& write) -> absl::Status {
      RETURN_IF_ERROR(storage::StoreContents(write, {&content}));
      return storage::InsertOperations(write, storage::Scope::AllClients(),
                                       absl::MakeConstSpan(&operation, 1));
    }));
    return operation.operation.operation_id;
  }

  // To both channels of the first `pairs` pairs of a client.
  std::vector<Planned> ToPairs(int client, int pairs) {
    std::vector<Planned> planned;
    for (int pair = 0; pair < pairs; ++pair) {
      planned.push_back({client, test::OpenId(client, pair)});
      planned.push_back({client, test::ClosedId(client, pair)});
    }
    return planned;
  }

  Dispatcher::Options With(const std::string& owner) {
    return {.database = &database(),
            .clock = &clock(),
            .log = &test().log(),
            .registry = NewRegistry(),
            .ids = &ids_,
            .owner = owner,
            .seed = 1,
            .accounts = {{"main",
                          {.sender = &sender_,
                           .platform = storage::Platform::kLog,
                           .lane_ids = {"main"}}}},
            .poll_period = std::chrono::milliseconds(100)};
  }

  std::unique_ptr<Dispatcher> Started(Dispatcher::Options options) {
    auto dispatcher = std::make_unique<Dispatcher>(std::move(options));
    dispatcher->Start();
    return dispatcher;
  }

  storage::Progress ProgressOf(const std::string& operation_id) {
    std::optional<storage::Operation> operation;
    test::Must(Read([&](storage::Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(
          operation, storage::FindOperation(read, storage::Scope::AllClients(),
                                            operation_id));
      return absl::OkStatus();
    }));
    return operation.value().progress;
  }
  int64_t Sent(const std::string& operation_id) {
    return ProgressOf(operation_id).sent;
  }

  storage::Delivery Find(int number) {
    std::optional<storage::Delivery> delivery;
    test::Must(Read([&](storage::Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(delivery,
                       storage::FindDelivery(read, storage::Scope::AllClients(),
                                             DeliveryId(number)));
      return absl::OkStatus();
    }));
    return delivery.value();
  }
  storage::DeliveryState StateOf(int number) { return Find(number).state; }

  // Waits while time goes on, which stands still with SQLite otherwise: what
  // is to be tried again at once is due a moment later.
  bool EventuallyAsTimeGoes(Dispatcher& dispatcher,
                            absl::FunctionRef<bool()> condition) {
    return test::Eventually([&] {
      clock().Advance(absl::Milliseconds(10));
      dispatcher.Wake();
      return condition();
    });
  }

  // Lets the lease of a dispatcher that is gone come to its end.
  void LetLeasesEnd() { clock().Advance(absl::Seconds(20)); }

  prometheus::Registry* NewRegistry() {
    registries_.push_back(std::make_unique<prometheus::Registry>());
    return registries_.back().get();
  }

  ScriptedSender sender_;

 private:
  IdSource ids_{&clock(), 1};
  std::vector<std::unique_ptr<prometheus::Registry>> registries_;
  int operations_ = 0;
  int deliveries_ = 0;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_DISPATCHER_FIXTURE_H_
