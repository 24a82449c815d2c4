// Whatever has happened to feeds, their channels and what was sent to them,
// Sync makes each channel show what its feeds have open, and a second one finds
// nothing to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/feeds.h"
#include "storage/messages.h"
#include "storage/posts.h"
#include "sync_fixture.h"

namespace broadcast::sync {
namespace {

using storage::Transaction;
using test::Fate;

constexpr int kChannels = 3;
constexpr int kFeeds = 2;
constexpr int kNames = 8;  // external ids of a feed

class SyncPropertyTest : public test::SyncTest {
 protected:
  int Below(int bound) {
    return std::uniform_int_distribution<int>(0, bound - 1)(random_);
  }
  bool Seldom() { return Below(6) == 0; }

  void Begin(uint32_t seed) {
    random_.seed(seed);
    MakeTelegram(Channel(0));
    MakeTelegram(Channel(1));
    for (int feed = 0; feed < kFeeds; ++feed) {
      feeds_.push_back(MakeFeed(absl::StrCat("feed-", feed), {}));
      for (int channel = 0; channel < kChannels; ++channel) {
        if (Below(3) == 0) continue;
        AddChannel(feeds_.back(), Channel(channel), false);
        on_.insert({feed, channel});
      }
    }
  }

  Fate AnyFate(const storage::TakenDelivery& taken) {
    const bool posts = taken.action == storage::DeliveryAction::kSend;
    switch (Below(10)) {
      case 0:
        return Fate::kFail;
      case 1:
        return posts ? Fate::kLoseAnswer : Fate::kDo;
      case 2:
        return posts ? Fate::kLoseAll : Fate::kDo;
      case 3:
        return taken.action == storage::DeliveryAction::kDelete ? Fate::kForbid
                                                                : Fate::kDo;
      default:
        return Fate::kDo;
    }
  }

  void DoAnything() {
    const int feed = Below(kFeeds);
    const std::string& feed_id = feeds_[static_cast<size_t>(feed)];
    const std::string name = absl::StrCat("post-", Below(kNames));
    switch (Below(9)) {
      case 0:
      case 1:
      case 2: {
        std::optional<absl::Time> expire_time;
        if (Seldom()) expire_time = clock().Now() + absl::Hours(1 + Below(30));
        Upsert(feed_id, name, absl::StrCat("text ", Below(3)), expire_time);
        break;
      }
      case 3:
        (void)Close(feed_id, name);
        break;
      case 4:
        clock().Advance(absl::Minutes(1 + Below(60 * 30)));
        Expire();
        break;
      case 5:
        Deliver([&](const auto& taken) { return AnyFate(taken); },
                1 + Below(10));
        break;
      case 6:
        DeleteOneByHand();
        break;
      case 7:
        MoveChannel(feed, feed_id);
        break;
      case 8:
        Plan();
        break;
    }
  }

  void DeleteOneByHand() {
    const std::string channel = Channel(Below(kChannels));
    const auto& messages = shown_.At(channel);
    if (messages.empty()) return;
    shown_.DeleteByHand(channel, messages.begin()->first);
    by_hand_ = true;
  }

  void MoveChannel(int feed, const std::string& feed_id) {
    const int channel = Below(kChannels);
    const std::pair<int, int> key{feed, channel};
    if (on_.count(key) > 0) {
      // Refused while it is filled, for one.
      if (RemoveChannel(feed_id, Channel(channel), Below(2) == 0).ok()) {
        on_.erase(key);
      }
    } else {
      AddChannel(feed_id, Channel(channel), Below(2) == 0);
      on_.insert(key);
    }
  }

  // Everything that waits happens, one way or another.
  void Settle() {
    for (int round = 0; round < 3; ++round) {
      Expire();
      Plan();
      Deliver([&](const auto& taken) { return AnyFate(taken); });
    }
    Plan();
    Deliver();
  }

  // The contents that the open posts of a channel have, and those of whose
  // message nobody knows, or that a person has deleted behind our back.
  struct Wanted {
    std::multiset<std::string> shown;
    std::multiset<std::string> maybe;
  };
  Wanted WantedIn(int channel) {
    Wanted wanted;
    for (int feed = 0; feed < kFeeds; ++feed) {
      if (on_.count({feed, channel}) == 0) continue;
      const std::string& feed_id = feeds_[static_cast<size_t>(feed)];
      const auto messages = Do([&](Transaction& read) {
        return storage::ReadPresentMessages(
            read, test::kEverybody, Channel(channel), feed_id, "", 1000);
      });
      std::map<std::string, const storage::Message*> of_post;
      for (const auto& message : messages) {
        of_post[*message.post_id] = &message;
      }
      for (const storage::OpenPost& post : Do([&](Transaction& read) {
             return storage::ReadOpenPosts(read, test::kEverybody, feed_id, "",
                                           clock().Now(), 1000);
           })) {
        const auto message = of_post.find(post.post_id);
        const bool known =
            message != of_post.end() &&
            message->second->state != storage::MessageState::kUnknown;
        const bool gone =
            known && message->second->platform_message_id.has_value() &&
            shown_.At(Channel(channel))
                    .count(*message->second->platform_message_id) == 0;
        EXPECT_TRUE((by_hand_ && verified_ != channel) || !gone);
        (known && !gone ? wanted.shown : wanted.maybe).insert(post.content_id);
      }
    }
    return wanted;
  }

  // What the server knows of each message that a channel shows.
  std::string Explain(int channel) {
    std::string told;
    for (const auto& [id, message] : shown_.At(Channel(channel))) {
      absl::StrAppend(
          &told, "\n", id, message.tombstone ? " tombstone" : "",
          message.untracked ? " untracked" : "", " ", message.content, " ",
          raw().Text(absl::StrCat(
              "SELECT COALESCE(max(state || ' ' || CAST(post_id AS text)), "
              "'-') FROM messages WHERE channel_id = '",
              Channel(channel), "' AND platform_message_id = '", id, "'")));
    }
    return told;
  }

  void CheckChannel(int channel) {
    std::multiset<std::string> shown;
    int64_t undeletable = 0;
    for (const auto& [id, message] : shown_.At(Channel(channel))) {
      if (message.tombstone || message.untracked) continue;
      shown.insert(broadcast::ContentId(message.content));
      if (message.undeletable) ++undeletable;
    }
    const Wanted wanted = WantedIn(channel);
    // Whatever is shown besides, the platform has refused to delete.
    std::multiset<std::string> missing;
    std::set_difference(wanted.shown.begin(), wanted.shown.end(), shown.begin(),
                        shown.end(), std::inserter(missing, missing.end()));
    EXPECT_TRUE(missing.empty())
        << "channel " << channel << " lacks " << missing.size();
    const auto kept = static_cast<int64_t>(shown.size() - wanted.shown.size());
    EXPECT_LE(kept, undeletable) << "channel " << channel << Explain(channel);
    const WholePlan plan = ReadPlan(Channel(channel));
    EXPECT_LE(kept, plan.counts.undeletable) << "channel " << channel;
    if (!by_hand_) {
      EXPECT_EQ(kept, plan.counts.undeletable);
    }
    EXPECT_GE(plan.counts.unknown,
              by_hand_ ? 0 : static_cast<int64_t>(wanted.maybe.size()));
  }

  std::mt19937 random_;
  std::vector<std::string> feeds_;
  std::set<std::pair<int, int>> on_;  // feed, channel
  bool by_hand_ = false;
  int verified_ = -1;  // the channel of which all was asked just now
};

// Each history is another seed. --gtest_shuffle --gtest_random_seed=N plays
// others, up to N = 99999.
class Histories : public SyncPropertyTest {
 protected:
  void Play(int number) {
    const int seed =
        number + 4 * testing::UnitTest::GetInstance()->random_seed();
    Begin(static_cast<uint32_t>(seed));
    for (int round = 0; round < 10 && !HasFailure(); ++round) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, " round ", round));
      for (int step = 0; step < 40; ++step) DoAnything();
      Settle();
      for (int channel = 0; channel < kChannels; ++channel) {
        PutRight(channel);
      }
      EXPECT_EQ(Count("messages WHERE state = 'pending'"), 0);
      EXPECT_EQ(Count("operations WHERE state <> 'finished'"), 0);
    }
  }

  void PutRight(int channel) {
    const int64_t lost = shown_.lost;
    // The third channel is on a platform that cannot be asked.
    const bool verifies = channel < 2 && Below(2) == 0;
    verified_ = verifies ? channel : -1;
    if (verifies) {
      SyncVerifying(Channel(channel));
      Expire();  // that took time
      Deliver();
    } else {
      Sync(Channel(channel));
    }
    // What turned out to be gone is missing only now.
    if (shown_.lost > lost) Sync(Channel(channel));
    CheckChannel(channel);
    const WholePlan again = ReadPlan(Channel(channel));
    EXPECT_EQ(again.actions.all(), 0) << "channel " << channel;
    EXPECT_EQ(again.hash, "");
  }
};

TEST_P(Histories, First) { Play(1); }
TEST_P(Histories, Second) { Play(2); }
TEST_P(Histories, Third) { Play(3); }
TEST_P(Histories, Fourth) { Play(4); }

INSTANTIATE_TEST_SUITE_P(Backends, Histories, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::sync
