// Tokens that nobody whom we trust has made, each with what is told of it.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "token_fixture.h"

namespace broadcast::auth {
namespace {

using test::Base64Url;
using test::Compact;
using test::Header;
using test::Signed;
using test::SigningKey;

struct Forged {
  std::string name;
  std::string token;
  std::string problem;
};

class ForgedTokenTest : public TokenTest {
 protected:
  static void ExpectRefused(const std::vector<Forged>& forged) {
    for (const Forged& one : forged) {
      EXPECT_EQ(Problem(one.token), one.problem) << one.name;
    }
  }

  // The first two parts of a token, as they are signed.
  static std::string InputOf(absl::string_view header) {
    return absl::StrCat(Base64Url(header), ".", Base64Url(Claims()));
  }
  static std::string WithSignature(absl::string_view header,
                                   absl::string_view signature) {
    return Compact(header, Claims(), signature);
  }
};

TEST_F(ForgedTokenTest, WithoutAnAlgorithm) {
  std::vector<Forged> forged;
  for (const char* none :
       {"none", "None", "NONE", "nOnE", "nonE", "noNe", ""}) {
    forged.push_back({none, Compact(Header(none), Claims(), ""), "algorithm"});
    forged.push_back({absl::StrCat(none, " with a signature"),
                      Signed(Secret(), "HS256", Header(none), Claims()),
                      "algorithm"});
  }
  forged.push_back(
      {"null", Compact(R"({"alg":null})", Claims(), ""), "algorithm"});
  forged.push_back({"no alg",
                    Signed(Secret(), "HS256", R"({"typ":"JWT"})", Claims()),
                    "algorithm"});
  forged.push_back(
      {"number", Compact(R"({"alg":256})", Claims(), ""), "algorithm"});
  forged.push_back({"other case",
                    Signed(Secret(), "HS256", Header("hs256"), Claims()),
                    "algorithm"});
  forged.push_back({"space",
                    Signed(Secret(), "HS256", Header("HS256 "), Claims()),
                    "algorithm"});
  ExpectRefused(forged);
}

TEST_F(ForgedTokenTest, WithAPublicKeyAsTheSecret) {
  std::vector<Forged> forged;
  const std::string pem = Rsa().PublicPem();
  for (const std::string& secret :
       {pem, std::string(absl::StripTrailingAsciiWhitespace(pem)),
        Rsa().PublicDer(), Rsa().CertificatePem(), Rsa().Jwk(),
        Ec().PublicPem(), Ec().PublicDer(), Ed().PublicPem()}) {
    const SigningKey key = SigningKey::Secret(secret);
    for (const char* kid : {"rsa", "ec", "ed"}) {
      forged.push_back(
          {kid,
           Signed(key, "HS256",
                  Header("HS256", absl::StrCat(R"(,"kid":")", kid, "\"")),
                  Claims()),
           "key"});
    }
    forged.push_back({"no name",
                      Signed(key, "HS256", Header("HS256"), Claims()),
                      "signature"});
  }
  ExpectRefused(forged);
  // Where there is no secret at all, HS256 has no key.
  const KeySet public_keys({{.key = test::Must(KeyFromJwk(Rsa().Jwk()))}});
  const auto refused = TokenVerifier(Policy()).Verify(
      Signed(SigningKey::Secret(pem), "HS256", Header("HS256"), Claims()),
      public_keys, Now());
  EXPECT_EQ(ProblemOf(refused.status()), "key");
}

TEST_F(ForgedTokenTest, WithAKeyOfAnotherKind) {
  const auto of = [](const SigningKey& key, const char* made, const char* said,
                     const char* kid) {
    return Signed(key, made, Header(said, kid), Claims());
  };
  ExpectRefused({
      {"RS256 as ES256", of(Rsa(), "RS256", "ES256", R"(,"kid":"rsa")"), "key"},
      {"RS256 as ES256, no name", of(Rsa(), "RS256", "ES256", ""), "signature"},
      {"RS256 as EdDSA", of(Rsa(), "RS256", "EdDSA", R"(,"kid":"rsa")"), "key"},
      {"ES256 as RS256", of(Ec(), "ES256", "RS256", R"(,"kid":"ec")"), "key"},
      {"ES256 as EdDSA", of(Ec(), "ES256", "EdDSA", R"(,"kid":"ed")"),
       "signature"},
      {"EdDSA as ES256", of(Ed(), "EdDSA", "ES256", R"(,"kid":"ec")"),
       "signature"},
      {"RS256 as PS256", of(Rsa(), "RS256", "PS256", R"(,"kid":"rsa")"),
       "signature"},
      {"PS256 as RS256", of(Rsa(), "PS256", "RS256", R"(,"kid":"rsa")"),
       "signature"},
      {"HS256 as RS256", of(Secret(), "HS256", "RS256", ""), "signature"},
  });
}

TEST_F(ForgedTokenTest, WithAnotherKeyOfTheKind) {
  const SigningKey rsa = SigningKey::Rsa();
  const SigningKey secret = SigningKey::Secret(std::string(32, '\0'));
  ExpectRefused({
      {"another's name",
       Signed(Rsa(), "RS256", Header("RS256", R"(,"kid":"other")"), Claims()),
       "signature"},
      {"unknown name",
       Signed(Rsa(), "RS256", Header("RS256", R"(,"kid":"gone")"), Claims()),
       "key"},
      {"strange RSA", Signed(rsa, "RS256", Header("RS256"), Claims()),
       "signature"},
      {"strange PSS", Signed(rsa, "PS256", Header("PS256"), Claims()),
       "signature"},
      {"strange EC",
       Signed(SigningKey::Ec(), "ES256", Header("ES256"), Claims()),
       "signature"},
      {"strange Ed25519",
       Signed(SigningKey::Ed25519(), "EdDSA", Header("EdDSA"), Claims()),
       "signature"},
      {"strange secret", Signed(secret, "HS256", Header("HS256"), Claims()),
       "signature"},
      {"empty secret",
       Signed(SigningKey::Secret(""), "HS256", Header("HS256"), Claims()),
       "signature"},
      {"a name from a file",
       Signed(SigningKey::Secret(""), "HS256",
              Header("HS256", R"(,"kid":"/dev/null")"), Claims()),
       "signature"},
  });
}

TEST_F(ForgedTokenTest, WithAKeyThatTheTokenBrings) {
  const SigningKey own = SigningKey::Rsa();
  std::vector<Forged> forged;
  for (const std::string& more :
       {absl::StrCat(R"(,"jwk":)", own.Jwk()),
        absl::StrCat(R"(,"kid":"rsa","jwk":)", own.Jwk(R"(,"kid":"rsa")")),
        std::string(R"(,"jku":"https://evil.example/keys")"),
        std::string(R"(,"x5u":"https://evil.example/certificate")"),
        std::string(R"(,"x5c":["MIIB"])")}) {
    forged.push_back({more,
                      Signed(own, "RS256", Header("RS256", more), Claims()),
                      "signature"});
  }
  ExpectRefused(forged);
}

TEST_F(ForgedTokenTest, WithoutItsSignature) {
  std::vector<Forged> forged;
  for (const char* algorithm : {"HS256", "RS256", "PS256", "ES256", "EdDSA"}) {
    const std::string input = InputOf(Header(algorithm));
    forged.push_back({algorithm, absl::StrCat(input, "."), "signature"});
    forged.push_back({"two parts", input, "malformed"});
    forged.push_back({"four parts", absl::StrCat(input, ".."), "malformed"});
    forged.push_back({"one byte", absl::StrCat(input, ".AA"), "signature"});
  }
  ExpectRefused(forged);
}

TEST_F(ForgedTokenTest, WithASignatureOfAnotherLength) {
  std::vector<Forged> forged;
  for (const auto& [key, algorithm] : {std::pair(&Secret(), "HS256"),
                                       {&Rsa(), "RS256"},
                                       {&Rsa(), "PS256"},
                                       {&Ec(), "ES256"},
                                       {&Ed(), "EdDSA"}}) {
    const std::string header = Header(algorithm);
    const std::string good = key->Sign(algorithm, InputOf(header));
    ASSERT_EQ(Problem(WithSignature(header, good)), "");
    const auto add = [&](const char* name, const std::string& signature) {
      forged.push_back({absl::StrCat(algorithm, " ", name),
                        WithSignature(header, signature), "signature"});
    };
    add("one less", good.substr(0, good.size() - 1));
    add("first missing", good.substr(1));
    add("half", good.substr(0, good.size() / 2));
    add("one more", good + '\0');
    add("two more", good + std::string(2, '\0'));
    add("zero before", '\0' + good);
    add("twice", good + good);
    add("hexadecimal", absl::BytesToHexString(good));
  }
  ExpectRefused(forged);
}

TEST_F(ForgedTokenTest, WithAnEcdsaSignatureInAnotherForm) {
  const std::string header = Header("ES256");
  const std::string good = Ec().Sign("ES256", InputOf(header));
  ASSERT_EQ(Problem(WithSignature(header, good)), "");
  const std::string r = good.substr(0, 32), s = good.substr(32);
  const std::string zero(32, '\0'), most(32, '\xff');
  const std::string order = absl::HexStringToBytes(
      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const std::string one = std::string(31, '\0') + '\1';
  std::vector<Forged> forged = {
      {"DER", WithSignature(header, Ec().Sign("ES256-DER", InputOf(header))),
       "signature"},
      {"each with a zero", WithSignature(header, '\0' + r + '\0' + s),
       "signature"},
      {"swapped", WithSignature(header, s + r), "signature"}};
  for (const std::string& a : {zero, one, order, most}) {
    for (const std::string& b : {zero, one, order, most}) {
      forged.push_back({"numbers that cannot be", WithSignature(header, a + b),
                        "signature"});
    }
    forged.push_back({"r alone", WithSignature(header, r + a), "signature"});
    forged.push_back({"s alone", WithSignature(header, a + s), "signature"});
  }
  ExpectRefused(forged);
}

TEST_F(ForgedTokenTest, WithAnyCharacterChanged) {
  for (const auto& [key, algorithm] : {std::pair(&Secret(), "HS256"),
                                       {&Rsa(), "RS256"},
                                       {&Ec(), "ES256"},
                                       {&Ed(), "EdDSA"}}) {
    const std::string good =
        Signed(*key, algorithm, Header(algorithm), Claims());
    ASSERT_EQ(Problem(good), "");
    const KeySet keys = Keys();
    const TokenVerifier verifier(Policy());
    for (size_t i = 0; i < good.size(); ++i) {
      for (const char replaced : {'A', 'Q', '_', '.', '=', '\0'}) {
        if (good[i] == replaced) continue;
        std::string bad = good;
        bad[i] = replaced;
        EXPECT_FALSE(verifier.Verify(bad, keys, Now()).ok())
            << algorithm << " at " << i << ": " << replaced;
      }
    }
  }
}

TEST_F(ForgedTokenTest, WithOneBitOfTheSignatureFlipped) {
  std::vector<Forged> forged;
  for (const auto& [key, algorithm] : {std::pair(&Secret(), "HS256"),
                                       {&Rsa(), "RS256"},
                                       {&Rsa(), "PS256"},
                                       {&Ec(), "ES256"},
                                       {&Ed(), "EdDSA"}}) {
    const std::string header = Header(algorithm);
    const std::string good = key->Sign(algorithm, InputOf(header));
    for (size_t i = 0; i < good.size(); i += 5) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
      forged.push_back({absl::StrCat(algorithm, " byte ", i),
                        WithSignature(header, bad), "signature"});
    }
  }
  ExpectRefused(forged);
}

TEST_F(ForgedTokenTest, WithPartsOfTwoGoodTokens) {
  const std::vector<std::string> one =
      absl::StrSplit(Token(Claims(R"(,"scope":"admin")")), '.');
  const std::vector<std::string> two = absl::StrSplit(Token(Claims()), '.');
  const std::vector<std::string> named = absl::StrSplit(
      Signed(Secret(), "HS256", Header("HS256", R"(,"kid":"x")"), Claims()),
      '.');
  ExpectRefused({
      {"claims", absl::StrCat(two[0], ".", one[1], ".", two[2]), "signature"},
      {"signature", absl::StrCat(two[0], ".", two[1], ".", one[2]),
       "signature"},
      {"header", absl::StrCat(named[0], ".", two[1], ".", two[2]), "signature"},
  });
}

// Even who can sign does not get these past.
TEST_F(ForgedTokenTest, OfAShapeThatIsNoToken) {
  const auto with_header = [](absl::string_view header) {
    return Signed(Secret(), "HS256", header, Claims());
  };
  const std::string good = Token(Claims());
  std::string deep = "1";
  for (int i = 0; i < 1000; ++i) deep = absl::StrCat("[", deep, "]");
  ExpectRefused({
      {"duplicate claim", Token(R"({"exp":1,"exp":1900000000})"), "malformed"},
      {"duplicate scope",
       Token(Claims(R"(,"scope":"admin","scope":"entries:read")")),
       "malformed"},
      {"duplicate claim, escaped", Token(Claims(R"(,"\u0073ub":"root")")),
       "malformed"},
      {"duplicate within", Token(Claims(R"(,"o":{"a":1,"a":2})")), "malformed"},
      {"duplicate header name", with_header(R"({"alg":"HS256","alg":"HS256"})"),
       "malformed"},
      {"duplicate alg", with_header(R"({"alg":"none","alg":"HS256"})"),
       "malformed"},
      {"duplicate kid", with_header(Header("HS256", R"(,"kid":"a","kid":"b")")),
       "malformed"},
      {"nested token",
       Signed(Secret(), "HS256", Header("HS256", R"(,"cty":"JWT")"), good),
       "malformed"},
      {"nested token without cty", Token(good), "malformed"},
      {"encrypted token", absl::StrCat(good, ".AAAA.AAAA"), "malformed"},
      {"encrypted token's header",
       absl::StrCat(Base64Url(R"({"alg":"RSA-OAEP","enc":"A256GCM"})"),
                    ".AAAA.AAAA.AAAA.AAAA"),
       "malformed"},
      {"encryption as algorithm",
       Compact(R"({"alg":"dir","enc":"A256GCM"})", Claims(), "x"), "algorithm"},
      {"huge",
       Token(Claims(absl::StrCat(R"(,"a":")", std::string(7000, 'a'), "\""))),
       "malformed"},
      {"enormous", std::string(10'000'000, 'A'), "malformed"},
      {"deep claims", Token(Claims(absl::StrCat(R"(,"a":)", deep))),
       "malformed"},
      {"deep header",
       with_header(Header("HS256", absl::StrCat(R"(,"a":)", deep))),
       "malformed"},
      {"critical", with_header(Header("HS256", R"(,"crit":["exp"])")),
       "malformed"},
      {"unencoded payload",
       with_header(Header("HS256", R"(,"crit":["b64"],"b64":false)")),
       "malformed"},
      {"name of a key is a number", with_header(Header("HS256", R"(,"kid":1)")),
       "malformed"},
      {"a proof of possession",
       with_header(Header("HS256", R"(,"typ":"dpop+jwt")")), "malformed"},
      {"a logout", with_header(Header("HS256", R"(,"typ":"logout+jwt")")),
       "malformed"},
      {"no claims", Token(""), "malformed"},
      {"claims are a list", Token("[]"), "malformed"},
      {"claims are a text", Token("\"exp\""), "malformed"},
      {"claims are null", Token("null"), "malformed"},
      {"two claim sets", Token(absl::StrCat(Claims(), Claims())), "malformed"},
      {"claims are not UTF-8", Token(Claims(",\"a\":\"\xff\"")), "malformed"},
      {"claims begin with a mark",
       Token(absl::StrCat("\xef\xbb\xbf", Claims())), "malformed"},
      {"empty", "", "malformed"},
      {"dots", "..", "malformed"},
      {"space before", absl::StrCat(" ", good), "malformed"},
      {"space after", absl::StrCat(good, " "), "malformed"},
      {"line after", absl::StrCat(good, "\n"), "malformed"},
      {"padding", absl::StrCat(good, "="), "malformed"},
      {"two tokens", absl::StrCat(good, ",", good), "malformed"},
  });
}

TEST_F(ForgedTokenTest, ThatAreLongButShortEnoughAreAccepted) {
  EXPECT_EQ(Problem(Token(Claims(
                absl::StrCat(R"(,"a":")", std::string(5900, 'a'), "\"")))),
            "");
}

}  // namespace
}  // namespace broadcast::auth
