#include "settings/secret_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace broadcast {
namespace {

constexpr size_t kMaxSecretBytes = 4 << 10;

absl::Status Refused(absl::string_view place, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(place, ": ", problem));
}

// The secret in what `place` holds.
absl::StatusOr<std::string> OneLine(absl::string_view place,
                                    absl::string_view secret) {
  if (secret.size() > kMaxSecretBytes) {
    return Refused(place,
                   "is longer than 4 KiB; it must hold the secret alone");
  }
  if (!absl::ConsumeSuffix(&secret, "\r\n")) absl::ConsumeSuffix(&secret, "\n");
  if (secret.empty()) {
    return Refused(place, "is empty; it must hold the secret");
  }
  if (secret.find_first_of(absl::string_view("\n\r\0", 3)) !=
      absl::string_view::npos) {
    return Refused(place, "holds several lines; it must hold the secret alone");
  }
  return std::string(secret);
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
  return OneLine(path, {buffer.data(), static_cast<size_t>(file.gcount())});
}

absl::StatusOr<std::string> ReadSecret(const SecretSource& source,
                                       const EnvironmentReader& environment) {
  switch (source.kind) {
    case SecretSource::Kind::kFile:
      return ReadSecretFile(source.name);
    case SecretSource::Kind::kEnvironment: {
      const std::optional<std::string> value = environment(source.name);
      if (!value.has_value() || value->empty()) {
        return absl::NotFoundError(
            absl::StrCat("the variable ", source.name,
                         " is not set; it must hold a secret"));
      }
      return OneLine(source.name, *value);
    }
    case SecretSource::Kind::kNone:
      break;
  }
  return absl::NotFoundError("no secret is configured");
}

SecretSource SecretIn(const std::string& directory, absl::string_view name) {
  if (directory.empty()) return {};
  const std::filesystem::path path =
      std::filesystem::path(directory) / std::string(name);
  std::error_code failed;
  // What cannot be looked at is not absent: whoever reads it will say so.
  if (!std::filesystem::exists(path, failed) && !failed) return {};
  return {SecretSource::Kind::kFile, path.string()};
}

}  // namespace broadcast
