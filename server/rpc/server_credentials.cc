#include "rpc/server_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/status_macros.h"

namespace broadcast::rpc {
namespace {

using CertificateConfig = grpc_ssl_server_certificate_config;
using ReloadStatus = grpc_ssl_certificate_config_reload_status;

grpc_ssl_client_certificate_request_type RequestOf(const TlsOptions& options) {
  if (options.client_ca_file.empty()) {
    return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
  }
  return options.client_certificate_required
             ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
             : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
}

// gRPC's own watcher of files (FileWatcherCertificateProvider) takes whatever
// it finds: a pair that does not match refuses every connection, and an empty
// key ends the process. Here gRPC asks at each handshake, and is given files
// that have been checked.
class FileCredentials final : public grpc::ServerCredentials {
 public:
  FileCredentials(const TlsOptions& options, TlsFiles files, const Clock* clock,
                  Log* log)
      : options_(options),
        clock_(clock),
        log_(log),
        files_(std::move(files)),
        next_look_(NextLook()),
        credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                RequestOf(options), &FileCredentials::Fetch, this))) {}

  ~FileCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static ReloadStatus Fetch(void* self, CertificateConfig** config) {
    return static_cast<FileCredentials*>(self)->Give(config);
  }

  ReloadStatus Give(CertificateConfig** config) {
    absl::MutexLock lock(&mu_);
    if (given_ && !Changed())
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair{files_.key.c_str(),
                                          files_.certificate.c_str()};
    // gRPC asserts that there are authorities, and asks for a certificate of
    // theirs only if RequestOf says so.
    const std::string& authorities =
        files_.client_ca.empty() ? files_.certificate : files_.client_ca;
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(),
                                                        &pair, 1);
    given_ = true;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  // Looks at the files if it is time to; true if there are others now.
  bool Changed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (clock_->Steady() < next_look_) return false;
    next_look_ = NextLook();
    auto files = ReadTlsFiles(options_);
    if (!files.ok()) {
      if (!failing_) {
        log_->Write(Severity::kError, "tls.files_not_loaded",
                    {{"problem", files.status().message()}});
      }
      failing_ = true;
      return false;
    }
    failing_ = false;
    if (*files == files_) return false;
    files_ = *std::move(files);
    log_->Write(Severity::kInfo, "tls.files_changed", {});
    return true;
  }

  SteadyTime NextLook() const {
    return clock_->Steady() +
           absl::ToChronoNanoseconds(options_.reload_interval);
  }

  // Constant after construction.
  const TlsOptions options_;
  const Clock* const clock_;
  Log* const log_;

  absl::Mutex mu_;
  TlsFiles files_ ABSL_GUARDED_BY(mu_);
  SteadyTime next_look_ ABSL_GUARDED_BY(mu_);
  bool given_ ABSL_GUARDED_BY(mu_) = false;
  bool failing_ ABSL_GUARDED_BY(mu_) = false;

  // Refers to this.
  grpc_server_credentials* const credentials_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsOptions& options, const Clock* clock, Log* log) {
  if (options.certificate_file.empty()) {
    return grpc::InsecureServerCredentials();
  }
  ASSIGN_OR_RETURN(TlsFiles files, ReadTlsFiles(options));
  return std::make_shared<FileCredentials>(options, std::move(files), clock,
                                           log);
}

}  // namespace broadcast::rpc
