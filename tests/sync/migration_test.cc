#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "base/limits.h"
#include "storage/feeds.h"
#include "sync/start_migrate.h"
#include "sync_fixture.h"

namespace broadcast::sync {
namespace {

using storage::DeliveryAction;
using storage::Transaction;
using test::Fate;
using test::Must;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MigrateTest : public test::SyncTest {
 protected:
  absl::StatusOr<Migration> TryFind(const MigrateCommand& command,
                                    const storage::Scope& scope) {
    return Try([&](Transaction& read) {
      return FindMigration(read, scope, policy_, command);
    });
  }

  WholePlan ReadMigration(const MigrateCommand& command,
                          bool source_readable = true) {
    const Migration migration = Must(TryFind(command, test::kEverybody));
    const absl::Time now = Do([](Transaction& read) {
      return absl::StatusOr<absl::Time>(read.now());
    });
    return Must(
        TryRead({.legs = LegsOf(migration, command, source_readable, now),
                 .as_of = now},
                test::kEverybody));
  }

  absl::StatusOr<StartedMigration> TryMigrate(
      MigrateCommand command, bool source_readable = true,
      const storage::RequestKey& request = {}) {
    command.operation_id = ids_.Next();
    const WholePlan plan = ReadMigration(command, source_readable);
    return Try([&](Transaction& write) {
      return StartMigrate(write, test::kEverybody, request, policy_, command,
                          source_readable, plan);
    });
  }

  // Plans and sends in turn, as the threads do.
  void Finish() {
    for (int round = 0; round < 5; ++round) {
      Plan();
      Deliver([&](const storage::TakenDelivery& taken) {
        ++taken_[taken.action];
        return Fate::kDo;
      });
      clock().Advance(absl::Seconds(2));
    }
    EXPECT_EQ(Count("operations WHERE state <> 'finished'"), 0);
  }

  std::vector<std::string> ChannelsOf(const std::string& feed_id) {
    std::vector<std::string> ids;
    for (const storage::Channel& channel : Do([&](Transaction& read) {
           return storage::ReadFeedChannels(read, test::kEverybody, feed_id);
         })) {
      ids.push_back(channel.channel_id);
    }
    return ids;
  }

  std::map<DeliveryAction, int> taken_;
};

TEST_P(MigrateTest, OpenPostsAreCopiedAndOldMessagesGo) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  for (const char* id : {"a", "b", "c", "d"}) Upsert(feed, id, id);
  Deliver([](const auto& taken) {
    return absl::StrContains(*taken.content, "\"b\"") ? Fate::kFail : Fate::kDo;
  });
  ASSERT_THAT(Close(feed, "c"), test::IsOk());
  Deliver([](const auto&) { return Fate::kFail; });  // "c" stays, orphaned
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("a", "c", "d"));

  const MigrateCommand command{.channel_id = Channel(0),
                               .target_channel_id = Channel(1),
                               .delete_old = true};
  const WholePlan plan = ReadMigration(command);
  EXPECT_EQ(plan.actions.posts, 3);
  EXPECT_EQ(plan.actions.deletes, 2);
  ASSERT_THAT(plan.samples, SizeIs(5));
  EXPECT_EQ(plan.samples[0].verdict, Verdict::kCopy);
  EXPECT_EQ(plan.samples[0].channel_id, Channel(1));
  EXPECT_EQ(plan.samples[1].verdict, Verdict::kPost);
  EXPECT_EQ(plan.samples[4].verdict, Verdict::kDelete);
  EXPECT_EQ(plan.samples[4].channel_id, Channel(0));

  Must(TryMigrate(command));
  Finish();
  EXPECT_THAT(Shown(Channel(1)), ElementsAre("a", "b", "d"));
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("c"));
  EXPECT_EQ(taken_[DeliveryAction::kCopy], 2);
  EXPECT_EQ(taken_[DeliveryAction::kSend], 1);
  EXPECT_EQ(taken_[DeliveryAction::kDelete], 2);
  EXPECT_THAT(ChannelsOf(feed), ElementsAre(Channel(1)));
  EXPECT_EQ(ReadPlan(Channel(1)).actions.all(), 0);
  EXPECT_EQ(Count("operations WHERE kind = 'migrate' AND sent = 5 AND "
                  "deletes_sent = 2"),
            1);
}

TEST_P(MigrateTest, WhatIsNotConfirmedStaysInTheOldChannel) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  for (const char* id : {"a", "b"}) Upsert(feed, id, id);
  Deliver();
  Must(TryMigrate({.channel_id = Channel(0),
                   .target_channel_id = Channel(1),
                   .delete_old = true}));
  Plan();
  // Nothing is taken back while a copy is on its way.
  clock().Advance(absl::Seconds(2));
  Plan();
  EXPECT_EQ(Count("deliveries WHERE action = 'delete'"), 0);
  int sent = 0;
  Deliver([&](const auto&) { return ++sent == 1 ? Fate::kFail : Fate::kDo; });
  Finish();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("a"));
  EXPECT_THAT(Shown(Channel(1)), ElementsAre("b"));
}

TEST_P(MigrateTest, WithoutDeletingTheOldChannelKeepsItsMessages) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver();
  Must(TryMigrate({.channel_id = Channel(0), .target_channel_id = Channel(1)}));
  Finish();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("a"));
  EXPECT_THAT(Shown(Channel(1)), ElementsAre("a"));
  EXPECT_EQ(taken_[DeliveryAction::kDelete], 0);
}

TEST_P(MigrateTest, WhatCannotBeReadIsSentAnew) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver();
  MakeTelegram(Channel(1));  // another platform
  Must(TryMigrate({.channel_id = Channel(0), .target_channel_id = Channel(1)}));
  Finish();
  Must(TryMigrate({.channel_id = Channel(1), .target_channel_id = Channel(2)},
                  /*source_readable=*/false));
  Finish();
  EXPECT_EQ(taken_[DeliveryAction::kCopy], 0);
  EXPECT_EQ(taken_[DeliveryAction::kSend], 2);
  EXPECT_THAT(Shown(Channel(2)), ElementsAre("a"));
}

TEST_P(MigrateTest, OneFeedMovesAlone) {
  const std::string first = MakeFeed("first", {Channel(0)});
  const std::string second = MakeFeed("second", {Channel(0)});
  Upsert(first, "a", "first");
  Upsert(second, "a", "second");
  Deliver();
  Must(TryMigrate({.channel_id = Channel(0),
                   .target_channel_id = Channel(1),
                   .feed_id = first,
                   .delete_old = true}));
  Finish();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("second"));
  EXPECT_THAT(Shown(Channel(1)), ElementsAre("first"));
  EXPECT_THAT(ChannelsOf(first), ElementsAre(Channel(1)));
  EXPECT_THAT(ChannelsOf(second), ElementsAre(Channel(0)));
  // The pair of the channel stays with it, and nothing has taken its place.
  EXPECT_EQ(Count(absl::StrCat("channel_pairs WHERE open_channel_id = '",
                               Channel(0), "'")),
            1);
  EXPECT_EQ(Count("channel_successors"), 0);
}

TEST_P(MigrateTest, AFeedInAsManyChannelsAsItMayBeMovesToo) {
  constexpr int kClient = 3;
  test::Plant(raw(), {.client = kClient,
                      .pairs = limits::kMaxFeedChannels / 2,
                      .entries = false});
  const std::string former = test::ClientId(kClient);
  raw().Execute(absl::StrCat("DELETE FROM channel_pairs WHERE client_id = '",
                             former, "'"));
  raw().Execute(absl::StrCat("UPDATE channels SET client_id = '",
                             test::ClientId(1), "' WHERE client_id = '", former,
                             "'"));
  std::vector<std::string> channel_ids;
  for (int i = 0; i < limits::kMaxFeedChannels / 2; ++i) {
    channel_ids.push_back(test::OpenId(kClient, i));
    channel_ids.push_back(test::ClosedId(kClient, i));
  }
  const std::string feed = MakeFeed("news", channel_ids);
  Upsert(feed, "a", "a");
  Deliver();
  Must(TryMigrate({.channel_id = channel_ids[0],
                   .target_channel_id = Channel(0),
                   .delete_old = true}));
  Step();
  Upsert(feed, "meanwhile", "meanwhile");
  Finish();
  EXPECT_THAT(Shown(channel_ids[0]), IsEmpty());
  EXPECT_THAT(Shown(Channel(0)), SizeIs(2));
  EXPECT_THAT(ChannelsOf(feed), SizeIs(limits::kMaxFeedChannels));
  EXPECT_EQ(Count("channel_successors"), 1);
}

TEST_P(MigrateTest, OneFeedThatHasMovedLeavesNothingBehindTheSecondTime) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver();
  MigrateCommand command{.channel_id = Channel(0),
                         .target_channel_id = Channel(1),
                         .feed_id = feed};
  Must(TryMigrate(command));
  Finish();
  EXPECT_THAT(Shown(Channel(0)), ElementsAre("a"));
  command.delete_old = true;
  for (int time = 0; time < 2; ++time) {
    Must(TryMigrate(command));
    Finish();
    EXPECT_THAT(Shown(Channel(0)), IsEmpty());
    EXPECT_THAT(Shown(Channel(1)), ElementsAre("a"));
    EXPECT_THAT(ChannelsOf(feed), ElementsAre(Channel(1)));
  }
  EXPECT_EQ(taken_[DeliveryAction::kCopy] + taken_[DeliveryAction::kSend], 1);
  EXPECT_EQ(taken_[DeliveryAction::kDelete], 1);
}

TEST_P(MigrateTest, APostMadeMeanwhileIsForgottenNowhere) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  UpsertMany(feed, 250);
  Deliver();
  Must(TryMigrate({.channel_id = Channel(0),
                   .target_channel_id = Channel(1),
                   .delete_old = true}));
  EXPECT_EQ(Step().deliveries, 200);
  Upsert(feed, "0", "text 0, changed");
  Upsert(feed, "new", "new");
  Deliver();
  Finish();
  EXPECT_THAT(Shown(Channel(0)), IsEmpty());
  EXPECT_THAT(Shown(Channel(1)), SizeIs(251));
  EXPECT_EQ(ReadPlan(Channel(1)).actions.all(), 0);
}

TEST_P(MigrateTest, NothingMovesToAChannelThatIsLostMeanwhile) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  UpsertMany(feed, 250);
  Deliver();
  Must(TryMigrate({.channel_id = Channel(0),
                   .target_channel_id = Channel(1),
                   .delete_old = true}));
  EXPECT_EQ(Step().deliveries, 200);
  raw().Execute(absl::StrCat(
      "UPDATE channels SET state = 'disabled' WHERE channel_id = '", Channel(1),
      "'"));
  Finish();
  EXPECT_THAT(ChannelsOf(feed), testing::Contains(Channel(0)));
  EXPECT_THAT(Shown(Channel(0)), SizeIs(250));
  EXPECT_EQ(Count(absl::StrCat("channel_pairs WHERE open_channel_id = '",
                               Channel(0), "'")),
            1);
  EXPECT_EQ(Count("events WHERE kind = 'channel.migrated'"), 0);
}

TEST_P(MigrateTest, PairsMoveUnlessTheyWouldBeTwo) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  const std::string closed = test::ClosedId(1, 0);
  const auto plant = [&](int number, const std::string& open,
                         const std::string& close) {
    raw().Execute(absl::StrCat(
        "INSERT INTO channel_pairs (channel_pair_id, client_id, "
        "open_channel_id, closed_channel_id, create_time) VALUES ('",
        test::PairId(1, 100 + number), "','", test::ClientId(1), "','", open,
        "','", close, "',1)"));
  };
  plant(1, Channel(0), Channel(1));  // would be one channel twice
  plant(2, Channel(1), closed);      // pair 0 would become this one
  plant(3, test::ClosedId(1, 2), Channel(0));
  Must(TryMigrate({.channel_id = Channel(0), .target_channel_id = Channel(1)}));
  Finish();
  EXPECT_EQ(raw().Text("SELECT detail FROM events WHERE kind = "
                       "'channel.migrated'"),
            R"({"feeds":1,"pairs":1,"pairs_kept":2})");
  EXPECT_EQ(Count(absl::StrCat("channel_pairs WHERE closed_channel_id = '",
                               Channel(1), "'")),
            2);
  EXPECT_EQ(
      raw().Text(absl::StrCat("SELECT open_channel_id FROM channel_pairs WHERE "
                              "channel_pair_id = '",
                              test::PairId(1, 0), "'")),
      Channel(0));
}

TEST_P(MigrateTest, ATargetIsMadeIfItIsNew) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  Upsert(feed, "a", "a");
  Deliver();
  const MigrateCommand command{
      .channel_id = Channel(0),
      .target = channels::ChannelSpec{.new_id = ids_.Next(),
                                      .platform = storage::Platform::kLog,
                                      .address = "new home",
                                      .account = "main",
                                      .title = "New home"}};
  EXPECT_EQ(ReadMigration(command).actions.posts, 1);
  const storage::RequestKey key{.scope = "*",
                                .method = "Migrate",
                                .request_id = "once",
                                .payload_hash = "hash"};
  const auto started = Must(TryMigrate(command, true, key));
  EXPECT_EQ(started.target->channel_id, command.target->new_id);
  EXPECT_EQ(started.target->title, "New home");
  const auto again = Do([&](Transaction& read) {
    return FindStartedMigration(read, test::kEverybody, key);
  });
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->target->address, "new home");
  EXPECT_EQ(again->operation->operation_id, started.operation->operation_id);
  Finish();
  EXPECT_THAT(Shown("new home"), ElementsAre("a"));
}

TEST_P(MigrateTest, WhatCannotBeMigratedSaysWhy) {
  const std::string feed = MakeFeed("news", {Channel(0)});
  const std::string elsewhere = MakeFeed("elsewhere", {Channel(2)});
  const std::string forgetful = MakeFeed("forgetful", {Channel(0)}, false);
  MigrateCommand good{.channel_id = Channel(0),
                      .target_channel_id = Channel(1)};
  EXPECT_THAT(TryFind(good, test::kEverybody), test::IsOk());
  EXPECT_THAT(TryFind(good, storage::Scope::OneClient(test::ClientId(2))),
              test::HasReason("CHANNEL_NOT_FOUND"));
  const auto refuses = [&](auto change, const char* reason) {
    MigrateCommand command = good;
    change(command);
    EXPECT_THAT(TryFind(command, test::kEverybody), test::HasReason(reason));
  };
  refuses([](auto& c) { c.channel_id = test::OpenId(9, 9); },
          "CHANNEL_NOT_FOUND");
  refuses([](auto& c) { c.target_channel_id = test::OpenId(9, 9); },
          "CHANNEL_NOT_FOUND");
  refuses([](auto& c) { c.target_channel_id = test::OpenId(2, 0); },
          "CHANNEL_NOT_FOUND");
  refuses([](auto& c) { c.target_channel_id = c.channel_id; },
          "INVALID_FIELDS");
  refuses([](auto& c) { c.feed_id = test::OpenId(9, 9); }, "FEED_NOT_FOUND");
  refuses([&](auto& c) { c.feed_id = elsewhere; }, "FEED_CHANNEL_NOT_FOUND");
  refuses([&](auto& c) { c.feed_id = forgetful; }, "TRACKING_DISABLED");

  channels::ChannelSpec spec{.new_id = ids_.Next(),
                             .platform = storage::Platform::kTelegram,
                             .address = "-1001",
                             .account = "bot"};
  const auto refuses_target = [&](auto change, const char* reason) {
    MigrateCommand command{.channel_id = Channel(0), .target = spec};
    change(*command.target);
    EXPECT_THAT(TryFind(command, test::kEverybody), test::HasReason(reason));
  };
  refuses_target([](auto& t) { t.account = "nobody"; },
                 "CHANNEL_ACCOUNT_UNKNOWN");
  raw().Execute(absl::StrCat(
      "UPDATE channels SET platform = 'telegram', account = 'bot', address = "
      "'-1001' WHERE channel_id = '",
      test::OpenId(2, 0), "'"));
  refuses_target([](auto&) {}, "CHANNEL_TAKEN");
  accounts_["other"] = {.platform = storage::Platform::kLog};
  refuses_target(
      [&](auto& t) {
        t = {.platform = storage::Platform::kLog,
             .address = Channel(1),
             .account = "other"};
      },
      "CHANNEL_ACCOUNT_MISMATCH");

  raw().Execute(absl::StrCat(
      "UPDATE channels SET state = 'disabled' WHERE channel_id = '", Channel(0),
      "'"));
  EXPECT_THAT(TryFind(good, test::kEverybody), test::IsOk());
  refuses([](auto& c) { c.delete_old = true; }, "CHANNEL_NOT_ACTIVE");
}

TEST_P(MigrateTest, ASyncAndAMigrationExcludeEachOther) {
  const std::string feed = MakeFeed("news", {Channel(0), Channel(1)});
  Upsert(feed, "a", "a");
  Deliver([](const auto&) { return Fate::kFail; });
  const WholePlan plan = ReadPlan(Channel(1));
  const MigrateCommand command{.channel_id = Channel(0),
                               .target_channel_id = Channel(1)};
  Must(TryMigrate(command));
  EXPECT_THAT(TryStart(plan), test::HasReason("SYNC_RUNNING"));
  EXPECT_THAT(TryMigrate(command), test::HasReason("SYNC_RUNNING"));
  Finish();
  EXPECT_EQ(ReadPlan(Channel(1)).actions.all(), 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, MigrateTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::sync
