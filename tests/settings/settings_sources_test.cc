// The command line outranks variables, which outrank the file, for every
// option; and every form that a value may take.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "given_settings.h"
#include "settings/option_values.h"
#include "settings/options.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using test::Given;
using test::IsOk;
using test::Must;
using test::Parse;

// Three values of an option, those of the variable and the file not the
// default, as written back.
struct Values {
  const char* option;
  const char* flag;
  const char* variable;
  const char* file;
  const char* needs = "";  // arguments without which it is refused
};

constexpr Values kValues[] = {
    {"listen", "[::1]:1", "unix:b.sock", "localhost:3"},
    {"insecure_public_listen", "true", "false", "true"},
    {"metrics_listen", "", "0.0.0.0:9", "[::]:9"},
    {"log_level", "debug", "warning", "error"},
    {"reflection", "false", "true", "auto"},
    {"drain_grace", "0s", "500ms", "5m"},
    {"shutdown_delay", "1s", "2s", "3s"},
    {"core_dumps", "true", "false", "true"},
    {"tls_certificate", "a", "b", "c", "--tls_key=k"},
    {"tls_key", "a", "b", "c", "--tls_certificate=c"},
    {"tls_client_ca", "a", "b", "c", "--tls_certificate=c --tls_key=k"},
    {"tls_client_certificates", "required", "optional", "optional",
     "--tls_certificate=c --tls_key=k --tls_client_ca=a"},
    {"jwt_keys", "a", "b", "c"},
    {"jwt_secret_file", "a", "b", "c"},
    {"oidc_issuer", "https://a", "https://b:1/c", "http://localhost"},
    {"oidc_ca_file", "a", "b", "c", "--oidc_issuer=https://a"},
    {"jwt_issuer", "a", "b", "c", "--jwt_keys=k"},
    {"jwt_audience", "a", "b", "c", "--jwt_keys=k"},
    {"jwt_algorithms", "HS256", "RS256,HS256", "HS256,ES256"},
    {"jwt_leeway", "0s", "1ms", "5m"},
    {"jwt_key_overlap", "0s", "1ms", "24h"},
    {"jwt_client_claim", "a", "https://b.example/c", "d"},
    {"jwt_scope_claim", "a", "b", "scp"},
    {"jwt_default_scopes", "", "admin", "entries:read entries:write",
     "--jwt_keys=k"},
    {"reload_interval", "1s", "2s", "1h"},
    {"secrets_directory", "/", "/usr", "/etc"},
    {"database", "sqlite:a", "postgresql://u@h/d", "sqlite:c"},
    {"database_password_file", "a", "b", "c"},
    {"database_sessions", "1", "2", "3"},
    {"migrate", "off", "auto", "off"},
    {"write_queue", "1", "2", "65536"},
    {"read_queue", "1", "2", "65536"},
    {"auto_register_clients", "false", "true", "false"},
    {"default_pair_quota", "0", "2", "1000000"},
    {"default_interval", "1m", "1h30m", "8784h"},
    {"default_open_content", "[a, \"b\" # 'c']", "", "Grüße, 'Welt'"},
    {"default_closed_content", "-- x", "b\n\tc", "\\"},
    {"default_content_parse_mode", "html", "none", "markdown_v2"},
    {"trigger_cooldown", "0s", "1ms", "24h"},
    {"scheduler", "external", "auto", "external"},
    {"disable_threshold", "0", "2", "1000000"},
    {"tracking", "false", "true", "false"},
    {"sync_on_startup", "true", "false", "true"},
    {"sync_interval", "1s", "1h30m", "8784h"},
    {"telegram_base_url", "http://127.0.0.1:8081", "https://a/b",
     "http://localhost"},
    {"webhook_allow_private", "true", "false", "true"},
    {"results_retention", "1h", "2h", "720h"},
    {"operations_retention", "168h", "721h", "87600h"},
    {"events_retention", "1h", "2h", "87600h"},
    {"max_request_bytes", "64KiB", "100000", "64MiB"},
    {"max_connections", "1", "2", "1000000"},
    {"max_concurrent_streams", "1", "2", "100000"},
    {"max_connection_age", "0s", "1s", "24h"},
    {"max_connection_age_grace", "0s", "1s", "1h"},
    {"keepalive_time", "1s", "2s", "2h"},
    {"keepalive_timeout", "1s", "2s", "10m"},
    {"min_ping_interval", "1s", "2s", "1h"},
    {"principal_rate", "0", "2", "1000000"},
    {"address_rate", "0", "2", "1000000"},
    {"max_metadata_bytes", "4KiB", "5000", "1MiB"},
    {"max_connection_idle", "0s", "1s", "24h"},
    {"audit_retention", "1h", "2160h1s", "87600h"},
    {"group_commit", "false", "true", "false"},
    {"audit", "false", "true", "false"},
    {"fail_point", "c0", "c1:2", "c9"},
    {"lane_lease", "2s", "3s", "1m"},
};

std::string VariableOf(const std::string& option) {
  return "BROADCASTD_" + absl::AsciiStrToUpper(option);
}

class SourcesTest : public testing::TestWithParam<Values> {
 protected:
  std::string Effective(Given given) {
    const std::vector<std::string> needs =
        absl::StrSplit(GetParam().needs, ' ', absl::SkipEmpty());
    given.variables["BROADCASTD_FAIL_POINTS"] = "1";
    given.arguments.insert(given.arguments.end(), needs.begin(), needs.end());
    const Option* option = FindOption(GetParam().option);
    return WriteValue(*option, Must(Parse(given)).settings);
  }

  // The line of a file that sets the option to `value`.
  std::string Line(const char* value) {
    const Option* option = FindOption(GetParam().option);
    Settings settings;
    Must(ReadValue(*option, value, settings));
    return absl::StrCat(option->name, " = ", WriteTomlValue(*option, settings));
  }
};

TEST_P(SourcesTest, FileOutranksDefault) {
  EXPECT_EQ(Effective({.file = Line(GetParam().file)}), GetParam().file);
}

TEST_P(SourcesTest, VariableOutranksFile) {
  const Values& v = GetParam();
  EXPECT_EQ(Effective({.variables = {{VariableOf(v.option), v.variable}},
                       .file = Line(v.file)}),
            v.variable);
}

TEST_P(SourcesTest, CommandLineOutranksBoth) {
  const Values& v = GetParam();
  EXPECT_EQ(Effective({.arguments = {absl::StrCat("--", v.option, "=", v.flag)},
                       .variables = {{VariableOf(v.option), v.variable}},
                       .file = Line(v.file)}),
            v.flag);
}

INSTANTIATE_TEST_SUITE_P(EveryOption, SourcesTest, testing::ValuesIn(kValues),
                         [](const auto& info) {
                           return std::string(info.param.option);
                         });

TEST(SourcesTableTest, HasEveryOption) {
  std::set<std::string> listed;
  for (const Values& values : kValues) listed.insert(values.option);
  for (const Option& option : Options()) {
    EXPECT_TRUE(listed.contains(std::string(option.name))) << option.name;
  }
}

TEST(SourcesFormTest, ValueMayBeAnArgumentOfItsOwn) {
  const Parsed parsed = Must(Parse(
      {.arguments = {"--listen", "[::1]:5", "--metrics_listen", "",
                     "--default_open_content", "[a,b]", "--core_dumps"}}));
  EXPECT_EQ(parsed.settings.listen, "[::1]:5");
  EXPECT_EQ(parsed.settings.metrics_listen, "");
  EXPECT_EQ(parsed.settings.default_open_content, "[a,b]");
  EXPECT_TRUE(parsed.settings.core_dumps);
}

TEST(SourcesFormTest, DashesInNamesAreUnderscores) {
  EXPECT_EQ(
      Must(Parse({.arguments = {"--log-level=error"}})).settings.log_level,
      Severity::kError);
}

TEST(SourcesFormTest, SwitchesTakeOneAndZero) {
  EXPECT_FALSE(Must(Parse({.variables = {{"BROADCASTD_GROUP_COMMIT", "0"}}}))
                   .settings.group_commit);
  EXPECT_TRUE(Must(Parse({.arguments = {"--group_commit=1"},
                          .variables = {{"BROADCASTD_GROUP_COMMIT", "0"}}}))
                  .settings.group_commit);
}

TEST(SourcesFormTest, ListsLoseTheirBlanks) {
  const Settings settings =
      Must(Parse({.arguments = {"--jwt_keys=k",
                                "--jwt_algorithms= ES256 , RS256,",
                                "--jwt_default_scopes= admin  entries:read "}}))
          .settings;
  EXPECT_EQ(settings.jwt_algorithms, "ES256,RS256");
  EXPECT_EQ(settings.jwt_default_scopes, "admin entries:read");
}

TEST(SourcesFormTest, IssuersMayBeOfManyForms) {
  for (const char* issuer :
       {"https://a.example", "https://a.example/", "https://a.example/realms/b",
        "https://a.example:8443/b", "https://[2001:db8::1]/",
        "https://[2001:db8::1]:1", "http://localhost:8080/a",
        "http://127.0.0.1", "http://[::1]:1/a"}) {
    EXPECT_EQ(Must(Parse({.arguments = {"--oidc_issuer", issuer}}))
                  .settings.oidc_issuer,
              issuer);
  }
}

TEST(SourcesFormTest, DurationsTakeUnits) {
  const std::pair<const char*, absl::Duration> durations[] = {
      {"24h", absl::Hours(24)},       {"90m", absl::Minutes(90)},
      {"60s", absl::Seconds(60)},     {"1h30m", absl::Minutes(90)},
      {"1.5h", absl::Minutes(90)},    {"60000ms", absl::Seconds(60)},
      {"8784h", limits::kMaxInterval}};
  for (const auto& [text, duration] : durations) {
    const auto parsed = Parse({.arguments = {"--default_interval", text}});
    ASSERT_THAT(parsed, IsOk());
    EXPECT_EQ(parsed->settings.default_interval, duration) << text;
  }
}

TEST(SourcesFormTest, ConfigMayBeNamedByAVariable) {
  const test::TempDir dir;
  std::ofstream(dir.File("c.toml")) << "database_sessions = 7\n";
  const auto parsed =
      Parse({.variables = {{"BROADCASTD_CONFIG", dir.File("c.toml")}}});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->settings.database_sessions, 7);
}

TEST(SourcesFormTest, PasswordOfAFileOrVariableIsTaken) {
  const std::string url = "postgresql://u:p@h/d";
  EXPECT_EQ(Must(Parse({.variables = {{"BROADCASTD_DATABASE", url}}}))
                .settings.database,
            url);
  EXPECT_EQ(
      Must(Parse({.file = "database = \"" + url + "\"\n"})).settings.database,
      url);
}

}  // namespace
}  // namespace broadcast
