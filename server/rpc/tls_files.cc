#include "rpc/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fstream>
#include <memory>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace broadcast::rpc {
namespace {

constexpr size_t kMostFileBytes = 1 << 20;

template <auto kFree>
struct Releaser {
  template <typename T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};

using BioHandle = std::unique_ptr<BIO, Releaser<&BIO_free>>;
using PkeyHandle = std::unique_ptr<EVP_PKEY, Releaser<&EVP_PKEY_free>>;
using X509Handle = std::unique_ptr<X509, Releaser<&X509_free>>;

absl::Status Refused(absl::string_view option, absl::string_view file,
                     absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": ", file, ": ", problem));
}

// Empty if the file cannot be read, or is too long to be what it should be.
std::string ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostFileBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text.size() == kMostFileBytes ? "" : text;
}

BioHandle Over(const std::string& pem) {
  return BioHandle(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// The certificates of a text in PEM; none if one of them is malformed.
std::vector<X509Handle> CertificatesIn(const std::string& pem) {
  const BioHandle input = Over(pem);
  std::vector<X509Handle> certificates;
  ERR_clear_error();
  while (X509* next =
             PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(next);
  }
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end) certificates.clear();
  return certificates;
}

// An encrypted key is not asked for its pass phrase on the terminal.
int NoPassPhrase(char*, int, int, void*) { return -1; }

absl::Status CheckPair(const TlsFiles& files, const TlsOptions& options) {
  const std::vector<X509Handle> chain = CertificatesIn(files.certificate);
  if (chain.empty()) {
    return Refused("tls_certificate", options.certificate_file,
                   "is no certificate in PEM that can be read, or the chain "
                   "behind it is not");
  }
  X509* const certificate = chain[0].get();
  const PkeyHandle key(PEM_read_bio_PrivateKey(Over(files.key).get(), nullptr,
                                               &NoPassPhrase, nullptr));
  if (key == nullptr || X509_check_private_key(certificate, key.get()) != 1) {
    return Refused("tls_key", options.key_file,
                   "is no unencrypted private key in PEM that matches "
                   "tls_certificate");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    return Refused("tls_certificate", options.certificate_file,
                   "has expired; put a new one there");
  }
  return absl::OkStatus();
}

absl::StatusOr<TlsFiles> ReadOnce(const TlsOptions& options) {
  // OpenSSL keeps what it found wrong for whoever asks the thread next.
  const auto forget = absl::MakeCleanup([] { ERR_clear_error(); });
  TlsFiles files{.certificate = ReadWhole(options.certificate_file),
                 .key = ReadWhole(options.key_file)};
  RETURN_IF_ERROR(CheckPair(files, options));
  if (options.client_ca_file.empty()) return files;
  files.client_ca = ReadWhole(options.client_ca_file);
  if (CertificatesIn(files.client_ca).empty()) {
    return Refused("tls_client_ca", options.client_ca_file,
                   "holds no certificate in PEM that can be read");
  }
  return files;
}

}  // namespace

absl::StatusOr<TlsFiles> ReadTlsFiles(const TlsOptions& options) {
  auto files = ReadOnce(options);
  // They may have been replaced between one and the next.
  return files.ok() ? files : ReadOnce(options);
}

}  // namespace broadcast::rpc
