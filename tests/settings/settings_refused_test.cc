// What is refused, and that each message names the option, where it was given
// and the remedy on one line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "given_settings.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using test::Given;
using test::IsOk;
using test::Parse;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

struct Refusal {
  std::string name;
  Given given;
  std::vector<std::string> says;
};

class RefusedTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedTest, SaysOptionSourceAndRemedy) {
  const auto parsed = Parse(GetParam().given);
  ASSERT_THAT(parsed, StatusIs(kInvalid));
  const std::string message(parsed.status().message());
  for (const std::string& part : GetParam().says) {
    EXPECT_THAT(message, HasSubstr(part));
  }
  EXPECT_THAT(message, Not(HasSubstr("\n")));
  EXPECT_THAT(message, Not(HasSubstr("hunter2")));
}

Refusal Flag(std::string name, std::string argument,
             std::vector<std::string> says) {
  return {
      std::move(name), {.arguments = {std::move(argument)}}, std::move(says)};
}

Refusal Variable(std::string name, std::string variable, std::string value,
                 std::vector<std::string> says) {
  says.push_back(variable + ": ");
  return {std::move(name),
          {.variables = {{variable, std::move(value)}}},
          std::move(says)};
}

Refusal File(std::string name, std::string file,
             std::vector<std::string> says) {
  return {std::move(name), {.file = std::move(file)}, std::move(says)};
}

std::string NameOf(const testing::TestParamInfo<Refusal>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Shape, RefusedTest,
    testing::Values(
        Flag("UnknownOption", "--lisen=hunter2",
             {"\"--lisen\" is no option", "--help"}),
        Flag("UnknownShortOption", "-x", {"\"-x\" is no option"}),
        Flag("UnknownCommand", "migrat", {"\"migrat\" is no command"}),
        Flag("MissingValue", "--listen", {"--listen: the value is missing"}),
        Refusal{"OptionInPlaceOfValue",
                {.arguments = {"--listen", "--reflection"}},
                {"--listen: the value is missing", "--listen=VALUE"}},
        Refusal{"Twice",
                {.arguments = {"--listen=a:1", "--listen=a:2"}},
                {"--listen: given twice", "keep one"}},
        Refusal{"SwitchValueApart",
                {.arguments = {"--reflection", "false"}},
                {"--NAME=VALUE"}},
        Refusal{"TwoCommands",
                {.arguments = {"migrate", "healthcheck"}},
                {"\"healthcheck\" is no command"}},
        Flag("AddressWithoutHealthcheck", "--address=a:1",
             {"--address: only healthcheck", "--listen"}),
        Flag("MissingFile", "--config=/nowhere/b.toml",
             {"--config: /nowhere/b.toml: cannot be read"}),
        Flag("FolderAsFile", "--config=/", {"--config: /: cannot be read"}),
        Variable("MissingFileOfVariable", "BROADCASTD_CONFIG", "/nowhere",
                 {"/nowhere: cannot be read"})),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Value, RefusedTest,
    testing::Values(
        Flag("ListenWithoutPort", "--listen=localhost",
             {"--listen: \"localhost\"", "HOST:PORT"}),
        Flag("ListenPort", "--listen=localhost:65536", {"HOST:PORT"}),
        Variable("ListenBareIpv6", "BROADCASTD_LISTEN", "::1:50051",
                 {"[IPV6]:PORT"}),
        Flag("MetricsOnASocketFile", "--metrics_listen=unix:x",
             {"--metrics_listen: ", "HOST:PORT"}),
        Variable("Switch", "BROADCASTD_REFLECTION", "yes",
                 {"\"yes\"", "true or false"}),
        Flag("CountBelow", "--database_sessions=0", {"1 to 8"}),
        Flag("CountAbove", "--database_sessions=9", {"1 to 8"}),
        Flag("CountNoNumber", "--write_queue=many", {"\"many\"", "1 to 65536"}),
        Flag("CountTooLong", "--write_queue=99999999999", {"1 to 65536"}),
        Flag("BytesBelow", "--max_request_bytes=1KiB", {"64KiB to 64MiB"}),
        Flag("BytesAbove", "--max_request_bytes=2000000000MiB",
             {"64KiB to 64MiB"}),
        Flag("BytesUnit", "--max_request_bytes=4MB", {"KiB or MiB"}),
        Flag("DurationWithoutUnit", "--drain_grace=10",
             {"--drain_grace: \"10\"", "1h30m"}),
        Flag("DurationNegative", "--drain_grace=-1s", {"0s to 5m"}),
        Flag("DurationInfinite", "--drain_grace=inf", {"0s to 5m"}),
        Flag("DurationFraction", "--drain_grace=1us", {"whole milliseconds"}),
        Flag("IntervalBelow", "--default_interval=59s", {"1m to 8784h"}),
        Flag("IntervalAbove", "--default_interval=8785h", {"1m to 8784h"}),
        Flag("IntervalFraction", "--default_interval=60500ms",
             {"whole seconds"}),
        Variable("Word", "BROADCASTD_LOG_LEVEL", "verbose",
                 {"debug, info, warning, error"}),
        Flag("ContentTooLong",
             "--default_open_content=" + std::string(4097, 'x'),
             {"--default_open_content: ", "4096"}),
        Flag("ContentControl", "--default_open_content=a\x01",
             {"control character"}),
        Flag("ContentNotUtf8", "--default_open_content=\xC3(", {"UTF-8"}),
        Flag("Quota", "--default_pair_quota=-1", {"0 to 1000000"})),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Database, RefusedTest,
    testing::Values(
        Flag("Scheme", "--database=mysql://u:hunter2@h",
             {"--database: ", "sqlite:PATH"}),
        Flag("Memory", "--database=sqlite::memory:", {"sqlite:PATH"}),
        Flag("Password", "--database=postgresql://u:hunter2@h/d",
             {"--database: ", "--database_password_file",
              "BROADCASTD_DATABASE"}),
        Flag("PasswordParameter",
             "--database=postgresql://h/d?password=hunter2",
             {"--database: ", "--database_password_file"}),
        Flag("KeyPassword", "--database=postgresql://h/d?sslpassword=hunter2",
             {"--database: ", "--database_password_file"}),
        Variable("Redacted", "BROADCASTD_DATABASE",
                 "user='u' password='***' host='h'",
                 {"***", "database_password_file"})),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    File, RefusedTest,
    testing::Values(
        File("Value", "\n\nlog_level = 'loud'",
             {"b.toml:3: log_level: \"loud\"", "debug, info"}),
        File("UnknownKey", "lisen = 'x'\n", {"b.toml:1: lisen is unknown"}),
        File("UnknownSection", "[server]\n",
             {"b.toml:1: server is unknown", "[accounts.NAME]"}),
        File("OptionAsSection", "[listen]\n", {"b.toml:1: listen is unknown"}),
        File("OptionBelowSection", "[accounts.a]\nplatform='log'\nlisten='x'",
             {"b.toml:3: accounts.a.listen is unknown",
              "options go above the first section"}),
        File("ConfigWithinConfig", "config = 'x'\n", {"on the command line"}),
        File("AccountKey", "account = 'a=log'\n", {"[accounts.NAME]"}),
        File("Syntax", "listen = localhost:1\n", {"b.toml:1: ", "in quotes"}),
        File("TwiceInFile", "migrate = 'off'\nmigrate = 'off'\n",
             {"b.toml:2: migrate is given twice"})),
    NameOf);

TEST(RefusedTogetherTest, EveryProblemHasItsLine) {
  const auto parsed = Parse({.arguments = {"--database_sessions=9"},
                             .variables = {{"BROADCASTD_LOG_LEVEL", "loud"}},
                             .file = "lisen = 'x'\n"});
  ASSERT_THAT(parsed, StatusIs(kInvalid));
  const std::vector<std::string> lines =
      absl::StrSplit(parsed.status().message(), '\n');
  EXPECT_THAT(lines, ElementsAre(HasSubstr("lisen is unknown"),
                                 HasSubstr("BROADCASTD_LOG_LEVEL: "),
                                 HasSubstr("--database_sessions: ")));
}

TEST(PublicListenTest, IsRefusedUnlessSaidExplicitly) {
  for (const char* address :
       {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[2001:db8::1]:1", "example.com:1",
        "localhost.example:1", "128.0.0.1:1", "[::ffff:10.0.0.1]:1"}) {
    EXPECT_THAT(
        Parse({.arguments = {"--listen", address}}),
        StatusIs(kInvalid, AllOf(HasSubstr("--listen: "), HasSubstr(address),
                                 HasSubstr("--insecure_public_listen"))));
    EXPECT_THAT(
        Parse({.arguments = {"--listen", address, "--insecure_public_listen"}}),
        IsOk());
  }
}

TEST(PublicListenTest, LoopbackIsTaken) {
  for (const char* address :
       {"127.0.0.1:0", "127.255.1.2:1", "[::1]:1", "[::ffff:127.0.0.1]:1",
        "localhost:1", "LocalHost:1", "unix:/run/broadcastd.sock"}) {
    EXPECT_THAT(Parse({.arguments = {"--listen", address}}), IsOk());
  }
}

TEST(PublicListenTest, MetricsMayBePublic) {
  EXPECT_THAT(Parse({.arguments = {"--metrics_listen=0.0.0.0:9464"}}), IsOk());
}

}  // namespace
}  // namespace broadcast
