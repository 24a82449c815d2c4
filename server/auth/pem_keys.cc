#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "auth/jose.h"
#include "auth/verification_key.h"
#include "base/status_macros.h"

namespace broadcast::auth {
namespace {

constexpr size_t kMostNameBytes = 64;
constexpr size_t kP256Bytes = 32;

absl::Status Refused(absl::string_view problem) {
  return absl::InvalidArgumentError(problem);
}

// A number of the key in base64url, as a JWK has it: with `width` bytes, or as
// few as it needs.
std::string Number(const EVP_PKEY* key, const char* name, size_t width) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return "";
  const NumberHandle handle(number);
  std::string bytes(
      std::max<size_t>(width, static_cast<size_t>(BN_num_bytes(number))), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<KeyPointer> FromEc(const EVP_PKEY* key) {
  char curve[kMostNameBytes] = {};
  EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, curve,
                                 sizeof(curve), nullptr);
  if (absl::string_view(curve) != "prime256v1") {
    return Refused("an EC key is on another curve than P-256");
  }
  return KeyFromJwk(absl::StrCat(
      R"({"kty":"EC","crv":"P-256","x":")",
      Number(key, OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes), R"(","y":")",
      Number(key, OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes), R"("})"));
}

absl::StatusOr<KeyPointer> FromEd25519(const EVP_PKEY* key) {
  std::string point(32, '\0');
  size_t size = point.size();
  EVP_PKEY_get_raw_public_key(
      key, reinterpret_cast<unsigned char*>(point.data()), &size);
  return KeyFromJwk(absl::StrCat(R"({"kty":"OKP","crv":"Ed25519","x":")",
                                 absl::WebSafeBase64Escape(point), R"("})"));
}

absl::StatusOr<KeyPointer> FromPkey(const PkeyHandle& key) {
  if (key == nullptr) return Refused("a key is malformed");
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      return KeyFromJwk(absl::StrCat(
          R"({"kty":"RSA","n":")", Number(key.get(), OSSL_PKEY_PARAM_RSA_N, 0),
          R"(","e":")", Number(key.get(), OSSL_PKEY_PARAM_RSA_E, 0), R"("})"));
    case EVP_PKEY_EC:
      return FromEc(key.get());
    case EVP_PKEY_ED25519:
      return FromEd25519(key.get());
    default:
      return Refused("a key is none of RSA, EC P-256 and Ed25519");
  }
}

absl::StatusOr<KeyPointer> FromBlock(absl::string_view name,
                                     const unsigned char* data, long size) {
  if (name == "PUBLIC KEY") {
    return FromPkey(PkeyHandle(d2i_PUBKEY(nullptr, &data, size)));
  }
  if (name == "CERTIFICATE") {
    const X509Handle certificate(d2i_X509(nullptr, &data, size));
    if (certificate == nullptr) return Refused("a certificate is malformed");
    return FromPkey(PkeyHandle(X509_get_pubkey(certificate.get())));
  }
  if (absl::StrContains(name, "PRIVATE KEY")) {
    return Refused(
        "a private key is here, which only who signs should have; put its "
        "public key here");
  }
  return Refused("a block is neither PUBLIC KEY nor CERTIFICATE");
}

}  // namespace

absl::StatusOr<std::vector<KeyPointer>> KeysFromPem(absl::string_view pem) {
  const ErrorsCleared cleared;
  const BioHandle input(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<KeyPointer> keys;
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;  // NOLINT(google-runtime-int): the library's type
  while (PEM_read_bio(input.get(), &name, &header, &data, &size) == 1) {
    const auto release = absl::MakeCleanup([&] {
      OPENSSL_free(name);
      OPENSSL_free(header);
      OPENSSL_clear_free(data, static_cast<size_t>(size));
    });
    ASSIGN_OR_RETURN(KeyPointer key, FromBlock(name, data, size));
    keys.push_back(std::move(key));
  }
  // Else a block is broken, and keys after it would be missing unnoticed.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return Refused("a block is malformed or breaks off");
  }
  if (keys.empty()) return Refused("there is no key in it");
  return keys;
}

}  // namespace broadcast::auth
