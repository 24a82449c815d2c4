// What the claims of a genuine token must be, and what they come to mean.
#include <string>

#include "auth/token_verifier.h"
#include "token_fixture.h"

namespace broadcast::auth {
namespace {

using test::IsOk;

class TokenClaimsTest : public TokenTest {
 protected:
  static std::string ProblemOfClaims(absl::string_view claims,
                                     const TokenPolicy& policy = Policy()) {
    return Problem(Token(claims), policy);
  }
  static Principal PrincipalOf(absl::string_view more,
                               const TokenPolicy& policy = Policy()) {
    const auto verified = Verify(Token(Claims(more)), policy);
    EXPECT_THAT(verified, IsOk()) << more;
    return verified.ok() ? *verified->principal
                         : Principal{.scope = storage::Scope::OneClient("")};
  }
  static bool Has(const Principal& principal, const char* scope) {
    return principal.permissions.Include(*Permission::Parse(scope));
  }
};

TEST_F(TokenClaimsTest, TheExpiryIsATimeThatCanBe) {
  for (const auto& [claims, problem] :
       {std::pair(R"({})", "claims"),
        {R"({"sub":"a"})", "claims"},
        {R"({"exp":"1900000000"})", "claims"},
        {R"({"exp":null})", "claims"},
        {R"({"exp":true})", "claims"},
        {R"({"exp":[1900000000]})", "claims"},
        {R"({"exp":{"at":1900000000}})", "claims"},
        {R"({"exp":-1})", "claims"},
        {R"({"exp":-1900000000})", "claims"},
        {R"({"exp":1e30})", "claims"},
        {R"({"exp":1e308})", "claims"},
        {R"({"exp":253402300800})", "claims"},
        {R"({"exp":18446744073709551615})", "claims"},
        {R"({"exp":99999999999999999999999999})", "claims"},
        {R"({"exp":-9223372036854775808})", "claims"},
        {R"({"exp":1e400})", "malformed"},
        {R"({"exp":-1e400})", "malformed"},
        {R"({"exp":NaN})", "malformed"},
        {R"({"EXP":1900000000})", "claims"},
        {R"({"exp":0})", "expired"},
        {R"({"exp":1e-300})", "expired"},
        {R"({"exp":253402300799})", ""},
        {R"({"exp":1900000000})", ""}}) {
    EXPECT_EQ(ProblemOfClaims(claims), problem) << claims;
  }
}

TEST_F(TokenClaimsTest, TheTimeBeforeWhichItIsNotValidIsATime) {
  for (const auto& [claim, problem] :
       {std::pair(R"(,"nbf":"0")", "claims"),
        {R"(,"nbf":null)", "claims"},
        {R"(,"nbf":-5)", "claims"},
        {R"(,"nbf":1e30)", "claims"},
        {R"(,"nbf":1900000000)", "not_yet_valid"},
        {R"(,"nbf":0)", ""},
        {R"(,"iat":"not looked at")", ""}}) {
    EXPECT_EQ(ProblemOfClaims(Claims(claim)), problem) << claim;
  }
}

TEST_F(TokenClaimsTest, TheIssuerIsTheOneOfThePolicy) {
  TokenPolicy policy = Policy();
  policy.issuer = "https://issuer.example/";
  for (const auto& [claim, problem] :
       {std::pair(R"(,"iss":"https://issuer.example/")", ""),
        {"", "issuer"},
        {R"(,"iss":"https://issuer.example")", "issuer"},
        {R"(,"iss":"https://ISSUER.example/")", "issuer"},
        {R"(,"iss":"https://issuer.example/\u0000")", "issuer"},
        {R"(,"iss":"https://issuer.example/evil")", "issuer"},
        {R"(,"iss":"")", "issuer"},
        {R"(,"iss":null)", "issuer"},
        {R"(,"iss":5)", "issuer"},
        {R"(,"iss":["https://issuer.example/"])", "issuer"}}) {
    EXPECT_EQ(ProblemOfClaims(Claims(claim), policy), problem) << claim;
  }
  EXPECT_EQ(ProblemOfClaims(Claims(R"(,"iss":"anybody")")), "");
}

TEST_F(TokenClaimsTest, TheAudienceHoldsOurs) {
  TokenPolicy policy = Policy();
  policy.audience = "broadcastd";
  for (const auto& [claim, problem] :
       {std::pair(R"(,"aud":"broadcastd")", ""),
        {R"(,"aud":["broadcastd"])", ""},
        {R"(,"aud":["other","broadcastd"])", ""},
        {"", "audience"},
        {R"(,"aud":"")", "audience"},
        {R"(,"aud":"Broadcastd")", "audience"},
        {R"(,"aud":"broadcastd other")", "audience"},
        {R"(,"aud":[])", "audience"},
        {R"(,"aud":["other"])", "audience"},
        {R"(,"aud":[["broadcastd"]])", "audience"},
        {R"(,"aud":{"broadcastd":true})", "audience"},
        {R"(,"aud":[null,5])", "audience"},
        {R"(,"aud":null)", "audience"},
        {R"(,"aud":5)", "audience"}}) {
    EXPECT_EQ(ProblemOfClaims(Claims(claim), policy), problem) << claim;
  }
  EXPECT_EQ(ProblemOfClaims(Claims(R"(,"aud":"other")")), "");
}

TEST_F(TokenClaimsTest, TheClientIsAUuidOrAllOfThem) {
  EXPECT_EQ(PrincipalOf("").scope.client_id(), std::nullopt);
  EXPECT_EQ(PrincipalOf(absl::StrCat(R"(,"client_id":")", kClient, "\""))
                .scope.client_id(),
            kClient);
  EXPECT_EQ(
      PrincipalOf(R"(,"client_id":"0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0")")
          .scope.client_id(),
      kClient);
  for (const char* value :
       {"null", "5", "true", "[]", "{}", "\"\"", "\" \"", "\"*\"", "\"all\"",
        "\"0f1e2d3c4b5a69788796a5b4c3d2e1f0\"",
        "\"{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}\"",
        "\"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 \"",
        "\"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\\u0000\"",
        "\"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1g0\"",
        "[\"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\"]", "\"' OR 1=1 --\""}) {
    EXPECT_EQ(ProblemOfClaims(Claims(absl::StrCat(R"(,"client_id":)", value))),
              "claims")
        << value;
  }
}

TEST_F(TokenClaimsTest, ThePolicyNamesTheClaims) {
  TokenPolicy policy = Policy();
  policy.client_claim = "https://example.com/tenant";
  policy.scope_claim = "scp";
  const Principal principal = PrincipalOf(
      absl::StrCat(R"(,"https://example.com/tenant":")", kClient,
                   R"(","scp":"admin","client_id":"ignored","scope":5)"),
      policy);
  EXPECT_EQ(principal.scope.client_id(), kClient);
  EXPECT_TRUE(Has(principal, "admin"));
}

TEST_F(TokenClaimsTest, ScopesAreATextOrAList) {
  for (const char* claim :
       {R"(,"scope":"entries:read admin unknown")",
        R"(,"scope":"  admin   entries:read ")",
        R"(,"scope":["entries:read","admin"])",
        R"(,"scope":["entries:read admin","unknown",""])"}) {
    const Principal principal = PrincipalOf(claim);
    EXPECT_TRUE(Has(principal, "entries:read")) << claim;
    EXPECT_TRUE(Has(principal, "admin")) << claim;
    EXPECT_TRUE(Has(principal, "any")) << claim;
    EXPECT_FALSE(Has(principal, "entries:write")) << claim;
    EXPECT_FALSE(Has(principal, "clients:read")) << claim;
  }
  for (const char* claim :
       {R"(,"scope":"")", R"(,"scope":[])", R"(,"scope":"unknown")",
        R"(,"scope":"*")", R"(,"scope":"ADMIN")", R"(,"scope":"admin,any")",
        R"(,"scope":"admin\u0000")", R"(,"scope":"admin\tx")"}) {
    EXPECT_FALSE(Has(PrincipalOf(claim), "admin")) << claim;
  }
  for (const char* value : {"null", "5", "true", "{}", "{\"admin\":true}",
                            "[5]", "[\"admin\",null]", "[[\"admin\"]]"}) {
    EXPECT_EQ(ProblemOfClaims(Claims(absl::StrCat(R"(,"scope":)", value))),
              "claims")
        << value;
  }
}

TEST_F(TokenClaimsTest, WithoutScopesThePolicysCount) {
  TokenPolicy policy = Policy();
  EXPECT_FALSE(Has(PrincipalOf("", policy), "entries:read"));
  policy.default_permissions = Permissions::FromScopes("entries:read");
  EXPECT_TRUE(Has(PrincipalOf("", policy), "entries:read"));
  // A claim that is there counts alone.
  EXPECT_FALSE(Has(PrincipalOf(R"(,"scope":"")", policy), "entries:read"));
  EXPECT_FALSE(Has(PrincipalOf(R"(,"scope":[])", policy), "entries:read"));
}

TEST_F(TokenClaimsTest, TheSubjectCanBeShown) {
  const auto claims = [](absl::string_view subject) {
    return absl::StrCat(R"({"exp":1900000000,"sub":)", subject, "}");
  };
  for (const std::string& good :
       {std::string("a"), std::string("Zo\u00eb <zoe@example.com>"),
        std::string(128, 'n')}) {
    const auto verified = Verify(Token(claims(absl::StrCat("\"", good, "\""))));
    ASSERT_THAT(verified, IsOk()) << good;
    EXPECT_EQ(verified->principal->name, good);
  }
  for (const std::string& bad :
       {std::string(R"("")"), std::string(R"("a\nb")"),
        std::string(R"("a\u0000")"), std::string(R"("\u001b[2J")"),
        std::string(R"("a\u007f")"), std::string("null"), std::string("5"),
        std::string("[\"a\"]"),
        absl::StrCat("\"", std::string(129, 'n'), "\"")}) {
    EXPECT_EQ(ProblemOfClaims(claims(bad)), "claims") << bad;
  }
}

TEST_F(TokenClaimsTest, WithoutASubjectTheClientIsTheName) {
  const auto verified = Verify(Token(
      absl::StrCat(R"({"exp":1900000000,"client_id":")", kClient, "\"}")));
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->principal->name, kClient);
}

TEST_F(TokenClaimsTest, TheErrorTellsNothingOfTheToken) {
  const auto refused = Verify(Token(R"({"exp":5,"sub":"a caller's name"})"));
  EXPECT_EQ(ProblemOf(refused.status()), "expired");
  EXPECT_THAT(refused.status().ToString(),
              testing::Not(testing::HasSubstr("a caller's name")));
}

}  // namespace
}  // namespace broadcast::auth
