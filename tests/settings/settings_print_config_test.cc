// What --print-config prints reads back, and holds no secret.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "given_settings.h"
#include "settings/option_values.h"
#include "settings/options.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using test::Given;
using test::Must;
using test::Parse;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string Printed(Given given) {
  given.arguments.emplace_back("--print-config");
  const Parsed parsed = Must(Parse(given));
  EXPECT_EQ(parsed.command, Command::kPrintConfig);
  return parsed.text;
}

void ExpectSame(const Settings& a, const Settings& b) {
  for (const Option& option : Options()) {
    EXPECT_EQ(WriteValue(option, a), WriteValue(option, b)) << option.name;
  }
  ASSERT_EQ(a.accounts.size(), b.accounts.size());
  for (size_t i = 0; i < a.accounts.size(); ++i) {
    EXPECT_EQ(a.accounts[i].name, b.accounts[i].name);
    EXPECT_EQ(a.accounts[i].platform, b.accounts[i].platform);
    EXPECT_EQ(a.accounts[i].secret.kind, b.accounts[i].secret.kind);
    EXPECT_EQ(a.accounts[i].secret.name, b.accounts[i].secret.name);
    EXPECT_EQ(a.accounts[i].clients, b.accounts[i].clients);
    EXPECT_EQ(a.accounts[i].lanes, b.accounts[i].lanes);
    EXPECT_EQ(a.accounts[i].rate, b.accounts[i].rate);
    EXPECT_EQ(a.accounts[i].chat_rate, b.accounts[i].chat_rate);
    EXPECT_EQ(a.accounts[i].group_rate, b.accounts[i].group_rate);
  }
  ASSERT_EQ(a.identities.size(), b.identities.size());
  for (size_t i = 0; i < a.identities.size(); ++i) {
    EXPECT_EQ(a.identities[i].name, b.identities[i].name);
    EXPECT_EQ(a.identities[i].certificate, b.identities[i].certificate);
    EXPECT_EQ(a.identities[i].scopes, b.identities[i].scopes);
    EXPECT_EQ(a.identities[i].client_id, b.identities[i].client_id);
  }
}

TEST(PrintConfigTest, DefaultsReadBack) {
  ExpectSame(Must(Parse({.file = Printed({})})).settings,
             Must(Parse({})).settings);
}

TEST(PrintConfigTest, EverythingReadsBack) {
  const Given given = {
      .arguments = {"--listen=[::]:0",
                    "--insecure_public_listen",
                    "--metrics_listen=",
                    "--log_level=debug",
                    "--reflection=false",
                    "--drain_grace=1500ms",
                    "--database=postgresql://u@h:5433/d?sslmode=require",
                    "--database_password_file=/run/a b/#\"p\"",
                    "--max_request_bytes=65537",
                    "--migrate=off",
                    "--default_content_parse_mode=markdown_v2",
                    "--account=a=telegram",
                    "--account=b=webhook",
                    "--tls_certificate=c",
                    "--tls_key=k",
                    "--tls_client_ca=a",
                    "--tls_client_certificates=optional",
                    "--jwt_keys=keys/",
                    "--jwt_secret_file=s #1",
                    "--oidc_issuer=https://i/r",
                    "--oidc_ca_file=ca",
                    "--jwt_algorithms=HS256, ES256",
                    "--jwt_default_scopes=entries:read  admin",
                    "--max_metadata_bytes=64KiB",
                    "--audit_retention=720h",
                    "--core_dumps",
                    "--scheduler=external",
                    "--telegram_base_url=http://[::1]:8081/bots",
                    "--webhook_allow_private",
                    "--secrets_directory=/"},
      .variables = {{"BROADCASTD_DEFAULT_OPEN_CONTENT",
                     "One # two\n\"three\"\t'four' \\n, [five] = ü 🎉\\"},
                    {"BROADCASTD_DEFAULT_CLOSED_CONTENT", "  spaces  "}},
      .file =
          "default_interval = '90m'\n[accounts.c]\nplatform = 'telegram'\n"
          "token_file = 'C:\\x\\#'\n"
          "clients = '6f1c2a52-5a0e-4c57-9b0f-0e9f6a1d2c3b"
          " 7f1c2a52-5a0e-4c57-9b0f-0e9f6a1d2c3b'\n"
          "rate = '10/s'\nchat_rate = '90/m'\ngroup_rate = '5/m'\n"
          "[accounts.d]\nplatform = 'log'\nlanes = 8\n"
          "[identities.a]\ncertificate = 'spiffe://a/\"b\"'\n"
          "scopes = 'admin entries:read'\n"
          "client_id = '6f1c2a52-5a0e-4c57-9b0f-0e9f6a1d2c3b'\n"
          "[identities.b]\ncertificate = 'b'\nscopes = ''\n"};
  const Settings settings = Must(Parse(given)).settings;
  ExpectSame(Must(Parse({.file = Printed(given)})).settings, settings);
}

TEST(PrintConfigTest, SaysWhereEachComesFrom) {
  const std::string printed =
      Printed({.arguments = {"--log_level=debug", "--account=a=log"},
               .variables = {{"BROADCASTD_DRAIN_GRACE", "1s"}},
               .file = "\nread_queue = 7\n"});
  EXPECT_THAT(
      printed,
      AllOf(HasSubstr("log_level = \"debug\"  # --log_level\n"),
            HasSubstr("drain_grace = \"1s\"  # BROADCASTD_DRAIN_GRACE\n"),
            HasSubstr("/b.toml:2: read_queue\n"),
            HasSubstr("write_queue = 8192  # default\n"),
            HasSubstr("[accounts.a]  # --account\nplatform = \"log\"\n")));
}

TEST(PrintConfigTest, SaysWhereTheJwtSecretIsAndNotWhatItIs) {
  const std::string printed =
      Printed({.variables = {{"JWT_SECRET_KEY", "hunter2-hunter2"}}});
  EXPECT_THAT(printed,
              AllOf(HasSubstr("jwt_secret_file = \"\"  # JWT_SECRET_KEY\n"),
                    Not(HasSubstr("hunter2"))));
  // The variable counts when that is read back, too.
  const Parsed again = Must(Parse(
      {.variables = {{"JWT_SECRET_KEY", "hunter2-hunter2"}}, .file = printed}));
  EXPECT_EQ(again.settings.jwt_secret.name, "JWT_SECRET_KEY");
}

TEST(PrintConfigTest, SaysWhichSecretsAreMounted) {
  const test::TempDir dir;
  for (const char* name : {"jwt_secret", "account_a"}) {
    std::ofstream(dir.File(name)) << "hunter2";
  }
  EXPECT_THAT(
      Printed({.arguments = {"--secrets_directory=" + dir.path(),
                             "--account=a=telegram"}}),
      AllOf(HasSubstr("jwt_secret_file = \"" + dir.File("jwt_secret") +
                      "\"  # --secrets_directory\n"),
            HasSubstr("token_file = \"" + dir.File("account_a") + "\"\n"),
            Not(HasSubstr("hunter2"))));
}

TEST(PrintConfigTest, HasEveryOption) {
  const std::string printed = Printed({});
  for (const Option& option : Options()) {
    EXPECT_THAT(printed, HasSubstr("\n" + std::string(option.name) + " = "));
  }
}

TEST(PrintConfigTest, PasswordsAreRedactedAndNotReadBack) {
  for (const char* url :
       {"postgresql://u:hunter2@h/d", "postgres://h/d?password=hunter2",
        "postgresql://h/d?sslpassword=hunter2"}) {
    const std::string printed =
        Printed({.variables = {{"BROADCASTD_DATABASE", url}}});
    EXPECT_THAT(printed, AllOf(HasSubstr("***"), Not(HasSubstr("hunter2"))));
    EXPECT_THAT(Parse({.file = printed}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("database_password_file")));
  }
}

TEST(PrintConfigTest, SecretsOfAccountsAreNotEvenRead) {
  std::set<std::string> asked;
  const char* argv[] = {"broadcastd", "--account=a=telegram", "--print-config"};
  Must(ParseSettings(3, argv, [&](absl::string_view name) {
    asked.emplace(name);
    return std::optional<std::string>();
  }));
  EXPECT_FALSE(asked.contains("BROADCASTD_ACCOUNT_A_TOKEN"));
}

}  // namespace
}  // namespace broadcast
