#include "delivery/lane.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/error_detail.h"

namespace broadcast::delivery {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using storage::DeliveryState;
using storage::TakenDelivery;
using storage::TakenIntents;
using storage::WaitingChannel;

// How long before a send an intent is written: as long as that takes, so that
// the sender starts when the limit allows it and not a commit later.
constexpr milliseconds kShortestLead{4};
constexpr milliseconds kLongestLead{250};

constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause{5000};
constexpr int kDoublings = 7;

// A COMMIT whose answer was lost may still be under way.
constexpr std::chrono::seconds kReconcileAgain{15};
constexpr std::chrono::seconds kSweepPeriod{10};

nanoseconds LeadOf(nanoseconds intent_time) {
  return std::clamp<nanoseconds>(2 * intent_time, kShortestLead, kLongestLead);
}

}  // namespace

Lane::Lane(LaneOptions options, Context* context, OutcomeWriter* outcomes)
    : options_(std::move(options)),
      context_(context),
      outcomes_(outcomes),
      limits_(options_.limits),
      intake_(options_.lane_id, std::max<int64_t>(64, options_.window / 2),
              context),
      prober_(options_.sender, context) {}

void Lane::Own(const storage::LaneClaim& claim, SteadyTime trusted_until,
               const History& history) {
  claim_ = claim;
  trusted_until_ = trusted_until;
  resting_ = false;
  limits_.Seed(history.sent);
  limits_.account().Pause(history.paused_until);
  reconcile_left_ = 0;
  intake_.Clear();
}

void Lane::Lose() {
  claim_.reset();
  reconcile_left_ = 0;
  intake_.Clear();
  prober_.Clear();
  GiveBack("lane_lost");
}

void Lane::Rest() {
  resting_ = true;
  intake_.Clear();
  prober_.Clear();
  GiveBack("lane_released");
}

int64_t Lane::Abandon() {
  int64_t abandoned = 0;
  for (auto& [delivery_id, flight] : flights_) {
    if (flight.stage != Stage::kStarted) continue;
    End(flight, OutcomeOfAbandoned(flight.delivery, Circumstances()));
    ++abandoned;
  }
  return abandoned;
}

SteadyTime Lane::Round(SteadyTime now) {
  if (now >= sweep_at_) {
    limits_.Sweep(now);
    sweep_at_ = now + kSweepPeriod;
  }
  if (!claim_.has_value()) return SteadyTime::max();
  SteadyTime next = Reconcile(now);
  if (!Sends(now)) {
    GiveBack("lane_not_trusted");
    return next;
  }
  next = std::min(next, StartDue(now));
  if (resting_) return next;
  next = std::min(next, prober_.Round(now, limits_.account()));
  next = std::min(next, intake_.Round(now));
  return std::min(next, Intend(now));
}

// How many more may be taken: what fits into the window, and what the account
// will allow by when the intents are written. Half a window at a time, so that
// outcomes of one half are written while the other one is under way.
int64_t Lane::Room(SteadyTime now) const {
  const int64_t room = std::min(options_.window - in_flight(),
                                std::max<int64_t>(1, options_.window / 2));
  if (room <= 0) return 0;
  const auto unstarted = static_cast<int64_t>(unstarted_.size());
  return limits_.account().AllowedBy(now, now + LeadOf(intent_time_),
                                     room + unstarted) -
         unstarted;
}

SteadyTime Lane::Intend(SteadyTime now) {
  if (intending_ > 0 || reconciling_ || reconcile_left_ > 1) {
    return SteadyTime::max();
  }
  if (intake_.waiting().size() == 0) return SteadyTime::max();
  if (intend_after_ > now) return intend_after_;
  int64_t room = Room(now);
  std::vector<std::string> channel_ids;
  while (room-- > 0) {
    std::optional<WaitingChannel> channel =
        intake_.Take(now, [&](const WaitingChannel& waiting) {
          return limits_.ChannelAllowed(waiting.channel_id, waiting.group, now);
        });
    if (!channel.has_value()) break;
    channel_ids.push_back(std::move(channel->channel_id));
  }
  if (!channel_ids.empty()) {
    RecordIntents(channel_ids, now);
    return SteadyTime::max();
  }
  if (intake_.waiting().in_turn() == 0) return intake_.waiting().NextAside();
  // An outcome will make room in the window, a start in the limit.
  if (in_flight() >= options_.window || !unstarted_.empty()) {
    return SteadyTime::max();
  }
  return limits_.account().NextAllowed(now) - LeadOf(intent_time_);
}

void Lane::RecordIntents(const std::vector<std::string>& channel_ids,
                         SteadyTime now) {
  intending_ = static_cast<int64_t>(channel_ids.size());
  // Not `guarded`: run again after a lost COMMIT it would find these channels
  // busy, and answer nothing of what it took before.
  AskWrite<TakenIntents>(
      *context_, {},
      [options =
           storage::IntentOptions{.claim = *claim_, .channel_ids = channel_ids},
       fail_points = context_->fail_points](
          storage::Transaction& transaction,
          TakenIntents& intents) -> absl::Status {
        ASSIGN_OR_RETURN(intents, storage::RecordIntents(transaction, options));
        PassFailPoint(fail_points, "before_intent_commit");
        return absl::OkStatus();
      },
      [this, now, epoch = claim_->epoch, channel_ids](
          const absl::Status& status, TakenIntents intents) mutable {
        intending_ = 0;
        if (!status.ok()) return NotIntended(channel_ids, status);
        intent_failures_ = 0;
        const nanoseconds took = context_->clock->Steady() - now;
        intent_time_ = intent_time_ == nanoseconds(0)
                           ? took
                           : (7 * intent_time_ + took) / 8;
        const bool held = intents.held;
        Intended(channel_ids, std::move(intents));
        if (!held && claim_.has_value() && claim_->epoch == epoch) {
          trusted_until_ = SteadyTime::min();
          doubted_ = true;
        }
      });
}

void Lane::Intended(const std::vector<std::string>& channel_ids,
                    TakenIntents intents) {
  if (!intents.taken.empty()) {
    PassFailPoint(context_->fail_points, "after_intent");
  }
  context_->metrics->Recorded(options_.platform, DeliveryState::kExpired,
                              intents.expired);
  context_->metrics->Recorded(options_.platform, DeliveryState::kFailed,
                              intents.refused);
  context_->metrics->Recorded(options_.platform, DeliveryState::kCancelled,
                              intents.cancelled);
  context_->metrics->Recorded(options_.platform, DeliveryState::kUnknown,
                              intents.unknown);
  absl::flat_hash_set<std::string> left(channel_ids.begin(), channel_ids.end());
  for (TakenDelivery& delivery : intents.taken) {
    left.erase(delivery.channel_id);
    std::string delivery_id = delivery.delivery_id;
    unstarted_.push_back(delivery_id);
    flights_.insert_or_assign(std::move(delivery_id),
                              Flight{.delivery = std::move(delivery)});
  }
  for (const std::string& channel_id : left) intake_.Done(channel_id);
  // What was settled may have left a next head.
  if (intents.expired + intents.refused + intents.cancelled + intents.unknown >
      0) {
    intake_.Wake();
  }
  if (!claim_.has_value()) {
    GiveBack("lane_lost");
  } else if (resting_) {
    GiveBack("lane_released");
  }
}

void Lane::NotIntended(const std::vector<std::string>& channel_ids,
                       const absl::Status& status) {
  for (const std::string& channel_id : channel_ids) intake_.Done(channel_id);
  const auto pause = std::min<milliseconds>(
      kLongestPause,
      kFirstPause * (1 << std::min(intent_failures_, kDoublings)));
  if (intent_failures_++ == 0) {
    context_->log->Write(
        Severity::kWarning, "delivery.intents_not_written",
        {{"lane_id", options_.lane_id}, {"reason", ReasonOf(status)}});
  }
  const SteadyTime now = context_->clock->Steady();
  intend_after_ = now + context_->Jittered(pause);
  intake_.Wake();
  if (!claim_.has_value()) return;
  reconcile_left_ = 2;
  reconcile_at_ = now;
}

// Asked once before anything else is intended, and once later.
SteadyTime Lane::Reconcile(SteadyTime now) {
  if (reconcile_left_ == 0 || reconciling_ || intending_ > 0) {
    return SteadyTime::max();
  }
  if (reconcile_at_ > now) return reconcile_at_;
  reconciling_ = true;
  ended_.clear();
  using Intents = std::vector<storage::OwnIntent>;
  AskRead<Intents>(
      *context_, storage::ReadKind::kScan,
      [claim = *claim_](storage::Transaction& transaction,
                        Intents& intents) -> absl::Status {
        ASSIGN_OR_RETURN(intents, storage::FindOwnIntents(transaction, claim));
        return absl::OkStatus();
      },
      [this, epoch = claim_->epoch](const absl::Status& status,
                                    const Intents& intents) {
        reconciling_ = false;
        if (!claim_.has_value() || claim_->epoch != epoch) return;
        const SteadyTime now = context_->clock->Steady();
        if (!status.ok()) {
          reconcile_at_ = now + context_->Jittered(std::chrono::seconds(1));
          return;
        }
        Reconciled(intents);
        --reconcile_left_;
        reconcile_at_ = now + kReconcileAgain;
      });
  return SteadyTime::max();
}

// What was intended and is not in our hands was never begun: it waits again.
void Lane::Reconciled(const std::vector<storage::OwnIntent>& intents) {
  int64_t found = 0;
  for (const storage::OwnIntent& intent : intents) {
    if (flights_.contains(intent.delivery_id) ||
        ended_.contains(intent.delivery_id)) {
      continue;
    }
    ++found;
    TakenDelivery delivery;
    delivery.delivery_id = intent.delivery_id;
    delivery.channel_id = intent.channel_id;
    delivery.fence = intent.fence;
    Flight& flight = flights_
                         .emplace(intent.delivery_id,
                                  Flight{.delivery = std::move(delivery)})
                         .first->second;
    End(flight,
        OutcomeOfUnstarted(flight.delivery,
                           context_->time->At(context_->clock->Steady()),
                           "intent_not_answered"));
  }
  if (found == 0) return;
  context_->log->Write(
      Severity::kWarning, "delivery.intents_found",
      {{"lane_id", options_.lane_id}, {"delivery_count", found}});
}

void Lane::Recorded(const storage::OutcomeRecord& record,
                    std::optional<DeliveryState> state,
                    const std::string& channel_id, bool more) {
  if (state.has_value()) {
    context_->metrics->Recorded(options_.platform, *state);
  }
  flights_.erase(record.delivery_id);
  if (reconciling_) ended_.insert(record.delivery_id);
  intake_.Done(channel_id);
  if (more) intake_.ExpectAt(SteadyTime::min());
  if (record.state == DeliveryState::kRetry) {
    intake_.ExpectAt(context_->time->SteadyAt(record.retry_time));
  }
}

}  // namespace broadcast::delivery
