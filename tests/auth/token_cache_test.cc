#include "auth/token_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

namespace broadcast::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

VerifiedToken Token(std::string name, absl::Time expire_time) {
  Principal principal = Principal::Local();
  principal.name = std::move(name);
  return {.principal = std::make_shared<const Principal>(std::move(principal)),
          .expire_time = expire_time};
}

TEST(TokenCacheTest, AKnownTokenIsFound) {
  TokenCache cache;
  const TokenCache::Key key = TokenCache::KeyOf("token");
  EXPECT_EQ(cache.Find(key, 1, kNow), nullptr);
  const VerifiedToken token = Token("a", kNow + absl::Seconds(1));
  cache.Insert(key, 1, token);
  EXPECT_EQ(cache.Find(key, 1, kNow), token.principal);
  EXPECT_EQ(cache.Find(TokenCache::KeyOf("token "), 1, kNow), nullptr);
  EXPECT_EQ(cache.Find(TokenCache::KeyOf("Token"), 1, kNow), nullptr);
}

TEST(TokenCacheTest, ATokenIsForgottenWhenItExpires) {
  TokenCache cache;
  const TokenCache::Key key = TokenCache::KeyOf("token");
  cache.Insert(key, 1, Token("a", kNow));
  EXPECT_NE(cache.Find(key, 1, kNow - absl::Nanoseconds(1)), nullptr);
  EXPECT_EQ(cache.Find(key, 1, kNow), nullptr);
  // For good, even if the clock goes back.
  EXPECT_EQ(cache.Find(key, 1, kNow - absl::Seconds(5)), nullptr);
}

TEST(TokenCacheTest, ATokenIsForgottenWhenTheKeysChange) {
  TokenCache cache;
  const TokenCache::Key key = TokenCache::KeyOf("token");
  cache.Insert(key, 1, Token("a", kNow + absl::Seconds(1)));
  EXPECT_EQ(cache.Find(key, 2, kNow), nullptr);
  EXPECT_EQ(cache.Find(key, 1, kNow), nullptr);
  cache.Insert(key, 2, Token("b", kNow + absl::Seconds(1)));
  EXPECT_EQ(cache.Find(key, 2, kNow)->name, "b");
}

TEST(TokenCacheTest, ItHoldsNoMoreThanItsCapacity) {
  TokenCache cache(64);
  constexpr int kTokens = 5000;
  for (int i = 0; i < kTokens; ++i) {
    cache.Insert(TokenCache::KeyOf(absl::StrCat(i)), 1,
                 Token(absl::StrCat(i), kNow + absl::Seconds(1)));
    ASSERT_NE(cache.Find(TokenCache::KeyOf(absl::StrCat(i)), 1, kNow), nullptr);
  }
  int found = 0;
  for (int i = 0; i < kTokens; ++i) {
    const auto known = cache.Find(TokenCache::KeyOf(absl::StrCat(i)), 1, kNow);
    if (known == nullptr) continue;
    EXPECT_EQ(known->name, absl::StrCat(i));
    ++found;
  }
  EXPECT_GE(found, 16);
  EXPECT_LE(found, 64);
}

}  // namespace
}  // namespace broadcast::auth
