#include "sync/planner.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "storage/plans.h"

namespace broadcast::sync {
namespace {

// Other replicas begin plans on one PostgreSQL too; nobody else has the file of
// SQLite, whose process wakes us.
constexpr absl::Duration kLongestSleep = absl::Seconds(60);
constexpr absl::Duration kLongestSleepAmongReplicas = absl::Seconds(5);

// The wall clock is set now and then, and a condition variable does not hear
// of it: so often it is compared with the steady one.
constexpr absl::Duration kGlance = absl::Seconds(1);
constexpr absl::Duration kJump = absl::Milliseconds(500);

// What is due is being planned by another replica.
constexpr absl::Duration kLeaveToOthers = absl::Milliseconds(50);

// A plan that fails for a reason of its own is tried again then.
constexpr absl::Duration kFailedPlanPause = absl::Minutes(1);

constexpr absl::Duration kFirstBackOff = absl::Milliseconds(100);
constexpr absl::Duration kLongestBackOff = absl::Seconds(10);

absl::Duration Since(SteadyTime from, SteadyTime to) {
  return absl::FromChrono(
      std::chrono::duration_cast<std::chrono::nanoseconds>(to - from));
}

}  // namespace

Planner::Planner(Options options)
    : options_(std::move(options)),
      longest_sleep_(options_.database->backend() == storage::Backend::kSqlite
                         ? kLongestSleep
                         : kLongestSleepAmongReplicas) {}

Planner::~Planner() { Stop(); }

void Planner::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Planner::Wake() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    woken_ = true;
  }
  changed_.notify_one();
}

void Planner::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Planner::Loop() {
  absl::Duration sleep = absl::ZeroDuration();
  while (Sleep(sleep)) {
    const absl::StatusOr<absl::Duration> round = Round();
    if (round.ok()) {
      back_off_ = absl::ZeroDuration();
      sleep = *round;
    } else {
      sleep = BackOff(round.status());
    }
  }
}

absl::StatusOr<absl::Duration> Planner::Round() {
  ASSIGN_OR_RETURN(const absl::Duration until, Look());
  if (until > absl::ZeroDuration()) return until;
  ASSIGN_OR_RETURN(const PlanStep step, Step());
  if (step.deliveries > 0) options_.on_planned();
  return step.key.operation_id.empty() ? kLeaveToOthers : absl::ZeroDuration();
}

absl::StatusOr<PlanStep> Planner::Step() {
  PlanKey key;
  PlanStep step;
  const absl::Status status = options_.database->Write(
      {.priority = storage::Priority::kBackground},
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(step, StepPlan(transaction, options_.policy, key));
        return absl::OkStatus();
      });
  if (status.ok()) return step;
  if (absl::IsInternal(status) && !key.operation_id.empty()) Postpone(key);
  return status;
}

void Planner::Postpone(const PlanKey& key) {
  options_.log->Write(
      Severity::kError, "plan.failed",
      {{"operation_id", key.operation_id}, {"channel_id", key.channel_id}});
  // If that fails too, the back-off of the thread comes in between.
  (void)options_.database->Write({.priority = storage::Priority::kBackground},
                                 [&](storage::Transaction& transaction) {
                                   return PostponePlan(
                                       transaction, key,
                                       transaction.now() + kFailedPlanPause);
                                 });
}

absl::StatusOr<absl::Duration> Planner::Look() {
  absl::Duration until = longest_sleep_;
  RETURN_IF_ERROR(options_.database->Read(
      storage::ReadKind::kPoint,
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(const auto next, storage::NextPlanTime(transaction));
        if (next.has_value()) {
          until = std::clamp(*next - transaction.now(), absl::ZeroDuration(),
                             longest_sleep_);
        }
        return absl::OkStatus();
      }));
  return until;
}

absl::Duration Planner::BackOff(const absl::Status& failure) {
  if (back_off_ == absl::ZeroDuration()) {
    options_.log->Write(Severity::kWarning, "planner.failed",
                        {{"reason", ReasonOf(failure)}});
  }
  back_off_ = std::clamp(back_off_ * 2, kFirstBackOff, kLongestBackOff);
  return back_off_;
}

bool Planner::Sleep(absl::Duration most) {
  const Clock& clock = *options_.clock;
  const SteadyTime began = clock.Steady();
  const absl::Time wall = clock.Now();
  std::unique_lock<std::mutex> lock(mu_);
  while (!woken_ && !stopping_) {
    const absl::Duration slept = Since(began, clock.Steady());
    if (slept >= most) break;
    const absl::Duration jumped = clock.Now() - wall - slept;
    if (jumped > kJump || jumped < -kJump) break;
    changed_.wait_for(
        lock, absl::ToChronoNanoseconds(std::min(most - slept, kGlance)));
  }
  woken_ = false;
  return !stopping_;
}

}  // namespace broadcast::sync
