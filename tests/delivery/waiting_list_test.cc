// Whose turn it is: clients in turn, and nobody held up by a channel that must
// wait.
#include "delivery/waiting_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace broadcast::delivery {
namespace {

using std::chrono::seconds;
using storage::WaitingChannel;
using testing::ElementsAre;

const SteadyTime kNow = SteadyTime(seconds(1000));

SteadyTime AtOnce(const WaitingChannel&) { return kNow; }

std::vector<std::string> TakeAll(WaitingList& list, SteadyTime now = kNow) {
  std::vector<std::string> taken;
  while (auto channel = list.Take(now, AtOnce)) {
    taken.push_back(channel->channel_id);
  }
  return taken;
}

TEST(WaitingListTest, GoesRoundTheClients) {
  WaitingList list;
  for (const char* channel : {"a1", "a2", "a3"}) {
    list.Add({.channel_id = channel, .client_id = "a"});
  }
  list.Add({.channel_id = "b1", .client_id = "b"});
  list.Add({.channel_id = "c1", .client_id = "c"});
  EXPECT_EQ(list.size(), 5);
  EXPECT_THAT(TakeAll(list), ElementsAre("a1", "b1", "c1", "a2", "a3"));
  EXPECT_EQ(list.size(), 0);
}

TEST(WaitingListTest, AChannelThatMustWaitStepsAside) {
  WaitingList list;
  list.Add({.channel_id = "a1", .client_id = "a"});
  list.Add({.channel_id = "a2", .client_id = "a"});
  const auto later = [](const WaitingChannel& channel) {
    return channel.channel_id == "a1" ? kNow + seconds(3) : kNow;
  };
  EXPECT_EQ(list.Take(kNow, later)->channel_id, "a2");
  EXPECT_FALSE(list.Take(kNow, later).has_value());
  EXPECT_EQ(list.size(), 1);
  EXPECT_EQ(list.in_turn(), 0);
  EXPECT_EQ(list.NextAside(), kNow + seconds(3));

  EXPECT_FALSE(list.Take(kNow + seconds(2), AtOnce).has_value());
  EXPECT_EQ(list.Take(kNow + seconds(3), AtOnce)->channel_id, "a1");
  EXPECT_EQ(list.size(), 0);
  EXPECT_EQ(list.NextAside(), SteadyTime::max());
}

TEST(WaitingListTest, ClearedItIsEmpty) {
  WaitingList list;
  list.Add({.channel_id = "a1", .client_id = "a"});
  list.Add({.channel_id = "a2", .client_id = "a"});
  list.Take(kNow, [](const WaitingChannel&) { return kNow + seconds(1); });
  list.Clear();
  EXPECT_EQ(list.size(), 0);
  EXPECT_FALSE(list.Take(kNow + seconds(9), AtOnce).has_value());
}

}  // namespace
}  // namespace broadcast::delivery
