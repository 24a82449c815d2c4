#include "rpc/health_channel.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <vector>

namespace broadcast::rpc {
namespace {

namespace tls_api = grpc::experimental;

std::shared_ptr<grpc::ChannelCredentials> Credentials(const HealthTls& tls) {
  std::vector<tls_api::IdentityKeyCertPair> pairs;
  if (!tls.certificate.empty()) {
    pairs.push_back(
        {.private_key = tls.key, .certificate_chain = tls.certificate});
  }
  tls_api::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<tls_api::StaticDataCertificateProvider>(tls.authorities,
                                                               pairs));
  options.watch_root_certs();
  if (!pairs.empty()) options.watch_identity_key_cert_pairs();
  // The chain is verified all the same: only names are not.
  options.set_certificate_verifier(
      std::make_shared<tls_api::NoOpCertificateVerifier>());
  options.set_check_call_host(false);
  return tls_api::TlsCredentials(options);
}

}  // namespace

std::shared_ptr<grpc::Channel> HealthChannel(const std::string& address,
                                             const HealthTls* tls) {
  return grpc::CreateChannel(address, tls == nullptr
                                          ? grpc::InsecureChannelCredentials()
                                          : Credentials(*tls));
}

}  // namespace broadcast::rpc
