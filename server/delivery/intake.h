// Knows whose turn it is in a lane: looks into the outbox when little is left
// in memory, going round the clients, and remembers the channels it has handed
// out so that none is handed out twice. Bounded, however much waits. The
// lane's; used by the loop.
#ifndef BROADCASTD_DELIVERY_INTAKE_H_
#define BROADCASTD_DELIVERY_INTAKE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "delivery/context.h"
#include "delivery/waiting_list.h"
#include "storage/outbox.h"

namespace broadcast::delivery {

class Intake {
 public:
  // Looks again while fewer than `low` channels are in memory.
  Intake(std::string lane_id, int64_t low, Context* context);

  // Something may have been added: to be looked for at once, and at all
  // clients.
  void Wake() { woken_ = true; }

  // Something will be due by then.
  void ExpectAt(SteadyTime time) { next_look_ = std::min(next_look_, time); }

  // Looks into the outbox if it is time; answers when to be called again,
  // changes of what waits aside.
  SteadyTime Round(SteadyTime now);

  // The next channel in turn, to be given to Done() when nothing of it is in
  // flight any more.
  std::optional<storage::WaitingChannel> Take(
      SteadyTime now,
      absl::FunctionRef<SteadyTime(const storage::WaitingChannel&)> allowed);
  void Done(const std::string& channel_id) { out_.erase(channel_id); }

  // Forgets what waits in memory, not what was handed out.
  void Clear();

  const WaitingList& waiting() const { return waiting_; }

 private:
  void Look(SteadyTime now);
  void Seen(storage::WaitingPage page, int64_t asked_per_client);
  bool hungry() const { return waiting_.in_turn() < static_cast<size_t>(low_); }

  // Constant after construction.
  const std::string lane_id_;
  const int64_t low_;
  Context* const context_;

  WaitingList waiting_;
  absl::flat_hash_set<std::string> held_;  // what is in waiting_
  absl::flat_hash_set<std::string> out_;
  std::string after_client_;
  int64_t per_client_ = kFewestPerClient;
  SteadyTime next_look_ = SteadyTime::min();
  bool woken_ = true;     // look at all clients, from the first
  bool circling_ = true;  // doing so
  bool more_ = false;     // the last look was cut short
  bool looking_ = false;
  int64_t generation_ = 0;  // answers to looks before Clear() are void

  static constexpr int64_t kFewestPerClient = 8;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_INTAKE_H_
