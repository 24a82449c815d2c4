// One key that can verify tokens. It knows the algorithms that its kind allows
// and verifies by no other, so a token cannot make a public key pass for a
// shared secret. KeySet owns it; any thread may verify.
#ifndef BROADCASTD_AUTH_VERIFICATION_KEY_H_
#define BROADCASTD_AUTH_VERIFICATION_KEY_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "auth/jws.h"

namespace broadcast::auth {

class VerificationKey {
 public:
  virtual ~VerificationKey() = default;

  // True if this key made the token's signature, by one of its algorithms.
  virtual bool Verify(const Jws& jws) const = 0;

  const std::optional<std::string>& key_id() const { return key_id_; }
  bool Allows(Algorithm algorithm) const;
  bool is_secret() const { return Allows(Algorithm::kHs256); }

  // The same for equal keys, whatever they were read from; tells nothing of a
  // secret.
  const std::string& fingerprint() const { return fingerprint_; }

 protected:
  VerificationKey(std::vector<Algorithm> algorithms,
                  std::optional<std::string> key_id, std::string fingerprint)
      : algorithms_(std::move(algorithms)),
        key_id_(std::move(key_id)),
        fingerprint_(std::move(fingerprint)) {}

 private:
  const std::vector<Algorithm> algorithms_;
  const std::optional<std::string> key_id_;
  const std::string fingerprint_;
};

using KeyPointer = std::shared_ptr<const VerificationKey>;

// A key from one object of a JWKS (RFC 7517). Nothing for one that we have no
// use for: another type, curve, use or algorithm.
// Returns INVALID_ARGUMENT, saying the remedy but nothing of the key, if it is
// malformed or too weak (RSA under 2048 bits, a secret under 32 bytes).
absl::StatusOr<KeyPointer> KeyFromJwk(absl::string_view json);

// The keys of a text in PEM: PUBLIC KEY and CERTIFICATE blocks.
// Returns INVALID_ARGUMENT, as above, also for a private key and for a text
// without keys.
absl::StatusOr<std::vector<KeyPointer>> KeysFromPem(absl::string_view pem);

// A secret that is shared with whoever signs.
// Returns INVALID_ARGUMENT if it is shorter than 32 bytes.
absl::StatusOr<KeyPointer> KeyFromSecret(absl::string_view secret);

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_VERIFICATION_KEY_H_
