#include "delivery/intake.h"

#include <utility>

namespace broadcast::delivery {
namespace {

constexpr int64_t kPage = 256;
constexpr int64_t kMostPerClient = 512;
constexpr size_t kMostInMemory = 2048;

struct Found {
  storage::WaitingPage page;
  absl::Duration until_next = absl::InfiniteDuration();
};

}  // namespace

using storage::WaitingChannel;

Intake::Intake(std::string lane_id, int64_t low, Context* context)
    : lane_id_(std::move(lane_id)), low_(low), context_(context) {}

SteadyTime Intake::Round(SteadyTime now) {
  if (looking_) return SteadyTime::max();
  const bool room = waiting_.size() < kMostInMemory;
  if (room &&
      (woken_ || circling_ || (hungry() && (more_ || next_look_ <= now)))) {
    Look(now);
    return SteadyTime::max();
  }
  return room && hungry() ? next_look_ : SteadyTime::max();
}

void Intake::Look(SteadyTime now) {
  looking_ = true;
  if (after_client_.empty()) {
    // It sees everything that is committed by now.
    circling_ = woken_;
    woken_ = false;
  }
  next_look_ = now + context_->Jittered(context_->poll_period);
  AskRead<Found>(
      *context_, storage::ReadKind::kPoint,
      [lane_id = lane_id_, after = after_client_, per_client = per_client_](
          storage::Transaction& transaction, Found& found) -> absl::Status {
        ASSIGN_OR_RETURN(
            found.page,
            storage::FindWaiting(transaction, lane_id, after, per_client,
                                 std::max(kPage, per_client)));
        if (found.page.next_time.has_value()) {
          found.until_next = *found.page.next_time - transaction.now();
        }
        return absl::OkStatus();
      },
      [this, generation = generation_, per_client = per_client_](
          const absl::Status& status, Found found) {
        if (generation != generation_) return;
        looking_ = false;
        if (!status.ok()) {
          more_ = false;
          after_client_.clear();
          circling_ = false;
          return;
        }
        ExpectAt(context_->clock->Steady() +
                 absl::ToChronoNanoseconds(std::clamp(
                     found.until_next, absl::Milliseconds(1), absl::Hours(1))));
        Seen(std::move(found.page), per_client);
      });
}

void Intake::Seen(storage::WaitingPage page, int64_t asked_per_client) {
  const auto found = static_cast<int64_t>(page.channels.size());
  if (found > 0) PassFailPoint(context_->fail_points, "after_peek");
  size_t fresh = 0;
  for (WaitingChannel& channel : page.channels) {
    if (out_.contains(channel.channel_id)) continue;
    if (!held_.insert(channel.channel_id).second) continue;
    waiting_.Add(std::move(channel));
    ++fresh;
  }
  after_client_ = std::move(page.next_client);
  const bool wrapped = after_client_.empty();
  if (wrapped) circling_ = false;

  // Some client has more than it was asked for. It is asked for more only
  // while the others cannot fill the list.
  const bool cut = found >= asked_per_client;
  more_ = !wrapped || (cut && (fresh > 0 || asked_per_client < kMostPerClient));
  per_client_ = wrapped && cut && hungry()
                    ? std::min(kMostPerClient, asked_per_client * 2)
                    : std::max(kFewestPerClient, asked_per_client / 2);
}

std::optional<WaitingChannel> Intake::Take(
    SteadyTime now,
    absl::FunctionRef<SteadyTime(const WaitingChannel&)> allowed) {
  std::optional<WaitingChannel> channel = waiting_.Take(now, allowed);
  if (channel.has_value()) {
    held_.erase(channel->channel_id);
    out_.insert(channel->channel_id);
  }
  return channel;
}

void Intake::Clear() {
  ++generation_;
  looking_ = false;
  waiting_.Clear();
  held_.clear();
  after_client_.clear();
  woken_ = true;
  circling_ = false;
  more_ = false;
}

}  // namespace broadcast::delivery
