// What delivery counts. The dispatcher's; any thread. A label is a platform, an
// account of the configuration or one of a few words, never a client's data.
#ifndef BROADCASTD_DELIVERY_DELIVERY_METRICS_H_
#define BROADCASTD_DELIVERY_DELIVERY_METRICS_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "senders/sender.h"
#include "storage/delivery_records.h"
#include "storage/outbox.h"
#include "storage/records.h"

namespace broadcast::delivery {

class DeliveryMetrics {
 public:
  explicit DeliveryMetrics(prometheus::Registry& registry);

  // Outcomes are durable. Of a platform that cannot come to them: nothing.
  void Recorded(storage::Platform platform, storage::DeliveryState state,
                int64_t count = 1);

  // A sender has reported what senders of its platform report.
  void Attempted(storage::Platform platform, senders::Verdict verdict);

  // The platform asked us to wait that long.
  void Limited(storage::Platform platform, senders::LimitScope scope,
               double seconds);

  // From when a delivery was due until a sender began with it.
  void FirstByte(storage::Platform platform, double seconds);

  // What waits in each of our accounts' lanes, and since when.
  void Backlog(const std::vector<storage::LaneBacklog>& lanes, absl::Time now);

  // Whether this process, or nobody that is alive, sends from a lane.
  void Owned(const std::string& lane_id, bool owned);
  void Unowned(const std::string& lane_id, bool unowned);

  prometheus::Gauge& unknown;
  prometheus::Gauge& lanes_owned;
  prometheus::Gauge& owners;
  prometheus::Gauge& in_flight;
  prometheus::Gauge& held;
  prometheus::Counter& lease_losses;
  prometheus::Counter& stale_outcomes;
  prometheus::Counter& late_outcomes;
  prometheus::Counter& lost_intents;
  prometheus::Counter& outcome_reruns;
  prometheus::Counter& disabled_channels;
  prometheus::Counter& disabled_entries;

 private:
  static constexpr size_t kStates = 9;
  static constexpr size_t kVerdicts = 10;

  // What each platform counts; found without looking it up by name. Null: what
  // it never comes to.
  struct OfPlatform {
    std::array<prometheus::Counter*, kStates> deliveries{};
    std::array<prometheus::Counter*, kVerdicts> attempts{};
    std::array<prometheus::Counter*, 2> limited{};  // chat, account
    std::array<prometheus::Counter*, 2> limited_seconds{};
    prometheus::Histogram* wait_seconds = nullptr;
  };
  OfPlatform& Of(storage::Platform platform) {
    return platforms_[static_cast<size_t>(platform)];
  }

  std::array<OfPlatform, 4> platforms_;
  prometheus::Family<prometheus::Gauge>& depth_;
  prometheus::Family<prometheus::Gauge>& age_;
  prometheus::Family<prometheus::Gauge>& owned_;
  prometheus::Family<prometheus::Gauge>& unowned_;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_DELIVERY_METRICS_H_
