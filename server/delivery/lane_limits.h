// The limits that the owner of a lane holds in memory: of its account, of each
// chat and of each group. The lane's; one thread at a time.
#ifndef BROADCASTD_DELIVERY_LANE_LIMITS_H_
#define BROADCASTD_DELIVERY_LANE_LIMITS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "delivery/rate_limit.h"
#include "storage/records.h"

namespace broadcast::delivery {

struct Limits {
  RateLimit::Options account;
  RateLimit::Options chat;
  RateLimit::Options group;  // of a chat that is a group, besides `chat`

  // What the platform asks for, as published: none but Telegram's.
  static Limits Of(storage::Platform platform);
};

class LaneLimits {
 public:
  explicit LaneLimits(const Limits& limits);

  RateLimit& account() { return account_; }
  const RateLimit& account() const { return account_; }

  // When the channel's own limits allow a send: `now` or later.
  SteadyTime ChannelAllowed(const std::string& channel_id, bool group,
                            SteadyTime now) const;

  // A send to the channel starts.
  void Charge(const std::string& channel_id, SteadyTime now);

  // Sends of another owner, or of this process before it was restarted.
  void Seed(const std::vector<std::pair<std::string, SteadyTime>>& sent);

  // Forgets channels whose sends matter no more. Now and then.
  void Sweep(SteadyTime now);

  size_t channels() const { return channels_.size(); }

 private:
  struct Channel {
    RateLimit chat;
    RateLimit group;
  };

  bool channels_limited() const {
    return limits_.chat.count > 0 || limits_.group.count > 0;
  }
  Channel& Of(const std::string& channel_id);

  const Limits limits_;
  RateLimit account_;
  absl::flat_hash_map<std::string, Channel> channels_;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_LANE_LIMITS_H_
