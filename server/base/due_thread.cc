#include "base/due_thread.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "base/error_detail.h"

namespace broadcast {
namespace {

// Other replicas change the rows of one PostgreSQL too; nobody else has the
// file of SQLite, whose process wakes us.
constexpr absl::Duration kLongestSleep = absl::Seconds(60);
constexpr absl::Duration kLongestSleepAmongReplicas = absl::Seconds(5);

// The wall clock is set now and then, and a condition variable does not hear
// of it: so often it is compared with the steady one.
constexpr absl::Duration kGlance = absl::Seconds(1);
constexpr absl::Duration kJump = absl::Milliseconds(500);

constexpr absl::Duration kFirstBackOff = absl::Milliseconds(100);
constexpr absl::Duration kLongestBackOff = absl::Seconds(10);

absl::Duration Since(SteadyTime from, SteadyTime to) {
  return absl::FromChrono(
      std::chrono::duration_cast<std::chrono::nanoseconds>(to - from));
}

}  // namespace

void DueThread::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void DueThread::Wake() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    woken_ = true;
  }
  changed_.notify_one();
}

void DueThread::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

absl::Duration DueThread::longest_sleep() const {
  return options_.alone ? kLongestSleep : kLongestSleepAmongReplicas;
}

void DueThread::Loop() {
  absl::Duration sleep = absl::ZeroDuration();
  while (Sleep(sleep)) {
    const absl::StatusOr<absl::Duration> round = options_.round();
    if (round.ok()) {
      back_off_ = absl::ZeroDuration();
      sleep = *round;
    } else {
      sleep = BackOff(round.status());
    }
  }
}

absl::Duration DueThread::BackOff(const absl::Status& failure) {
  options_.on_failure();
  if (back_off_ == absl::ZeroDuration()) {
    options_.log->Write(Severity::kWarning,
                        absl::StrCat(options_.name, ".failed"),
                        {{"reason", ReasonOf(failure)}});
  }
  back_off_ = std::clamp(back_off_ * 2, kFirstBackOff, kLongestBackOff);
  return back_off_;
}

bool DueThread::Sleep(absl::Duration most) {
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

}  // namespace broadcast
