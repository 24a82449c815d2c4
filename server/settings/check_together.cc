#include "settings/check_together.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "net/listen_address.h"

namespace broadcast {
namespace {

bool Accepts(const Settings& settings, absl::string_view algorithm) {
  const std::vector<absl::string_view> all =
      absl::StrSplit(settings.jwt_algorithms, ',');
  return std::find(all.begin(), all.end(), algorithm) != all.end();
}

bool IsFolder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

}  // namespace

void CheckTransport(const Settings& settings, const Complain& complain) {
  const bool certificate = !settings.tls_certificate.empty();
  const bool key = !settings.tls_key.empty();
  if (certificate && !key) {
    complain("tls_certificate", "needs its private key; give --tls_key too");
  }
  if (key && !certificate) {
    complain("tls_key", "needs its certificate; give --tls_certificate too");
  }
  const bool authority = !settings.tls_client_ca.empty();
  if (authority && !certificate && !key) {
    complain("tls_client_ca",
             "needs TLS; give --tls_certificate and --tls_key too");
  }
  if (!authority && settings.tls_client_certificates ==
                        Settings::ClientCertificates::kOptional) {
    complain("tls_client_certificates",
             "there is nothing to verify certificates against; give "
             "--tls_client_ca too, or remove this");
  }
}

void CheckAuthentication(const Settings& settings, const Complain& complain) {
  if (!settings.secrets_directory.empty() &&
      !IsFolder(settings.secrets_directory)) {
    complain("secrets_directory",
             absl::StrCat(settings.secrets_directory,
                          " is no folder that this user may read; mount it, or "
                          "remove this"));
  }
  if (settings.jwt_secret.kind != SecretSource::Kind::kNone &&
      !Accepts(settings, "HS256")) {
    complain("jwt_algorithms",
             "leaves out HS256, the only one for the secret of JWT_SECRET_KEY "
             "or jwt_secret_file; add it, or remove the secret");
  }
  const bool tokens = !settings.jwt_keys.empty() ||
                      !settings.oidc_issuer.empty() ||
                      settings.jwt_secret.kind != SecretSource::Kind::kNone;
  // Whoever says what a token must hold does not mean to ask for none.
  for (const auto& [option, value] :
       {std::pair("jwt_issuer", &settings.jwt_issuer),
        std::pair("jwt_audience", &settings.jwt_audience),
        std::pair("jwt_default_scopes", &settings.jwt_default_scopes)}) {
    if (!tokens && !value->empty()) {
      complain(option,
               "there is no key to verify tokens with; give one of --jwt_keys, "
               "--jwt_secret_file and --oidc_issuer, or remove this");
    }
  }
  if (settings.jwt_client_claim == settings.jwt_scope_claim) {
    complain("jwt_scope_claim",
             "is the same as jwt_client_claim; a claim names either the client "
             "or the scopes");
  }
  if (!settings.audit && settings.database.rfind("sqlite:", 0) != 0) {
    complain("audit", "can be switched off on SQLite only; remove this");
  }
  if (!settings.oidc_issuer.empty() && !settings.jwt_issuer.empty() &&
      settings.jwt_issuer != settings.oidc_issuer) {
    complain("jwt_issuer",
             "differs from oidc_issuer, so that no token could match both; "
             "remove it");
  }
  if (settings.oidc_issuer.empty() && !settings.oidc_ca_file.empty()) {
    complain("oidc_ca_file",
             "there is no issuer to ask; give --oidc_issuer too, or remove "
             "this");
  }
}

void CheckRetention(const Settings& settings, const Complain& complain) {
  if (settings.operations_retention < settings.results_retention) {
    complain("operations_retention",
             "is shorter than results_retention, though an operation takes its "
             "deliveries with it; make it as long at least");
  }
}

void CheckListening(const Settings& settings, const Complain& complain) {
  const auto address = net::ListenAddress::Parse(settings.listen);
  if (!address.ok() || address->IsLoopback() ||
      settings.insecure_public_listen) {
    return;
  }
  const bool tls = !settings.tls_certificate.empty();
  const bool authentication = settings.authenticates();
  if (tls && authentication) return;
  absl::string_view lacks = "neither TLS nor authentication";
  absl::string_view remedy =
      "give --tls_certificate, --tls_key and one of --jwt_keys, "
      "--jwt_secret_file, --oidc_issuer and --tls_client_ca";
  if (tls) {
    lacks = "no authentication";
    remedy =
        "give one of --jwt_keys, --jwt_secret_file, --oidc_issuer and "
        "--tls_client_ca";
  } else if (authentication) {
    lacks = "no TLS, so that tokens could be read on the way";
    remedy = "give --tls_certificate and --tls_key";
  }
  complain("listen",
           absl::StrCat(settings.listen,
                        " can be reached from other machines, and there is ",
                        lacks, "; ", remedy,
                        ", listen on 127.0.0.1 behind something that has both, "
                        "or give --insecure_public_listen"));
}

}  // namespace broadcast
