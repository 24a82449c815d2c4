// Asks a platform whether a suspect channel is gone before it is disabled. One
// at a time, and within the account's limit. A lane's; used by the loop.
#ifndef BROADCASTD_DELIVERY_PROBER_H_
#define BROADCASTD_DELIVERY_PROBER_H_

#include <deque>
#include <string>

#include "delivery/context.h"
#include "delivery/rate_limit.h"
#include "senders/sender.h"

namespace broadcast::delivery {

class Prober {
 public:
  Prober(senders::Sender* sender, Context* context);

  // `channel_id` has been suspect for long enough.
  void Ask(const std::string& channel_id, const std::string& address);

  // Begins a probe if one waits and `account` allows it, and charges for it.
  SteadyTime Round(SteadyTime now, RateLimit& account);

  bool probing() const { return probing_; }
  void Clear() { waiting_.clear(); }

 private:
  struct Suspect {
    std::string channel_id;
    std::string address;
  };

  void Probed(const Suspect& suspect, const senders::ProbeResult& result);
  void Disable(const std::string& channel_id, const std::string& reason);

  // Constant after construction.
  senders::Sender* const sender_;
  Context* const context_;

  std::deque<Suspect> waiting_;
  bool probing_ = false;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_PROBER_H_
