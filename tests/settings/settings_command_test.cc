// What the command line asks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "base/scope_names.h"
#include "given_settings.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using test::Must;
using test::Parse;
using test::StatusIs;
using testing::AllOf;
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

TEST(CommandTest, HealthcheckUsesTlsAsTheServerDoes) {
  Parsed parsed = Must(Parse({.arguments = {"healthcheck"}}));
  EXPECT_FALSE(parsed.health_tls);
  EXPECT_EQ(parsed.health_ca_file, "");

  parsed =
      Must(Parse({.arguments = {"healthcheck"},
                  .file = "tls_certificate = 'c.pem'\ntls_key = 'k.pem'\n"}));
  EXPECT_TRUE(parsed.health_tls);
  EXPECT_EQ(parsed.health_ca_file, "c.pem");
  EXPECT_EQ(parsed.settings.tls_key, "k.pem");
}

TEST(CommandTest, HealthcheckTakesAnAuthority) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"healthcheck", "--tls_ca=a.pem"},
        std::vector<std::string>{"healthcheck", "--tls-ca", "a.pem",
                                 "--tls_certificate=c", "--tls_key=k"}}) {
    const Parsed parsed = Must(Parse({.arguments = arguments}));
    EXPECT_TRUE(parsed.health_tls);
    EXPECT_EQ(parsed.health_ca_file, "a.pem");
  }
  EXPECT_THAT(Parse({.arguments = {"healthcheck", "--tls_ca="}}),
              StatusIs(kInvalid, HasSubstr("--tls_ca: is empty")));
}

constexpr char kClient[] = "6f1c2a52-5a0e-4c57-9b0f-0e9f6a1d2c3b";
constexpr char kSecret[] = "--jwt_secret_file=s";

TEST(TokenCommandTest, AsksForEveryScopeForAnHourByDefault) {
  const Parsed parsed = Must(Parse({.arguments = {"token", kSecret}}));
  EXPECT_EQ(parsed.command, Command::kToken);
  EXPECT_EQ(parsed.token.client_id, "");
  EXPECT_EQ(parsed.token.scopes, absl::StrJoin(ScopeNames(), " "));
  EXPECT_EQ(parsed.token.subject, "development");
  EXPECT_EQ(parsed.token.ttl, absl::Hours(1));
}

TEST(TokenCommandTest, TakesItsOptions) {
  const Parsed parsed =
      Must(Parse({.arguments = {"token", kSecret, "--client_id", kClient,
                                "--scopes= entries:read  admin", "--subject=me",
                                "--ttl", "10m"}}));
  EXPECT_EQ(parsed.token.client_id, kClient);
  EXPECT_EQ(parsed.token.scopes, "entries:read admin");
  EXPECT_EQ(parsed.token.subject, "me");
  EXPECT_EQ(parsed.token.ttl, absl::Minutes(10));
  EXPECT_EQ(
      Must(Parse({.arguments = {"token", kSecret, "--scopes="}})).token.scopes,
      "");
}

TEST(TokenCommandTest, TakesTheSecretOfTheVariable) {
  EXPECT_EQ(Must(Parse({.arguments = {"token"},
                        .variables = {{"JWT_SECRET_KEY", "hunter2"}}}))
                .command,
            Command::kToken);
}

TEST(TokenCommandTest, IsRefusedWithoutASecret) {
  EXPECT_THAT(Parse({.arguments = {"token", "--jwt_keys=k"}}),
              StatusIs(kInvalid, AllOf(HasSubstr("token: there is no secret"),
                                       HasSubstr("--jwt_secret_file"),
                                       HasSubstr("JWT_SECRET_KEY"))));
}

TEST(TokenCommandTest, RefusesWhatItCannotSign) {
  const std::pair<const char*, const char*> refused[] = {
      {"--client_id=me", "--client_id: \"me\" is refused; write the id"},
      {"--scopes=root", "--scopes: \"root\" is refused; write any of "},
      {"--subject=", "--subject: \"\" is refused; write whose"},
      {"--ttl=1", "--ttl: \"1\" is refused; write a number with the unit"},
      {"--ttl=0s", "--ttl: \"0s\" is refused; write 1s to 8760h"},
  };
  for (const auto& [argument, message] : refused) {
    EXPECT_THAT(Parse({.arguments = {"token", kSecret, argument}}),
                StatusIs(kInvalid, HasSubstr(message)));
  }
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
