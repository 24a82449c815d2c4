#include "auth/mint_token.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "auth/jose.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace broadcast::auth {

absl::StatusOr<std::string> MintToken(const TokenClaims& claims,
                                      const TokenPolicy& policy,
                                      absl::string_view secret) {
  // Refuses what the server would refuse.
  ASSIGN_OR_RETURN(KeyPointer verifying, KeyFromSecret(secret));
  if (!IsUtf8(claims.subject) || !IsUtf8(claims.client_id) ||
      !IsUtf8(claims.scopes)) {
    return absl::InvalidArgumentError("the claims are not UTF-8");
  }
  nlohmann::ordered_json payload;
  if (!policy.issuer.empty()) payload["iss"] = policy.issuer;
  if (!policy.audience.empty()) payload["aud"] = policy.audience;
  payload["sub"] = claims.subject;
  payload["iat"] = absl::ToUnixSeconds(claims.issue_time);
  payload["exp"] = absl::ToUnixSeconds(claims.expire_time);
  if (!claims.client_id.empty())
    payload[policy.client_claim] = claims.client_id;
  payload[policy.scope_claim] = claims.scopes;
  // Replaced bytes are found below, as they cannot be in a text of `claims`.
  const std::string text = payload.dump(
      -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);

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
  const auto verified = TokenVerifier(policy).Verify(
      compact, KeySet({{.key = verifying}}), claims.issue_time);
  if (!verified.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the server would not accept it: ", verified.status().message()));
  }
  return std::string(compact);
}

}  // namespace broadcast::auth
