#include "auth/key_sources.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "auth/key_set.h"
#include "auth/strict_json.h"
#include "base/status_macros.h"

namespace broadcast::auth {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFileBytes = 1 << 20;

absl::Status InFile(const std::string& path, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", problem));
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return InFile(path,
                  "cannot be read; it must be a file that this user may read");
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMostFileBytes) {
    return InFile(path, "is longer than 1 MiB; it must hold keys alone");
  }
  return text;
}

absl::StatusOr<std::vector<std::string>> FilesAt(const std::string& path) {
  std::error_code failed;
  if (!fs::is_directory(path, failed)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::directory_iterator at(path, failed), end; !failed && at != end;
       at.increment(failed)) {
    const fs::directory_entry& entry = *at;
    if (entry.path().filename().string()[0] == '.') continue;
    std::error_code ignored;
    if (entry.is_regular_file(ignored)) files.push_back(entry.path().string());
  }
  if (failed || files.empty()) {
    return InFile(path,
                  "is a folder without a file that can be read; put a "
                  "JWKS or a PEM file there");
  }
  std::sort(files.begin(), files.end());
  return files;
}

class FileSource final : public KeySource {
 public:
  explicit FileSource(std::string path) : path_(std::move(path)) {}

  std::string name() const override { return "jwt_keys"; }

  absl::StatusOr<std::vector<KeyPointer>> Load() override {
    ASSIGN_OR_RETURN(const auto files, FilesAt(path_));
    std::vector<KeyPointer> keys;
    for (const std::string& file : files) {
      ASSIGN_OR_RETURN(const std::string text, ReadWhole(file));
      auto found = KeysFromText(text);
      if (!found.ok()) return InFile(file, found.status().message());
      keys.insert(keys.end(), found->begin(), found->end());
    }
    if (absl::Status checked = CheckNameless(keys); !checked.ok()) {
      return InFile(path_, checked.message());
    }
    return keys;
  }

 private:
  const std::string path_;
};

class SecretKeySource final : public KeySource {
 public:
  explicit SecretKeySource(std::function<absl::StatusOr<std::string>()> read)
      : read_(std::move(read)) {}

  std::string name() const override { return "jwt_secret"; }

  absl::StatusOr<std::vector<KeyPointer>> Load() override {
    ASSIGN_OR_RETURN(const std::string secret, read_());
    ASSIGN_OR_RETURN(KeyPointer key, KeyFromSecret(secret));
    return std::vector<KeyPointer>{std::move(key)};
  }

 private:
  const std::function<absl::StatusOr<std::string>()> read_;
};

class ProviderSource final : public KeySource {
 public:
  using Fetch =
      std::function<absl::StatusOr<std::string>(const std::string& url)>;

  ProviderSource(std::string issuer, absl::Duration peace, Fetch fetch)
      : issuer_(std::move(issuer)), peace_(peace), fetch_(std::move(fetch)) {}

  std::string name() const override { return "oidc_issuer"; }

  absl::Duration peace() const override { return peace_; }

  absl::StatusOr<std::vector<KeyPointer>> Load() override {
    const std::string base(absl::StripSuffix(issuer_, "/"));
    ASSIGN_OR_RETURN(
        const std::string text,
        fetch_(absl::StrCat(base, "/.well-known/openid-configuration")));
    const auto document = ParseObject(text);
    if (!document.has_value()) {
      return absl::UnavailableError("its configuration is not JSON");
    }
    if (TextAt(*document, "issuer") != std::optional(issuer_)) {
      return absl::UnavailableError(
          "its configuration names another issuer than oidc_issuer; write it "
          "exactly as there");
    }
    const auto keys_url = TextAt(*document, "jwks_uri");
    if (!keys_url.has_value()) {
      return absl::UnavailableError("its configuration has no jwks_uri");
    }
    ASSIGN_OR_RETURN(std::vector<KeyPointer> keys, KeysAt(*keys_url));
    // What everybody may read is no secret.
    keys.erase(
        std::remove_if(keys.begin(), keys.end(),
                       [](const KeyPointer& key) { return key->is_secret(); }),
        keys.end());
    if (keys.empty()) {
      return absl::UnavailableError("it publishes no key that we can use");
    }
    return keys;
  }

 private:
  // What is wrong there is the provider's, not ours, and may be right later.
  absl::StatusOr<std::vector<KeyPointer>> KeysAt(const std::string& url) const {
    const auto published = fetch_(url);
    auto keys = published.ok() ? KeysFromJwks(*published, BadKeys::kSkip)
                               : published.status();
    if (keys.ok()) return keys;
    return absl::UnavailableError(
        absl::StrCat("its jwks_uri: ", keys.status().message()));
  }

  const std::string issuer_;
  const absl::Duration peace_;
  const Fetch fetch_;
};

}  // namespace

std::unique_ptr<KeySource> KeyFiles(std::string path) {
  return std::make_unique<FileSource>(std::move(path));
}

std::unique_ptr<KeySource> SharedSecret(
    std::function<absl::StatusOr<std::string>()> read) {
  return std::make_unique<SecretKeySource>(std::move(read));
}

std::unique_ptr<KeySource> OpenIdProvider(
    std::string issuer, absl::Duration peace,
    std::function<absl::StatusOr<std::string>(const std::string& url)> fetch) {
  return std::make_unique<ProviderSource>(std::move(issuer), peace,
                                          std::move(fetch));
}

}  // namespace broadcast::auth
