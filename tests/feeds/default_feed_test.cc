// The default feed on both backends: made once, whatever happens, filled by
// nobody, and true to what migrations have moved.
#include "feeds/default_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/error_detail.h"
#include "storage/channel_successors.h"
#include "storage/channels.h"
#include "storage/clients.h"
#include "storage/feeds.h"
#include "support/registry_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"
#include "sync/sync_whole_feed.h"

namespace broadcast::feeds {
namespace {

using storage::Channel;
using storage::Scope;
using storage::Transaction;
using test::Must;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class DefaultFeedTest : public test::DatabaseTest {
 protected:
  absl::StatusOr<DefaultFeed> TrySetUp(const std::vector<std::string>& chats) {
    std::optional<DefaultFeed> made;
    const absl::Status status = Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(
          made, SetUpDefaultFeed(write, ids_,
                                 {.account = "group_bot", .chats = chats}));
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return *std::move(made);
  }
  DefaultFeed SetUpWith(const std::vector<std::string>& chats) {
    return Must(TrySetUp(chats));
  }

  std::vector<Channel> Channels(const std::string& feed_id) {
    std::vector<Channel> channels;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(channels,
                       storage::ReadFeedChannels(read, all_, feed_id));
      return absl::OkStatus();
    }));
    return channels;
  }
  std::vector<std::string> Chats(const std::string& feed_id) {
    std::vector<std::string> chats;
    for (const Channel& channel : Channels(feed_id)) {
      chats.push_back(channel.address);
    }
    return chats;
  }
  std::string IdOf(const std::string& chat) {
    std::optional<Channel> channel;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(channel, storage::FindChannelByAddress(
                                    read, kDefaultClientId,
                                    storage::Platform::kTelegram, chat));
      return absl::OkStatus();
    }));
    return channel.has_value() ? channel->channel_id : "";
  }

  // A channel of the default client that no feed is on.
  std::string MakeChannel(const std::string& chat) {
    const Channel channel{.channel_id = ids_.Next(),
                          .client_id = kDefaultClientId,
                          .platform = storage::Platform::kTelegram,
                          .address = chat,
                          .account = "group_bot"};
    Must(Write([&](Transaction& write) {
      const Channel* row = &channel;
      return storage::InsertChannels(write, all_, absl::MakeSpan(&row, 1))
          .status();
    }));
    return channel.channel_id;
  }

  // What the end of a migration's re-pointing does.
  void Move(const std::string& from, const std::string& to) {
    Must(Write([&](Transaction& write) -> absl::Status {
      RETURN_IF_ERROR(
          storage::MoveFeedChannels(write, all_, from, to, std::nullopt)
              .status());
      return storage::RecordSuccessor(write, all_, from, to);
    }));
  }

  int64_t Count(const std::string& table) {
    return raw().Number("SELECT count(*) FROM " + table);
  }

  const Scope all_ = Scope::AllClients();
  IdSource ids_{&clock(), 7};
};

TEST_P(DefaultFeedTest, IsMadeOnceAndStaysEmpty) {
  const DefaultFeed made = SetUpWith({"-1001", "-1002"});
  EXPECT_TRUE(made.created);
  EXPECT_EQ(made.channels_added, 2);
  EXPECT_EQ(made.feed.client_id, kDefaultClientId);
  EXPECT_EQ(made.feed.name, kDefaultFeedName);
  for (const Channel& channel : Channels(made.feed.feed_id)) {
    EXPECT_EQ(channel.platform, storage::Platform::kTelegram);
    EXPECT_EQ(channel.account, "group_bot");
    EXPECT_EQ(channel.client_id, kDefaultClientId);
  }
  const DefaultFeed again = SetUpWith({"-1002", "-1001"});
  EXPECT_FALSE(again.created);
  EXPECT_EQ(again.channels_added, 0);
  EXPECT_EQ(again.feed.feed_id, made.feed.feed_id);
  EXPECT_EQ(again.feed.revision, 1);
  EXPECT_EQ(Count("channels"), 2);
  EXPECT_EQ(Count("operations"), 0);
  EXPECT_EQ(Count("deliveries"), 0);
}

TEST_P(DefaultFeedTest, LeavesChannelsThatAreNamedNoMore) {
  const DefaultFeed made = SetUpWith({"-1001"});
  EXPECT_EQ(SetUpWith({"-1002"}).channels_added, 1);
  EXPECT_THAT(Chats(made.feed.feed_id), UnorderedElementsAre("-1001", "-1002"));
  EXPECT_EQ(SetUpWith({}).channels_added, 0);
}

TEST_P(DefaultFeedTest, TakesAChannelThatIsThere) {
  SetUpWith({});
  const std::string channel_id = MakeChannel("-1001");
  const DefaultFeed made = SetUpWith({"-1001"});
  EXPECT_EQ(made.channels_added, 1);
  EXPECT_EQ(Channels(made.feed.feed_id)[0].channel_id, channel_id);
}

TEST_P(DefaultFeedTest, AChatThatWasMigratedStandsForItsSuccessor) {
  const DefaultFeed made = SetUpWith({"-1001"});
  const std::string second = MakeChannel("-1002");
  Move(IdOf("-1001"), second);
  ASSERT_THAT(Chats(made.feed.feed_id), ElementsAre("-1002"));

  const DefaultFeed again = SetUpWith({"-1001"});
  EXPECT_THAT(again.left, ElementsAre(LeftChat{"-1001", "-1002"}));
  EXPECT_EQ(again.channels_added, 0);
  EXPECT_THAT(Chats(made.feed.feed_id), ElementsAre("-1002"));

  // Twice, and both names are for one.
  Move(second, MakeChannel("-1003"));
  const DefaultFeed third = SetUpWith({"-1001", "-1002"});
  EXPECT_THAT(third.left, UnorderedElementsAre(LeftChat{"-1001", "-1003"},
                                               LeftChat{"-1002", "-1003"}));
  EXPECT_THAT(Chats(made.feed.feed_id), ElementsAre("-1003"));
}

TEST_P(DefaultFeedTest, AMigrationBackMakesNoRing) {
  const DefaultFeed made = SetUpWith({"-1001"});
  const std::string first = IdOf("-1001");
  const std::string second = MakeChannel("-1002");
  Move(first, second);
  Move(second, first);
  const DefaultFeed again = SetUpWith({"-1001", "-1002"});
  EXPECT_THAT(again.left, ElementsAre(LeftChat{"-1002", "-1001"}));
  EXPECT_THAT(Chats(made.feed.feed_id), ElementsAre("-1001"));
}

TEST_P(DefaultFeedTest, AChatThatSomebodyPutBackStays) {
  const DefaultFeed made = SetUpWith({"-1001"});
  const std::string first = IdOf("-1001");
  Move(first, MakeChannel("-1002"));
  Must(Write([&](Transaction& write) {
    return storage::AddFeedChannels(write, made.feed, {first}).status();
  }));
  const DefaultFeed again = SetUpWith({"-1001"});
  EXPECT_THAT(again.left, IsEmpty());
  EXPECT_THAT(Chats(made.feed.feed_id), UnorderedElementsAre("-1001", "-1002"));
}

TEST_P(DefaultFeedTest, AnotherClientsChatIsRefusedAndNothingIsMade) {
  test::Plant(raw(), {.client = 1, .pairs = 1});
  raw().Execute(
      "UPDATE channels SET platform = 'telegram', address = '-1001' "
      "WHERE channel_id = '" +
      test::OpenId(1, 0) + "'");
  const absl::Status refused = TrySetUp({"-1002", "-1001"}).status();
  EXPECT_EQ(ReasonOf(refused), "CHANNEL_TAKEN");
  EXPECT_THAT(refused.message(), testing::HasSubstr("chat -1001"));
  EXPECT_EQ(Count("feeds"), 0);
}

TEST_P(DefaultFeedTest, AClosedFeedTakesNoChannel) {
  const DefaultFeed made = SetUpWith({"-1001"});
  raw().Execute("UPDATE feeds SET state = 'closed'");
  EXPECT_EQ(SetUpWith({"-1001"}).channels_added, 0);
  EXPECT_EQ(ReasonOf(TrySetUp({"-1002"}).status()), "FEED_CLOSED");
}

TEST_P(DefaultFeedTest, HasOnlySoManyChannels) {
  std::vector<std::string> chats;
  for (int i = 0; i < 100; ++i) chats.push_back(absl::StrCat(-1000 - i));
  EXPECT_EQ(SetUpWith(chats).channels_added, 100);
  EXPECT_EQ(ReasonOf(TrySetUp({"-5"}).status()), "FEED_CHANNEL_LIMIT");
}

TEST_P(DefaultFeedTest, ManyServersAtOnceMakeOne) {
  std::vector<std::thread> servers;
  std::vector<absl::Status> done(8);
  for (size_t i = 0; i < done.size(); ++i) {
    servers.emplace_back([&, i] {
      done[i] = Write([&](Transaction& write) {
        return SetUpDefaultFeed(
                   write, ids_,
                   {.account = "group_bot", .chats = {"-1001", "-1002"}})
            .status();
      });
    });
  }
  for (std::thread& server : servers) server.join();
  for (const absl::Status& status : done) EXPECT_THAT(status, test::IsOk());
  EXPECT_EQ(Count("feeds"), 1);
  EXPECT_EQ(Count("channels"), 2);
  EXPECT_EQ(Count("feed_channels"), 2);
}

TEST_P(DefaultFeedTest, IsSyncedAsAWhole) {
  channels::Accounts accounts;
  accounts["group_bot"] = {.platform = storage::Platform::kTelegram};
  FeedPolicy policy{.accounts = &accounts, .ids = &ids_};
  const auto sync = [&](std::optional<storage::Operation>* operation) {
    return Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(*operation,
                       sync::SyncWholeFeed(write, policy, kDefaultClientId,
                                           kDefaultFeedName, ids_.Next()));
      return absl::OkStatus();
    });
  };
  std::optional<storage::Operation> operation;
  EXPECT_EQ(ReasonOf(sync(&operation)), "FEED_NOT_FOUND");
  SetUpWith({});
  EXPECT_THAT(sync(&operation), test::IsOk());
  EXPECT_FALSE(operation.has_value());
  SetUpWith({"-1001", "-1002"});
  EXPECT_THAT(sync(&operation), test::IsOk());
  ASSERT_TRUE(operation.has_value());
  EXPECT_EQ(operation->kind, storage::OperationKind::kSync);
  EXPECT_EQ(Count("plans"), 2);
  EXPECT_EQ(ReasonOf(sync(&operation)), "SYNC_RUNNING");
  policy.default_tracking = false;
  EXPECT_EQ(ReasonOf(sync(&operation)), "TRACKING_DISABLED");
}

INSTANTIATE_TEST_SUITE_P(Backends, DefaultFeedTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::feeds
