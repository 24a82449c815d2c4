// Tokens that were verified lately, by the hash of their bytes, so that a call
// costs a look-up and no signature. A token is forgotten when it expires and
// when the keys change. The authenticator owns it; any thread.
#ifndef BROADCASTD_AUTH_TOKEN_CACHE_H_
#define BROADCASTD_AUTH_TOKEN_CACHE_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "auth/token_verifier.h"

namespace broadcast::auth {

class TokenCache {
 public:
  // Remembers so many tokens at most; more make it forget.
  explicit TokenCache(size_t capacity = 16384)
      : shard_capacity_(capacity / kShards) {}

  // What stands for a token: its SHA-256.
  using Key = std::array<char, 32>;
  static Key KeyOf(absl::string_view token);

  // Null if the token is not known to be good at `now` by the keys of
  // `generation`.
  PrincipalPointer Find(const Key& key, uint64_t generation, absl::Time now);

  void Insert(const Key& key, uint64_t generation, const VerifiedToken& token);

 private:
  static constexpr size_t kShards = 16;

  struct Known {
    VerifiedToken token;
    uint64_t generation;
  };
  struct Shard {
    absl::Mutex mu;
    absl::flat_hash_map<Key, Known> tokens ABSL_GUARDED_BY(mu);
  };

  Shard& ShardOf(const Key& key) {
    return shards_[static_cast<unsigned char>(key[0]) % kShards];
  }

  const size_t shard_capacity_;
  std::array<Shard, kShards> shards_;
};

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_TOKEN_CACHE_H_
