// What the parts of the dispatcher share: what the environment gave it, and
// how they ask the database without waiting for it. The dispatcher's; but for
// what says otherwise, used by its loop alone.
#ifndef BROADCASTD_DELIVERY_CONTEXT_H_
#define BROADCASTD_DELIVERY_CONTEXT_H_

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fail_points.h"
#include "base/ids.h"
#include "base/log.h"
#include "delivery/delivery_metrics.h"
#include "delivery/loop.h"
#include "delivery/retry.h"
#include "storage/database.h"
#include "storage/outcomes.h"

namespace broadcast::delivery {

// What the database's clock shows, told by its latest answer and the steady
// time since. Any thread.
class DatabaseTime {
 public:
  explicit DatabaseTime(const Clock* clock) : clock_(clock) {
    Note(clock->Now());
  }

  // The database said so just now.
  void Note(absl::Time now) {
    ahead_ = absl::ToUnixMicros(now) - Micros(clock_->Steady());
  }

  absl::Time At(SteadyTime steady) const {
    return absl::FromUnixMicros(Micros(steady) + ahead_);
  }
  SteadyTime SteadyAt(absl::Time time) const {
    return SteadyTime(
        std::chrono::microseconds(absl::ToUnixMicros(time) - ahead_));
  }

 private:
  static int64_t Micros(SteadyTime steady) {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               steady.time_since_epoch())
        .count();
  }

  const Clock* const clock_;
  std::atomic<int64_t> ahead_{0};  // microseconds
};

struct Context {
  storage::Database* database = nullptr;
  const Clock* clock = nullptr;
  Log* log = nullptr;
  IdSource* ids = nullptr;
  FailPoints* fail_points = nullptr;  // or none
  DeliveryMetrics* metrics = nullptr;
  std::shared_ptr<Mailbox> mailbox;
  std::shared_ptr<DatabaseTime> time;
  std::mt19937_64 random;
  std::string owner;
  absl::Duration lease;
  std::chrono::nanoseconds poll_period{0};
  storage::OutcomePolicy policy;
  RetryPolicy retry;

  // In [0, 1).
  double Random() { return static_cast<double>(random() >> 11) * 0x1.0p-53; }
  // `period`, give or take a tenth.
  std::chrono::nanoseconds Jittered(std::chrono::nanoseconds period) {
    return std::chrono::nanoseconds(static_cast<int64_t>(
        static_cast<double>(period.count()) * (0.9 + 0.2 * Random())));
  }
};

// Asks the database for an A; `done` is called on the loop with the status and
// the answer. `body` runs on a thread of the database, perhaps twice; neither
// it nor what it captures may refer to what dies with the loop.
template <typename A>
using AnswerBody =
    absl::AnyInvocable<absl::Status(storage::Transaction&, A& answer)>;
template <typename A>
using AnswerDone = absl::AnyInvocable<void(absl::Status, A) &&>;

// The body and its answer, as Database takes them.
template <typename A>
std::pair<storage::Body, storage::Done> Asked(Context& context,
                                              AnswerBody<A> body,
                                              AnswerDone<A> done) {
  auto answer = std::make_shared<A>();
  return {[time = context.time, answer,
           body = std::move(body)](storage::Transaction& transaction) mutable {
            *answer = A();
            const absl::Time now = transaction.now();
            if (transaction.doom().ok()) time->Note(now);
            return body(transaction, *answer);
          },
          [mailbox = context.mailbox, answer,
           done = std::move(done)](absl::Status status) mutable {
            mailbox->Post([answer = std::move(answer), done = std::move(done),
                           status = std::move(status)]() mutable {
              std::move(done)(std::move(status), std::move(*answer));
            });
          }};
}

template <typename A>
void AskWrite(Context& context, storage::WriteOptions options,
              AnswerBody<A> body, AnswerDone<A> done) {
  auto asked = Asked<A>(context, std::move(body), std::move(done));
  context.database->Write(std::move(options), std::move(asked.first),
                          std::move(asked.second));
}

template <typename A>
void AskRead(Context& context, storage::ReadKind kind, AnswerBody<A> body,
             AnswerDone<A> done) {
  auto asked = Asked<A>(context, std::move(body), std::move(done));
  context.database->Read(kind, {}, std::move(asked.first),
                         std::move(asked.second));
}

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_CONTEXT_H_
