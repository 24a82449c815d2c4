#include "delivery/waiting_list.h"

#include <utility>

namespace broadcast::delivery {

using storage::WaitingChannel;

void WaitingList::Add(WaitingChannel channel) {
  std::list<WaitingChannel>& queue = clients_[channel.client_id];
  if (queue.empty()) turns_.push_back(channel.client_id);
  queue.push_back(std::move(channel));
  ++size_;
}

void WaitingList::ComeBack(SteadyTime now) {
  while (!aside_.empty() && aside_.top().time <= now) {
    WaitingChannel channel = aside_.top().channel;
    aside_.pop();
    --size_;
    Add(std::move(channel));
  }
}

std::optional<WaitingChannel> WaitingList::Take(
    SteadyTime now,
    absl::FunctionRef<SteadyTime(const WaitingChannel&)> allowed) {
  ComeBack(now);
  while (!turns_.empty()) {
    const std::string client_id = std::move(turns_.front());
    turns_.pop_front();
    const auto client = clients_.find(client_id);
    std::list<WaitingChannel>& queue = client->second;
    std::optional<WaitingChannel> taken;
    while (!queue.empty() && !taken.has_value()) {
      WaitingChannel channel = std::move(queue.front());
      queue.pop_front();
      const SteadyTime time = allowed(channel);
      if (time <= now) {
        taken = std::move(channel);
      } else {
        aside_.push({.time = time, .channel = std::move(channel)});
      }
    }
    if (queue.empty()) {
      clients_.erase(client);
    } else {
      turns_.push_back(client_id);
    }
    if (taken.has_value()) {
      --size_;
      return taken;
    }
  }
  return std::nullopt;
}

void WaitingList::Clear() {
  clients_.clear();
  turns_.clear();
  aside_ = {};
  size_ = 0;
}

}  // namespace broadcast::delivery
