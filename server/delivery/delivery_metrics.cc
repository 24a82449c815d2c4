#include "delivery/delivery_metrics.h"

#include <algorithm>

namespace broadcast::delivery {
namespace {

using senders::LimitScope;
using senders::Verdict;

prometheus::Family<prometheus::Counter>& Counters(
    prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Gauge>& Gauges(prometheus::Registry& registry,
                                              const char* name,
                                              const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

std::string WordOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDone:
      return "done";
    case Verdict::kRetry:
      return "retry";
    case Verdict::kRejected:
      return "rejected";
    case Verdict::kRecipientGone:
      return "recipient_gone";
    case Verdict::kChannelSuspect:
      return "channel_suspect";
    case Verdict::kChannelGone:
      return "channel_gone";
    case Verdict::kAccountStopped:
      return "account_stopped";
    case Verdict::kMoved:
      return "moved";
    case Verdict::kUndeletable:
      return "undeletable";
    case Verdict::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string Text(absl::string_view text) { return std::string(text); }

std::string WordOf(storage::DeliveryState state) {
  return Text(storage::ToText(state));
}

// 250 us to 10 minutes.
const prometheus::Histogram::BucketBoundaries& WaitBuckets() {
  static const auto& buckets = *new prometheus::Histogram::BucketBoundaries{
      0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1,
      0.25,    0.5,    1,     2.5,    5,     10,   60,   600};
  return buckets;
}

}  // namespace

DeliveryMetrics::DeliveryMetrics(prometheus::Registry& registry)
    : unknown(Gauges(registry, "broadcastd_deliveries_unknown",
                     "Deliveries that nobody knows to have been sent or not.")
                  .Add({})),
      lanes_owned(Gauges(registry, "broadcastd_lanes_owned",
                         "Lanes that this process sends from.")
                      .Add({})),
      in_flight(Gauges(registry, "broadcastd_deliveries_in_flight",
                       "Deliveries between their intent and their outcome.")
                    .Add({})),
      lease_losses(Counters(registry, "broadcastd_lease_losses_total",
                            "Lanes lost because their lease had ended.")
                       .Add({})),
      stale_outcomes(Counters(registry, "broadcastd_stale_outcomes_total",
                              "Outcomes dropped, their fence being an earlier "
                              "attempt's.")
                         .Add({})),
      late_outcomes(Counters(registry, "broadcastd_late_outcomes_total",
                             "Outcomes that settled an unknown delivery.")
                        .Add({})),
      lost_intents(Counters(registry, "broadcastd_lost_intents_total",
                            "Deliveries that an earlier owner of a lane had "
                            "in flight.")
                       .Add({})),
      outcome_reruns(Counters(registry, "broadcastd_outcome_reruns_total",
                              "Outcomes that the database did not take, and "
                              "that are written again.")
                         .Add({})),
      disabled_channels(Counters(registry, "broadcastd_channels_disabled_total",
                                 "Channels disabled because they are gone.")
                            .Add({})),
      disabled_entries(Counters(registry, "broadcastd_entries_disabled_total",
                                "Entries disabled after failures in a row.")
                           .Add({})),
      deliveries_(Counters(registry, "broadcastd_deliveries_total",
                           "Outcomes recorded, by platform.")),
      attempts_(Counters(registry, "broadcastd_delivery_attempts_total",
                         "What senders reported, by platform.")),
      limited_(Counters(registry, "broadcastd_delivery_limited_total",
                        "Times that a platform asked us to wait.")),
      limited_seconds_(Counters(registry,
                                "broadcastd_delivery_limited_seconds_total",
                                "For how long platforms asked us to wait.")),
      first_byte_(prometheus::BuildHistogram()
                      .Name("broadcastd_delivery_wait_seconds")
                      .Help("Time from when a delivery was due until a sender "
                            "began with it, first attempts only.")
                      .Register(registry)),
      depth_(Gauges(registry, "broadcastd_delivery_queue_depth",
                    "Deliveries that wait, by account.")),
      age_(Gauges(registry, "broadcastd_delivery_queue_age_seconds",
                  "For how long the longest due delivery has waited, by "
                  "account.")) {}

void DeliveryMetrics::Recorded(storage::Platform platform,
                               storage::DeliveryState state, int64_t count) {
  if (count == 0) return;
  deliveries_
      .Add({{"platform", Text(storage::ToText(platform))},
            {"outcome", WordOf(state)}})
      .Increment(static_cast<double>(count));
}

void DeliveryMetrics::Attempted(storage::Platform platform, Verdict verdict) {
  attempts_
      .Add({{"platform", Text(storage::ToText(platform))},
            {"verdict", WordOf(verdict)}})
      .Increment();
}

void DeliveryMetrics::Limited(storage::Platform platform, LimitScope scope,
                              double seconds) {
  const prometheus::Labels labels{
      {"platform", Text(storage::ToText(platform))},
      {"scope", scope == LimitScope::kChat ? "chat" : "account"}};
  limited_.Add(labels).Increment();
  limited_seconds_.Add(labels).Increment(seconds);
}

void DeliveryMetrics::FirstByte(storage::Platform platform, double seconds) {
  first_byte_
      .Add({{"platform", Text(storage::ToText(platform))}}, WaitBuckets())
      .Observe(std::max(0.0, seconds));
}

void DeliveryMetrics::Backlog(const std::vector<storage::LaneBacklog>& lanes,
                              absl::Time now) {
  struct Sum {
    int64_t waiting = 0;
    double age = 0;
  };
  std::map<std::string, Sum> accounts;
  for (const storage::LaneBacklog& lane : lanes) {
    Sum& sum = accounts[lane.account];
    sum.waiting += lane.waiting;
    if (lane.oldest.has_value()) {
      sum.age = std::max(sum.age, absl::ToDoubleSeconds(now - *lane.oldest));
    }
  }
  for (const auto& [account, sum] : accounts) {
    depth_.Add({{"account", account}}).Set(static_cast<double>(sum.waiting));
    age_.Add({{"account", account}}).Set(sum.age);
  }
}

}  // namespace broadcast::delivery
