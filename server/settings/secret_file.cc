#include "settings/secret_file.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace broadcast {
namespace {

constexpr size_t kMaxSecretBytes = 4 << 10;

absl::Status Refused(absl::string_view path, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", problem));
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string buffer(kMaxSecretBytes + 1, '\0');
  file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  if (!file.is_open() || file.bad()) {
    return Refused(path,
                   "cannot be read; it must be a file that this user may read");
  }
  absl::string_view secret(buffer.data(), file.gcount());
  if (secret.size() > kMaxSecretBytes) {
    return Refused(path, "is longer than 4 KiB; it must hold the secret alone");
  }
  if (!absl::ConsumeSuffix(&secret, "\r\n")) absl::ConsumeSuffix(&secret, "\n");
  if (secret.empty()) {
    return Refused(path, "is empty; it must hold the secret");
  }
  if (secret.find_first_of(absl::string_view("\n\r\0", 3)) !=
      absl::string_view::npos) {
    return Refused(path, "holds several lines; it must hold the secret alone");
  }
  return std::string(secret);
}

}  // namespace broadcast
