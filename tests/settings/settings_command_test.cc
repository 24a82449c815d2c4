// What the command line asks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "given_settings.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using test::Must;
using test::Parse;
using test::StatusIs;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(CommandTest, NoneServesWithTheDefaults) {
  const Parsed parsed = Must(Parse({}));
  EXPECT_EQ(parsed.command, Command::kServe);
  EXPECT_EQ(parsed.settings.listen, "127.0.0.1:50051");
  EXPECT_EQ(parsed.settings.database, "sqlite:data/broadcastd.db");
  EXPECT_EQ(parsed.settings.metrics_listen, "127.0.0.1:9464");
  EXPECT_EQ(parsed.text, "");
}

TEST(CommandTest, OptionsMayStandOnEitherSide) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"migrate", "--database", "sqlite:x"},
        std::vector<std::string>{"--database", "sqlite:x", "migrate"}}) {
    const Parsed parsed = Must(Parse({.arguments = arguments}));
    EXPECT_EQ(parsed.command, Command::kMigrate);
    EXPECT_EQ(parsed.settings.database, "sqlite:x");
  }
}

TEST(CommandTest, MigrateMayBeAskedOfAPublicServersFile) {
  EXPECT_EQ(
      Must(Parse({.arguments = {"migrate", "--listen=0.0.0.0:1"}})).command,
      Command::kMigrate);
}

TEST(CommandTest, HealthcheckAsksWhereTheServerListens) {
  const std::pair<const char*, const char*> addresses[] = {
      {"127.0.0.1:7", "127.0.0.1:7"}, {"0.0.0.0:7", "127.0.0.1:7"},
      {"[::]:7", "[::1]:7"},          {"db.example:7", "db.example:7"},
      {"unix:x", "unix:x"},           {"[fe80::1]:7", "[fe80::1]:7"}};
  for (const auto& [listen, asked] : addresses) {
    const Parsed parsed =
        Must(Parse({.arguments = {"healthcheck"},
                    .variables = {{"BROADCASTD_LISTEN", listen}}}));
    EXPECT_EQ(parsed.command, Command::kHealthcheck);
    EXPECT_EQ(parsed.health_address, asked);
  }
}

TEST(CommandTest, HealthcheckTakesAnAddress) {
  EXPECT_EQ(Must(Parse({.arguments = {"healthcheck", "--address", "h:1"}}))
                .health_address,
            "h:1");
  EXPECT_THAT(Parse({.arguments = {"healthcheck", "--address=h"}}),
              StatusIs(kInvalid, HasSubstr("--address: \"h\"")));
}

TEST(CommandTest, HealthcheckNeedsAPort) {
  EXPECT_THAT(Parse({.arguments = {"healthcheck", "--listen=localhost:0"}}),
              StatusIs(kInvalid, HasSubstr("--address: ")));
}

TEST(CommandTest, HelpOutranksWhatElseIsWrong) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, std::vector<std::string>{"-h"},
        std::vector<std::string>{"migrate", "--help"},
        std::vector<std::string>{"--lisen", "--help"}}) {
    const Parsed parsed = Must(Parse({.arguments = arguments}));
    EXPECT_EQ(parsed.command, Command::kHelp);
    EXPECT_THAT(parsed.text, HasSubstr("--metrics_listen ADDRESS"));
  }
}

TEST(CommandTest, VersionIsOneLine) {
  const Parsed parsed = Must(Parse({.arguments = {"--version"}}));
  EXPECT_EQ(parsed.command, Command::kVersion);
  EXPECT_THAT(parsed.text, StartsWith("broadcastd "));
}

}  // namespace
}  // namespace broadcast
