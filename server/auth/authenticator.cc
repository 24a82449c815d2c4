#include "auth/authenticator.h"

#include <utility>

#include "absl/strings/match.h"
#include "base/error_detail.h"
#include "base/errors.h"
#include "base/status_macros.h"

namespace broadcast::auth {
namespace {

constexpr absl::string_view kScheme = "bearer ";

bool MayBeNewKey(const absl::Status& status) {
  const auto detail = DetailOf(status);
  if (!detail.has_value()) return false;
  const auto problem = detail->metadata.find("problem");
  return problem != detail->metadata.end() && (problem->second == "key" || problem->second == "signature");
}

}  // namespace

Authenticator::Authenticator(KeyRing* keys, TokenPolicy policy,
                             std::map<std::string, Principal> identities,
                             const Clock* clock)
    : keys_(keys), verifier_(std::move(policy)), clock_(clock) {
  for (auto& [name, principal] : identities) {
    identities_[name] =
        std::make_shared<const Principal>(std::move(principal));
  }
}

absl::StatusOr<PrincipalPointer> Authenticator::Authenticate(
    const Credentials& credentials) {
  if (credentials.authorization.has_value()) {
    return ByToken(*credentials.authorization);
  }
  if (!identities_.empty()) {
    for (const std::string& name : credentials.certificate_names()) {
      const auto found = identities_.find(name);
      if (found != identities_.end()) return found->second;
    }
  }
  return error::TokenMissing();
}

absl::StatusOr<PrincipalPointer> Authenticator::ByToken(
    absl::string_view authorization) {
  if (!absl::StartsWithIgnoreCase(authorization, kScheme) ||
      keys_ == nullptr) {
    return error::TokenInvalid(keys_ == nullptr ? "key" : "malformed");
  }
  const absl::string_view token = authorization.substr(kScheme.size());
  const TokenCache::Key key = TokenCache::KeyOf(token);
  const absl::Time now = clock_->Now();
  const KeyRing::Current current = keys_->keys();
  if (auto known = cache_.Find(key, current.generation, now)) return known;
  auto verified = verifier_.Verify(token, *current.keys, now);
  if (!verified.ok()) {
    if (MayBeNewKey(verified.status())) keys_->Wake();
    return verified.status();
  }
  cache_.Insert(key, current.generation, *verified);
  return verified->principal;
}

}  // namespace broadcast::auth
