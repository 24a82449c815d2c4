// Where keys come from: files, a shared secret, an OpenID provider. Each is
// asked again and again by the KeyRing, on its thread, and may wait. Owned by
// the KeyRing.
#ifndef BROADCASTD_AUTH_KEY_SOURCES_H_
#define BROADCASTD_AUTH_KEY_SOURCES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auth/verification_key.h"

namespace broadcast::auth {

class KeySource {
 public:
  virtual ~KeySource() = default;

  // The option that names it.
  virtual std::string name() const = 0;

  // How long it is left in peace between two questions.
  virtual absl::Duration peace() const { return absl::ZeroDuration(); }

  // The keys it has now, never none.
  // Returns INVALID_ARGUMENT or UNAVAILABLE, saying the remedy but nothing of
  // a key.
  virtual absl::StatusOr<std::vector<KeyPointer>> Load() = 0;
};

// A file of keys, or a folder of such files; names that begin with a dot are
// left out, as mounted secrets need it.
std::unique_ptr<KeySource> KeyFiles(std::string path);

// A secret, read anew each time.
std::unique_ptr<KeySource> SharedSecret(
    std::function<absl::StatusOr<std::string>()> read);

// The keys that an OpenID provider publishes. `fetch` gets a document. It is
// asked at most once each `peace`: anybody can make us want to ask, by a token
// with a made-up key id.
std::unique_ptr<KeySource> OpenIdProvider(
    std::string issuer, absl::Duration peace,
    std::function<absl::StatusOr<std::string>(const std::string& url)> fetch);

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_KEY_SOURCES_H_
