#include "delivery/claims.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/error_detail.h"
#include "storage/outbox.h"

namespace broadcast::delivery {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using storage::LaneClaim;
using storage::Transaction;

struct Nothing {};

constexpr seconds kPause{1};
// Before the lease ends, or a fifteenth of it.
constexpr absl::Duration kTrustMargin = absl::Seconds(1);
}  // namespace

struct Claims::Survey {
  std::vector<std::string> free;  // lane ids
  int64_t lanes = 0;
  int64_t owners = 0;
};

Claims::Claims(Context* context, const std::vector<Lane*>& lanes,
               storage::LaneChooser lane_of)
    : context_(context), lane_of_(std::move(lane_of)) {
  for (Lane* lane : lanes) holds_.push_back({.lane = lane});
  TellOwned();
}

bool Claims::shared() const {
  return context_->database->backend() == storage::Backend::kPostgres;
}

nanoseconds Claims::TrustOf() const {
  return absl::ToChronoNanoseconds(
      context_->lease - std::min(kTrustMargin, context_->lease / 15));
}

SteadyTime Claims::Round(SteadyTime now) {
  if (!ensured_) return Ensure(now);
  SteadyTime next = SteadyTime::max();
  for (Hold& hold : holds_) {
    if (hold.stage == Stage::kLeaving && hold.lane->quiet()) Release(hold);
    if (hold.lane->ForgetDoubt()) renew_at_ = std::min(renew_at_, now);
  }
  if (!closing_) next = std::min({Look(now), Announce(now), SettleStray(now)});
  return std::min(next, Renew(now));
}

SteadyTime Claims::Ensure(SteadyTime now) {
  if (ensuring_ || closing_) return SteadyTime::max();
  if (look_at_ > now) return look_at_;
  ensuring_ = true;
  std::vector<storage::NewLane> lanes;
  lanes.reserve(holds_.size());
  for (const Hold& hold : holds_) {
    lanes.push_back({.lane_id = hold.lane->options().lane_id,
                     .account = hold.lane->options().account});
  }
  std::sort(lanes.begin(), lanes.end(),
            [](const storage::NewLane& a, const storage::NewLane& b) {
              return a.lane_id < b.lane_id;
            });
  AskWrite<Nothing>(
      *context_, {.guarded = true},
      [lanes = std::move(lanes)](Transaction& transaction, Nothing&) {
        return storage::EnsureLanes(transaction, lanes);
      },
      [this](const absl::Status& status, Nothing) {
        ensuring_ = false;
        ensured_ = status.ok();
        look_at_ =
            ensured_ ? SteadyTime::min() : context_->clock->Steady() + kPause;
      });
  return SteadyTime::max();
}

SteadyTime Claims::Look(SteadyTime now) {
  if (looking_) return SteadyTime::max();
  if (look_at_ > now) return look_at_;
  look_at_ = now + context_->Jittered(kPause);
  if (!shared()) {
    TakeAll(now);
    const bool all = owned() == static_cast<int64_t>(holds_.size());
    return all ? SteadyTime::max() : look_at_;
  }
  looking_ = true;
  AskRead<Survey>(
      *context_, storage::ReadKind::kScan,
      [owner = context_->owner](Transaction& transaction,
                                Survey& survey) -> absl::Status {
        ASSIGN_OR_RETURN(const std::vector<storage::Lane> lanes,
                         storage::ListLanes(transaction));
        ASSIGN_OR_RETURN(survey.owners, storage::CountOwners(transaction));
        survey.lanes = static_cast<int64_t>(lanes.size());
        for (const storage::Lane& lane : lanes) {
          // Ours may be one that was taken without our hearing of it.
          if (!lane.owner.has_value() || *lane.owner == owner ||
              lane.lease_until <= transaction.now()) {
            survey.free.push_back(lane.lane_id);
          }
        }
        return absl::OkStatus();
      },
      [this](const absl::Status& status, const Survey& survey) {
        looking_ = false;
        if (status.ok() && !closing_) Surveyed(survey);
      });
  return SteadyTime::max();
}

// While it owns nothing: else its lanes tell that it is there.
SteadyTime Claims::Announce(SteadyTime now) {
  if (!shared() || announcing_ || owned() > 0) return SteadyTime::max();
  if (announce_at_ > now) return announce_at_;
  announcing_ = true;
  AskWrite<Nothing>(
      *context_, {.guarded = true},
      [owner = context_->owner, lease = context_->lease](
          Transaction& transaction, Nothing&) {
        return storage::AnnounceOwner(transaction, owner, lease);
      },
      [this, now](const absl::Status& status, Nothing) {
        announcing_ = false;
        announced_ = announced_ || status.ok();
        announce_at_ = now + absl::ToChronoNanoseconds(context_->lease) / 3;
      });
  return SteadyTime::max();
}

void Claims::TakeAll(SteadyTime now) {
  for (Hold& hold : holds_) {
    if (hold.stage == Stage::kFree) Take(hold, now);
  }
}

// At most an even share and one more, so that lanes do not wander.
void Claims::Surveyed(const Survey& survey) {
  const SteadyTime now = context_->clock->Steady();
  const bool counted = announced_ || owned() > 0;
  // The survey may be older than what has been announced since.
  const int64_t owners =
      std::max<int64_t>(1, survey.owners + (counted ? 0 : 1));
  const int64_t share = (survey.lanes + owners - 1) / owners + 1;
  int64_t ours = 0;
  for (const Hold& hold : holds_) ours += hold.stage != Stage::kFree ? 1 : 0;
  const absl::flat_hash_set<std::string> free(survey.free.begin(),
                                              survey.free.end());
  for (Hold& hold : holds_) {
    if (ours >= share) break;
    if (hold.stage != Stage::kFree) continue;
    if (!free.contains(hold.lane->options().lane_id)) continue;
    Take(hold, now);
    ++ours;
  }
  if (ours <= share) return;
  for (Hold& hold : holds_) {
    if (hold.stage != Stage::kOwned) continue;
    hold.stage = Stage::kLeaving;
    hold.lane->Rest();
    break;
  }
}

void Claims::Take(Hold& hold, SteadyTime now) {
  hold.stage = Stage::kTaking;
  hold.asked = now;
  const LaneOptions& options = hold.lane->options();
  AskWrite<TakeOver>(
      *context_, {},
      [request = TakeOverRequest{.lane_id = options.lane_id,
                                 .owner = context_->owner,
                                 .lease = context_->lease,
                                 .forced = !shared(),
                                 .memory = MemoryOf(options.limits)}](
          Transaction& transaction, TakeOver& taken) -> absl::Status {
        ASSIGN_OR_RETURN(taken, TakeLaneOver(transaction, request));
        return absl::OkStatus();
      },
      [this, &hold](const absl::Status& status, TakeOver taken) {
        Taken(hold, status, std::move(taken));
      });
}

void Claims::Taken(Hold& hold, const absl::Status& status, TakeOver taken) {
  if (!status.ok() || !taken.claim.has_value()) {
    hold.stage = Stage::kFree;
    look_at_ = std::min(look_at_, context_->clock->Steady() + kPause);
    if (!status.ok()) {
      context_->log->Write(Severity::kWarning, "delivery.lane_not_taken",
                           {{"lane_id", hold.lane->options().lane_id},
                            {"reason", ReasonOf(status)}});
    }
    return;
  }
  context_->metrics->lost_intents.Increment(static_cast<double>(taken.lost));
  if (taken.lost > 0) return FindLost(hold, std::move(taken));
  Own(hold, std::move(taken));
}

// All that an earlier owner left in flight, before the first send of our own.
void Claims::FindLost(Hold& hold, TakeOver taken) {
  context_->log->Write(Severity::kWarning, "delivery.intents_lost",
                       {{"lane_id", hold.lane->options().lane_id},
                        {"delivery_count", taken.lost}});
  const LaneClaim claim = *taken.claim;
  AskWrite<int64_t>(
      *context_, {.guarded = true},
      [claim](Transaction& transaction, int64_t& lost) -> absl::Status {
        ASSIGN_OR_RETURN(
            lost, storage::RecordLostIntents(transaction, claim, kMostLost));
        return absl::OkStatus();
      },
      [this, &hold, taken = std::move(taken)](const absl::Status& status,
                                              int64_t lost) mutable {
        taken.lost = lost;
        Taken(hold, status, std::move(taken));
      });
}

void Claims::Own(Hold& hold, TakeOver taken) {
  const SteadyTime now = context_->clock->Steady();
  Lane::History history;
  for (const auto& [channel_id, ago] : taken.sent) {
    history.sent.emplace_back(channel_id, now - absl::ToChronoNanoseconds(ago));
  }
  if (taken.paused_for > absl::ZeroDuration()) {
    history.paused_until = now + absl::ToChronoNanoseconds(taken.paused_for);
  }
  hold.stage = Stage::kOwned;
  hold.lane->Own(*taken.claim, hold.asked + TrustOf(), history);
  if (closing_) {
    hold.stage = Stage::kLeaving;
    hold.lane->Rest();
  }
  renew_at_ = std::min(
      renew_at_, hold.asked + absl::ToChronoNanoseconds(context_->lease) / 3);
  TellOwned();
  context_->log->Write(Severity::kInfo, "delivery.lane_taken",
                       {{"lane_id", hold.lane->options().lane_id},
                        {"epoch", taken.claim->epoch}});
}

SteadyTime Claims::Renew(SteadyTime now) {
  if (renewing_) return SteadyTime::max();
  if (renew_at_ > now) return renew_at_;
  std::vector<LaneClaim> claims;
  for (const Hold& hold : holds_) {
    if (hold.lane->claim().has_value() && hold.stage != Stage::kReleasing) {
      claims.push_back(*hold.lane->claim());
    }
  }
  renew_at_ = SteadyTime::max();
  if (claims.empty()) return SteadyTime::max();
  renewing_ = true;
  std::sort(claims.begin(), claims.end(),
            [](const LaneClaim& a, const LaneClaim& b) {
              return a.lane_id < b.lane_id;
            });
  using Held = std::vector<std::string>;
  AskWrite<Held>(
      *context_, {.guarded = true},
      [claims, lease = context_->lease](Transaction& transaction,
                                        Held& held) -> absl::Status {
        ASSIGN_OR_RETURN(held, storage::RenewLanes(transaction, claims, lease));
        return absl::OkStatus();
      },
      [this, claims, now](const absl::Status& status, const Held& held) {
        renewing_ = false;
        renew_at_ = status.ok()
                        ? now + absl::ToChronoNanoseconds(context_->lease) / 3
                        : context_->clock->Steady() + kPause;
        if (status.ok()) Renewed(claims, held, now);
      });
  return SteadyTime::max();
}

void Claims::Renewed(const std::vector<LaneClaim>& asked,
                     const std::vector<std::string>& held,
                     SteadyTime asked_at) {
  absl::flat_hash_map<std::string, int64_t> epochs;
  for (const LaneClaim& claim : asked) epochs[claim.lane_id] = claim.epoch;
  const absl::flat_hash_set<std::string> kept(held.begin(), held.end());
  for (Hold& hold : holds_) {
    const std::optional<LaneClaim>& claim = hold.lane->claim();
    if (!claim.has_value()) continue;
    const auto epoch = epochs.find(claim->lane_id);
    if (epoch == epochs.end() || epoch->second != claim->epoch) continue;
    if (kept.contains(claim->lane_id)) {
      hold.lane->Trust(asked_at + TrustOf());
      continue;
    }
    context_->metrics->lease_losses.Increment();
    context_->log->Write(
        Severity::kWarning, "delivery.lane_lost",
        {{"lane_id", claim->lane_id}, {"epoch", claim->epoch}});
    hold.lane->Lose();
    hold.stage = Stage::kFree;
    TellOwned();
  }
}

void Claims::ReleaseAll() {
  closing_ = true;
  for (Hold& hold : holds_) {
    if (hold.stage == Stage::kOwned || hold.stage == Stage::kLeaving) {
      Release(hold);
    }
  }
  if (!announced_) return;
  forgetting_ = true;
  AskWrite<Nothing>(
      *context_, {.guarded = true},
      [owner = context_->owner](Transaction& transaction, Nothing&) {
        return storage::ForgetOwner(transaction, owner);
      },
      [this](const absl::Status&, Nothing) { forgetting_ = false; });
}

void Claims::Release(Hold& hold) {
  hold.stage = Stage::kReleasing;
  const LaneClaim claim = *hold.lane->claim();
  hold.lane->Lose();
  AskWrite<Nothing>(
      *context_, {.guarded = true},
      [claim](Transaction& transaction, Nothing&) {
        return storage::ReleaseLane(transaction, claim);
      },
      [this, &hold](const absl::Status&, Nothing) {
        // Not released, its lease will end.
        hold.stage = Stage::kFree;
        look_at_ = context_->clock->Steady() + 2 * kPause;
        TellOwned();
      });
}

bool Claims::released() const {
  return !forgetting_ && !announcing_ &&
         std::all_of(holds_.begin(), holds_.end(), [](const Hold& hold) {
           return hold.stage == Stage::kFree;
         });
}

void Claims::TellOwned() const {
  for (const Hold& hold : holds_) {
    context_->metrics->Owned(hold.lane->options().lane_id,
                             hold.lane->claim().has_value());
  }
  context_->metrics->lanes_owned.Set(static_cast<double>(owned()));
}

int64_t Claims::owned() const {
  return std::count_if(holds_.begin(), holds_.end(), [](const Hold& hold) {
    return hold.stage == Stage::kOwned || hold.stage == Stage::kLeaving;
  });
}

}  // namespace broadcast::delivery
