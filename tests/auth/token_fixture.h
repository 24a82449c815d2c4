// One key of each kind, the set that verifies by them, and a verifier with a
// usual policy. For tests; the test's thread.
#ifndef BROADCASTD_AUTH_TOKEN_FIXTURE_H_
#define BROADCASTD_AUTH_TOKEN_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/token_verifier.h"
#include "base/error_detail.h"
#include "signer.h"
#include "support/status_matchers.h"

namespace broadcast::auth {

// "" for a token that is accepted, else what is wrong with it.
inline std::string ProblemOf(const absl::Status& status) {
  if (status.ok()) return "";
  const auto detail = DetailOf(status);
  if (status.code() != absl::StatusCode::kUnauthenticated ||
      !detail.has_value() || detail->reason != "TOKEN_INVALID") {
    return status.ToString();
  }
  const auto problem = detail->metadata.find("problem");
  return problem == detail->metadata.end() ? "none told" : problem->second;
}

class TokenTest : public testing::Test {
 protected:
  static constexpr char kClient[] = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
  static constexpr int64_t kNowSeconds = 1'800'000'000;
  static constexpr absl::Duration kLeeway = absl::Seconds(30);

  static absl::Time Now() { return absl::FromUnixSeconds(kNowSeconds); }

  // Made once: an RSA key takes a while.
  static const test::SigningKey& Rsa() {
    static const auto& key = *new test::SigningKey(test::SigningKey::Rsa());
    return key;
  }
  static const test::SigningKey& OtherRsa() {
    static const auto& key = *new test::SigningKey(test::SigningKey::Rsa());
    return key;
  }
  static const test::SigningKey& Ec() {
    static const auto& key = *new test::SigningKey(test::SigningKey::Ec());
    return key;
  }
  static const test::SigningKey& Ed() {
    static const auto& key = *new test::SigningKey(test::SigningKey::Ed25519());
    return key;
  }
  static const test::SigningKey& Secret() {
    static const auto& key = *new test::SigningKey(
        test::SigningKey::Secret("a secret of thirty-two bytes, or more"));
    return key;
  }

  // Named "rsa", "other", "ec" and "ed"; the secret has no name.
  static KeySet Keys() {
    std::vector<KeySet::Entry> entries;
    for (const std::string& jwk :
         {Rsa().Jwk(R"(,"kid":"rsa")"), OtherRsa().Jwk(R"(,"kid":"other")"),
          Ec().Jwk(R"(,"kid":"ec")"), Ed().Jwk(R"(,"kid":"ed")"),
          Secret().Jwk()}) {
      entries.push_back({.key = test::Must(KeyFromJwk(jwk))});
    }
    return KeySet(std::move(entries));
  }

  static TokenPolicy Policy() {
    return {
        .algorithms = {Algorithm::kHs256, Algorithm::kRs256, Algorithm::kPs256,
                       Algorithm::kEs256, Algorithm::kEdDsa},
        .leeway = kLeeway};
  }

  // Good claims, with `more`, each with a comma before it.
  static std::string Claims(absl::string_view more = "") {
    return absl::StrCat(R"({"sub":"caller","exp":)", kNowSeconds + 3600, more,
                        "}");
  }

  // The token of these claims, signed with the secret.
  static std::string Token(absl::string_view claims) {
    return test::Signed(Secret(), "HS256", test::Header("HS256"), claims);
  }

  static absl::StatusOr<VerifiedToken> Verify(
      absl::string_view token, const TokenPolicy& policy = Policy(),
      absl::Time now = Now()) {
    return TokenVerifier(policy).Verify(token, Keys(), now);
  }
  static std::string Problem(absl::string_view token,
                             const TokenPolicy& policy = Policy(),
                             absl::Time now = Now()) {
    return ProblemOf(Verify(token, policy, now).status());
  }
};

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_TOKEN_FIXTURE_H_
