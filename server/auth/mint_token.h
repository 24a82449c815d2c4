// Makes tokens for development, signed with the shared secret. A free
// function; any thread.
#ifndef BROADCASTD_AUTH_MINT_TOKEN_H_
#define BROADCASTD_AUTH_MINT_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/token_verifier.h"

namespace broadcast::auth {

struct TokenClaims {
  std::string subject;
  std::string client_id;  // empty: all clients
  std::string scopes;
  absl::Time issue_time;
  absl::Time expire_time;
};

// A token that a server with this policy and secret accepts.
// Returns INVALID_ARGUMENT if the secret is too short, or the server would
// refuse the token for its claims or its algorithm.
absl::StatusOr<std::string> MintToken(const TokenClaims& claims,
                                      const TokenPolicy& policy,
                                      absl::string_view secret);

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_MINT_TOKEN_H_
