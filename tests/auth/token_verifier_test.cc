// What is accepted: the algorithms, the vectors of the standards, and the
// times.
#include "auth/token_verifier.h"

#include "token_fixture.h"

namespace broadcast::auth {
namespace {

using test::Header;
using test::IsOk;
using test::Must;
using test::Signed;

class TokenVerifierTest : public TokenTest {};

TEST_F(TokenVerifierTest, EachAlgorithmIsAccepted) {
  for (const auto& [key, algorithm, name] :
       {std::tuple(&Rsa(), "RS256", R"(,"kid":"rsa")"),
        {&Rsa(), "PS256", R"(,"kid":"rsa")"},
        {&Ec(), "ES256", R"(,"kid":"ec")"},
        {&Ed(), "EdDSA", R"(,"kid":"ed")"},
        {&Secret(), "HS256", R"(,"kid":"of another make")"},
        {&Rsa(), "RS256", ""},
        {&OtherRsa(), "PS256", ""},
        {&Ec(), "ES256", ""},
        {&Ed(), "EdDSA", ""},
        {&Secret(), "HS256", ""}}) {
    const auto verified =
        Verify(Signed(*key, algorithm, Header(algorithm, name), Claims()));
    ASSERT_THAT(verified, IsOk()) << algorithm << name;
    EXPECT_EQ(verified->principal->name, "caller");
    EXPECT_EQ(verified->expire_time, Now() + absl::Seconds(3600) + kLeeway);
  }
}

TEST_F(TokenVerifierTest, AlgorithmsThatThePolicyLacksAreRefused) {
  const std::string token = Signed(Rsa(), "RS256", Header("RS256"), Claims());
  TokenPolicy policy = Policy();
  policy.algorithms = {Algorithm::kRs256};
  EXPECT_EQ(Problem(token, policy), "");
  EXPECT_EQ(Problem(Token(Claims()), policy), "algorithm");
  EXPECT_EQ(Problem(Signed(Rsa(), "PS256", Header("PS256"), Claims()), policy),
            "algorithm");
  EXPECT_EQ(Problem(Signed(Ec(), "ES256", Header("ES256"), Claims()), policy),
            "algorithm");
  EXPECT_EQ(Problem(Signed(Ed(), "EdDSA", Header("EdDSA"), Claims()), policy),
            "algorithm");
  policy.algorithms = {};
  EXPECT_EQ(Problem(token, policy), "algorithm");
}

TEST_F(TokenVerifierTest, ManyEcdsaSignaturesAreAccepted) {
  // Their numbers begin with zeros now and then.
  for (int i = 0; i < 600; ++i) {
    const std::string token = Signed(Ec(), "ES256", Header("ES256"),
                                     Claims(absl::StrCat(",\"n\":", i)));
    ASSERT_EQ(Problem(token), "") << token;
  }
}

TEST_F(TokenVerifierTest, ATokenEndsAtItsExpiryAndTheLeeway) {
  const std::string token = Token(absl::StrCat(R"({"exp":)", kNowSeconds, "}"));
  const auto problem_at = [&](absl::Duration after) {
    return Problem(token, Policy(), Now() + after);
  };
  EXPECT_EQ(problem_at(-absl::Seconds(1)), "");
  EXPECT_EQ(problem_at(absl::ZeroDuration()), "");
  EXPECT_EQ(problem_at(kLeeway - absl::Seconds(1)), "");
  EXPECT_EQ(problem_at(kLeeway - absl::Nanoseconds(1)), "");
  EXPECT_EQ(problem_at(kLeeway), "expired");
  EXPECT_EQ(problem_at(kLeeway + absl::Seconds(1)), "expired");
  TokenPolicy exact = Policy();
  exact.leeway = absl::ZeroDuration();
  EXPECT_EQ(Problem(token, exact, Now() - absl::Seconds(1)), "");
  EXPECT_EQ(Problem(token, exact, Now()), "expired");
}

TEST_F(TokenVerifierTest, ATokenBeginsAtItsTimeLessTheLeeway) {
  const std::string token =
      Token(Claims(absl::StrCat(R"(,"nbf":)", kNowSeconds)));
  const auto problem_at = [&](absl::Duration after) {
    return Problem(token, Policy(), Now() + after);
  };
  EXPECT_EQ(problem_at(-kLeeway - absl::Seconds(1)), "not_yet_valid");
  EXPECT_EQ(problem_at(-kLeeway - absl::Nanoseconds(1)), "not_yet_valid");
  EXPECT_EQ(problem_at(-kLeeway), "");
  EXPECT_EQ(problem_at(-kLeeway + absl::Seconds(1)), "");
  EXPECT_EQ(problem_at(absl::ZeroDuration()), "");
}

TEST_F(TokenVerifierTest, TimesMayHaveFractions) {
  const std::string token =
      Token(absl::StrCat(R"({"exp":)", kNowSeconds, ".5}"));
  EXPECT_EQ(Problem(token, Policy(), Now() + kLeeway), "");
  EXPECT_EQ(Problem(token, Policy(), Now() + kLeeway + absl::Seconds(1)),
            "expired");
  EXPECT_EQ(Problem(Token(R"({"exp":2.5e9})")), "");
}

// The same octets as in the standards; none of these may depend on our signer.
class VectorTest : public TokenTest {
 protected:
  static absl::StatusOr<VerifiedToken> VerifyBy(absl::string_view jwk,
                                                absl::string_view token,
                                                absl::Time now) {
    const KeySet keys({{.key = Must(KeyFromJwk(jwk))}});
    return TokenVerifier(Policy()).Verify(token, keys, now);
  }

  // The claims of RFC 7515, appendix A, which RFC 7519 has as its example:
  // "iss" is joe, "exp" is 1300819380.
  static constexpr char kJoe[] =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  static constexpr absl::Time Expiry() {
    return absl::FromUnixSeconds(1300819380);
  }
  static void ExpectJoe(absl::string_view jwk, absl::string_view header,
                        absl::string_view signature) {
    const std::string token = absl::StrCat(header, ".", kJoe, ".", signature);
    const auto verified = VerifyBy(jwk, token, Expiry() - absl::Seconds(1));
    ASSERT_THAT(verified, IsOk());
    EXPECT_EQ(verified->principal->name, "token without subject");
    EXPECT_EQ(ProblemOf(VerifyBy(jwk, token, Now()).status()), "expired");
    TokenPolicy policy = Policy();
    policy.issuer = "joe";
    const KeySet keys({{.key = Must(KeyFromJwk(jwk))}});
    EXPECT_THAT(TokenVerifier(policy).Verify(token, keys, Expiry()), IsOk());
    policy.issuer = "jane";
    EXPECT_EQ(
        ProblemOf(TokenVerifier(policy).Verify(token, keys, Expiry()).status()),
        "issuer");
  }
};

TEST_F(VectorTest, HmacOfRfc7515AppendixA1) {
  ExpectJoe(
      R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})",
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST_F(VectorTest, RsaOfRfc7515AppendixA2) {
  ExpectJoe(
      R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})",
      "eyJhbGciOiJSUzI1NiJ9",
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
      "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
      "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
      "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
      "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
      "p0igcN_IoypGlUPQGe77Rw");
}

TEST_F(VectorTest, EcdsaOfRfc7515AppendixA3) {
  ExpectJoe(
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
      "eyJhbGciOiJFUzI1NiJ9",
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
      "pmWQxfKTUJqPP3-Kg6NU1Q");
}

TEST_F(VectorTest, Ed25519OfRfc8037AppendixA4) {
  const KeyPointer key = Must(KeyFromJwk(
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"));
  const std::string token =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5B"
      "hVsPt9g7sVvpAr_MuM0KAg";
  const ParsedJws parsed = ParseJws(token);
  ASSERT_TRUE(parsed.jws.has_value());
  EXPECT_EQ(parsed.jws->payload, "Example of Ed25519 signing");
  EXPECT_TRUE(key->Verify(*parsed.jws));
}

}  // namespace
}  // namespace broadcast::auth
