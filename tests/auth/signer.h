// Keys of every kind, and what they sign: tokens as a good issuer makes them,
// and as somebody who forges them does, since any header, payload and
// signature can be put together. Values; any thread.
#ifndef BROADCASTD_AUTH_SIGNER_H_
#define BROADCASTD_AUTH_SIGNER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct evp_pkey_st;

namespace broadcast::test {

class SigningKey {
 public:
  static SigningKey Rsa(unsigned bits = 2048, unsigned exponent = 65537);
  static SigningKey Ec(const char* curve = "P-256");
  static SigningKey Ed25519();
  static SigningKey Secret(std::string bytes);

  // The signature of `input` as `algorithm` ("RS256") makes it. "ES256-DER" is
  // what openssl makes instead of ES256.
  std::string Sign(absl::string_view algorithm, absl::string_view input) const;

  // The public key, or the secret. `more` are further members, each with a
  // comma before it.
  std::string Jwk(absl::string_view more = "") const;
  std::string PublicPem() const;
  std::string PublicDer() const;
  std::string PrivatePem() const;
  // A certificate of it, signed by itself.
  std::string CertificatePem() const;

 private:
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key)
      : key_(std::move(key)) {}

  std::shared_ptr<evp_pkey_st> key_;
  std::string secret_;  // of a key that is one
};

std::string Base64Url(absl::string_view bytes);

// {"alg":"RS256"}, with `more` as above.
std::string Header(absl::string_view algorithm, absl::string_view more = "");

// A token of these very texts.
std::string Compact(absl::string_view header, absl::string_view payload,
                    absl::string_view signature);

// The same, signed.
std::string Signed(const SigningKey& key, absl::string_view algorithm,
                   absl::string_view header, absl::string_view payload);

// {"keys":[...]} of these JWKs, separated by commas.
std::string Jwks(absl::string_view keys);

}  // namespace broadcast::test

#endif  // BROADCASTD_AUTH_SIGNER_H_
