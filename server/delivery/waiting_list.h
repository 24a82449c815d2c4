// The channels of a lane whose turn it is, in memory: goes round the clients,
// and within a client takes the channels in the order in which they came. A
// channel whose own limit forbids it now steps aside until it may. The lane's;
// one thread at a time.
#ifndef BROADCASTD_DELIVERY_WAITING_LIST_H_
#define BROADCASTD_DELIVERY_WAITING_LIST_H_

#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "base/clock.h"
#include "storage/outbox.h"

namespace broadcast::delivery {

class WaitingList {
 public:
  // The channel is not in the list.
  void Add(storage::WaitingChannel channel);

  // The next channel in turn that `allowed` (when may it send?) lets send by
  // `now`, or nothing.
  std::optional<storage::WaitingChannel> Take(
      SteadyTime now,
      absl::FunctionRef<SteadyTime(const storage::WaitingChannel&)> allowed);

  // Of `size` those that did not step aside.
  size_t in_turn() const { return size_ - aside_.size(); }

  // When the first of those that stepped aside may send.
  SteadyTime NextAside() const {
    return aside_.empty() ? SteadyTime::max() : aside_.top().time;
  }

  size_t size() const { return size_; }
  void Clear();

 private:
  struct Aside {
    SteadyTime time;
    storage::WaitingChannel channel;
    bool operator>(const Aside& other) const { return time > other.time; }
  };

  void ComeBack(SteadyTime now);

  // Lists, as a deque takes half a KiB for a client's first channel.
  absl::flat_hash_map<std::string, std::list<storage::WaitingChannel>> clients_;
  std::deque<std::string> turns_;  // clients with channels in turn
  std::priority_queue<Aside, std::vector<Aside>, std::greater<>> aside_;
  size_t size_ = 0;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_WAITING_LIST_H_
