#include "callers.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "auth/mint_token.h"
#include "base/status_macros.h"
#include "http/get.h"
#include "settings/environment_variables.h"
#include "settings/secret_file.h"

namespace broadcast {
namespace {

// However seldom keys are looked at: a token with an unknown one may be good.
constexpr absl::Duration kPeaceOfProvider = absl::Seconds(10);

absl::StatusOr<std::string> ReadJwtSecret(const SecretSource& source) {
  return ReadSecret(source, &ReadEnvironmentVariable);
}

}  // namespace

auth::TokenPolicy TokenPolicyOf(const Settings& settings) {
  auth::TokenPolicy policy{
      .issuer = settings.jwt_issuer.empty() ? settings.oidc_issuer
                                            : settings.jwt_issuer,
      .audience = settings.jwt_audience,
      .leeway = settings.jwt_leeway,
      .client_claim = settings.jwt_client_claim,
      .scope_claim = settings.jwt_scope_claim,
      .default_permissions =
          auth::Permissions::FromScopes(settings.jwt_default_scopes)};
  for (const absl::string_view name :
       absl::StrSplit(settings.jwt_algorithms, ',', absl::SkipWhitespace())) {
    if (const auto algorithm = auth::ParseAlgorithm(name)) {
      policy.algorithms.push_back(*algorithm);
    }
  }
  return policy;
}

std::map<std::string, auth::Principal> IdentitiesOf(const Settings& settings) {
  std::map<std::string, auth::Principal> identities;
  for (const IdentitySettings& identity : settings.identities) {
    identities.emplace(
        identity.certificate,
        auth::Principal{
            .name = identity.name,
            .scope = identity.client_id.empty()
                         ? storage::Scope::AllClients()
                         : storage::Scope::OneClient(identity.client_id),
            .permissions = auth::Permissions::FromScopes(identity.scopes)});
  }
  return identities;
}

absl::StatusOr<std::unique_ptr<auth::KeyRing>> OpenKeys(
    const Settings& settings, const Clock* clock, Log* log) {
  std::vector<std::unique_ptr<auth::KeySource>> sources;
  if (!settings.jwt_keys.empty()) {
    sources.push_back(auth::KeyFiles(settings.jwt_keys));
  }
  if (settings.jwt_secret.kind != SecretSource::Kind::kNone) {
    sources.push_back(auth::SharedSecret(
        [source = settings.jwt_secret] { return ReadJwtSecret(source); }));
  }
  if (!settings.oidc_issuer.empty()) {
    sources.push_back(auth::OpenIdProvider(
        settings.oidc_issuer,
        std::min(settings.reload_interval, kPeaceOfProvider),
        [options = http::GetOptions{.ca_file = settings.oidc_ca_file}](
            const std::string& url) { return http::Get(url, options); }));
  }
  if (sources.empty()) return std::unique_ptr<auth::KeyRing>();
  return auth::KeyRing::Open(std::move(sources),
                             {.reload_interval = settings.reload_interval,
                              .overlap = settings.jwt_key_overlap},
                             clock, log);
}

absl::StatusOr<std::string> MintTokenFor(const Settings& settings,
                                         const TokenRequest& request,
                                         const Clock& clock) {
  if (settings.jwt_secret.kind == SecretSource::Kind::kNone) {
    return absl::InvalidArgumentError(
        "token: there is no shared secret to sign with; name its file with "
        "--jwt_secret_file, or set JWT_SECRET_KEY");
  }
  const auto secret = ReadJwtSecret(settings.jwt_secret);
  if (!secret.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("jwt_secret: ", secret.status().message()));
  }
  const absl::Time now = clock.Now();
  return auth::MintToken({.subject = request.subject,
                          .client_id = request.client_id,
                          .scopes = request.scopes,
                          .issue_time = now,
                          .expire_time = now + request.ttl},
                         TokenPolicyOf(settings), *secret);
}

}  // namespace broadcast
