#include "auth/jws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "signer.h"

namespace broadcast::auth {
namespace {

using test::Base64Url;
using test::Compact;
using test::Header;

bool IsRefused(absl::string_view compact, JwsProblem problem) {
  const ParsedJws parsed = ParseJws(compact);
  return !parsed.jws.has_value() && parsed.problem == problem;
}
bool IsMalformed(absl::string_view compact) {
  return IsRefused(compact, JwsProblem::kMalformed);
}

std::string WithHeader(absl::string_view header) {
  return Compact(header, "{}", "signature");
}

TEST(JwsTest, ATokenIsTakenApart) {
  const std::string compact =
      Compact(R"({"alg":"ES256","kid":"k1","typ":"JWT"})", "any \xff bytes",
              absl::string_view("\0sig", 4));
  const ParsedJws parsed = ParseJws(compact);
  ASSERT_TRUE(parsed.jws.has_value());
  EXPECT_EQ(parsed.jws->compact, compact);
  EXPECT_EQ(parsed.jws->signed_part, compact.substr(0, compact.rfind('.')));
  EXPECT_EQ(parsed.jws->algorithm, Algorithm::kEs256);
  EXPECT_EQ(parsed.jws->key_id, "k1");
  EXPECT_EQ(parsed.jws->payload, "any \xff bytes");
  EXPECT_EQ(parsed.jws->signature, absl::string_view("\0sig", 4));
}

TEST(JwsTest, EachAlgorithmHasItsName) {
  for (const auto& [name, algorithm] : {std::pair("HS256", Algorithm::kHs256),
                                        {"RS256", Algorithm::kRs256},
                                        {"PS256", Algorithm::kPs256},
                                        {"ES256", Algorithm::kEs256},
                                        {"EdDSA", Algorithm::kEdDsa}}) {
    EXPECT_EQ(ToText(algorithm), name);
    EXPECT_EQ(ParseAlgorithm(name), algorithm);
    const ParsedJws parsed = ParseJws(WithHeader(Header(name)));
    ASSERT_TRUE(parsed.jws.has_value()) << name;
    EXPECT_EQ(parsed.jws->algorithm, algorithm);
    EXPECT_EQ(parsed.jws->key_id, std::nullopt);
  }
}

TEST(JwsTest, NoOtherAlgorithmHasAName) {
  for (const char* name :
       {"none", "None", "NONE", "nOnE", "", " RS256", "RS256 ", "rs256",
        "hs256", "HS384", "HS512", "RS1", "RS512", "ES256K", "ES384", "Ed25519",
        "EDDSA", "A128KW", "dir"}) {
    EXPECT_EQ(ParseAlgorithm(name), std::nullopt) << name;
    EXPECT_TRUE(IsRefused(WithHeader(Header(name)), JwsProblem::kAlgorithm))
        << name;
  }
  for (const char* header :
       {"{}", R"({"alg":null})", R"({"alg":5})", R"({"alg":["RS256"]})",
        R"({"alg":{"RS256":1}})", R"({"ALG":"RS256"})", R"({"Alg":"RS256"})"}) {
    EXPECT_TRUE(IsRefused(WithHeader(header), JwsProblem::kAlgorithm))
        << header;
  }
}

TEST(JwsTest, ATokenHasThreeParts) {
  const std::string good = WithHeader(Header("RS256"));
  ASSERT_TRUE(ParseJws(good).jws.has_value());
  EXPECT_TRUE(IsMalformed(""));
  EXPECT_TRUE(IsMalformed("."));
  EXPECT_TRUE(IsMalformed(".."));
  EXPECT_TRUE(IsMalformed(good.substr(0, good.rfind('.'))));
  EXPECT_TRUE(IsMalformed(absl::StrCat(good, ".")));
  EXPECT_TRUE(IsMalformed(absl::StrCat(good, ".", Base64Url("four"))));
  EXPECT_TRUE(IsMalformed(absl::StrCat(".", good)));
  // As an encrypted token has.
  EXPECT_TRUE(IsMalformed(absl::StrCat(good, ".four.five")));
  EXPECT_TRUE(IsMalformed("...."));
  // The other form of RFC 7515.
  EXPECT_TRUE(IsMalformed(R"({"payload":"e30","protected":"e30"})"));
}

TEST(JwsTest, PartsAreCanonicalBase64Url) {
  const std::string good = Compact(Header("RS256"), "{}", "s");
  ASSERT_TRUE(ParseJws(good).jws.has_value());
  for (const char* before : {" ", "\n", "\t", "Bearer "}) {
    EXPECT_TRUE(IsMalformed(absl::StrCat(before, good)));
  }
  for (const char* after : {" ", "\n", "=", "==", "%3D"}) {
    EXPECT_TRUE(IsMalformed(absl::StrCat(good, after))) << after;
  }
  EXPECT_TRUE(IsMalformed(absl::StrCat(good, std::string(1, '\0'))));
  const std::string header = Base64Url(Header("RS256"));
  EXPECT_TRUE(IsMalformed(absl::StrCat(header, "=.e30.c2ln")));
  EXPECT_TRUE(IsMalformed(absl::StrCat(header, ".e30=.c2ln")));
}

TEST(JwsTest, BytesHaveOneTextAlone) {
  EXPECT_EQ(DecodeBase64Url(""), "");
  EXPECT_EQ(DecodeBase64Url("AA"), std::string(1, '\0'));
  EXPECT_EQ(DecodeBase64Url("-_-_"), "\xfb\xff\xbf");
  EXPECT_EQ(DecodeBase64Url("c2ln"), "sig");
  for (const char* text :
       {"A", "AAAAA", "AB", "AP", "AAB", "AA=", "AA==", "AAA=", "+/+/", "A A",
        "AA\n", "AA.", "\xc3\xa9", "AA%3d", "=", "==", "AA=A"}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

TEST(JwsTest, TheHeaderIsStrictJson) {
  for (const char* header :
       {"", "x", "[]", "null", "\"RS256\"", R"({"alg":"RS256"}x)",
        R"({"alg":"RS256","alg":"RS256"})", R"({"alg":"none","alg":"RS256"})",
        R"({"alg":"RS256","\u0061lg":"none"})",
        "{\"alg\":\"RS256\",\"a\":\"\xff\"}",
        R"({"alg":"RS256","a":[[[[[[[[1]]]]]]]]})"}) {
    EXPECT_TRUE(IsMalformed(WithHeader(header))) << header;
  }
}

TEST(JwsTest, AHeaderThatAsksForMoreIsRefused) {
  for (const char* more : {R"(,"crit":["exp"])",
                           R"(,"crit":[])",
                           R"(,"crit":null)",
                           R"(,"crit":["b64"],"b64":false)",
                           R"(,"b64":false)",
                           R"(,"b64":true)",
                           R"(,"cty":"JWT")",
                           R"(,"cty":"json")",
                           R"(,"cty":null)",
                           R"(,"kid":5)",
                           R"(,"kid":null)",
                           R"(,"kid":["a"])",
                           R"(,"typ":"JWE")",
                           R"(,"typ":"JOSE")",
                           R"(,"typ":"dpop+jwt")",
                           R"(,"typ":"logout+jwt")",
                           R"(,"typ":"id_token")",
                           R"(,"typ":"")",
                           R"(,"typ":null)",
                           R"(,"typ":5)",
                           R"(,"typ":"jwt ")",
                           R"(,"typ":"application/")",
                           R"(,"typ":"application/application/jwt")"}) {
    EXPECT_TRUE(IsMalformed(WithHeader(Header("RS256", more)))) << more;
  }
}

TEST(JwsTest, TheTypeIsThatOfAToken) {
  for (const char* type : {"JWT", "jwt", "at+jwt", "AT+JWT", "application/jwt",
                           "application/at+jwt", "Application/AT+JWT"}) {
    EXPECT_TRUE(ParseJws(WithHeader(Header(
                             "RS256", absl::StrCat(R"(,"typ":")", type, "\""))))
                    .jws.has_value())
        << type;
  }
}

TEST(JwsTest, ATokenHasEightKibibytesAtMost) {
  const std::string head = absl::StrCat(Base64Url(Header("RS256")), "..");
  const size_t left = (8 << 10) - head.size();
  ASSERT_NE(left % 4, 1U);
  EXPECT_TRUE(
      ParseJws(absl::StrCat(head, std::string(left, 'A'))).jws.has_value());
  for (const size_t more : {1, 2, 3, 4, 1'000'000}) {
    EXPECT_TRUE(IsMalformed(absl::StrCat(head, std::string(left + more, 'A'))))
        << more;
  }
}

}  // namespace
}  // namespace broadcast::auth
