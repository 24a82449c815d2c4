// The variables of the older system: what each sets, what outranks it, and
// what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "given_settings.h"
#include "settings/legacy_settings.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using test::Given;
using test::Must;
using test::Parse;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Variables = std::map<std::string, std::string>;

Settings SettingsOf(const Variables& variables,
                    const std::vector<std::string>& arguments = {}) {
  return Must(Parse({.arguments = arguments, .variables = variables})).settings;
}

std::string RefusalOf(const Variables& variables) {
  return std::string(Parse({.variables = variables}).status().message());
}

TEST(LegacySettingsTest, WithoutThemThereIsNoDefaultFeed) {
  const Settings settings = SettingsOf({});
  EXPECT_FALSE(settings.default_feed.has_value());
  EXPECT_TRUE(settings.tracking);
  EXPECT_FALSE(settings.sync_on_startup);
  EXPECT_EQ(settings.sync_interval, absl::ZeroDuration());
  EXPECT_THAT(settings.outranked, IsEmpty());
}

TEST(LegacySettingsTest, TheTokenMakesTheAccount) {
  const Settings settings = SettingsOf({{"GROUP_BOT_TOKEN", "hunter2"}});
  bool found = false;
  for (const AccountSettings& account : settings.accounts) {
    if (account.name != kGroupBotAccount) continue;
    found = true;
    EXPECT_EQ(account.platform, storage::Platform::kTelegram);
    EXPECT_EQ(account.secret.kind, SecretSource::Kind::kEnvironment);
    EXPECT_EQ(account.secret.name, "GROUP_BOT_TOKEN");
  }
  EXPECT_TRUE(found);
  ASSERT_TRUE(settings.default_feed.has_value());
  EXPECT_EQ(settings.default_feed->account, kGroupBotAccount);
  EXPECT_THAT(settings.default_feed->chats, IsEmpty());
}

TEST(LegacySettingsTest, ChatsAreAnArrayOrOne) {
  Variables variables{{"GROUP_BOT_TOKEN", "t"},
                      {"AGGREGATOR_CHANNEL_ID", "-1005"}};
  EXPECT_THAT(SettingsOf(variables).default_feed->chats, ElementsAre("-1005"));
  EXPECT_EQ(SettingsOf(variables).default_feed->origin,
            "AGGREGATOR_CHANNEL_ID");

  // The array wins, numbers and strings alike, each chat once.
  variables["AGGREGATOR_CHANNEL_IDS"] = " [-1001, \"-1002\" ,-1001] ";
  const Settings settings = SettingsOf(variables);
  EXPECT_THAT(settings.default_feed->chats, ElementsAre("-1001", "-1002"));
  EXPECT_THAT(settings.outranked,
              ElementsAre(Outranked{"AGGREGATOR_CHANNEL_ID",
                                    "AGGREGATOR_CHANNEL_IDS"}));

  variables["AGGREGATOR_CHANNEL_IDS"] = "[]";
  EXPECT_THAT(SettingsOf(variables).default_feed->chats, IsEmpty());
}

TEST(LegacySettingsTest, EmptyIsAsGoodAsNotSet) {
  const Settings settings = SettingsOf({{"GROUP_BOT_TOKEN", ""},
                                        {"AGGREGATOR_CHANNEL_IDS", " "},
                                        {"AGGREGATOR_CHANNEL_ID", ""},
                                        {"ENABLE_BROADCAST_TRACKING", ""},
                                        {"BROADCAST_AUTO_INTERVAL", ""}});
  EXPECT_FALSE(settings.default_feed.has_value());
  EXPECT_TRUE(settings.tracking);
  EXPECT_EQ(settings.default_interval, limits::kDefaultInterval);
}

TEST(LegacySettingsTest, SwitchesTakeTheOldWords) {
  for (const char* off : {"false", "False", "0", "no", "OFF"}) {
    EXPECT_FALSE(SettingsOf({{"ENABLE_BROADCAST_TRACKING", off}}).tracking);
  }
  for (const char* on : {"true", "True", "1", "yes", "on"}) {
    EXPECT_TRUE(
        SettingsOf({{"BROADCAST_SYNC_ON_STARTUP", on}}).sync_on_startup);
  }
}

TEST(LegacySettingsTest, IntervalsAreHoursRoundedToSeconds) {
  const Settings settings =
      SettingsOf({{"BROADCAST_AUTO_INTERVAL", "1.5"},
                  {"BROADCAST_MANUAL_INTERVAL", "0.0833"}});
  EXPECT_EQ(settings.default_interval, absl::Minutes(90));
  EXPECT_EQ(settings.trigger_cooldown, absl::Seconds(300));
  EXPECT_EQ(SettingsOf({{"BROADCAST_MANUAL_INTERVAL", "0"}}).trigger_cooldown,
            absl::ZeroDuration());
}

TEST(LegacySettingsTest, AnOptionOutranksTheOldName) {
  const Settings settings = SettingsOf(
      {{"BROADCAST_AUTO_INTERVAL", "24"},
       {"BROADCAST_MANUAL_INTERVAL", "1"},
       {"BROADCASTD_TRIGGER_COOLDOWN", "7s"},
       {"ENABLE_BROADCAST_TRACKING", "false"},
       {"GROUP_BOT_TOKEN", "t"}},
      {"--default_interval=1h", "--tracking", "--account=group_bot=telegram"});
  EXPECT_EQ(settings.default_interval, absl::Hours(1));
  EXPECT_EQ(settings.trigger_cooldown, absl::Seconds(7));
  EXPECT_TRUE(settings.tracking);
  EXPECT_THAT(
      settings.outranked,
      ElementsAre(
          Outranked{"ENABLE_BROADCAST_TRACKING", "--tracking"},
          Outranked{"BROADCAST_AUTO_INTERVAL", "--default_interval"},
          Outranked{"BROADCAST_MANUAL_INTERVAL", "BROADCASTD_TRIGGER_COOLDOWN"},
          Outranked{"GROUP_BOT_TOKEN", "--account: account group_bot"}));
}

TEST(LegacySettingsTest, RefusalsNameVariableAndRemedy) {
  const std::pair<Variables, std::vector<std::string>> refused[] = {
      {{{"AGGREGATOR_CHANNEL_IDS", "-1001,-1002"}}, {"JSON array"}},
      {{{"AGGREGATOR_CHANNEL_IDS", "[-1001,]"}}, {"id of a Telegram chat"}},
      {{{"AGGREGATOR_CHANNEL_IDS", "[0]"}}, {"id of a Telegram chat"}},
      {{{"AGGREGATOR_CHANNEL_IDS", "[\"-1]"}}, {"close the string"}},
      {{{"AGGREGATOR_CHANNEL_ID", "news"}}, {"id of a Telegram chat"}},
      {{{"AGGREGATOR_CHANNEL_ID", "-1001"}}, {"set GROUP_BOT_TOKEN"}},
      {{{"ENABLE_BROADCAST_TRACKING", "maybe"}}, {"true or false"}},
      {{{"BROADCAST_SYNC_ON_STARTUP", "2"}}, {"true or false"}},
      {{{"BROADCAST_AUTO_INTERVAL", "0.001"}}, {"hours", "60 to"}},
      {{{"BROADCAST_AUTO_INTERVAL", "24h"}}, {"hours"}},
      {{{"BROADCAST_MANUAL_INTERVAL", "nan"}}, {"hours"}},
      {{{"BROADCAST_MANUAL_INTERVAL", "-1"}}, {"hours"}},
      {{{"BROADCAST_MANUAL_INTERVAL", "25"}}, {"0 to 86400 seconds"}},
  };
  for (const auto& [variables, parts] : refused) {
    const std::string refusal = RefusalOf(variables);
    EXPECT_THAT(refusal, HasSubstr(variables.begin()->first + ": "));
    for (const std::string& part : parts) {
      EXPECT_THAT(refusal, HasSubstr(part));
    }
  }
}

TEST(LegacySettingsTest, TheTokenIsNowhereTold) {
  const Variables variables{{"GROUP_BOT_TOKEN", "hunter2"},
                            {"AGGREGATOR_CHANNEL_ID", "x"}};
  EXPECT_THAT(RefusalOf(variables), testing::Not(HasSubstr("hunter2")));
  const auto printed =
      Must(Parse({.arguments = {"--print_config"},
                  .variables = {{"GROUP_BOT_TOKEN", "hunter2"}}}));
  EXPECT_THAT(printed.text,
              AllOf(testing::Not(HasSubstr("hunter2")),
                    HasSubstr("[accounts.group_bot]  # GROUP_BOT_TOKEN"),
                    HasSubstr("token_environment = \"GROUP_BOT_TOKEN\"")));
  EXPECT_THAT(Parse({.file = printed.text}), test::IsOk());
}

TEST(LegacySettingsTest, AccountsMustNotShareAVariable) {
  EXPECT_THAT(
      Parse({.arguments = {"--account=group-bot=telegram"},
             .variables = {{"GROUP_BOT_TOKEN", "t"}}})
          .status()
          .message(),
      AllOf(HasSubstr("group-bot and group_bot"), HasSubstr("rename one")));
}

TEST(LegacySettingsTest, ImportNeedsAFile) {
  EXPECT_THAT(Parse({.arguments = {"import"}}).status().message(),
              HasSubstr("nothing to import"));
  EXPECT_THAT(Parse({.arguments = {"--messages=m.csv"}}).status().message(),
              HasSubstr("only import takes it"));
  const auto parsed =
      Must(Parse({.arguments = {"import", "--messages=m.csv", "--pairs",
                                "p.csv", "--dry_run"}}));
  EXPECT_EQ(parsed.command, Command::kImport);
  EXPECT_EQ(parsed.import_files.messages, "m.csv");
  EXPECT_EQ(parsed.import_files.pairs, "p.csv");
  EXPECT_TRUE(parsed.import_files.dry_run);
}

}  // namespace
}  // namespace broadcast
