#include "delivery/lane_limits.h"

#include <algorithm>

namespace broadcast::delivery {

Limits Limits::Of(storage::Platform platform) {
  if (platform != storage::Platform::kTelegram) return {};
  return {.account = {.count = 30, .burst = 5},
          .chat = {.count = 1},
          .group = {.count = 20, .period = std::chrono::seconds(60)}};
}

LaneLimits::LaneLimits(const Limits& limits)
    : limits_(limits), account_(limits.account) {}

SteadyTime LaneLimits::ChannelAllowed(const std::string& channel_id, bool group,
                                      SteadyTime now) const {
  const auto found = channels_.find(channel_id);
  if (found == channels_.end()) return now;
  const SteadyTime chat = found->second.chat.NextAllowed(now);
  return group ? std::max(chat, found->second.group.NextAllowed(now)) : chat;
}

void LaneLimits::Charge(const std::string& channel_id, SteadyTime now) {
  account_.Charge(now);
  if (!channels_limited()) return;
  Channel& channel = Of(channel_id);
  channel.chat.Charge(now);
  channel.group.Charge(now);
}

void LaneLimits::Seed(
    const std::vector<std::pair<std::string, SteadyTime>>& sent) {
  std::vector<SteadyTime> all;
  absl::flat_hash_map<std::string, std::vector<SteadyTime>> by_channel;
  for (const auto& [channel_id, time] : sent) {
    all.push_back(time);
    if (channels_limited()) by_channel[channel_id].push_back(time);
  }
  account_.Seed(std::move(all));
  channels_.clear();
  for (const auto& [channel_id, times] : by_channel) {
    Channel& channel = Of(channel_id);
    channel.chat.Seed(times);
    channel.group.Seed(times);
  }
}

void LaneLimits::Sweep(SteadyTime now) {
  absl::erase_if(channels_, [&](const auto& channel) {
    return channel.second.chat.Idle(now) && channel.second.group.Idle(now);
  });
}

LaneLimits::Channel& LaneLimits::Of(const std::string& channel_id) {
  return channels_
      .try_emplace(channel_id, Channel{.chat = RateLimit(limits_.chat),
                                       .group = RateLimit(limits_.group)})
      .first->second;
}

}  // namespace broadcast::delivery
