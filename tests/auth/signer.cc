#include "signer.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace broadcast::test {
namespace {

constexpr int kP256Bytes = 32;

void Require(bool condition) {
  if (!condition) throw std::runtime_error("OpenSSL refuses");
}

unsigned char* Bytes(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* Bytes(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::shared_ptr<EVP_PKEY> Owned(EVP_PKEY* key) {
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
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string Number(const BIGNUM* number, int width) {
  std::string bytes(static_cast<size_t>(std::max(width, BN_num_bytes(number))),
                    '\0');
  BN_bn2binpad(number, Bytes(bytes), static_cast<int>(bytes.size()));
  return bytes;
}

std::string Parameter(EVP_PKEY* key, const char* name, int width) {
  BIGNUM* number = nullptr;
  Require(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  const std::string bytes = Number(number, width);
  BN_free(number);
  return Base64Url(bytes);
}

// The digest's signature, or Ed25519's own without `digest`.
std::string SignWith(EVP_PKEY* key, const EVP_MD* digest, bool pss,
                     absl::string_view input) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_PKEY_CTX* options = nullptr;
  Require(EVP_DigestSignInit(context.get(), &options, digest, nullptr, key) ==
          1);
  if (pss) {
    Require(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1);
    Require(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) ==
            1);
  }
  size_t size = 0;
  Require(EVP_DigestSign(context.get(), nullptr, &size, Bytes(input),
                         input.size()) == 1);
  std::string signature(size, '\0');
  Require(EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(input),
                         input.size()) == 1);
  signature.resize(size);
  return signature;
}

// The two numbers of an ECDSA signature, each in 32 bytes.
std::string RawOfDer(absl::string_view der) {
  const unsigned char* at = Bytes(der);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())),
      &ECDSA_SIG_free);
  Require(numbers != nullptr);
  return absl::StrCat(Number(ECDSA_SIG_get0_r(numbers.get()), kP256Bytes),
                      Number(ECDSA_SIG_get0_s(numbers.get()), kP256Bytes));
}

std::string Hmac(absl::string_view secret, absl::string_view input) {
  std::string mac(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  Require(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
               Bytes(input), input.size(), Bytes(mac), &size) != nullptr);
  mac.resize(size);
  return mac;
}

}  // namespace

SigningKey SigningKey::Rsa(unsigned bits, unsigned exponent) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), &EVP_PKEY_CTX_free);
  const OSSL_PARAM options[] = {
      OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits),
      OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &exponent),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  Require(EVP_PKEY_keygen_init(context.get()) == 1);
  Require(EVP_PKEY_CTX_set_params(context.get(), options) == 1);
  Require(EVP_PKEY_generate(context.get(), &key) == 1);
  return SigningKey(Owned(key));
}

SigningKey SigningKey::Ec(const char* curve) {
  return SigningKey(Owned(EVP_EC_gen(curve)));
}

SigningKey SigningKey::Ed25519() {
  return SigningKey(Owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
}

SigningKey SigningKey::Secret(std::string bytes) {
  SigningKey key(nullptr);
  key.secret_ = std::move(bytes);
  return key;
}

std::string SigningKey::Sign(absl::string_view algorithm,
                             absl::string_view input) const {
  if (key_ == nullptr) return Hmac(secret_, input);
  if (algorithm == "EdDSA") return SignWith(key_.get(), nullptr, false, input);
  const std::string signature =
      SignWith(key_.get(), EVP_sha256(), algorithm == "PS256", input);
  return algorithm == "ES256" ? RawOfDer(signature) : signature;
}

std::string SigningKey::Jwk(absl::string_view more) const {
  std::string members;
  if (key_ == nullptr) {
    members = absl::StrCat(R"("kty":"oct","k":")", Base64Url(secret_), "\"");
  } else if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
    members = absl::StrCat(
        R"("kty":"RSA","n":")", Parameter(key_.get(), OSSL_PKEY_PARAM_RSA_N, 0),
        R"(","e":")", Parameter(key_.get(), OSSL_PKEY_PARAM_RSA_E, 0), "\"");
  } else if (EVP_PKEY_is_a(key_.get(), "EC") == 1) {
    members = absl::StrCat(
        R"("kty":"EC","crv":"P-256","x":")",
        Parameter(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes),
        R"(","y":")",
        Parameter(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes), "\"");
  } else {
    std::string point(32, '\0');
    size_t size = point.size();
    Require(EVP_PKEY_get_raw_public_key(key_.get(), Bytes(point), &size) == 1);
    members = absl::StrCat(R"("kty":"OKP","crv":"Ed25519","x":")",
                           Base64Url(point), "\"");
  }
  return absl::StrCat("{", members, more, "}");
}

std::string SigningKey::PublicPem() const {
  return Written(
      [&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_.get()); });
}

std::string SigningKey::PublicDer() const {
  return Written([&](BIO* bio) { return i2d_PUBKEY_bio(bio, key_.get()); });
}

std::string SigningKey::PrivatePem() const {
  return Written([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0,
                                    nullptr, nullptr);
  });
}

std::string SigningKey::CertificatePem() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(),
                                                                &X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  Require(X509_set_pubkey(certificate.get(), key_.get()) == 1);
  const EVP_MD* const digest =
      EVP_PKEY_is_a(key_.get(), "ED25519") == 1 ? nullptr : EVP_sha256();
  Require(X509_sign(certificate.get(), key_.get(), digest) > 0);
  return Written(
      [&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
}

std::string Base64Url(absl::string_view bytes) {
  return absl::WebSafeBase64Escape(bytes);
}

std::string Header(absl::string_view algorithm, absl::string_view more) {
  return absl::StrCat(R"({"alg":")", algorithm, "\"", more, "}");
}

std::string Compact(absl::string_view header, absl::string_view payload,
                    absl::string_view signature) {
  return absl::StrCat(Base64Url(header), ".", Base64Url(payload), ".",
                      Base64Url(signature));
}

std::string Signed(const SigningKey& key, absl::string_view algorithm,
                   absl::string_view header, absl::string_view payload) {
  const std::string input =
      absl::StrCat(Base64Url(header), ".", Base64Url(payload));
  return absl::StrCat(input, ".", Base64Url(key.Sign(algorithm, input)));
}

std::string Jwks(absl::string_view keys) {
  return absl::StrCat(R"({"keys":[)", keys, "]}");
}

}  // namespace broadcast::test
