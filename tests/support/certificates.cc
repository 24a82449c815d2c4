#include "support/certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace broadcast::test {
namespace {

constexpr char kPassPhrase[] = "pass phrase";
constexpr int kVersion3 = 2;

void Require(bool condition) {
  if (!condition) throw std::runtime_error("OpenSSL refuses");
}

std::shared_ptr<EVP_PKEY> NewKey() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  Require(key != nullptr);
  return {key, &EVP_PKEY_free};
}

// What `write` writes.
template <typename Write>
std::string Written(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()),
                                                      &BIO_free);
  Require(write(bio.get()) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string PemOf(X509* certificate) {
  return Written(
      [&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

void AddExtension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  Require(extension != nullptr);
  Require(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Lacks its issuer and signature.
std::shared_ptr<X509> Draft(const CertificateRequest& request, EVP_PKEY* key) {
  const std::shared_ptr<X509> certificate(X509_new(), &X509_free);
  X509* const x509 = certificate.get();
  Require(X509_set_version(x509, kVersion3) == 1);
  int64_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial),
                     sizeof(serial) - 1) == 1);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(x509), serial);
  X509_gmtime_adj(X509_getm_notBefore(x509),
                  absl::ToInt64Seconds(request.begins));
  X509_gmtime_adj(X509_getm_notAfter(x509), absl::ToInt64Seconds(request.ends));
  Require(X509_set_pubkey(x509, key) == 1);
  if (!request.common_name.empty()) {
    Require(
        X509_NAME_add_entry_by_txt(
            X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
            reinterpret_cast<const unsigned char*>(request.common_name.c_str()),
            -1, -1, 0) == 1);
  }
  return certificate;
}

}  // namespace

CertificateAuthority::CertificateAuthority()
    : key_(NewKey()),
      certificate_(Draft({.common_name = "authority.test"}, key_.get())) {
  X509* const x509 = certificate_.get();
  AddExtension(x509, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(x509, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  Require(X509_sign(x509, key_.get(), EVP_sha256()) > 0);
  pem_ = PemOf(x509);
}

Certificate CertificateAuthority::Issue(
    const CertificateRequest& request) const {
  const std::shared_ptr<EVP_PKEY> key = NewKey();
  const std::shared_ptr<X509> certificate = Draft(request, key.get());
  X509* const x509 = certificate.get();
  if (!request.names.empty()) {
    AddExtension(x509, NID_subject_alt_name, request.names.c_str());
  }
  X509_set_issuer_name(x509, X509_get_subject_name(certificate_.get()));
  Require(X509_sign(x509, key_.get(), EVP_sha256()) > 0);
  const auto write_key = [&](const EVP_CIPHER* cipher) {
    return Written([&](BIO* bio) {
      return PEM_write_bio_PrivateKey(
          bio, key.get(), cipher, nullptr, 0, nullptr,
          cipher == nullptr ? nullptr : const_cast<char*>(kPassPhrase));
    });
  };
  return {.certificate = PemOf(x509),
          .key = write_key(nullptr),
          .encrypted_key = write_key(EVP_aes_128_cbc())};
}

}  // namespace broadcast::test
