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
                {.arguments = {"--listen", "--core_dumps"}},
                {"--listen: the value is missing", "--listen=VALUE"}},
        Refusal{"Twice",
                {.arguments = {"--listen=a:1", "--listen=a:2"}},
                {"--listen: given twice", "keep one"}},
        Refusal{"SwitchValueApart",
                {.arguments = {"--core_dumps", "false"}},
                {"--NAME=VALUE"}},
        Refusal{"TwoCommands",
                {.arguments = {"migrate", "healthcheck"}},
                {"\"healthcheck\" is no command"}},
        Flag("AddressWithoutHealthcheck", "--address=a:1",
             {"--address: only healthcheck", "--listen"}),
        Flag("AuthorityWithoutHealthcheck", "--tls_ca=a",
             {"--tls_ca: only healthcheck takes it"}),
        Flag("ScopesWithoutToken", "--scopes=admin",
             {"--scopes: only token takes it; remove it"}),
        Flag("ReflectionWithoutMode", "--reflection",
             {"--reflection: the value is missing"}),
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
        Variable("Switch", "BROADCASTD_CORE_DUMPS", "yes",
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
        Flag("SyncIntervalFraction", "--sync_interval=1500ms",
             {"whole seconds"}),
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
        Flag("Quota", "--default_pair_quota=-1", {"0 to 1000000"}),
        Flag("Reflection", "--reflection=on", {"auto, true, false"}),
        Flag("Certificates", "--tls_client_certificates=never",
             {"required, optional"}),
        Flag("Metadata", "--max_metadata_bytes=1KiB", {"4KiB to 1MiB"}),
        Flag("Rate", "--principal_rate=-1", {"0 to 1000000"}),
        Flag("Leeway", "--jwt_leeway=301s", {"0s to 5m"}),
        Flag("Reload", "--reload_interval=0s", {"1s to 1h"}),
        Flag("Retention", "--audit_retention=59m", {"1h to 87600h"}),
        Flag("RetentionFraction", "--audit_retention=3600500ms",
             {"whole seconds"})),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Authentication, RefusedTest,
    testing::Values(
        Flag("Algorithm", "--jwt_algorithms=RS256,HS512",
             {"--jwt_algorithms: \"HS512\"", "RS256, PS256, ES256, EdDSA",
              "with commas between"}),
        Flag("NoSignature", "--jwt_algorithms=none", {"\"none\" is refused"}),
        Flag("AlgorithmCase", "--jwt_algorithms=rs256", {"\"rs256\""}),
        Flag("AlgorithmTwice", "--jwt_algorithms=RS256,RS256",
             {"twice", "remove one"}),
        Flag("NoAlgorithm", "--jwt_algorithms=", {"write any of RS256"}),
        Flag("OnlyCommas", "--jwt_algorithms=, ,", {"write any of RS256"}),
        Flag("DefaultScope", "--jwt_default_scopes=entries:read entries",
             {"--jwt_default_scopes: \"entries\"", "entries:write",
              "with blanks between"}),
        Flag("ScopesWithCommas", "--jwt_default_scopes=admin,entries:read",
             {"with blanks between"}),
        Flag("ClientClaim", "--jwt_client_claim=",
             {"--jwt_client_claim: ", "the name of a claim"}),
        Flag("ScopeClaim", "--jwt_scope_claim=a b", {"the name of a claim"}),
        Flag("IssuerScheme", "--oidc_issuer=accounts.example",
             {"--oidc_issuer: ", "https://HOST/PATH"}),
        Flag("IssuerHost", "--oidc_issuer=https://", {"https://HOST/PATH"}),
        Flag("IssuerPort", "--oidc_issuer=https://a:b/c",
             {"https://HOST/PATH"}),
        Flag("IssuerPassword", "--oidc_issuer=https://u:p@a/",
             {"https://HOST/PATH"}),
        Flag("IssuerQuery", "--oidc_issuer=https://a/b?c",
             {"https://HOST/PATH"}),
        Flag("IssuerFragment", "--oidc_issuer=https://a/#b",
             {"https://HOST/PATH"}),
        Flag("IssuerBlank", "--oidc_issuer=https://a/b c",
             {"https://HOST/PATH"}),
        Flag("IssuerSocket", "--oidc_issuer=http://unix:1/",
             {"--oidc_issuer: "}),
        Flag("IssuerInTheClear", "--oidc_issuer=http://a.example/",
             {"--oidc_issuer: ", "write https, or a loopback host"}),
        Variable("IssuerInTheClearOfVariable", "BROADCASTD_OIDC_ISSUER",
                 "http://localhost.example", {"write https"}),
        Flag("AuthorityOfNoIssuer", "--oidc_ca_file=a",
             {"--oidc_ca_file: ", "--oidc_issuer"}),
        Refusal{"TwoIssuers",
                {.arguments = {"--oidc_issuer=https://a", "--jwt_issuer=b"}},
                {"--jwt_issuer: differs from oidc_issuer", "remove it"}},
        Refusal{"SecretWithoutAlgorithm",
                {.arguments = {"--jwt_algorithms=RS256"},
                 .variables = {{"JWT_SECRET_KEY", "hunter2"}}},
                {"--jwt_algorithms: leaves out HS256", "JWT_SECRET_KEY"}},
        Flag("SecretsNowhere", "--secrets_directory=/nowhere",
             {"--secrets_directory: /nowhere is no folder", "mount it"}),
        Flag("SecretOnCommandLine", "--jwt_secret=hunter2",
             {"\"--jwt_secret\" is no option"}),
        File("SecretInFile", "jwt_secret = 'hunter2'\n",
             {"b.toml:1: jwt_secret is unknown", "jwt_secret_file"})),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Transport, RefusedTest,
    testing::Values(
        Flag("CertificateAlone", "--tls_certificate=c",
             {"--tls_certificate: needs its private key", "--tls_key"}),
        Variable("KeyAlone", "BROADCASTD_TLS_KEY", "k",
                 {"needs its certificate", "--tls_certificate"}),
        Flag("AuthorityWithoutTls", "--tls_client_ca=a",
             {"--tls_client_ca: needs TLS", "--tls_certificate", "--tls_key"}),
        File("OptionalWithoutAuthority",
             "tls_client_certificates = 'optional'\n",
             {"b.toml:1: tls_client_certificates: ", "--tls_client_ca"})),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Delivery, RefusedTest,
    testing::Values(
        Flag("Cooldown", "--trigger_cooldown=25h",
             {"--trigger_cooldown: ", "0s to 24h"}),
        Flag("Scheduler", "--scheduler=cron",
             {"--scheduler: ", "auto, external"}),
        Flag("Threshold", "--disable_threshold=-1",
             {"--disable_threshold: ", "0 to 1000000"}),
        Flag("TelegramOverHttp", "--telegram_base_url=http://bots.example",
             {"--telegram_base_url: ", "read the bot's token", "loopback"}),
        Flag("TelegramWithoutUrl", "--telegram_base_url=",
             {"--telegram_base_url: ", "https://api.telegram.org"}),
        Flag("TelegramWithSlash", "--telegram_base_url=https://a/",
             {"--telegram_base_url: ", "without the /"}),
        Flag("TelegramWithQuery", "--telegram_base_url=https://a/?b",
             {"--telegram_base_url: ", "https://api.telegram.org"}),
        Variable("Retention", "BROADCASTD_EVENTS_RETENTION", "1m",
                 {"1h to 87600h"}),
        File("OperationsBeforeResults", "operations_retention = '24h'\n",
             {"b.toml:1: operations_retention: ", "results_retention"}),
        Flag("FailPoint", "--fail_point=c4",
             {"--fail_point: ", "BROADCASTD_FAIL_POINTS"}),
        Flag("FailPointName", "--fail_point=C 4",
             {"--fail_point: \"C 4\"", "c4"})),
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
             {"b.toml:1: server is unknown", "[accounts.NAME]",
              "[identities.NAME]"}),
        File("OptionAsSection", "[listen]\n", {"b.toml:1: listen is unknown"}),
        File("OptionBelowSection", "[accounts.a]\nplatform='log'\nlisten='x'",
             {"b.toml:3: accounts.a.listen is unknown",
              "options go above the first section"}),
        File("ConfigWithinConfig", "config = 'x'\n", {"on the command line"}),
        File("AccountKey", "account = 'a=log'\n", {"[accounts.NAME]"}),
        File("IdentitiesKey", "identities = 'a'\n", {"[identities.NAME]"}),
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

struct Public {
  const char* arguments;
  std::vector<std::string> says;  // empty: taken
};

TEST(PublicListenTest, NeedsTlsAndAuthentication) {
  const Public every[] = {
      {"",
       {"neither TLS nor authentication", "--tls_certificate", "--jwt_keys"}},
      {"--tls_certificate=c --tls_key=k",
       {"no authentication", "--jwt_keys", "--jwt_secret_file", "--oidc_issuer",
        "--tls_client_ca"}},
      {"--jwt_keys=k", {"no TLS", "--tls_certificate", "--tls_key"}},
      {"--tls_certificate=c --tls_key=k --jwt_keys=k", {}},
      {"--tls_certificate=c --tls_key=k --jwt_secret_file=s", {}},
      {"--tls_certificate=c --tls_key=k --oidc_issuer=https://a", {}},
      {"--tls_certificate=c --tls_key=k --tls_client_ca=a", {}},
      {"--jwt_keys=k --insecure_public_listen", {}},
  };
  for (const Public& one : every) {
    Given given = {.arguments =
                       absl::StrSplit(one.arguments, ' ', absl::SkipEmpty())};
    given.arguments.emplace_back("--listen=0.0.0.0:1");
    const auto parsed = Parse(given);
    EXPECT_EQ(parsed.ok(), one.says.empty()) << one.arguments;
    for (const std::string& part : one.says) {
      EXPECT_THAT(parsed, StatusIs(kInvalid, HasSubstr(part)));
    }
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
