#include "base/sha256.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"

namespace broadcast {

std::array<char, 32> Sha256(absl::string_view bytes) {
  std::array<char, 32> digest;
  static_assert(sizeof(digest) == SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Sha256Hex(absl::string_view bytes) {
  const std::array<char, 32> digest = Sha256(bytes);
  return absl::BytesToHexString(
      absl::string_view(digest.data(), digest.size()));
}

}  // namespace broadcast
