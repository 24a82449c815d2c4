#include "support/fake_clock.h"

#include <utility>

namespace broadcast::test {

absl::Time FakeClock::Now() const {
  absl::MutexLock lock(&mu_);
  return now_;
}

SteadyTime FakeClock::Steady() const {
  absl::MutexLock lock(&mu_);
  return std::chrono::steady_clock::now() +
         absl::ToChronoNanoseconds(steady_ahead_);
}

void FakeClock::Advance(absl::Duration by) {
  {
    absl::MutexLock lock(&mu_);
    now_ += by;
    steady_ahead_ += by;
  }
  Tell();
}

void FakeClock::SetNow(absl::Time now) {
  {
    absl::MutexLock lock(&mu_);
    now_ = now;
  }
  Tell();
}

void FakeClock::AdvanceSteady(absl::Duration by) {
  absl::MutexLock lock(&mu_);
  steady_ahead_ += by;
}

std::function<void()> FakeClock::Listen(
    std::function<void(absl::Time)> listener) {
  listener(Now());
  absl::MutexLock lock(&listeners_mu_);
  const size_t index = listeners_.size();
  listeners_.push_back(std::move(listener));
  return [this, index] {
    absl::MutexLock lock(&listeners_mu_);
    listeners_[index] = nullptr;
  };
}

void FakeClock::Tell() {
  const absl::Time now = Now();
  absl::MutexLock lock(&listeners_mu_);
  for (const auto& listener : listeners_) {
    if (listener) listener(now);
  }
}

}  // namespace broadcast::test
