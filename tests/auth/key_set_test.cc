#include "auth/key_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>
#include <tuple>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "signer.h"
#include "support/status_matchers.h"

namespace broadcast::auth {
namespace {

using test::Base64Url;
using test::Compact;
using test::Header;
using test::IsOk;
using test::Jwks;
using test::Must;
using test::Signed;
using test::SigningKey;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const char kSecret[] = "a secret of thirty-two bytes, or";

const SigningKey& RsaKey() {
  static const auto& key = *new SigningKey(SigningKey::Rsa());
  return key;
}
const SigningKey& EcKey() {
  static const auto& key = *new SigningKey(SigningKey::Ec());
  return key;
}
const SigningKey& EdKey() {
  static const auto& key = *new SigningKey(SigningKey::Ed25519());
  return key;
}

// True if `key` verifies what `signer` has signed.
bool Verifies(const KeyPointer& key, const SigningKey& signer,
              const char* algorithm) {
  const std::string token = Signed(signer, algorithm, Header(algorithm), "{}");
  const ParsedJws parsed = ParseJws(token);
  return key->Verify(*parsed.jws);
}

KeyPointer OnlyKeyOf(absl::string_view text) {
  auto keys = KeysFromText(text);
  EXPECT_THAT(keys, IsOk());
  if (!keys.ok() || keys->size() != 1) return nullptr;
  return keys->front();
}

bool IsOfNoUse(const std::string& jwk) {
  const auto key = KeyFromJwk(jwk);
  EXPECT_THAT(key, IsOk());
  return key.ok() && *key == nullptr;
}

TEST(KeySetTest, EveryKindOfKeyIsReadFromAJwks) {
  const auto keys = Must(KeysFromText(
      Jwks(absl::StrCat(RsaKey().Jwk(R"(,"kid":"r","use":"sig")"), ",",
                        EcKey().Jwk(R"(,"kid":"e","key_ops":["verify"])"), ",",
                        EdKey().Jwk(R"(,"alg":"EdDSA")"), ",",
                        SigningKey::Secret(kSecret).Jwk()))));
  ASSERT_THAT(keys, SizeIs(4));
  EXPECT_EQ(keys[0]->key_id(), "r");
  EXPECT_EQ(keys[1]->key_id(), "e");
  EXPECT_EQ(keys[2]->key_id(), std::nullopt);
  EXPECT_TRUE(Verifies(keys[0], RsaKey(), "RS256"));
  EXPECT_TRUE(Verifies(keys[0], RsaKey(), "PS256"));
  EXPECT_TRUE(Verifies(keys[1], EcKey(), "ES256"));
  EXPECT_TRUE(Verifies(keys[2], EdKey(), "EdDSA"));
  EXPECT_TRUE(Verifies(keys[3], SigningKey::Secret(kSecret), "HS256"));
  EXPECT_FALSE(keys[0]->is_secret());
  EXPECT_FALSE(keys[1]->is_secret());
  EXPECT_FALSE(keys[2]->is_secret());
  EXPECT_TRUE(keys[3]->is_secret());
}

TEST(KeySetTest, AKeyAllowsTheAlgorithmsOfItsKindAlone) {
  const KeyPointer rsa = OnlyKeyOf(RsaKey().PublicPem());
  EXPECT_TRUE(rsa->Allows(Algorithm::kRs256));
  EXPECT_TRUE(rsa->Allows(Algorithm::kPs256));
  EXPECT_FALSE(rsa->Allows(Algorithm::kHs256));
  EXPECT_FALSE(rsa->Allows(Algorithm::kEs256));
  const KeyPointer only = Must(KeyFromJwk(RsaKey().Jwk(R"(,"alg":"PS256")")));
  EXPECT_TRUE(only->Allows(Algorithm::kPs256));
  EXPECT_FALSE(only->Allows(Algorithm::kRs256));
  EXPECT_FALSE(Verifies(only, RsaKey(), "RS256"));
  EXPECT_TRUE(Verifies(only, RsaKey(), "PS256"));
}

TEST(KeySetTest, PublicKeysAreReadFromPem) {
  for (const auto& [signer, algorithm] : {std::pair(&RsaKey(), "RS256"),
                                          {&EcKey(), "ES256"},
                                          {&EdKey(), "EdDSA"}}) {
    const KeyPointer key = OnlyKeyOf(signer->PublicPem());
    EXPECT_TRUE(Verifies(key, *signer, algorithm)) << algorithm;
    EXPECT_EQ(key->key_id(), std::nullopt);
    const KeyPointer of_certificate = OnlyKeyOf(signer->CertificatePem());
    EXPECT_TRUE(Verifies(of_certificate, *signer, algorithm)) << algorithm;
    EXPECT_EQ(key->fingerprint(), of_certificate->fingerprint());
    EXPECT_EQ(key->fingerprint(),
              Must(KeyFromJwk(signer->Jwk()))->fingerprint());
  }
  EXPECT_THAT(Must(KeysFromPem(absl::StrCat(
                  "words before\n", RsaKey().PublicPem(), "\nand between\n",
                  EcKey().CertificatePem(), EdKey().PublicPem()))),
              SizeIs(3));
}

TEST(KeySetTest, APrivateKeyInPemIsRefusedWithTheRemedy) {
  for (const SigningKey* key : {&RsaKey(), &EcKey(), &EdKey()}) {
    EXPECT_THAT(KeysFromText(key->PrivatePem()),
                StatusIs(kInvalid, HasSubstr("put its public key here")));
    EXPECT_THAT(KeysFromText(absl::StrCat(key->PublicPem(), key->PrivatePem())),
                StatusIs(kInvalid, HasSubstr("private key")));
  }
}

TEST(KeySetTest, APrivateMemberOfAJwkIsIgnored) {
  const KeyPointer key = Must(KeyFromJwk(RsaKey().Jwk(
      R"(,"d":"AQAB","p":"AQ","q":"AQ","dp":"AQ","dq":"AQ","qi":"AQ")")));
  EXPECT_TRUE(Verifies(key, RsaKey(), "RS256"));
  EXPECT_EQ(key->fingerprint(),
            Must(KeyFromJwk(RsaKey().Jwk()))->fingerprint());
  const KeyPointer ec = Must(KeyFromJwk(EcKey().Jwk(R"(,"d":"!no number!")")));
  EXPECT_TRUE(Verifies(ec, EcKey(), "ES256"));
  const KeyPointer ed = Must(KeyFromJwk(EdKey().Jwk(R"(,"d":"AA")")));
  EXPECT_TRUE(Verifies(ed, EdKey(), "EdDSA"));
}

TEST(KeySetTest, WeakKeysAreRefused) {
  const SigningKey weak = SigningKey::Rsa(1024);
  for (const std::string& text :
       {Jwks(weak.Jwk()), weak.PublicPem(), weak.CertificatePem()}) {
    EXPECT_THAT(KeysFromText(text), StatusIs(kInvalid, HasSubstr("2048")));
  }
  EXPECT_THAT(
      KeysFromText(Jwks(SigningKey::Secret(std::string(31, 's')).Jwk())),
      StatusIs(kInvalid, HasSubstr("32 bytes")));
  EXPECT_THAT(KeyFromSecret(std::string(31, 's')),
              StatusIs(kInvalid, HasSubstr("32 bytes")));
  EXPECT_THAT(KeyFromSecret(std::string(32, 's')), IsOk());
  EXPECT_THAT(KeyFromSecret(""), StatusIs(kInvalid));
}

TEST(KeySetTest, AnRsaKeyThatEverybodyCanSignForIsRefused) {
  const std::string jwk = RsaKey().Jwk();
  ASSERT_TRUE(absl::StrContains(jwk, R"("e":"AQAB")"));
  // With an exponent of one a signature is the padded text itself.
  for (const char* exponent : {"AQ", "AAE", "AA", "", "Ag", "AQAA"}) {
    EXPECT_THAT(KeyFromJwk(absl::StrReplaceAll(
                    jwk, {{R"("e":"AQAB")",
                           absl::StrCat(R"("e":")", exponent, "\"")}})),
                StatusIs(kInvalid))
        << exponent;
  }
  EXPECT_THAT(KeyFromJwk(SigningKey::Rsa(2048, 3).Jwk()), IsOk());
}

TEST(KeySetTest, ASecretIsOfAnyBytes) {
  const std::string bytes =
      absl::StrCat(std::string(16, '\0'), "\xff\n ", std::string(16, '\0'));
  const KeyPointer key = Must(KeyFromSecret(bytes));
  EXPECT_TRUE(Verifies(key, SigningKey::Secret(bytes), "HS256"));
  EXPECT_FALSE(
      Verifies(key, SigningKey::Secret(std::string(35, '\0')), "HS256"));
  EXPECT_THAT(key->fingerprint(), Not(HasSubstr("\xff")));
}

TEST(KeySetTest, WhatWeHaveNoUseForIsSkipped) {
  for (const char* jwk :
       {R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})",
        R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})",
        R"({"kty":"EC"})", R"({"kty":"OKP","crv":"X25519","x":"AA"})",
        R"({"kty":"OKP","crv":"Ed448","x":"AA"})", R"({"kty":"AKP"})",
        R"({"kty":"rsa"})", R"({"kty":""})"}) {
    EXPECT_TRUE(IsOfNoUse(jwk)) << jwk;
  }
  for (const char* more :
       {R"(,"use":"enc")", R"(,"use":"tls")", R"(,"alg":"RS512")",
        R"(,"alg":"RSA-OAEP")", R"(,"alg":"none")", R"(,"key_ops":["encrypt"])",
        R"(,"key_ops":[])", R"(,"key_ops":"verify")"}) {
    EXPECT_TRUE(IsOfNoUse(RsaKey().Jwk(more))) << more;
  }
  EXPECT_THAT(Must(KeysFromJwks(
                  Jwks(absl::StrCat(R"({"kty":"AKP"},)", RsaKey().Jwk(),
                                    R"(,{"kty":"OKP","crv":"X25519"})")))),
              SizeIs(1));
}

TEST(KeySetTest, AnAlgorithmOfAnotherKindOfKeyIsRefused) {
  EXPECT_THAT(KeyFromJwk(RsaKey().Jwk(R"(,"alg":"ES256")")),
              StatusIs(kInvalid, HasSubstr("alg")));
  EXPECT_THAT(KeyFromJwk(RsaKey().Jwk(R"(,"alg":"HS256")")),
              StatusIs(kInvalid, HasSubstr("alg")));
  EXPECT_THAT(KeyFromJwk(EcKey().Jwk(R"(,"alg":"RS256")")),
              StatusIs(kInvalid, HasSubstr("alg")));
  EXPECT_THAT(KeyFromJwk(SigningKey::Secret(kSecret).Jwk(R"(,"alg":"RS256")")),
              StatusIs(kInvalid, HasSubstr("alg")));
  EXPECT_THAT(KeyFromJwk(EdKey().Jwk(R"(,"alg":"ES256")")),
              StatusIs(kInvalid, HasSubstr("alg")));
}

// Else a reload that restricts a key would change nothing.
TEST(KeySetTest, AKeyThatMayDoLessIsAnotherKey) {
  const KeyPointer any = Must(KeyFromJwk(RsaKey().Jwk()));
  const KeyPointer one = Must(KeyFromJwk(RsaKey().Jwk(R"(,"alg":"PS256")")));
  EXPECT_NE(any->fingerprint(), one->fingerprint());
  EXPECT_FALSE(one->Allows(Algorithm::kRs256));
}

// What was meant to restrict a key does not count as absent.
TEST(KeySetTest, MembersThatAreNoTextAreRefused) {
  for (const char* more : {R"(,"alg":1)", R"(,"use":["sig"])", R"(,"kid":7)"}) {
    EXPECT_THAT(KeyFromJwk(EcKey().Jwk(more)), StatusIs(kInvalid)) << more;
  }
}

TEST(KeySetTest, MoreNamelessKeysThanATokenIsTriedWithAreRefused) {
  const KeyPointer nameless = Must(KeyFromJwk(EcKey().Jwk()));
  const KeyPointer named = Must(KeyFromJwk(EcKey().Jwk(R"(,"kid":"1")")));
  std::vector<KeyPointer> keys(8, nameless);
  keys.insert(keys.end(), 20, named);
  EXPECT_THAT(CheckNameless(keys), IsOk());
  keys.push_back(nameless);
  EXPECT_THAT(CheckNameless(keys), StatusIs(kInvalid, HasSubstr("kid")));
}

TEST(KeySetTest, MalformedKeysAreRefused) {
  const std::string x = Base64Url(std::string(32, '\1'));
  for (const std::string& jwk : {
           std::string("{}"),
           std::string("[]"),
           std::string(R"({"kty":5})"),
           std::string(R"({"kty":"RSA"})"),
           std::string(R"({"kty":"RSA","n":5,"e":"AQAB"})"),
           std::string(R"({"kty":"RSA","n":"!!","e":"AQAB"})"),
           std::string(R"({"kty":"oct"})"),
           std::string(R"({"kty":"oct","k":5})"),
           std::string(R"({"kty":"OKP","crv":"Ed25519"})"),
           std::string(R"({"kty":"OKP","crv":"Ed25519","x":"AA"})"),
           std::string(R"({"kty":"OKP","crv":"Ed25519","x":"!!"})"),
           std::string(R"({"kty":"EC","crv":"P-256"})"),
           absl::StrCat(R"({"kty":"EC","crv":"P-256","x":")", x, "\"}"),
           // Not on the curve.
           absl::StrCat(R"({"kty":"EC","crv":"P-256","x":")", x, R"(","y":")",
                        x, "\"}"),
           absl::StrCat(R"({"kty":"EC","crv":"P-256","x":"","y":""})"),
       }) {
    EXPECT_THAT(KeyFromJwk(jwk), StatusIs(kInvalid)) << jwk;
  }
}

TEST(KeySetTest, ATextWithoutAUsableKeyIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("no key"),
        std::string("{}"), std::string("{\"keys\":5}"), Jwks(""), Jwks("5"),
        Jwks("null"), Jwks(R"({"kty":"AKP"})"), std::string("[]"),
        RsaKey().Jwk(), std::string(R"({"keys":[],"keys":[]})"),
        std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC "
                    "KEY-----\n"),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END "
                    "CERTIFICATE-----\n"),
        std::string("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
        RsaKey().PublicDer(), SigningKey::Ec("P-384").PublicPem(),
        SigningKey::Ec("secp256k1").PublicPem()}) {
    EXPECT_THAT(KeysFromText(text), StatusIs(kInvalid)) << text;
  }
}

TEST(KeySetTest, APemThatBreaksOffIsRefused) {
  const std::string pem =
      absl::StrCat(RsaKey().PublicPem(), EcKey().PublicPem());
  EXPECT_THAT(KeysFromPem(pem.substr(0, pem.size() - 40)), StatusIs(kInvalid));
}

// gRPC would take them for those of the connection that it reads from.
TEST(KeySetTest, NoErrorOfOpenSslIsLeftBehind) {
  const std::string strange = std::string(256, 's');
  for (const auto& [signer, algorithm, size] :
       {std::tuple(&RsaKey(), "RS256", 256),
        {&RsaKey(), "PS256", 256},
        {&EcKey(), "ES256", 64},
        {&EdKey(), "EdDSA", 64}}) {
    const KeyPointer key = OnlyKeyOf(signer->PublicPem());
    EXPECT_EQ(ERR_peek_error(), 0U) << algorithm;
    const std::string token =
        Compact(Header(algorithm), "{}", strange.substr(0, size));
    EXPECT_FALSE(key->Verify(*ParseJws(token).jws));
    EXPECT_EQ(ERR_peek_error(), 0U) << algorithm;
  }
  EXPECT_THAT(KeysFromText("garbage"), StatusIs(kInvalid));
  EXPECT_THAT(KeysFromText(Jwks(R"({"kty":"EC","crv":"P-256","x":"","y":""})")),
              StatusIs(kInvalid));
  EXPECT_THAT(KeysFromText("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC "
                           "KEY-----\n"),
              StatusIs(kInvalid));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(KeySetTest, ErrorsTellNothingOfAKey) {
  const std::string secret = "short and not to be seen";
  const auto refused = KeysFromText(Jwks(SigningKey::Secret(secret).Jwk()));
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr(secret)));
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr(Base64Url(secret))));
}

TEST(KeySetTest, AJwksHasSixtyFourKeysAtMost) {
  std::string keys;
  for (int i = 0; i < 64; ++i) {
    absl::StrAppend(&keys, i == 0 ? "" : ",",
                    SigningKey::Secret(absl::StrCat(kSecret, i)).Jwk());
  }
  EXPECT_THAT(Must(KeysFromJwks(Jwks(keys))), SizeIs(64));
  EXPECT_THAT(KeysFromJwks(Jwks(absl::StrCat(keys, ",", RsaKey().Jwk()))),
              StatusIs(kInvalid, HasSubstr("64")));
}

class CandidatesTest : public testing::Test {
 protected:
  CandidatesTest()
      : named_(Must(KeyFromJwk(RsaKey().Jwk(R"(,"kid":"a")")))),
        other_(Must(KeyFromJwk(other_signer_.Jwk(R"(,"kid":"b")")))),
        unnamed_(OnlyKeyOf(unnamed_signer_.PublicPem())),
        ec_(Must(KeyFromJwk(EcKey().Jwk(R"(,"kid":"c")")))) {}

  std::vector<const VerificationKey*> Candidates(const char* algorithm,
                                                 absl::string_view more,
                                                 absl::Time now = kNow) {
    const std::string token = Compact(Header(algorithm, more), "{}", "s");
    const KeySet keys(entries_);
    std::vector<const VerificationKey*> candidates;
    for (const auto* entry : keys.Candidates(*ParseJws(token).jws, now)) {
      candidates.push_back(entry->key.get());
    }
    return candidates;
  }

  const SigningKey other_signer_ = SigningKey::Rsa();
  const SigningKey unnamed_signer_ = SigningKey::Rsa();
  const KeyPointer named_, other_, unnamed_, ec_;
  std::vector<KeySet::Entry> entries_ = {
      {.key = named_}, {.key = other_}, {.key = unnamed_}, {.key = ec_}};
};

TEST_F(CandidatesTest, ATokenThatNamesAKeyIsTriedWithThatOne) {
  EXPECT_THAT(Candidates("RS256", R"(,"kid":"a")"), ElementsAre(named_.get()));
  EXPECT_THAT(Candidates("PS256", R"(,"kid":"b")"), ElementsAre(other_.get()));
  EXPECT_THAT(Candidates("ES256", R"(,"kid":"c")"), ElementsAre(ec_.get()));
}

TEST_F(CandidatesTest, AKeyOfAnotherAlgorithmIsNotReplacedByOthers) {
  EXPECT_THAT(Candidates("ES256", R"(,"kid":"a")"), IsEmpty());
  EXPECT_THAT(Candidates("RS256", R"(,"kid":"c")"), IsEmpty());
  EXPECT_THAT(Candidates("HS256", R"(,"kid":"a")"), IsEmpty());
}

TEST_F(CandidatesTest, AnUnknownNameIsTriedWithKeysThatHaveNone) {
  EXPECT_THAT(Candidates("RS256", R"(,"kid":"x")"),
              ElementsAre(unnamed_.get()));
  EXPECT_THAT(Candidates("RS256", R"(,"kid":"")"), ElementsAre(unnamed_.get()));
  EXPECT_THAT(Candidates("RS256", R"(,"kid":"A")"),
              ElementsAre(unnamed_.get()));
  EXPECT_THAT(Candidates("ES256", R"(,"kid":"x")"), IsEmpty());
}

TEST_F(CandidatesTest, ATokenThatNamesNoneIsTriedWithEachOfItsAlgorithm) {
  EXPECT_THAT(Candidates("RS256", ""),
              ElementsAre(named_.get(), other_.get(), unnamed_.get()));
  EXPECT_THAT(Candidates("ES256", ""), ElementsAre(ec_.get()));
  EXPECT_THAT(Candidates("HS256", ""), IsEmpty());
}

TEST_F(CandidatesTest, OneNameMayStandForSeveralKeys) {
  const KeyPointer same = Must(KeyFromJwk(other_signer_.Jwk(R"(,"kid":"a")")));
  entries_.push_back({.key = same});
  EXPECT_THAT(Candidates("RS256", R"(,"kid":"a")"),
              ElementsAre(named_.get(), same.get()));
}

TEST_F(CandidatesTest, NoMoreThanEightKeysAreTried) {
  entries_.assign(20, {.key = unnamed_});
  EXPECT_THAT(Candidates("RS256", ""), SizeIs(8));
}

TEST_F(CandidatesTest, ARetiredKeyIsNoneAnyMore) {
  entries_[0].retire_time = kNow;
  EXPECT_THAT(Candidates("RS256", R"(,"kid":"a")", kNow - absl::Nanoseconds(1)),
              ElementsAre(named_.get()));
  // Nor is its name known.
  EXPECT_THAT(Candidates("RS256", R"(,"kid":"a")", kNow),
              ElementsAre(unnamed_.get()));
}

class SucceedTest : public testing::Test {
 protected:
  static KeyPointer Key(const char* name) {
    return Must(KeyFromSecret(absl::StrCat(kSecret, name)));
  }
  static std::vector<absl::Time> Ends(const KeySet& keys) {
    std::vector<absl::Time> ends;
    for (const auto& entry : keys.entries()) ends.push_back(entry.retire_time);
    return ends;
  }
  static constexpr absl::Duration kOverlap = absl::Minutes(5);
};

TEST_F(SucceedTest, ARemovedKeyStaysForTheOverlap) {
  const KeySet first = Succeed({}, {Key("a"), Key("b")}, kNow, kOverlap);
  EXPECT_THAT(Ends(first),
              ElementsAre(absl::InfiniteFuture(), absl::InfiniteFuture()));
  const KeySet second = Succeed(first, {Key("b"), Key("c")}, kNow, kOverlap);
  EXPECT_THAT(Ends(second),
              ElementsAre(absl::InfiniteFuture(), absl::InfiniteFuture(),
                          kNow + kOverlap));
  EXPECT_EQ(second.entries()[2].key->fingerprint(), Key("a")->fingerprint());
}

TEST_F(SucceedTest, AnEndIsNotPutOff) {
  KeySet keys = Succeed({}, {Key("a"), Key("b")}, kNow, kOverlap);
  keys = Succeed(keys, {Key("b")}, kNow, kOverlap);
  keys = Succeed(keys, {Key("b")}, kNow + absl::Minutes(4), kOverlap);
  EXPECT_THAT(Ends(keys), ElementsAre(absl::InfiniteFuture(), kNow + kOverlap));
  keys = Succeed(keys, {Key("b")}, kNow + kOverlap, kOverlap);
  EXPECT_THAT(Ends(keys), ElementsAre(absl::InfiniteFuture()));
}

TEST_F(SucceedTest, AKeyThatComesBackHasNoEnd) {
  KeySet keys = Succeed({}, {Key("a"), Key("b")}, kNow, kOverlap);
  keys = Succeed(keys, {Key("b")}, kNow, kOverlap);
  keys = Succeed(keys, {Key("a"), Key("b")}, kNow, kOverlap);
  EXPECT_THAT(Ends(keys),
              ElementsAre(absl::InfiniteFuture(), absl::InfiniteFuture()));
}

TEST_F(SucceedTest, WithoutOverlapAKeyEndsAtOnce) {
  KeySet keys = Succeed({}, {Key("a"), Key("b")}, kNow, kOverlap);
  keys = Succeed(keys, {Key("b")}, kNow, absl::ZeroDuration());
  EXPECT_THAT(keys.entries(), SizeIs(1));
}

TEST_F(SucceedTest, AKeyUnderAnotherNameIsAnother) {
  const KeyPointer one = Must(KeyFromJwk(EcKey().Jwk(R"(,"kid":"1")")));
  const KeyPointer two = Must(KeyFromJwk(EcKey().Jwk(R"(,"kid":"2")")));
  EXPECT_EQ(one->fingerprint(), two->fingerprint());
  const KeySet keys =
      Succeed(Succeed({}, {one}, kNow, kOverlap), {two}, kNow, kOverlap);
  EXPECT_THAT(Ends(keys), ElementsAre(absl::InfiniteFuture(), kNow + kOverlap));
}

}  // namespace
}  // namespace broadcast::auth
