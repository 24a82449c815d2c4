// Accounts: where they may be configured, and where their secrets may be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "given_settings.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace broadcast {

static void PrintTo(const AccountSettings& account, std::ostream* out) {
  *out << account.name << " " << account.secret.name;
}

namespace {

using storage::Platform;
using test::Given;
using test::Must;
using test::Parse;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
using Kind = SecretSource::Kind;

testing::Matcher<AccountSettings> Account(const std::string& name,
                                          Platform platform,
                                          Kind kind = Kind::kNone,
                                          const std::string& secret = "") {
  return AllOf(Field(&AccountSettings::name, name),
               Field(&AccountSettings::platform, platform),
               Field(&AccountSettings::secret,
                     AllOf(Field(&SecretSource::kind, kind),
                           Field(&SecretSource::name, secret))));
}

std::vector<AccountSettings> AccountsOf(const Given& given) {
  return Must(Parse(given)).settings.accounts;
}

TEST(AccountsTest, LogIsTheDefault) {
  EXPECT_THAT(AccountsOf({}), ElementsAre(Account("log", Platform::kLog)));
}

TEST(AccountsTest, DefaultYieldsToAnyOther) {
  EXPECT_THAT(AccountsOf({.arguments = {"--account=a=log"}}),
              ElementsAre(Account("a", Platform::kLog)));
}

TEST(AccountsTest, FlagsNameUsualVariables) {
  EXPECT_THAT(
      AccountsOf({.arguments = {"--account", "my-news=telegram", "--account",
                                "hook=webhook"}}),
      ElementsAre(Account("hook", Platform::kWebhook, Kind::kEnvironment,
                          "BROADCASTD_ACCOUNT_HOOK_SECRET"),
                  Account("my-news", Platform::kTelegram, Kind::kEnvironment,
                          "BROADCASTD_ACCOUNT_MY_NEWS_TOKEN")));
}

TEST(AccountsTest, VariableListsSeveral) {
  EXPECT_THAT(
      AccountsOf({.variables = {{"BROADCASTD_ACCOUNT", "a=log,b=telegram"}}}),
      ElementsAre(Account("a", Platform::kLog),
                  Account("b", Platform::kTelegram, Kind::kEnvironment,
                          "BROADCASTD_ACCOUNT_B_TOKEN")));
}

TEST(AccountsTest, SectionsNameSecretFiles) {
  EXPECT_THAT(
      AccountsOf({.file = R"(
[accounts.a]
platform = "telegram"
token_file = "/run/secrets/a"
[accounts.b]
platform = "webhook"
secret_file = "/run/secrets/b"
[accounts.c]
platform = "telegram"
token_environment = "C_TOKEN"
[accounts.d]
platform = "telegram"
[accounts.e]
platform = "log"
)"}),
      ElementsAre(
          Account("a", Platform::kTelegram, Kind::kFile, "/run/secrets/a"),
          Account("b", Platform::kWebhook, Kind::kFile, "/run/secrets/b"),
          Account("c", Platform::kTelegram, Kind::kEnvironment, "C_TOKEN"),
          Account("d", Platform::kTelegram, Kind::kEnvironment,
                  "BROADCASTD_ACCOUNT_D_TOKEN"),
          Account("e", Platform::kLog)));
}

TEST(AccountsTest, HigherSourceReplacesTheAccountOfThatNameAlone) {
  EXPECT_THAT(
      AccountsOf({.arguments = {"--account=a=log"},
                  .variables = {{"BROADCASTD_ACCOUNT", "a=webhook,b=log"}},
                  .file = "[accounts.a]\nplatform = 'telegram'\n"
                          "[accounts.b]\nplatform = 'telegram'\n"
                          "[accounts.c]\nplatform = 'log'\n"}),
      ElementsAre(Account("a", Platform::kLog), Account("b", Platform::kLog),
                  Account("c", Platform::kLog)));
}

TEST(AccountsTest, BotTokenAloneMakesOne) {
  EXPECT_THAT(
      AccountsOf({.variables = {{"BROADCASTD_TELEGRAM_BOT_TOKEN", "hunter2"}}}),
      ElementsAre(Account("log", Platform::kLog),
                  Account("telegram", Platform::kTelegram, Kind::kEnvironment,
                          "BROADCASTD_TELEGRAM_BOT_TOKEN")));
  EXPECT_THAT(
      AccountsOf({.variables = {{"BROADCASTD_TELEGRAM_BOT_TOKEN", "hunter2"}},
                  .file = "[accounts.telegram]\nplatform = 'telegram'\n"
                          "token_file = '/run/secrets/a'\n"}),
      ElementsAre(Account("telegram", Platform::kTelegram, Kind::kFile,
                          "/run/secrets/a")));
  EXPECT_THAT(
      AccountsOf({.variables = {{"BROADCASTD_TELEGRAM_BOT_TOKEN", ""}}}),
      ElementsAre(Account("log", Platform::kLog)));
}

TEST(AccountsTest, SectionsSayHowFast) {
  const std::vector<AccountSettings> accounts =
      AccountsOf({.file = "[accounts.a]\nplatform = 'telegram'\n"
                          "rate = '10/s'\nchat_rate = '90/m'\n"
                          "group_rate = '5/m'\n"
                          "[accounts.b]\nplatform = 'webhook'\nlanes = 64\n"});
  ASSERT_EQ(accounts.size(), 2u);
  EXPECT_EQ(accounts[0].rate, (SendRate{10, absl::Seconds(1)}));
  EXPECT_EQ(accounts[0].chat_rate, (SendRate{90, absl::Minutes(1)}));
  EXPECT_EQ(accounts[0].group_rate, (SendRate{5, absl::Minutes(1)}));
  EXPECT_EQ(accounts[0].lanes, 1);
  EXPECT_EQ(accounts[1].rate, std::nullopt);
  EXPECT_EQ(accounts[1].lanes, 64);
}

constexpr char kClient[] = "6f1c2a52-5a0e-4c57-9b0f-0e9f6a1d2c3b";
constexpr char kOther[] = "7f1c2a52-5a0e-4c57-9b0f-0e9f6a1d2c3b";

TEST(AccountsTest, SectionsNameClients) {
  const std::vector<AccountSettings> accounts =
      AccountsOf({.file = absl::StrCat("[accounts.a]\nplatform = 'log'\n"
                                       "clients = ' ",
                                       kClient, "  ", kOther,
                                       "'\n[accounts.b]\nplatform = 'log'\n"
                                       "clients = ''\n")});
  ASSERT_EQ(accounts.size(), 2u);
  EXPECT_THAT(accounts[0].clients, ElementsAre(kClient, kOther));
  EXPECT_THAT(accounts[1].clients, ElementsAre());
}

TEST(AccountsTest, SecretsDirectoryHasThoseThatNothingElseTells) {
  const test::TempDir dir;
  for (const char* name : {"account_a", "account_b", "account_my-news"}) {
    std::ofstream(dir.File(name)) << "hunter2";
  }
  const Given given = {
      .arguments = {"--secrets_directory=" + dir.path(),
                    "--account=my-news=webhook", "--account=none=telegram"},
      .variables = {{"BROADCASTD_ACCOUNT_B_TOKEN", "hunter2"}},
      .file =
          "[accounts.a]\nplatform = 'telegram'\ntoken_file = 'x'\n"
          "[accounts.b]\nplatform = 'telegram'\n"};
  EXPECT_THAT(
      AccountsOf(given),
      ElementsAre(Account("a", Platform::kTelegram, Kind::kFile, "x"),
                  Account("b", Platform::kTelegram, Kind::kEnvironment,
                          "BROADCASTD_ACCOUNT_B_TOKEN"),
                  Account("my-news", Platform::kWebhook, Kind::kFile,
                          dir.File("account_my-news")),
                  Account("none", Platform::kTelegram, Kind::kEnvironment,
                          "BROADCASTD_ACCOUNT_NONE_TOKEN")));
}

struct Refusal {
  std::string name;
  Given given;
  std::string says;
};

class AccountsRefusedTest : public testing::TestWithParam<Refusal> {};

TEST_P(AccountsRefusedTest, SaysWhereAndRemedy) {
  EXPECT_THAT(Parse(GetParam().given),
              StatusIs(kInvalid, AllOf(HasSubstr(GetParam().says),
                                       Not(HasSubstr("hunter2")))));
}

Refusal Flag(std::string name, const std::string& account,
             const std::string& says) {
  return {std::move(name),
          {.arguments = {"--account=" + account}},
          "--account: " + says};
}

Refusal Section(std::string name, const std::string& body, std::string says) {
  return {std::move(name),
          {.file = "[accounts.a]\n" + body + "\n"},
          std::move(says)};
}

INSTANTIATE_TEST_SUITE_P(
    Every, AccountsRefusedTest,
    testing::Values(
        Flag("NoPlatform", "a", "\"a\" is no account; write NAME=PLATFORM"),
        Flag("Email", "a=email", "the platform email is refused"),
        Flag("Unknown", "a=fax", "the platform \"fax\" is unknown"),
        Flag("EmptyName", "=log", "the account name \"\""),
        Flag("UpperCase", "A=log", "the account name \"A\""),
        Flag("Underscore", "_a=log", "the account name \"_a\""),
        Flag("DigitFirst", "1a=log", "the account name \"1a\""),
        Flag("TooLong", std::string(64, 'a') + "=log", "the account name"),
        Refusal{"Twice",
                {.arguments = {"--account=a=log", "--account=a=log"}},
                "--account: the account a is given twice"},
        Refusal{"InVariable",
                {.variables = {{"BROADCASTD_ACCOUNT", "a=log,b"}}},
                "BROADCASTD_ACCOUNT: \"b\" is no account"},
        Section("SectionWithoutPlatform", "",
                "b.toml:1: accounts.a: has no platform"),
        Section("SectionEmail", "platform = 'email'", "email is refused"),
        Section("Token", "platform = 'telegram'\ntoken = 'hunter2'",
                "b.toml:3: accounts.a.token is refused: a secret does not "
                "belong in this file; put it into a file of its own and name "
                "that with token_file"),
        Section("Secret", "platform = 'webhook'\nsecret = 'hunter2'",
                "accounts.a.secret is refused"),
        Section("TokenOfLog", "platform = 'log'\ntoken = 'hunter2'",
                "accounts.a.token is refused"),
        Section("OtherPlatformsKey", "platform = 'telegram'\nsecret_file = 'x'",
                "accounts.a.secret_file is unknown"),
        Section("BothSources",
                "platform = 'telegram'\ntoken_file = 'x'\n"
                "token_environment = 'X'",
                "both token_file and token_environment"),
        Section("Client", "platform = 'log'\nclients = 'someone'",
                "b.toml:1: accounts.a: has the client \"someone\"; write ids "
                "of clients"),
        Section("ClientsWithCommas",
                absl::StrCat("platform = 'log'\nclients = '", kClient, ",",
                             kOther, "'"),
                "with blanks between"),
        Section("EmptyFile", "platform = 'telegram'\ntoken_file = ''",
                "an empty token_file"),
        Section("Rate", "platform = 'log'\nrate = '30'",
                "b.toml:1: accounts.a: has the rate \"30\"; write messages a "
                "second or a minute, like 30/s or 20/m"),
        Section("NoRate", "platform = 'log'\nchat_rate = '0/s'",
                "has the chat_rate \"0/s\""),
        Section("HugeRate", "platform = 'log'\nrate = '100001/s'",
                "at most 100000"),
        Section("Lanes", "platform = 'log'\nlanes = 65",
                "has the lanes \"65\"; write 1 to 64"),
        Section("LanesOfTelegram", "platform = 'telegram'\nlanes = 2",
                "b.toml:3: accounts.a.lanes is unknown"),
        Section("GroupsOfLog", "platform = 'log'\ngroup_rate = '1/s'",
                "b.toml:3: accounts.a.group_rate is unknown"),
        Section("LanesWithRate", "platform = 'log'\nlanes = 2\nrate = '1/s'",
                "both lanes and rate"),
        Refusal{"SectionName",
                {.file = "[accounts.A]\nplatform = 'log'\n"},
                "the account name \"A\""},
        Refusal{"Nested",
                {.file = "[accounts.a.b]\nplatform = 'log'\n"},
                "accounts.a.b is unknown"}),
    [](const auto& info) { return info.param.name; });

TEST(AccountsNameTest, SixtyThreeCharactersAreTaken) {
  const std::string name = "a" + std::string(61, '-') + "9";
  EXPECT_THAT(AccountsOf({.arguments = {"--account=" + name + "=log"}}),
              ElementsAre(Account(name, Platform::kLog)));
}

}  // namespace
}  // namespace broadcast
