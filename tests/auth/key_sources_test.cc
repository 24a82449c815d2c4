#include "auth/key_sources.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "signer.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace broadcast::auth {
namespace {

using test::IsOk;
using test::Jwks;
using test::Must;
using test::SigningKey;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class KeyFilesTest : public testing::Test {
 protected:
  void Write(absl::string_view name, const std::string& text) const {
    std::ofstream(folder_.File(name), std::ios::binary) << text;
  }
  void MakeFolder(absl::string_view name) const {
    std::filesystem::create_directory(folder_.File(name));
  }
  absl::StatusOr<std::vector<KeyPointer>> Load(absl::string_view name) const {
    return KeyFiles(folder_.File(name))->Load();
  }

  const test::TempDir folder_;
  const SigningKey ec_ = SigningKey::Ec();
  const SigningKey ed_ = SigningKey::Ed25519();
};

TEST_F(KeyFilesTest, AFileIsAJwksOrPem) {
  Write("keys.json", absl::StrCat("\n  ", Jwks(ec_.Jwk()), "\n"));
  Write("key.pem", ed_.PublicPem());
  EXPECT_THAT(Must(Load("keys.json")), SizeIs(1));
  EXPECT_THAT(Must(Load("key.pem")), SizeIs(1));
  EXPECT_EQ(KeyFiles("anything")->name(), "jwt_keys");
}

TEST_F(KeyFilesTest, AFolderIsEachOfItsFiles) {
  MakeFolder("keys");
  Write("keys/b.json", Jwks(absl::StrCat(ec_.Jwk(), ",", ed_.Jwk())));
  Write("keys/a.pem", ed_.PublicPem());
  const auto keys = Must(Load("keys"));
  ASSERT_THAT(keys, SizeIs(3));
  // In the order of their names.
  EXPECT_TRUE(keys[0]->Allows(Algorithm::kEdDsa));
  EXPECT_TRUE(keys[1]->Allows(Algorithm::kEs256));
}

TEST_F(KeyFilesTest, NamesThatBeginWithADotAreLeftOut) {
  MakeFolder("keys");
  MakeFolder("keys/..2026_11_25");
  MakeFolder("keys/folder");
  Write("keys/..2026_11_25/key.pem", ec_.PublicPem());
  Write("keys/folder/key.pem", "no key");
  Write("keys/.key.pem.swp", "no key");
  // As mounted secrets are laid out.
  std::filesystem::create_directory_symlink("..2026_11_25",
                                            folder_.File("keys/..data"));
  std::filesystem::create_symlink("..data/key.pem",
                                  folder_.File("keys/key.pem"));
  EXPECT_THAT(Must(Load("keys")), SizeIs(1));
}

TEST_F(KeyFilesTest, WhatCannotBeReadIsToldWithItsNameAndTheRemedy) {
  EXPECT_THAT(Load("missing"),
              StatusIs(kInvalid, AllOf(HasSubstr(folder_.File("missing")),
                                       HasSubstr("cannot be read"))));
  MakeFolder("empty");
  EXPECT_THAT(Load("empty"),
              StatusIs(kInvalid, AllOf(HasSubstr(folder_.File("empty")),
                                       HasSubstr("put a JWKS or a PEM"))));
  Write("garbage", "no key");
  EXPECT_THAT(Load("garbage"),
              StatusIs(kInvalid, HasSubstr(folder_.File("garbage"))));
  Write("nothing", "");
  EXPECT_THAT(Load("nothing"), StatusIs(kInvalid));
  Write("long", absl::StrCat(ec_.PublicPem(), std::string(1 << 20, '\n')));
  EXPECT_THAT(Load("long"), StatusIs(kInvalid, HasSubstr("1 MiB")));
  Write("private", ec_.PrivatePem());
  EXPECT_THAT(Load("private"), StatusIs(kInvalid, HasSubstr("private")));
}

TEST_F(KeyFilesTest, OneWrongFileOfAFolderRefusesIt) {
  MakeFolder("keys");
  Write("keys/a.pem", ec_.PublicPem());
  Write("keys/b.pem", "no key");
  EXPECT_THAT(Load("keys"),
              StatusIs(kInvalid, HasSubstr(folder_.File("keys/b.pem"))));
}

TEST(SharedSecretTest, ASecretIsReadAnewEachTime) {
  absl::StatusOr<std::string> secret = std::string(32, 'a');
  const auto source = SharedSecret([&] { return secret; });
  EXPECT_EQ(source->name(), "jwt_secret");
  const auto first = Must(source->Load());
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_TRUE(first[0]->is_secret());
  secret = std::string(32, 'b');
  const auto second = Must(source->Load());
  EXPECT_NE(first[0]->fingerprint(), second[0]->fingerprint());
  secret = std::string(31, 'c');
  EXPECT_THAT(source->Load(), StatusIs(kInvalid, HasSubstr("32 bytes")));
  secret = absl::InvalidArgumentError("cannot be read");
  EXPECT_THAT(source->Load(), StatusIs(kInvalid, HasSubstr("cannot be read")));
}

class OpenIdProviderTest : public testing::Test {
 protected:
  static constexpr char kIssuer[] = "https://issuer.example";
  static constexpr char kConfiguration[] =
      "https://issuer.example/.well-known/openid-configuration";
  static constexpr char kKeys[] = "https://keys.example/jwks";

  absl::StatusOr<std::vector<KeyPointer>> Load(
      const std::string& issuer = kIssuer) {
    return OpenIdProvider(
               issuer, absl::Seconds(3),
               [this](const std::string& url) {
                 asked_.push_back(url);
                 return documents_.contains(url)
                            ? documents_[url]
                            : absl::UnavailableError("it answered HTTP 404");
               })
        ->Load();
  }

  const SigningKey ec_ = SigningKey::Ec();
  const SigningKey secret_ = SigningKey::Secret(std::string(32, 's'));
  std::vector<std::string> asked_;
  std::map<std::string, absl::StatusOr<std::string>> documents_ = {
      {kConfiguration,
       absl::StrCat(R"({"issuer":"https://issuer.example","jwks_uri":")", kKeys,
                    R"(","scopes_supported":["openid"]})")},
      {kKeys, Jwks(ec_.Jwk(R"(,"kid":"1")"))}};
};

TEST_F(OpenIdProviderTest, ThePublishedKeysAreFound) {
  const auto keys = Must(Load());
  ASSERT_THAT(keys, SizeIs(1));
  EXPECT_EQ(keys[0]->key_id(), "1");
  EXPECT_THAT(asked_, ElementsAre(kConfiguration, kKeys));
  EXPECT_EQ(OpenIdProvider(kIssuer, absl::Seconds(3), nullptr)->name(),
            "oidc_issuer");
  EXPECT_EQ(OpenIdProvider(kIssuer, absl::Seconds(3), nullptr)->peace(),
            absl::Seconds(3));
}

TEST_F(OpenIdProviderTest, AnIssuerMayEndWithASlashOrHaveAPath) {
  documents_[kConfiguration] = absl::StrCat(
      R"({"issuer":"https://issuer.example/","jwks_uri":")", kKeys, "\"}");
  EXPECT_THAT(Load("https://issuer.example/"), IsOk());
  documents_["https://issuer.example/realm/.well-known/openid-configuration"] =
      absl::StrCat(R"({"issuer":"https://issuer.example/realm","jwks_uri":")",
                   kKeys, "\"}");
  EXPECT_THAT(Load("https://issuer.example/realm"), IsOk());
}

TEST_F(OpenIdProviderTest, AConfigurationOfAnotherIssuerIsRefused) {
  for (const char* issuer : {R"("issuer":"https://evil.example",)",
                             R"("issuer":"https://issuer.example/",)",
                             R"("issuer":5,)", R"("issuer":null,)", ""}) {
    documents_[kConfiguration] =
        absl::StrCat("{", issuer, R"("jwks_uri":")", kKeys, "\"}");
    EXPECT_THAT(Load(), StatusIs(kUnavailable, HasSubstr("oidc_issuer")))
        << issuer;
  }
  EXPECT_THAT(asked_, testing::Not(testing::Contains(kKeys)));
}

TEST_F(OpenIdProviderTest, AConfigurationWithoutKeysIsRefused) {
  for (const char* more : {"", R"(,"jwks_uri":5)", R"(,"jwks_uri":null)"}) {
    documents_[kConfiguration] =
        absl::StrCat(R"({"issuer":"https://issuer.example")", more, "}");
    EXPECT_THAT(Load(), StatusIs(kUnavailable, HasSubstr("jwks_uri"))) << more;
  }
  for (const char* text : {"", "<html>", "[]", R"({"issuer":1,"issuer":1})"}) {
    documents_[kConfiguration] = std::string(text);
    EXPECT_THAT(Load(), StatusIs(kUnavailable)) << text;
  }
}

// Else who knows what everybody may know could sign.
TEST_F(OpenIdProviderTest, APublishedSecretIsNoKey) {
  documents_[kKeys] = Jwks(secret_.Jwk());
  EXPECT_THAT(Load(), StatusIs(kUnavailable, HasSubstr("no key")));
  documents_[kKeys] = Jwks(absl::StrCat(secret_.Jwk(), ",", ec_.Jwk()));
  const auto keys = Must(Load());
  ASSERT_THAT(keys, SizeIs(1));
  EXPECT_FALSE(keys[0]->is_secret());
}

// One bad key of another's takes no good one with it.
TEST_F(OpenIdProviderTest, AnUnusableKeyIsSkipped) {
  documents_[kKeys] =
      Jwks(absl::StrCat(SigningKey::Rsa(1024).Jwk(), ",", ec_.Jwk(), ",",
                        R"({"kty":"RSA","n":"AA","e":"AA"})"));
  EXPECT_THAT(Must(Load()), SizeIs(1));
}

// What others publish is none of our configuration's faults.
TEST_F(OpenIdProviderTest, WrongKeysAreAFailureOfTheProvider) {
  for (const std::string& text :
       {std::string("no keys"), std::string("{}"), Jwks(""),
        Jwks(R"({"kty":"AKP"})"), Jwks(R"({"kty":"RSA","n":"AA","e":"AA"})"),
        Jwks(SigningKey::Rsa(1024).Jwk())}) {
    documents_[kKeys] = text;
    EXPECT_THAT(Load(), StatusIs(kUnavailable)) << text;
  }
}

TEST_F(OpenIdProviderTest, ARefusedAddressIsOursOnlyIfItIsTheIssuers) {
  documents_[kKeys] = absl::InvalidArgumentError("no https");
  EXPECT_THAT(Load(), StatusIs(kUnavailable, HasSubstr("jwks_uri")));
  documents_[kConfiguration] = absl::InvalidArgumentError("no https");
  EXPECT_THAT(Load(), StatusIs(kInvalid, HasSubstr("no https")));
}

TEST_F(OpenIdProviderTest, FailuresOfTheNetworkAreTold) {
  documents_.erase(kKeys);
  EXPECT_THAT(Load(), StatusIs(kUnavailable, HasSubstr("HTTP 404")));
  documents_.clear();
  EXPECT_THAT(Load(), StatusIs(kUnavailable, HasSubstr("HTTP 404")));
  documents_[kConfiguration] = absl::UnavailableError("Timeout was reached");
  EXPECT_THAT(Load(), StatusIs(kUnavailable, HasSubstr("Timeout")));
}

}  // namespace
}  // namespace broadcast::auth
