#include "auth/mint_token.h"

#include <nlohmann/json.hpp>

#include "auth/jose.h"
#include "base/status_macros.h"

namespace broadcast::auth {

absl::StatusOr<std::string> MintToken(const TokenClaims& claims,
                                      const TokenPolicy& policy,
                                      absl::string_view secret) {
  // Refuses what the server would refuse.
  RETURN_IF_ERROR(KeyFromSecret(secret).status());
  nlohmann::ordered_json payload;
  if (!policy.issuer.empty()) payload["iss"] = policy.issuer;
  if (!policy.audience.empty()) payload["aud"] = policy.audience;
  payload["sub"] = claims.subject;
  payload["iat"] = absl::ToUnixSeconds(claims.issue_time);
  payload["exp"] = absl::ToUnixSeconds(claims.expire_time);
  if (!claims.client_id.empty()) payload[policy.client_claim] = claims.client_id;
  payload[policy.scope_claim] = claims.scopes;
  const std::string text = payload.dump();

  const JwkHandle key(cjose_jwk_create_oct_spec(
      reinterpret_cast<const uint8_t*>(secret.data()), secret.size(), nullptr));
  const HeaderHandle header(cjose_header_new(nullptr));
  cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256, nullptr);
  cjose_header_set(header.get(), "typ", "JWT", nullptr);
  const JwsHandle token(cjose_jws_sign(
      key.get(), header.get(), reinterpret_cast<const uint8_t*>(text.data()),
      text.size(), nullptr));
  const char* compact = nullptr;
  if (token == nullptr || !cjose_jws_export(token.get(), &compact, nullptr)) {
    return absl::InternalError("the token cannot be signed");
  }
  return std::string(compact);
}

}  // namespace broadcast::auth
