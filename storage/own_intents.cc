#include "storage/own_intents.h"

#include <utility>

namespace broadcast::storage {

template <>
struct Columns<OwnIntent> {
  template <typename V>
  static void Visit(V& v, OwnIntent& intent) {
    v(intent.delivery_id);
    v(intent.channel_id);
    v(intent.fence);
  }
};

namespace {

constexpr Sql kFind{R"sql(
    SELECT delivery_id, channel_id, fence FROM inflight
    WHERE lane_id = :lane_id AND epoch = :epoch AND owner = :owner
    ORDER BY delivery_id)sql"};

}  // namespace

absl::StatusOr<std::vector<OwnIntent>> FindOwnIntents(Transaction& transaction,
                                                      const LaneClaim& claim) {
  std::vector<OwnIntent> intents;
  RETURN_IF_ERROR(transaction.Query<OwnIntent>(kFind,
                                               {{"lane_id", claim.lane_id},
                                                {"epoch", claim.epoch},
                                                {"owner", claim.owner}},
                                               [&](OwnIntent intent) {
                                                 intents.push_back(
                                                     std::move(intent));
                                                 return absl::OkStatus();
                                               }));
  return intents;
}

}  // namespace broadcast::storage
