#include "entries/firing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "support/registry_seed.h"

namespace broadcast::entries {
namespace {

using storage::Platform;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::SizeIs;

storage::DueEntry Due() {
  return {.entry_id = "entry",
          .client_id = "client",
          .open_channel_id = "open",
          .open_account = "main",
          .closed_channel_id = "closed",
          .closed_account = "main",
          .open_content_id = "1",
          .closed_content_id = "2"};
}

TEST(FiringTest, AProblemIsNamedByTheFirstThatHolds) {
  channels::Accounts accounts = {{"main", {.platform = Platform::kLog}}};
  FiringPolicy policy{.accounts = &accounts};
  storage::DueEntry due = Due();
  EXPECT_EQ(ProblemOf(SidesOf(due, policy)[0], policy), "");
  accounts["main"].clients = {"another"};
  EXPECT_EQ(ProblemOf(SidesOf(due, policy)[0], policy), kAccountUnavailable);
  due.open_content_id.reset();
  EXPECT_EQ(ProblemOf(SidesOf(due, policy)[0], policy), kNoContent);
  EXPECT_EQ(ProblemOf(SidesOf(due, policy)[1], policy), kAccountUnavailable);
  due.open_state = storage::ChannelState::kDisabled;
  EXPECT_EQ(ProblemOf(SidesOf(due, policy)[0], policy), kChannelDisabled);
}

TEST(FiringTest, TheServersDefaultComesLast) {
  channels::Accounts accounts = {{"main", {.platform = Platform::kLog}}};
  const FiringPolicy policy{
      .accounts = &accounts,
      .default_closed_content = {.content_id = "3", .body = "{}"}};
  storage::DueEntry due = Due();
  EXPECT_FALSE(SidesOf(due, policy)[1].is_default);
  due.closed_content_id.reset();
  EXPECT_TRUE(SidesOf(due, policy)[1].is_default);
  EXPECT_EQ(SidesOf(due, policy)[1].content_id, "3");
}

TEST(LaneTest, AnAccountHasOneLaneUnlessItIsSplit) {
  EXPECT_EQ(channels::LaneOf("main", {}, "channel"), "main");
  EXPECT_THAT(channels::LanesOf("main", {}), ElementsAre("main"));
  const channels::Account split{.lanes = 4};
  EXPECT_THAT(channels::LanesOf("hooks", split),
              ElementsAre("hooks#0", "hooks#1", "hooks#2", "hooks#3"));
  // Written down: a later version must not move it.
  EXPECT_EQ(channels::LaneOf("hooks", split, test::OpenId(1, 0)), "hooks#1");
}

TEST(LaneTest, ChannelsSpreadOverTheLanes) {
  const channels::Account split{.lanes = 4};
  std::map<std::string, int> channels;
  for (int i = 0; i < 400; ++i) {
    ++channels[channels::LaneOf("hooks", split, test::OpenId(1, i))];
  }
  EXPECT_THAT(channels, SizeIs(4));
  for (const auto& [lane, count] : channels) EXPECT_GE(count, 50) << lane;
}

}  // namespace
}  // namespace broadcast::entries
