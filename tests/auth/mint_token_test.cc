#include "auth/mint_token.h"

#include <string>

#include "token_fixture.h"

namespace broadcast::auth {
namespace {

using test::IsOk;
using test::Must;
using test::StatusIs;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class MintTokenTest : public TokenTest {
 protected:
  static TokenClaims Asked() {
    return {.subject = "development",
            .client_id = kClient,
            .scopes = "entries:read admin",
            .issue_time = Now(),
            .expire_time = Now() + absl::Hours(1)};
  }

  static absl::StatusOr<VerifiedToken> Verified(const std::string& token,
                                                const TokenPolicy& policy,
                                                absl::Time now = Now()) {
    const KeySet keys({{.key = Must(KeyFromSecret(kSecret))}});
    return TokenVerifier(policy).Verify(token, keys, now);
  }

  static constexpr char kSecret[] = "thirty-two bytes at least, these";
};

TEST_F(MintTokenTest, TheVerifierAcceptsIt) {
  TokenPolicy policy = Policy();
  policy.issuer = "https://issuer.example";
  policy.audience = "broadcastd";
  policy.client_claim = "tenant";
  policy.scope_claim = "scp";
  const std::string token = Must(MintToken(Asked(), policy, kSecret));
  const auto verified = Verified(token, policy);
  ASSERT_THAT(verified, IsOk());
  const Principal& principal = *verified->principal;
  EXPECT_EQ(principal.name, "development");
  EXPECT_EQ(principal.scope.client_id(), kClient);
  EXPECT_TRUE(
      principal.permissions.Include(*Permission::Parse("entries:read")));
  EXPECT_TRUE(principal.permissions.Include(*Permission::Parse("admin")));
  EXPECT_FALSE(
      principal.permissions.Include(*Permission::Parse("entries:write")));
  EXPECT_EQ(verified->expire_time, Now() + absl::Hours(1) + kLeeway);
  EXPECT_EQ(ProblemOf(Verified(token, policy, Now() + absl::Hours(2)).status()),
            "expired");
}

TEST_F(MintTokenTest, WithoutAClientItIsForAll) {
  TokenClaims claims = Asked();
  claims.client_id.clear();
  claims.scopes.clear();
  TokenPolicy policy = Policy();
  policy.default_permissions = Permissions::All();
  const auto verified =
      Verified(Must(MintToken(claims, policy, kSecret)), policy);
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->principal->scope.client_id(), std::nullopt);
  // No scopes are none, not those of a token without the claim.
  EXPECT_FALSE(
      verified->principal->permissions.Include(*Permission::Parse("admin")));
}

TEST_F(MintTokenTest, TextIsTextHoweverItLooks) {
  TokenClaims claims = Asked();
  claims.subject = R"(","exp":9e9,"x":"\)";
  const auto verified =
      Verified(Must(MintToken(claims, Policy(), kSecret)), Policy());
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->principal->name, claims.subject);
}

TEST_F(MintTokenTest, AShortSecretIsRefused) {
  const auto refused = MintToken(Asked(), Policy(), "too short a secret");
  EXPECT_THAT(refused, StatusIs(kInvalid, HasSubstr("32 bytes")));
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("too short a")));
  EXPECT_THAT(MintToken(Asked(), Policy(), ""), StatusIs(kInvalid));
}

// Rather than a token that nobody accepts.
TEST_F(MintTokenTest, WhatTheServerWouldRefuseIsNotMade) {
  TokenClaims claims = Asked();
  claims.client_id = "no UUID";
  EXPECT_THAT(MintToken(claims, Policy(), kSecret), StatusIs(kInvalid));
  for (const char* subject : {"", "two\nlines", "\xff", "\xc3"}) {
    claims = Asked();
    claims.subject = subject;
    EXPECT_THAT(MintToken(claims, Policy(), kSecret), StatusIs(kInvalid));
  }
  claims = Asked();
  claims.scopes = "\xff";
  EXPECT_THAT(MintToken(claims, Policy(), kSecret), StatusIs(kInvalid));
  claims.scopes = std::string(9000, 'a');
  EXPECT_THAT(MintToken(claims, Policy(), kSecret), StatusIs(kInvalid));
  TokenPolicy policy = Policy();
  policy.algorithms = {Algorithm::kRs256};
  EXPECT_THAT(MintToken(Asked(), policy, kSecret),
              StatusIs(kInvalid, HasSubstr("algorithm")));
}

}  // namespace
}  // namespace broadcast::auth
