#include "feeds/expirer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "feeds/expire_posts.h"
#include "storage/posts.h"

namespace broadcast::feeds {
namespace {

// Other replicas change the posts of one PostgreSQL too; nobody else has the
// file of SQLite, whose process wakes us.
constexpr absl::Duration kLongestSleep = absl::Seconds(60);
constexpr absl::Duration kLongestSleepAmongReplicas = absl::Seconds(5);

// The wall clock is set now and then, and a condition variable does not hear
// of it: so often it is compared with the steady one.
constexpr absl::Duration kGlance = absl::Seconds(1);
constexpr absl::Duration kJump = absl::Milliseconds(500);

// What is due is being expired by another replica.
constexpr absl::Duration kLeaveToOthers = absl::Milliseconds(50);

constexpr absl::Duration kFirstBackOff = absl::Milliseconds(100);
constexpr absl::Duration kLongestBackOff = absl::Seconds(10);

absl::Duration Since(SteadyTime from, SteadyTime to) {
  return absl::FromChrono(
      std::chrono::duration_cast<std::chrono::nanoseconds>(to - from));
}

}  // namespace

Expirer::Expirer(Options options)
    : options_(std::move(options)),
      longest_sleep_(options_.database->backend() == storage::Backend::kSqlite
                         ? kLongestSleep
                         : kLongestSleepAmongReplicas) {}

Expirer::~Expirer() { Stop(); }

void Expirer::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Expirer::Wake() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    woken_ = true;
  }
  changed_.notify_one();
}

void Expirer::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Expirer::Loop() {
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

absl::StatusOr<absl::Duration> Expirer::Round() {
  ASSIGN_OR_RETURN(const absl::Duration until, Look());
  if (until > absl::ZeroDuration()) return until;
  ExpiredPosts expired;
  RETURN_IF_ERROR(options_.database->Write(
      {.priority = storage::Priority::kBackground},
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(expired, ExpirePosts(transaction, options_.policy));
        return absl::OkStatus();
      }));
  if (expired.operations > 0) options_.on_expired();
  return expired.posts > 0 ? absl::ZeroDuration() : kLeaveToOthers;
}

absl::StatusOr<absl::Duration> Expirer::Look() {
  absl::Duration until = longest_sleep_;
  RETURN_IF_ERROR(options_.database->Read(
      storage::ReadKind::kPoint,
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(const auto next, storage::NextExpiry(transaction));
        if (next.has_value()) {
          until = std::clamp(*next - transaction.now(), absl::ZeroDuration(),
                             longest_sleep_);
        }
        return absl::OkStatus();
      }));
  return until;
}

absl::Duration Expirer::BackOff(const absl::Status& failure) {
  if (back_off_ == absl::ZeroDuration()) {
    options_.log->Write(Severity::kWarning, "expirer.failed",
                        {{"reason", ReasonOf(failure)}});
  }
  back_off_ = std::clamp(back_off_ * 2, kFirstBackOff, kLongestBackOff);
  return back_off_;
}

bool Expirer::Sleep(absl::Duration most) {
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

}  // namespace broadcast::feeds
