#include "delivery/delivery_metrics.h"

#include <algorithm>
#include <map>
#include <string>

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

// In the order of their enumerations.
constexpr std::array<storage::Platform, 4> kPlatforms = {
    storage::Platform::kTelegram, storage::Platform::kEmail,
    storage::Platform::kWebhook, storage::Platform::kLog};
constexpr std::array<const char*, 10> kVerdictWords = {"done",
                                                       "retry",
                                                       "rejected",
                                                       "recipient_gone",
                                                       "channel_suspect",
                                                       "channel_gone",
                                                       "account_stopped",
                                                       "moved",
                                                       "undeletable",
                                                       "unknown"};
constexpr std::array<const char*, 2> kScopeWords = {"chat", "account"};

size_t IndexOf(LimitScope scope) { return scope == LimitScope::kChat ? 0 : 1; }

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
      depth_(Gauges(registry, "broadcastd_delivery_queue_depth",
                    "Deliveries that wait, by account.")),
      age_(Gauges(registry, "broadcastd_delivery_queue_age_seconds",
                  "For how long the longest due delivery has waited, by "
                  "account.")) {
  auto& deliveries = Counters(registry, "broadcastd_deliveries_total",
                              "Outcomes recorded, by platform.");
  auto& attempts = Counters(registry, "broadcastd_delivery_attempts_total",
                            "What senders reported, by platform.");
  auto& limited = Counters(registry, "broadcastd_delivery_limited_total",
                           "Times that a platform asked us to wait.");
  auto& limited_seconds =
      Counters(registry, "broadcastd_delivery_limited_seconds_total",
               "For how long platforms asked us to wait.");
  auto& wait_seconds =
      prometheus::BuildHistogram()
          .Name("broadcastd_delivery_wait_seconds")
          .Help(
              "Time from when a delivery was due until a sender began with "
              "it, first attempts only.")
          .Register(registry);
  for (const storage::Platform platform : kPlatforms) {
    const std::string word(storage::ToText(platform));
    OfPlatform& of = Of(platform);
    for (size_t state = 0; state < kStates; ++state) {
      of.deliveries[state] = &deliveries.Add(
          {{"platform", word},
           {"outcome", std::string(storage::ToText(
                           static_cast<storage::DeliveryState>(state)))}});
    }
    for (size_t verdict = 0; verdict < kVerdicts; ++verdict) {
      of.attempts[verdict] = &attempts.Add(
          {{"platform", word}, {"verdict", kVerdictWords[verdict]}});
    }
    for (size_t scope = 0; scope < kScopeWords.size(); ++scope) {
      const prometheus::Labels labels{{"platform", word},
                                      {"scope", kScopeWords[scope]}};
      of.limited[scope] = &limited.Add(labels);
      of.limited_seconds[scope] = &limited_seconds.Add(labels);
    }
    of.wait_seconds = &wait_seconds.Add({{"platform", word}}, WaitBuckets());
  }
}

void DeliveryMetrics::Recorded(storage::Platform platform,
                               storage::DeliveryState state, int64_t count) {
  Of(platform).deliveries[static_cast<size_t>(state)]->Increment(
      static_cast<double>(count));
}

void DeliveryMetrics::Attempted(storage::Platform platform, Verdict verdict) {
  Of(platform).attempts[static_cast<size_t>(verdict)]->Increment();
}

void DeliveryMetrics::Limited(storage::Platform platform, LimitScope scope,
                              double seconds) {
  Of(platform).limited[IndexOf(scope)]->Increment();
  Of(platform).limited_seconds[IndexOf(scope)]->Increment(seconds);
}

void DeliveryMetrics::FirstByte(storage::Platform platform, double seconds) {
  Of(platform).wait_seconds->Observe(std::max(0.0, seconds));
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
