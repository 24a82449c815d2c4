// Whether callers have to say who they are, and where the secret of their
// tokens is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "given_settings.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace broadcast {
namespace {

using test::Given;
using test::Must;
using test::Parse;
using Kind = SecretSource::Kind;

Settings SettingsOf(const Given& given) { return Must(Parse(given)).settings; }

TEST(AuthenticationTest, IsOffByDefault) {
  EXPECT_FALSE(SettingsOf({}).authenticates());
  EXPECT_FALSE(SettingsOf({.arguments = {"--tls_certificate=c", "--tls_key=k"}})
                   .authenticates());
}

// Whoever says what tokens must hold does not mean to ask for none.
TEST(AuthenticationTest, WhatNoKeyVerifiesIsRefused) {
  for (const char* given :
       {"--jwt_issuer=i", "--jwt_audience=a", "--jwt_default_scopes=admin"}) {
    EXPECT_THAT(test::Parse({.arguments = {given}}),
                test::StatusIs(absl::StatusCode::kInvalidArgument,
                               testing::HasSubstr("there is no key")));
    EXPECT_THAT(test::Parse({.arguments = {given, "--jwt_keys=k"}}),
                test::IsOk());
  }
  EXPECT_THAT(test::Parse({.variables = {{"JWT_SECRET_KEY", ""}}}),
              test::StatusIs(absl::StatusCode::kInvalidArgument,
                             testing::HasSubstr("set and empty")));
}

TEST(AuthenticationTest, IsOnWithAnyKeyOrAuthority) {
  const Given every[] = {
      {.arguments = {"--jwt_keys=k"}},
      {.arguments = {"--jwt_secret_file=s"}},
      {.variables = {{"JWT_SECRET_KEY", "s"}}},
      {.arguments = {"--oidc_issuer=https://a"}},
      {.arguments = {"--tls_certificate=c", "--tls_key=k",
                     "--tls_client_ca=a"}},
  };
  for (const Given& given : every) {
    EXPECT_TRUE(SettingsOf(given).authenticates());
  }
}

TEST(AuthenticationTest, ReflectionFollowsUnlessSaid) {
  EXPECT_TRUE(SettingsOf({}).serves_reflection());
  EXPECT_FALSE(
      SettingsOf({.arguments = {"--reflection=false"}}).serves_reflection());
  EXPECT_FALSE(SettingsOf({.arguments = {"--jwt_keys=k"}}).serves_reflection());
  EXPECT_TRUE(SettingsOf({.arguments = {"--jwt_keys=k", "--reflection=true"}})
                  .serves_reflection());
}

class JwtSecretTest : public testing::Test {
 protected:
  JwtSecretTest() { std::ofstream(dir_.File("jwt_secret")) << "hunter2"; }

  void Expect(const Given& given, Kind kind, const std::string& name) {
    const SecretSource secret = SettingsOf(given).jwt_secret;
    EXPECT_EQ(secret.kind, kind);
    EXPECT_EQ(secret.name, name);
  }

  const test::TempDir dir_;
  const std::string directory_ = "--secrets_directory=" + dir_.path();
};

TEST_F(JwtSecretTest, IsNoneByDefault) {
  Expect({}, Kind::kNone, "");
  const test::TempDir empty;
  Expect({.arguments = {"--secrets_directory=" + empty.path()}}, Kind::kNone,
         "");
}

TEST_F(JwtSecretTest, OptionOutranksVariableOutranksDirectory) {
  Expect({.arguments = {directory_, "--jwt_secret_file=f"},
          .variables = {{"JWT_SECRET_KEY", "hunter2"}}},
         Kind::kFile, "f");
  Expect({.variables = {{"JWT_SECRET_KEY", "hunter2"}},
          .file = "jwt_secret_file = 'f'\n"},
         Kind::kFile, "f");
  Expect(
      {.arguments = {directory_}, .variables = {{"JWT_SECRET_KEY", "hunter2"}}},
      Kind::kEnvironment, "JWT_SECRET_KEY");
  Expect({.arguments = {directory_}}, Kind::kFile, dir_.File("jwt_secret"));
}

TEST_F(JwtSecretTest, EmptyOptionIsNone) {
  Expect({.arguments = {"--jwt_secret_file="},
          .variables = {{"JWT_SECRET_KEY", "hunter2"}},
          .file = "jwt_secret_file = 'f'\n"},
         Kind::kEnvironment, "JWT_SECRET_KEY");
}

}  // namespace
}  // namespace broadcast
