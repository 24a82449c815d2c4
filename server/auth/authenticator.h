// Tells who makes a call: by its token, else by the certificate of its
// connection. Knows no gRPC. The environment owns the one Authenticator; any
// thread.
#ifndef BROADCASTD_AUTH_AUTHENTICATOR_H_
#define BROADCASTD_AUTH_AUTHENTICATOR_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "auth/key_ring.h"
#include "auth/principal.h"
#include "auth/token_cache.h"
#include "auth/token_verifier.h"
#include "base/clock.h"

namespace broadcast::auth {

// What a call brings to be known by.
struct Credentials {
  // The value of the `authorization` metadata; nothing if there is none.
  std::optional<absl::string_view> authorization;
  // The names in the verified certificate of the connection, asked for only
  // without a token.
  absl::FunctionRef<std::vector<std::string>()> certificate_names;
};

class Authenticator {
 public:
  // `keys` may be null: no token is good then. `identities` are by the name in
  // the certificate. Pointers outlive this.
  Authenticator(KeyRing* keys, TokenPolicy policy,
                std::map<std::string, Principal> identities,
                const Clock* clock);

  // A token decides alone: a bad one is not made good by a certificate.
  // Returns UNAUTHENTICATED: TOKEN_MISSING or TOKEN_INVALID.
  absl::StatusOr<PrincipalPointer> Authenticate(const Credentials& credentials);

 private:
  absl::StatusOr<PrincipalPointer> ByToken(absl::string_view authorization);

  KeyRing* const keys_;
  const TokenVerifier verifier_;
  std::map<std::string, PrincipalPointer> identities_;
  const Clock* const clock_;
  TokenCache cache_;
};

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_AUTHENTICATOR_H_
