#include "rpc/server_credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace broadcast::rpc {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

absl::Status Refused(absl::string_view option, absl::string_view file,
                     absl::string_view problem) {
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": ", file, ": ", problem));
}

// Else the library asks for it on the terminal, and waits.
int TellNoPassPhrase(char*, int, int, void*) { return -1; }

absl::Status CheckFiles(const TlsOptions& options) {
  const std::unique_ptr<SSL_CTX, FreeContext> context(
      SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const tls = context.get();
  SSL_CTX_set_default_passwd_cb(tls, &TellNoPassPhrase);
  if (SSL_CTX_use_certificate_chain_file(
          tls, options.certificate_file.c_str()) != 1) {
    return Refused("tls_certificate", options.certificate_file,
                   "is no certificate in PEM that can be read");
  }
  if (SSL_CTX_use_PrivateKey_file(tls, options.key_file.c_str(),
                                  SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(tls) != 1) {
    return Refused("tls_key", options.key_file,
                   "is no unencrypted private key in PEM that matches "
                   "tls_certificate");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(tls))) <
      0) {
    return Refused("tls_certificate", options.certificate_file,
                   "has expired; put a new one there");
  }
  if (!options.client_ca_file.empty() &&
      SSL_CTX_load_verify_file(tls, options.client_ca_file.c_str()) != 1) {
    return Refused("tls_client_ca", options.client_ca_file,
                   "holds no certificate in PEM that can be read");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsOptions& options) {
  if (options.certificate_file.empty()) {
    return grpc::InsecureServerCredentials();
  }
  RETURN_IF_ERROR(CheckFiles(options));
  const bool mutual = !options.client_ca_file.empty();
  const auto seconds = static_cast<unsigned int>(
      std::max<int64_t>(1, absl::ToInt64Seconds(options.reload_interval)));
  const auto files =
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          options.key_file, options.certificate_file, options.client_ca_file,
          seconds);
  grpc::experimental::TlsServerCredentialsOptions tls(files);
  tls.watch_identity_key_cert_pairs();
  if (mutual) {
    tls.watch_root_certs();
    tls.set_cert_request_type(
        options.client_certificate_required
            ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
            : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(tls);
}

}  // namespace broadcast::rpc
