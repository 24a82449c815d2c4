// Where the server is, and whether a token may go there.
#include "cli/connection_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "cli/read_command_line.h"
#include "support/status_matchers.h"

namespace broadcast::cli {
namespace {

using test::Must;
using test::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kRefused = absl::StatusCode::kInvalidArgument;

absl::StatusOr<ConnectionSettings> Read(
    std::vector<std::string> options,
    const std::map<std::string, std::string>& variables = {}) {
  options.push_back("server");
  const CommandLine line = Must(ReadCommandLine(options));
  return ReadConnectionSettings(
      line.arguments,
      [&](absl::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(std::string(name));
        if (found == variables.end()) return std::nullopt;
        return found->second;
      });
}

TEST(ConnectionSettingsTest, AnOptionOutranksItsVariable) {
  EXPECT_EQ(Must(Read({})).address, "127.0.0.1:50051");
  EXPECT_EQ(Must(Read({}, {{"BROADCAST_ADDRESS", "b:1"}})).address, "b:1");
  EXPECT_EQ(
      Must(Read({"--address=a:1"}, {{"BROADCAST_ADDRESS", "b:1"}})).address,
      "a:1");
  EXPECT_EQ(Must(Read({}, {{"BROADCAST_ADDRESS", ""}})).address,
            "127.0.0.1:50051");
}

TEST(ConnectionSettingsTest, AnOptionForTheTokenOutranksBothVariables) {
  const auto settings =
      Must(Read({"--token-file=f"}, {{"BROADCAST_TOKEN", "t"}}));
  EXPECT_EQ(settings.token, "");
  EXPECT_EQ(settings.token_file, "f");
  EXPECT_THAT(Read({"--token=t", "--token-file=f"}).status(),
              StatusIs(kRefused));
  EXPECT_THAT(
      Read({}, {{"BROADCAST_TOKEN", "t"}, {"BROADCAST_TOKEN_FILE", "f"}})
          .status(),
      StatusIs(kRefused));
}

TEST(ConnectionSettingsTest, ATokenIsNotSentUnencrypted) {
  const std::map<std::string, std::string> token = {{"BROADCAST_TOKEN", "tea"}};
  EXPECT_THAT(Read({"--address=far:1"}, token).status(),
              StatusIs(kRefused, HasSubstr("without TLS")));
  EXPECT_THAT(Read({"--address=far:1", "--token-file=f"}).status(),
              StatusIs(kRefused));
  EXPECT_TRUE(Read({"--address=far:1", "--tls"}, token).ok());
  EXPECT_TRUE(Read({"--address=far:1", "--tls-ca=f"}, token).ok());
  EXPECT_TRUE(Read({"--address=far:1", "--allow-insecure-token"}, token).ok());
  EXPECT_TRUE(Read({}, token).ok());
  EXPECT_TRUE(Read({"--address=far:1"}).ok());
}

TEST(ConnectionSettingsTest, ABrokenTokenIsRefusedAndNotTold) {
  const auto refused = Read({}, {{"BROADCAST_TOKEN", "two words"}}).status();
  EXPECT_THAT(refused, StatusIs(kRefused, Not(HasSubstr("two"))));
  EXPECT_EQ(Must(Read({}, {{"BROADCAST_TOKEN", " t\n"}})).token, "t");
}

TEST(ConnectionSettingsTest, CertificateAndKeyNeedEachOther) {
  EXPECT_THAT(Read({"--tls-cert=f"}).status(), StatusIs(kRefused));
  EXPECT_THAT(Read({}, {{"BROADCAST_TLS_KEY", "f"}}).status(),
              StatusIs(kRefused));
  EXPECT_TRUE(Must(Read({"--tls-cert=f", "--tls-key=g"})).tls);
  EXPECT_THAT(Read({"--tls-server-name=n"}).status(), StatusIs(kRefused));
}

TEST(ConnectionSettingsTest, KnowsThisMachine) {
  for (const char* target :
       {"127.0.0.1:1", "127.8.8.8", "localhost:1", "LOCALHOST", "[::1]:1",
        "::1", "dns:localhost:1", "dns:///localhost:1", "ipv4:127.0.0.1:1",
        "ipv6:[::1]:1", "unix:a.sock", "unix:///a.sock", "unix-abstract:a",
        "127.0.0.1:1,localhost:2"}) {
    EXPECT_TRUE(IsLoopbackTarget(target)) << target;
  }
  for (const char* target : {"", "example:1", "10.0.0.1:1", "128.0.0.1",
                             "[::2]:1", "0.0.0.0:1", "localhost.example:1",
                             "127.0.0.1.example:1", "dns://10.0.0.1/localhost",
                             "xds:///localhost", "127.0.0.1:1,example:2"}) {
    EXPECT_FALSE(IsLoopbackTarget(target)) << target;
  }
}

}  // namespace
}  // namespace broadcast::cli
