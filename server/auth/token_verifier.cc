#include "auth/token_verifier.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "auth/strict_json.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "content/fields.h"

namespace broadcast::auth {
namespace {

using nlohmann::json;

// Year 9999: later times are nobody's expiry.
constexpr double kLatestSeconds = 253'402'300'799;
constexpr size_t kMostNameBytes = 128;

// A NumericDate (RFC 7519): seconds since 1970, which may have a fraction.
absl::StatusOr<std::optional<absl::Time>> TimeAt(const json& claims,
                                                 const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::nullopt;
  if (!found->is_number()) return error::TokenInvalid("claims");
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= kLatestSeconds)) {
    return error::TokenInvalid("claims");
  }
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

// Whether `claim` is `wanted`, or a list that holds it.
bool Holds(const json& claims, const char* name, const std::string& wanted) {
  const auto claim = claims.find(name);
  if (claim == claims.end()) return false;
  if (claim->is_string()) return *claim == wanted;
  return claim->is_array() &&
         std::any_of(claim->begin(), claim->end(), [&](const json& one) {
           return one.is_string() && one == wanted;
         });
}

absl::StatusOr<storage::Scope> ScopeOf(const json& claims,
                                       const std::string& claim) {
  const auto found = claims.find(claim);
  if (found == claims.end()) return storage::Scope::AllClients();
  Violations violations;
  std::string client_id =
      found->is_string() ? Uuid(found->get<std::string>(), "client", violations)
                         : "";
  // A claim that names nobody must not come to mean everybody.
  if (client_id.empty()) return error::TokenInvalid("claims");
  return storage::Scope::OneClient(std::move(client_id));
}

// A text of names (RFC 8693), or a list of them.
absl::StatusOr<Permissions> PermissionsOf(const json& claims,
                                          const TokenPolicy& policy) {
  const auto found = claims.find(policy.scope_claim);
  if (found == claims.end()) return policy.default_permissions;
  if (found->is_string()) {
    return Permissions::FromScopes(found->get<std::string>());
  }
  if (!found->is_array()) return error::TokenInvalid("claims");
  Permissions permissions;
  for (const json& one : *found) {
    if (!one.is_string()) return error::TokenInvalid("claims");
    permissions.Add(Permissions::FromScopes(one.get<std::string>()));
  }
  return permissions;
}

// What the log and the audit call the caller.
absl::StatusOr<std::string> NameOf(const json& claims,
                                   const storage::Scope& scope) {
  if (!claims.contains("sub")) {
    return scope.client_id().value_or("token without subject");
  }
  const auto subject = TextAt(claims, "sub");
  const auto printable = [](unsigned char c) { return c >= 0x20 && c != 0x7f; };
  if (!subject.has_value() || subject->empty() ||
      subject->size() > kMostNameBytes ||
      !std::all_of(subject->begin(), subject->end(), printable)) {
    return error::TokenInvalid("claims");
  }
  return *subject;
}

// Until when the key that signed the token is accepted.
absl::StatusOr<absl::Time> CheckSignature(const Jws& jws, const KeySet& keys,
                                          absl::Time now) {
  const auto candidates = keys.Candidates(jws, now);
  if (candidates.empty()) return error::TokenInvalid("key");
  for (const KeySet::Entry* candidate : candidates) {
    if (candidate->key->Verify(jws)) return candidate->retire_time;
  }
  return error::TokenInvalid("signature");
}

}  // namespace

absl::StatusOr<VerifiedToken> TokenVerifier::Verify(absl::string_view token,
                                                    const KeySet& keys,
                                                    absl::Time now) const {
  const auto [jws, problem] = ParseJws(token);
  if (!jws.has_value()) {
    return error::TokenInvalid(problem == JwsProblem::kAlgorithm ? "algorithm"
                                                                 : "malformed");
  }
  if (std::find(policy_.algorithms.begin(), policy_.algorithms.end(),
                jws->algorithm) == policy_.algorithms.end()) {
    return error::TokenInvalid("algorithm");
  }
  // Nothing that the token says of itself is told before it is known to be
  // genuine.
  ASSIGN_OR_RETURN(const absl::Time key_end, CheckSignature(*jws, keys, now));
  const auto claims = ParseObject(jws->payload);
  if (!claims.has_value()) return error::TokenInvalid("malformed");

  ASSIGN_OR_RETURN(const auto expires, TimeAt(*claims, "exp"));
  ASSIGN_OR_RETURN(const auto not_before, TimeAt(*claims, "nbf"));
  if (!expires.has_value()) return error::TokenInvalid("claims");
  if (*expires + policy_.leeway <= now) return error::TokenInvalid("expired");
  if (not_before.has_value() && *not_before - policy_.leeway > now) {
    return error::TokenInvalid("not_yet_valid");
  }
  if (!policy_.issuer.empty() &&
      TextAt(*claims, "iss") != std::optional(policy_.issuer)) {
    return error::TokenInvalid("issuer");
  }
  if (!policy_.audience.empty() && !Holds(*claims, "aud", policy_.audience)) {
    return error::TokenInvalid("audience");
  }
  ASSIGN_OR_RETURN(storage::Scope scope,
                   ScopeOf(*claims, policy_.client_claim));
  ASSIGN_OR_RETURN(const Permissions permissions,
                   PermissionsOf(*claims, policy_));
  ASSIGN_OR_RETURN(std::string name, NameOf(*claims, scope));
  return VerifiedToken{
      .principal = std::make_shared<const Principal>(
          Principal{.name = std::move(name),
                    .scope = std::move(scope),
                    .permissions = permissions}),
      .expire_time = std::min(*expires + policy_.leeway, key_end)};
}

}  // namespace broadcast::auth
