#include "auth/verification_key.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "auth/jose.h"
#include "auth/strict_json.h"
#include "base/sha256.h"
#include "base/status_macros.h"

namespace broadcast::auth {
namespace {

using nlohmann::json;

constexpr size_t kEd25519Bytes = 32;
constexpr size_t kEd25519SignatureBytes = 64;
constexpr size_t kEs256SignatureBytes = 64;
constexpr size_t kHs256SignatureBytes = 32;
constexpr size_t kLeastSecretBytes = 32;
constexpr size_t kLeastRsaBits = 2048;
constexpr char kMisfit[] = "a key's alg does not fit its type";

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// What libcjose verifies by: all but Ed25519.
class JwkKey final : public VerificationKey {
 public:
  JwkKey(JwkHandle handle, size_t signature_bytes,
         std::vector<Algorithm> algorithms, std::optional<std::string> key_id,
         std::string fingerprint)
      : VerificationKey(std::move(algorithms), std::move(key_id),
                        std::move(fingerprint)),
        handle_(std::move(handle)),
        signature_bytes_(signature_bytes) {}

  bool Verify(const Jws& jws) const override {
    // The library reads past a shorter one of HS256, and lets a longer one of
    // ES256 pass.
    if (!Allows(jws.algorithm) || jws.signature.size() != signature_bytes_) {
      return false;
    }
    const ErrorsCleared cleared;
    const JwsHandle imported(
        cjose_jws_import(jws.compact.data(), jws.compact.size(), nullptr));
    if (imported == nullptr) return false;
    // The library promises nothing to threads that share a key.
    absl::MutexLock lock(&mu_);
    return cjose_jws_verify(imported.get(), handle_.get(), nullptr);
  }

 private:
  mutable absl::Mutex mu_;
  const JwkHandle handle_;
  const size_t signature_bytes_;
};

// Ed25519 (RFC 8037), which libcjose does not know.
class Ed25519Key final : public VerificationKey {
 public:
  Ed25519Key(PkeyHandle key, std::optional<std::string> key_id,
             std::string fingerprint)
      : VerificationKey({Algorithm::kEdDsa}, std::move(key_id),
                        std::move(fingerprint)),
        key_(std::move(key)) {}

  bool Verify(const Jws& jws) const override {
    if (!Allows(jws.algorithm) ||
        jws.signature.size() != kEd25519SignatureBytes) {
      return false;
    }
    const ErrorsCleared cleared;
    const DigestHandle digest(EVP_MD_CTX_new());
    return digest != nullptr &&
           EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr,
                                key_.get()) == 1 &&
           EVP_DigestVerify(digest.get(), Bytes(jws.signature),
                            jws.signature.size(), Bytes(jws.signed_part),
                            jws.signed_part.size()) == 1;
  }

 private:
  const PkeyHandle key_;
};

absl::Status Refused(absl::string_view problem) {
  return absl::InvalidArgumentError(problem);
}

absl::StatusOr<KeyPointer> FromEd25519(absl::string_view point,
                                       std::optional<std::string> key_id) {
  if (point.size() != kEd25519Bytes) {
    return Refused("an Ed25519 key is not 32 bytes long");
  }
  PkeyHandle key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                             Bytes(point), point.size()));
  if (key == nullptr) return Refused("an Ed25519 key is malformed");
  return std::make_shared<Ed25519Key>(
      std::move(key), std::move(key_id),
      Sha256Hex(absl::StrCat("ed25519:", point)));
}

std::vector<Algorithm> AlgorithmsOf(const cjose_jwk_t* key) {
  switch (cjose_jwk_get_kty(key, nullptr)) {
    case CJOSE_JWK_KTY_RSA:
      return {Algorithm::kRs256, Algorithm::kPs256};
    case CJOSE_JWK_KTY_EC:
      if (cjose_jwk_EC_get_curve(key, nullptr) != CJOSE_JWK_EC_P_256) return {};
      return {Algorithm::kEs256};
    case CJOSE_JWK_KTY_OCT:
      return {Algorithm::kHs256};
  }
  return {};
}

// `identity` is what makes the key: equal for equal keys.
absl::StatusOr<KeyPointer> FromHandle(JwkHandle handle,
                                      std::optional<Algorithm> only,
                                      std::optional<std::string> key_id,
                                      absl::string_view identity) {
  std::vector<Algorithm> algorithms = AlgorithmsOf(handle.get());
  if (only.has_value()) {
    const bool fits = std::find(algorithms.begin(), algorithms.end(), *only) !=
                      algorithms.end();
    if (!fits) return Refused(kMisfit);
    algorithms = {*only};
  }
  if (algorithms.empty()) return KeyPointer();
  const size_t bits = cjose_jwk_get_keysize(handle.get(), nullptr);
  size_t signature_bytes = 0;
  switch (cjose_jwk_get_kty(handle.get(), nullptr)) {
    case CJOSE_JWK_KTY_RSA:
      if (bits < kLeastRsaBits) {
        return Refused("an RSA key is shorter than 2048 bits; make a longer");
      }
      signature_bytes = (bits + 7) / 8;
      break;
    case CJOSE_JWK_KTY_OCT:
      if (bits < 8 * kLeastSecretBytes) {
        return Refused("a secret is shorter than 32 bytes; make a longer one");
      }
      signature_bytes = kHs256SignatureBytes;
      break;
    case CJOSE_JWK_KTY_EC:
      signature_bytes = kEs256SignatureBytes;
      break;
  }
  // A key that may do less than before is another key.
  std::string whole(identity);
  for (const Algorithm algorithm : algorithms) {
    absl::StrAppend(&whole, " ", ToText(algorithm));
  }
  return std::make_shared<JwkKey>(std::move(handle), signature_bytes,
                                  std::move(algorithms), std::move(key_id),
                                  Sha256Hex(whole));
}

// A member that is no text does not count as absent: it was meant to restrict.
bool HasTextMembers(const json& jwk) {
  for (const char* name : {"alg", "use", "kid"}) {
    if (jwk.contains(name) && !jwk[name].is_string()) return false;
  }
  return true;
}

// Whether a JWK is for verifying, by an algorithm that we know.
bool IsForVerifying(const json& jwk) {
  if (const auto use = TextAt(jwk, "use"); use.has_value() && *use != "sig") {
    return false;
  }
  if (const auto operations = jwk.find("key_ops"); operations != jwk.end()) {
    const bool verifies =
        operations->is_array() &&
        std::any_of(operations->begin(), operations->end(), [](const json& o) {
          return o.is_string() && (o == "verify" || o == "sign");
        });
    if (!verifies) return false;
  }
  const auto algorithm = TextAt(jwk, "alg");
  return !algorithm.has_value() || ParseAlgorithm(*algorithm).has_value();
}

// True for an odd exponent above one. With one a signature is the padded text
// itself, which anybody can write.
bool HasRsaExponent(const json& jwk) {
  const auto bytes = DecodeBase64Url(TextAt(jwk, "e").value_or(""));
  if (!bytes.has_value() || bytes->empty()) return false;
  const bool small = std::all_of(bytes->begin(), bytes->end() - 1,
                                 [](char byte) { return byte == 0; });
  const auto last = static_cast<unsigned char>(bytes->back());
  return last % 2 == 1 && !(small && last == 1);
}

// The members that make a key of each type, and no more: never a private one.
json PublicMembers(const json& jwk, const std::string& type) {
  json members = {{"kty", type}};
  const auto keep = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (jwk.contains(name)) members[name] = jwk[name];
    }
  };
  if (type == "RSA") keep({"n", "e"});
  if (type == "EC") keep({"crv", "x", "y"});
  if (type == "oct") keep({"k"});
  return members;
}

}  // namespace

bool VerificationKey::Allows(Algorithm algorithm) const {
  return std::find(algorithms_.begin(), algorithms_.end(), algorithm) !=
         algorithms_.end();
}

absl::StatusOr<KeyPointer> KeyFromJwk(absl::string_view text) {
  const auto jwk = ParseObject(text);
  if (!jwk.has_value()) return Refused("a key is no JSON object");
  const auto type = TextAt(*jwk, "kty");
  if (!type.has_value()) return Refused("a key has no kty");
  if (!HasTextMembers(*jwk))
    return Refused("a key's alg, use or kid is no text");
  if (!IsForVerifying(*jwk)) return KeyPointer();
  const auto algorithm = ParseAlgorithm(TextAt(*jwk, "alg").value_or(""));
  std::optional<std::string> key_id = TextAt(*jwk, "kid");
  if (*type == "OKP") {
    if (TextAt(*jwk, "crv") != "Ed25519") return KeyPointer();
    const auto point = DecodeBase64Url(TextAt(*jwk, "x").value_or(""));
    if (!point.has_value()) return Refused("an Ed25519 key is malformed");
    if (algorithm.value_or(Algorithm::kEdDsa) != Algorithm::kEdDsa) {
      return Refused(kMisfit);
    }
    return FromEd25519(*point, std::move(key_id));
  }
  if (*type == "EC" && TextAt(*jwk, "crv") != "P-256") return KeyPointer();
  if (*type != "RSA" && *type != "EC" && *type != "oct") return KeyPointer();
  if (*type == "RSA" && !HasRsaExponent(*jwk)) {
    return Refused("an RSA key has no exponent that is odd and above one");
  }
  const std::string members = PublicMembers(*jwk, *type).dump();
  const ErrorsCleared cleared;
  JwkHandle handle(cjose_jwk_import(members.data(), members.size(), nullptr));
  if (handle == nullptr) {
    return Refused(absl::StrCat("a key of type ", *type, " is malformed"));
  }
  return FromHandle(std::move(handle), algorithm, std::move(key_id), members);
}

absl::StatusOr<KeyPointer> KeyFromSecret(absl::string_view secret) {
  if (secret.size() < kLeastSecretBytes) {
    return Refused("the secret is shorter than 32 bytes; make a longer one");
  }
  JwkHandle handle(
      cjose_jwk_create_oct_spec(Bytes(secret), secret.size(), nullptr));
  if (handle == nullptr) return Refused("the secret cannot be used");
  return FromHandle(std::move(handle), std::nullopt, std::nullopt,
                    absl::StrCat("secret:", secret));
}

}  // namespace broadcast::auth
