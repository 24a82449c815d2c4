#include <chrono>
#include <utility>

#include "delivery/claims.h"
#include "storage/outbox.h"

namespace broadcast::delivery {
namespace {

using storage::Transaction;

constexpr std::chrono::seconds kPeriod{30};

struct Stray {
  int64_t lost = 0;   // deliveries that were in flight
  int64_t moved = 0;  // channels that wait
};

}  // namespace

// An account may be configured no more, or split otherwise, since its owner
// died: its channels would stay busy, and what waits for them wait, for ever.
SteadyTime Claims::SettleStray(SteadyTime now) {
  if (settling_) return SteadyTime::max();
  if (settle_at_ > now) return settle_at_;
  settling_ = true;
  storage::StrayOptions options{.served = {},
                                .owner = context_->owner,
                                .lease = context_->lease,
                                .forced = !shared(),
                                .most = kMostLost,
                                .lane_of = lane_of_};
  for (const Hold& hold : holds_) {
    options.served.push_back(hold.lane->options().lane_id);
  }
  AskWrite<Stray>(
      *context_, {.priority = storage::Priority::kBackground, .guarded = true},
      [options = std::move(options)](Transaction& transaction,
                                     Stray& stray) -> absl::Status {
        ASSIGN_OR_RETURN(stray.lost,
                         storage::RecordStrayIntents(transaction, options));
        if (stray.lost > 0 || options.lane_of == nullptr) {
          return absl::OkStatus();
        }
        ASSIGN_OR_RETURN(stray.moved,
                         storage::MoveStrayQueues(transaction, options));
        return absl::OkStatus();
      },
      [this](const absl::Status& status, Stray stray) {
        settling_ = false;
        const bool more = status.ok() && stray.lost + stray.moved > 0;
        settle_at_ =
            context_->clock->Steady() +
            (more ? std::chrono::nanoseconds(0) : context_->Jittered(kPeriod));
        if (!more) return;
        context_->metrics->lost_intents.Increment(
            static_cast<double>(stray.lost));
        context_->log->Write(
            Severity::kWarning, "delivery.strays_settled",
            {{"delivery_count", stray.lost}, {"channel_count", stray.moved}});
      });
  return SteadyTime::max();
}

}  // namespace broadcast::delivery
