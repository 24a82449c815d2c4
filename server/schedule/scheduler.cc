#include "schedule/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/error_detail.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/schedule.h"

namespace broadcast::schedule {
namespace {

// Other replicas change the schedule of one PostgreSQL too; nobody else has
// the file of SQLite, whose process wakes us.
constexpr absl::Duration kLongestSleep = absl::Seconds(60);
constexpr absl::Duration kLongestSleepAmongReplicas = absl::Seconds(5);

// The wall clock is set now and then, and a condition variable does not hear
// of it: so often it is compared with the steady one.
constexpr absl::Duration kGlance = absl::Seconds(1);
constexpr absl::Duration kJump = absl::Milliseconds(500);

// What is due is being fired by another replica.
constexpr absl::Duration kLeaveToOthers = absl::Milliseconds(50);

constexpr absl::Duration kFirstBackOff = absl::Milliseconds(100);
constexpr absl::Duration kLongestBackOff = absl::Seconds(10);

absl::Duration Since(SteadyTime from, SteadyTime to) {
  return absl::FromChrono(
      std::chrono::duration_cast<std::chrono::nanoseconds>(to - from));
}

}  // namespace

Scheduler::Scheduler(Options options)
    : options_(std::move(options)),
      longest_sleep_(options_.database->backend() == storage::Backend::kSqlite
                         ? kLongestSleep
                         : kLongestSleepAmongReplicas) {}

Scheduler::~Scheduler() { Stop(); }

void Scheduler::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Scheduler::Wake() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    woken_ = true;
  }
  changed_.notify_one();
}

void Scheduler::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Scheduler::Loop() {
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

absl::StatusOr<absl::Duration> Scheduler::Round() {
  ASSIGN_OR_RETURN(Outlook outlook, Look());
  options_.metrics->looks.Increment();
  options_.metrics->paused.Set(outlook.paused ? 1 : 0);
  if (SleepUntil(outlook) > absl::ZeroDuration()) return SleepUntil(outlook);

  ASSIGN_OR_RETURN(const FiredDue fired, Fire());
  Observe(fired, *options_.metrics);
  if (fired.fired > 0) options_.on_fired();
  if (fired.more_due && fired.fired + fired.skipped_count() == 0) {
    return kLeaveToOthers;
  }
  return SleepUntil(
      {.paused = fired.paused, .next_due = fired.next_due, .now = fired.now});
}

absl::StatusOr<Scheduler::Outlook> Scheduler::Look() {
  Outlook outlook;
  RETURN_IF_ERROR(options_.database->Read(
      storage::ReadKind::kPoint,
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(const auto state,
                         storage::FindSchedulerState(transaction));
        outlook.paused = state.pause_time.has_value();
        ASSIGN_OR_RETURN(outlook.next_due, storage::FindNextDue(transaction));
        outlook.now = transaction.now();
        return absl::OkStatus();
      }));
  return outlook;
}

absl::StatusOr<FiredDue> Scheduler::Fire() {
  const auto ids = NewFiringIds(*options_.ids, limits::kFiringsPerStep);
  FiredDue fired;
  RETURN_IF_ERROR(options_.database->Write(
      {.priority = storage::Priority::kBackground},
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(fired, FireDue(transaction, options_.policy, ids));
        return absl::OkStatus();
      }));
  return fired;
}

absl::Duration Scheduler::SleepUntil(const Outlook& outlook) const {
  if (outlook.paused || !outlook.next_due.has_value()) return longest_sleep_;
  return std::clamp(*outlook.next_due - outlook.now, absl::ZeroDuration(),
                    longest_sleep_);
}

absl::Duration Scheduler::BackOff(const absl::Status& failure) {
  options_.metrics->failures.Increment();
  if (back_off_ == absl::ZeroDuration()) {
    options_.log->Write(Severity::kWarning, "scheduler.failed",
                        {{"reason", ReasonOf(failure)}});
  }
  back_off_ = std::clamp(back_off_ * 2, kFirstBackOff, kLongestBackOff);
  return back_off_;
}

bool Scheduler::Sleep(absl::Duration most) {
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

void Observe(const FiredDue& fired, SchedulerMetrics& metrics) {
  metrics.fired.Increment(static_cast<double>(fired.fired));
  metrics.missed.Increment(static_cast<double>(fired.missed));
  for (const auto& [reason, count] : fired.skipped) {
    metrics.Skipped(reason).Increment(static_cast<double>(count));
  }
  for (const absl::Duration late : fired.lateness) {
    metrics.lateness_seconds.Observe(absl::ToDoubleSeconds(late));
  }
}

}  // namespace broadcast::schedule
