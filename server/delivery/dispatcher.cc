#include "delivery/dispatcher.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "storage/outbox.h"

namespace broadcast::delivery {
namespace {

using storage::OutcomeSummary;
using storage::Transaction;

constexpr absl::Duration kSharedLease = absl::Seconds(15);
constexpr absl::Duration kOnlyLease = absl::Hours(24 * 3650);

// Left for outcomes and lanes when what is under way is abandoned.
constexpr std::chrono::seconds kToRecord{2};

absl::Duration LeaseOf(const Dispatcher::Options& options) {
  if (options.lease > absl::ZeroDuration()) return options.lease;
  return options.database->backend() == storage::Backend::kSqlite
             ? kOnlyLease
             : kSharedLease;
}

}  // namespace

Dispatcher::Dispatcher(Options options)
    : metrics_period_(options.metrics_period),
      metrics_(*options.registry),
      loop_(std::make_unique<Loop>(
          options.clock, [this](SteadyTime now) { return Round(now); })),
      context_{.database = options.database,
               .clock = options.clock,
               .log = options.log,
               .ids = options.ids,
               .fail_points = options.fail_points,
               .metrics = &metrics_,
               .mailbox = loop_->mailbox(),
               .time = std::make_shared<DatabaseTime>(options.clock),
               .random = std::mt19937_64(options.seed),
               .owner = options.owner,
               .lease = LeaseOf(options),
               .poll_period = options.poll_period,
               .policy = options.policy,
               .retry = options.retry} {
  outcomes_ = std::make_unique<OutcomeWriter>(
      &context_,
      [this](const OutcomeWriter::Written& written) { Written(written); });
  std::vector<Lane*> lanes;
  for (const auto& [name, account] : options.accounts) {
    for (const std::string& lane_id : account.lane_ids) {
      lanes_.push_back(std::make_unique<Lane>(
          LaneOptions{.lane_id = lane_id,
                      .account = name,
                      .platform = account.platform,
                      .sender = account.sender,
                      .limits = account.limits,
                      .window = options.window,
                      .attempt_timeout = account.attempt_timeout},
          &context_, outcomes_.get()));
      lanes.push_back(lanes_.back().get());
    }
  }
  claims_ = std::make_unique<Claims>(&context_, std::move(lanes),
                                     std::move(options.lane_of));
}

Dispatcher::~Dispatcher() { loop_->Stop(); }

void Dispatcher::Start() { loop_->Start(); }

void Dispatcher::Wake() {
  if (woken_.exchange(true)) return;
  context_.mailbox->Post([this] {
    woken_ = false;
    for (const auto& lane : lanes_) lane->Wake();
  });
}

bool Dispatcher::Drain(SteadyTime deadline) {
  const SteadyTime begin = context_.clock->Steady();
  const auto grace =
      std::max<std::chrono::nanoseconds>(deadline - begin, kToRecord);
  context_.mailbox->Post([this, abandon_at = begin + grace - kToRecord] {
    stage_ = Stage::kResting;
    abandon_at_ = abandon_at;
    claims_->TakeNoMore();
    for (const auto& lane : lanes_) lane->Rest();
  });
  const bool drained =
      drained_.WaitForNotificationWithTimeout(absl::FromChrono(grace));
  loop_->Stop();
  return drained;
}

SteadyTime Dispatcher::Round(SteadyTime now) {
  SteadyTime next = claims_->Round(now);
  int64_t in_flight = 0;
  int64_t held = 0;
  for (const auto& lane : lanes_) {
    next = std::min(next, lane->Round(now));
    in_flight += lane->in_flight();
    held += lane->held();
  }
  metrics_.in_flight.Set(static_cast<double>(in_flight));
  metrics_.held.Set(static_cast<double>(held));
  // Before the round of the writer, which nobody would wake for them later.
  if (stage_ == Stage::kResting && now >= abandon_at_) AbandonLanes();
  next = std::min(next, outcomes_->Round(now));
  next = std::min(next, Measure(now));
  return stage_ == Stage::kRunning ? next : std::min(next, Finish(now));
}

void Dispatcher::Written(const OutcomeWriter::Written& written) {
  const OutcomeSummary& summary = written.summary;
  metrics_.stale_outcomes.Increment(static_cast<double>(summary.stale));
  metrics_.late_outcomes.Increment(static_cast<double>(summary.settled_late));
  for (size_t i = 0; i < written.records.size(); ++i) {
    const OutcomeOrigin& origin = written.origins[i];
    origin.lane->Recorded(written.records[i], summary.states[i],
                          origin.channel_id, summary.next_waiting);
  }
  for (const std::string& channel_id : summary.channels_to_probe) {
    const auto origin = std::find_if(
        written.origins.begin(), written.origins.end(),
        [&](const OutcomeOrigin& one) { return one.channel_id == channel_id; });
    if (origin == written.origins.end()) continue;
    origin->lane->ProbeChannel(channel_id, origin->address);
  }
  NoteDisabled(summary);
}

void Dispatcher::NoteDisabled(const OutcomeSummary& summary) {
  for (const std::string& entry_id : summary.disabled_entries) {
    metrics_.disabled_entries.Increment();
    context_.log->Write(Severity::kWarning, "entry.disabled",
                        {{"entry_id", entry_id}});
  }
  for (const std::string& channel_id : summary.disabled_channels) {
    metrics_.disabled_channels.Increment();
    context_.log->Write(Severity::kWarning, "channel.disabled",
                        {{"channel_id", channel_id}});
  }
}

SteadyTime Dispatcher::Measure(SteadyTime now) {
  if (measuring_) return SteadyTime::max();
  if (measure_at_ > now) return measure_at_;
  measuring_ = true;
  struct Measured {
    std::vector<storage::LaneBacklog> backlog;
    std::vector<storage::Lane> lanes;
    int64_t owners = 0;
    int64_t unknown = 0;
    absl::Time now;
  };
  AskRead<Measured>(
      context_, storage::ReadKind::kScan,
      [](Transaction& transaction, Measured& measured) -> absl::Status {
        ASSIGN_OR_RETURN(measured.backlog, storage::ReadBacklog(transaction));
        ASSIGN_OR_RETURN(measured.lanes, storage::ListLanes(transaction));
        ASSIGN_OR_RETURN(measured.owners, storage::CountOwners(transaction));
        ASSIGN_OR_RETURN(measured.unknown, storage::CountUnknown(transaction));
        measured.now = transaction.now();
        return absl::OkStatus();
      },
      [this](const absl::Status& status, const Measured& measured) {
        measuring_ = false;
        measure_at_ = context_.clock->Steady() + metrics_period_;
        if (!status.ok()) return;
        metrics_.Backlog(measured.backlog, measured.now);
        NoteOwners(measured.lanes, measured.now);
        metrics_.owners.Set(static_cast<double>(measured.owners));
        metrics_.unknown.Set(static_cast<double>(measured.unknown));
      });
  return SteadyTime::max();
}

// Lanes of accounts that are no longer configured are nobody's to send from.
void Dispatcher::NoteOwners(const std::vector<storage::Lane>& lanes,
                            absl::Time now) {
  for (const auto& ours : lanes_) {
    const std::string& lane_id = ours->options().lane_id;
    const auto found = std::find_if(
        lanes.begin(), lanes.end(),
        [&](const storage::Lane& lane) { return lane.lane_id == lane_id; });
    metrics_.Unowned(lane_id, found == lanes.end() ||
                                  !found->owner.has_value() ||
                                  found->lease_until <= now);
  }
}

SteadyTime Dispatcher::Finish(SteadyTime now) {
  if (stage_ == Stage::kResting) {
    const bool quiet =
        outcomes_->empty() &&
        std::all_of(lanes_.begin(), lanes_.end(),
                    [](const auto& lane) { return lane->quiet(); });
    if (!quiet) return now >= abandon_at_ ? SteadyTime::max() : abandon_at_;
    stage_ = Stage::kReleasing;
    claims_->ReleaseAll();
  }
  if (stage_ == Stage::kReleasing && claims_->released()) {
    stage_ = Stage::kDrained;
    drained_.Notify();
  }
  return SteadyTime::max();
}

void Dispatcher::AbandonLanes() {
  int64_t abandoned = 0;
  for (const auto& lane : lanes_) abandoned += lane->Abandon();
  if (abandoned == 0) return;
  context_.log->Write(Severity::kWarning, "delivery.abandoned",
                      {{"delivery_count", abandoned}});
}

}  // namespace broadcast::delivery
