// Identities: who a client certificate is, as sections of the file say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "given_settings.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using test::Given;
using test::Must;
using test::Parse;
using test::StatusIs;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kClient[] = "6f1c2a52-5a0e-4c57-9b0f-0e9f6a1d2c3b";

Given WithTls(std::string file) {
  return {
      .arguments = {"--tls_certificate=c", "--tls_key=k", "--tls_client_ca=a"},
      .file = std::move(file)};
}

TEST(IdentitiesTest, SectionsSayWhoACertificateIs) {
  const std::vector<IdentitySettings> identities =
      Must(Parse(WithTls(absl::StrCat(R"(
[identities.web]
certificate = "spiffe://example/web"
scopes = " entries:write  entries:read "
client_id = ")",
                                      kClient, R"("
[identities.operator]
certificate = "ops.example"
scopes = "admin"
)"))))
          .settings.identities;
  ASSERT_THAT(identities, SizeIs(2));
  EXPECT_EQ(identities[0].name, "operator");
  EXPECT_EQ(identities[0].certificate, "ops.example");
  EXPECT_EQ(identities[0].scopes, "admin");
  EXPECT_EQ(identities[0].client_id, "");
  EXPECT_EQ(identities[1].name, "web");
  EXPECT_EQ(identities[1].certificate, "spiffe://example/web");
  EXPECT_EQ(identities[1].scopes, "entries:write entries:read");
  EXPECT_EQ(identities[1].client_id, kClient);
  EXPECT_THAT(identities[1].origin, HasSubstr("b.toml:2"));
}

TEST(IdentitiesTest, MayHaveNoScopeIfThatIsSaid) {
  const Settings settings =
      Must(Parse(WithTls("[identities.a]\ncertificate = 'a'\nscopes = ''\n")))
          .settings;
  ASSERT_THAT(settings.identities, SizeIs(1));
  EXPECT_EQ(settings.identities[0].scopes, "");
}

struct Refusal {
  std::string name;
  std::string file;
  std::vector<std::string> says;
};

class IdentitiesRefusedTest : public testing::TestWithParam<Refusal> {};

TEST_P(IdentitiesRefusedTest, SaysWhereAndRemedy) {
  const auto parsed = Parse(WithTls(GetParam().file));
  for (const std::string& part : GetParam().says) {
    EXPECT_THAT(parsed, StatusIs(kInvalid, HasSubstr(part)));
  }
}

Refusal Section(std::string name, const std::string& body,
                std::vector<std::string> says) {
  return {std::move(name), "[identities.a]\n" + body + "\n", std::move(says)};
}

INSTANTIATE_TEST_SUITE_P(
    Every, IdentitiesRefusedTest,
    testing::Values(
        Section("Empty", "",
                {"b.toml:1: identities.a: has no certificate; add"}),
        Section("EmptyCertificate", "certificate = ''\nscopes = 'admin'",
                {"has no certificate"}),
        Section("NoScopes", "certificate = 'x'",
                {"b.toml:1: identities.a: has no scopes; add"}),
        Section("UnknownScope", "certificate = 'x'\nscopes = 'root'",
                {"the scope \"root\" is refused", "entries:read, "}),
        Section("ScopeTwice", "certificate = 'x'\nscopes = 'admin admin'",
                {"the scope \"admin\" is refused", "twice"}),
        Section("Client",
                "certificate = 'x'\nscopes = 'admin'\nclient_id = 'me'",
                {"the client_id \"me\" is refused", "lower-case UUID"}),
        Section("UpperCaseClient",
                "certificate = 'x'\nscopes = 'admin'\n"
                "client_id = '6F1C2A52-5A0E-4C57-9B0F-0E9F6A1D2C3B'",
                {"lower-case UUID"}),
        Section("UnknownKey",
                "certificate = 'x'\nscopes = 'admin'\nclient = 'x'",
                {"b.toml:4: identities.a.client is unknown",
                 "certificate, scopes and client_id"}),
        Refusal{"Name",
                "[identities.A]\ncertificate = 'x'\nscopes = 'admin'\n",
                {"identities.A: is no name; write a lower-case letter"}},
        Refusal{"OneCertificateForTwo",
                "[identities.a]\ncertificate = 'x'\nscopes = 'admin'\n"
                "[identities.b]\ncertificate = 'x'\nscopes = 'admin'\n",
                {"b.toml:4: identities.b: has the certificate of identities.a",
                 "keep one"}},
        Refusal{"Nested",
                "[identities.a.b]\nscopes = 'admin'\n",
                {"identities.a.b is unknown"}}),
    [](const auto& info) { return info.param.name; });

TEST(IdentitiesTogetherTest, NeedTheAuthorityOfCertificates) {
  EXPECT_THAT(
      Parse({.file = "[identities.a]\ncertificate = 'x'\nscopes = 'admin'\n"}),
      StatusIs(kInvalid, HasSubstr("b.toml:1: identities.a: no certificate is "
                                   "verified; give --tls_client_ca too")));
}

}  // namespace
}  // namespace broadcast
