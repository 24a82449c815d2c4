#include "delivery/delivery_metrics.h"

#include <algorithm>
#include <map>
#include <string>

namespace broadcast::delivery {
namespace {

using senders::LimitScope;
using senders::Verdict;
using storage::DeliveryState;

prometheus::Family<prometheus::Counter>& Counters(
    prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Gauge>& Gauges(prometheus::Registry& registry,
                                              const char* name,
                                              const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

// What a platform can come to: a series that cannot move only misleads.
struct Possible {
  storage::Platform platform;
  std::vector<DeliveryState> states;
  std::vector<Verdict> verdicts;
  bool limits;  // it may ask us to wait
};

std::vector<Possible> AllPossible() {
  return {
      {.platform = storage::Platform::kTelegram,
       .states = {DeliveryState::kSent, DeliveryState::kRetry,
                  DeliveryState::kFailed, DeliveryState::kUnknown,
                  DeliveryState::kExpired, DeliveryState::kCancelled},
       .verdicts = {Verdict::kDone, Verdict::kRetry, Verdict::kRejected,
                    Verdict::kRecipientGone, Verdict::kChannelSuspect,
                    Verdict::kChannelGone, Verdict::kAccountStopped,
                    Verdict::kMoved, Verdict::kUndeletable, Verdict::kUnknown},
       .limits = true},
      {.platform = storage::Platform::kWebhook,
       .states = {DeliveryState::kSent, DeliveryState::kRetry,
                  DeliveryState::kFailed, DeliveryState::kExpired,
                  DeliveryState::kCancelled},
       .verdicts = {Verdict::kDone, Verdict::kRetry, Verdict::kRejected,
                    Verdict::kChannelGone},
       .limits = true},
      {.platform = storage::Platform::kLog,
       .states = {DeliveryState::kSent, DeliveryState::kRetry,
                  DeliveryState::kFailed, DeliveryState::kExpired,
                  DeliveryState::kCancelled},
       .verdicts = {Verdict::kDone},
       .limits = false}};
}

// In the order of the enumeration.
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
      owners(Gauges(registry, "broadcastd_lane_owners",
                    "Replicas that send, or are ready to.")
                 .Add({})),
      in_flight(Gauges(registry, "broadcastd_deliveries_in_flight",
                       "Deliveries between their intent and their outcome.")
                    .Add({})),
      held(Gauges(registry, "broadcastd_delivery_held",
                  "Deliveries in memory: in flight, or next in their channel "
                  "and waiting for a limit.")
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
                  "account.")),
      owned_(Gauges(registry, "broadcastd_lane_owned",
                    "1 while this process sends from the lane.")),
      unowned_(Gauges(registry, "broadcastd_lane_unowned",
                      "1 while no process that is alive sends from the lane "
                      "of this process' configuration.")) {
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
  for (const Possible& possible : AllPossible()) {
    const std::string word(storage::ToText(possible.platform));
    OfPlatform& of = Of(possible.platform);
    for (const DeliveryState state : possible.states) {
      of.deliveries[static_cast<size_t>(state)] =
          &deliveries.Add({{"platform", word},
                           {"outcome", std::string(storage::ToText(state))}});
    }
    for (const Verdict verdict : possible.verdicts) {
      const auto index = static_cast<size_t>(verdict);
      of.attempts[index] = &attempts.Add(
          {{"platform", word}, {"verdict", kVerdictWords[index]}});
    }
    of.wait_seconds = &wait_seconds.Add({{"platform", word}}, WaitBuckets());
    if (!possible.limits) continue;
    for (size_t scope = 0; scope < kScopeWords.size(); ++scope) {
      const prometheus::Labels labels{{"platform", word},
                                      {"scope", kScopeWords[scope]}};
      of.limited[scope] = &limited.Add(labels);
      of.limited_seconds[scope] = &limited_seconds.Add(labels);
    }
  }
}

void DeliveryMetrics::Recorded(storage::Platform platform, DeliveryState state,
                               int64_t count) {
  prometheus::Counter* const counter =
      Of(platform).deliveries[static_cast<size_t>(state)];
  if (counter != nullptr) counter->Increment(static_cast<double>(count));
}

void DeliveryMetrics::Attempted(storage::Platform platform, Verdict verdict) {
  prometheus::Counter* const counter =
      Of(platform).attempts[static_cast<size_t>(verdict)];
  if (counter != nullptr) counter->Increment();
}

void DeliveryMetrics::Limited(storage::Platform platform, LimitScope scope,
                              double seconds) {
  const OfPlatform& of = Of(platform);
  if (of.limited[IndexOf(scope)] == nullptr) return;
  of.limited[IndexOf(scope)]->Increment();
  of.limited_seconds[IndexOf(scope)]->Increment(seconds);
}

void DeliveryMetrics::FirstByte(storage::Platform platform, double seconds) {
  prometheus::Histogram* const waited = Of(platform).wait_seconds;
  if (waited != nullptr) waited->Observe(std::max(0.0, seconds));
}

void DeliveryMetrics::Owned(const std::string& lane_id, bool owned) {
  owned_.Add({{"lane", lane_id}}).Set(owned ? 1 : 0);
}

void DeliveryMetrics::Unowned(const std::string& lane_id, bool unowned) {
  unowned_.Add({{"lane", lane_id}}).Set(unowned ? 1 : 0);
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
