// The keys that tokens are verified by. Immutable once made: a reload makes
// another. Any thread.
#ifndef BROADCASTD_AUTH_KEY_SET_H_
#define BROADCASTD_AUTH_KEY_SET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/verification_key.h"

namespace broadcast::auth {

class KeySet {
 public:
  struct Entry {
    KeyPointer key;
    // When a key that its source no longer has stops being accepted.
    absl::Time retire_time = absl::InfiniteFuture();
  };

  KeySet() = default;
  explicit KeySet(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  // The keys that may verify a token: of its algorithm, and of its key id. A
  // token that names a key is tried with that one; only if no key has the
  // name, with those that have none (PEM and secrets name no key).
  std::vector<const Entry*> Candidates(const Jws& jws, absl::Time now) const;

  bool empty() const { return entries_.empty(); }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

using KeySetPointer = std::shared_ptr<const KeySet>;

// What to do about a key that is malformed or too weak.
enum class BadKeys {
  kRefuse,  // who wrote it can mend it
  kSkip,    // it is another's, and the others are good (RFC 7517, section 5)
};

// The keys of a JWKS document ({"keys": [...]}), at most 64.
// Returns INVALID_ARGUMENT, saying the remedy but nothing of a key, if it is
// malformed, has a bad key that is refused, or none that we can use.
absl::StatusOr<std::vector<KeyPointer>> KeysFromJwks(
    absl::string_view json, BadKeys bad_keys = BadKeys::kRefuse);

// The keys of a file: a JWKS, or PEM. Errors as KeysFromJwks and KeysFromPem.
absl::StatusOr<std::vector<KeyPointer>> KeysFromText(absl::string_view text);

// Tokens name no key of PEM and secrets, and are tried with so many of them.
inline constexpr size_t kMostNamelessKeys = 8;

// Returns INVALID_ARGUMENT, saying the remedy, if there are more keys without a
// key id for one algorithm than a token is tried with.
absl::Status CheckNameless(const std::vector<KeyPointer>& keys);

// `fresh`, and what `former` had and `fresh` lacks: that stays until `overlap`
// after `now`, or until it was to end already.
KeySet Succeed(const KeySet& former, const std::vector<KeyPointer>& fresh,
               absl::Time now, absl::Duration overlap);

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_KEY_SET_H_
