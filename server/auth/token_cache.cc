#include "auth/token_cache.h"

#include "base/sha256.h"

namespace broadcast::auth {

TokenCache::Key TokenCache::KeyOf(absl::string_view token) {
  return Sha256(token);
}

PrincipalPointer TokenCache::Find(const Key& key, uint64_t generation,
                                  absl::Time now) {
  Shard& shard = ShardOf(key);
  absl::MutexLock lock(&shard.mu);
  const auto found = shard.tokens.find(key);
  if (found == shard.tokens.end()) return nullptr;
  const Known& known = found->second;
  if (known.generation != generation || known.token.expire_time <= now) {
    shard.tokens.erase(found);
    return nullptr;
  }
  return known.token.principal;
}

void TokenCache::Insert(const Key& key, uint64_t generation,
                        const VerifiedToken& token) {
  Shard& shard = ShardOf(key);
  absl::MutexLock lock(&shard.mu);
  // Whoever is forgotten is verified once more: cheaper than to keep an order.
  if (shard.tokens.size() >= shard_capacity_) shard.tokens.clear();
  shard.tokens.insert_or_assign(key, Known{token, generation});
}

}  // namespace broadcast::auth
