#include "storage/delivery_facts.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/answer_json.h"

namespace broadcast::storage {

template <>
struct Columns<DeliveryFacts> {
  template <typename V>
  static void Visit(V& v, DeliveryFacts& facts) {
    v(facts.delivery_id);
    v(facts.operation_id);
    v(facts.client_id);
    v(facts.channel_id);
    v(facts.entry_id);
    v(facts.side);
    v(facts.action);
    v(facts.content_id);
    v(facts.target_message_id);
    v(facts.message_id);
    v(facts.address);
    v(facts.on_unknown);
    v(facts.deadline);
    v(facts.account);
    v(facts.channel_address);
    v(facts.replaces_previous);
  }
};

namespace {

#define SELECT_FACTS                                                          \
  "SELECT d.delivery_id, d.operation_id, d.client_id, d.channel_id, "         \
  "d.entry_id, d.side, d.action, d.content_id, d.target_message_id, "         \
  "d.message_id, d.address, d.on_unknown, d.deadline, c.account, c.address, " \
  "COALESCE(e.replace_previous, 0) FROM deliveries d "                        \
  "JOIN channels c ON c.channel_id = d.channel_id "                           \
  "LEFT JOIN entries e ON e.entry_id = d.entry_id "
const RowsSql kFind({{"delivery_id", "uuid"}},
                    SELECT_FACTS "WHERE d.delivery_id = :delivery_id",
                    SELECT_FACTS
                    "WHERE d.delivery_id = ANY(:delivery_id::uuid[])");
#undef SELECT_FACTS

}  // namespace

Event EndEvent(const DeliveryFacts& facts, DeliveryState state,
               const std::string& reason) {
  Event event;
  event.client_id = facts.client_id;
  event.kind = absl::StrCat("delivery.", ToText(state));
  event.operation_id = facts.operation_id;
  event.entry_id = facts.entry_id;
  event.channel_id = facts.channel_id;
  event.delivery_id = facts.delivery_id;
  event.detail = TextsToJson({{"reason", reason}});
  return event;
}

NewDelivery DeletionBeside(const DeliveryFacts& facts,
                           const std::string& message_id, absl::Time not_before,
                           absl::Time deadline) {
  NewDelivery deletion;
  deletion.client_id = facts.client_id;
  deletion.channel_id = facts.channel_id;
  deletion.entry_id = facts.entry_id;
  deletion.side = facts.side;
  deletion.action = DeliveryAction::kDelete;
  deletion.target_message_id = message_id;
  deletion.on_unknown = OnUnknown::kResend;
  deletion.not_before = not_before;
  deletion.deadline = deadline;
  return deletion;
}

absl::StatusOr<Facts> FindFacts(Transaction& transaction,
                                const std::set<std::string>& delivery_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(delivery_ids.size());
  for (const std::string& id : delivery_ids) rows.push_back({id});
  Facts found;
  RETURN_IF_ERROR(transaction.QueryRows<DeliveryFacts>(
      kFind, rows, {}, [&](DeliveryFacts facts) {
        std::string id = facts.delivery_id;
        found.emplace(std::move(id), std::move(facts));
        return absl::OkStatus();
      }));
  return found;
}

}  // namespace broadcast::storage
