// Decides whether a token is good, and who it says calls. Holds no keys of its
// own and no time. The authenticator owns it; any thread.
#ifndef BROADCASTD_AUTH_TOKEN_VERIFIER_H_
#define BROADCASTD_AUTH_TOKEN_VERIFIER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/key_set.h"
#include "auth/principal.h"

namespace broadcast::auth {

struct TokenPolicy {
  std::vector<Algorithm> algorithms;
  std::string issuer;    // empty: any
  std::string audience;  // empty: any
  absl::Duration leeway;
  std::string client_claim = "client_id";
  std::string scope_claim = "scope";
  Permissions default_permissions;  // of a token without the scope claim
};

struct VerifiedToken {
  PrincipalPointer principal;
  absl::Time expire_time;  // with the leeway; no later than its key
};

class TokenVerifier {
 public:
  explicit TokenVerifier(TokenPolicy policy) : policy_(std::move(policy)) {}

  // Returns UNAUTHENTICATED (TOKEN_INVALID), which says what is wrong with the
  // token but nothing that it holds.
  absl::StatusOr<VerifiedToken> Verify(absl::string_view token,
                                       const KeySet& keys,
                                       absl::Time now) const;

 private:
  const TokenPolicy policy_;
};

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_TOKEN_VERIFIER_H_
