#include "senders/webhook_signer.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace broadcast::senders {
namespace {

constexpr absl::string_view kPrefix = "whsec_";
constexpr size_t kMinKeyBytes = 24;
constexpr size_t kMaxKeyBytes = 64;

std::string HmacSha256(const std::string& key, const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest,
       &size);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

}  // namespace

absl::StatusOr<WebhookSigner> WebhookSigner::Create(
    const std::vector<std::string>& secrets) {
  std::vector<std::string> keys;
  for (absl::string_view secret : secrets) {
    std::string key;
    if (!absl::ConsumePrefix(&secret, kPrefix) ||
        !absl::Base64Unescape(secret, &key) || key.size() < kMinKeyBytes ||
        key.size() > kMaxKeyBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the secret of a webhook is ", kPrefix, " and ", kMinKeyBytes, " to ",
          kMaxKeyBytes, " random bytes in base64"));
    }
    keys.push_back(std::move(key));
  }
  if (keys.empty()) {
    return absl::InvalidArgumentError("a webhook needs a secret to sign with");
  }
  return WebhookSigner(std::move(keys));
}

std::string WebhookSigner::Sign(absl::string_view id, absl::Time timestamp,
                                absl::string_view body) const {
  const std::string signed_text =
      absl::StrCat(id, ".", absl::ToUnixSeconds(timestamp), ".", body);
  return absl::StrJoin(
      keys_, " ", [&](std::string* out, const std::string& key) {
        absl::StrAppend(out, "v1,",
                        absl::Base64Escape(HmacSha256(key, signed_text)));
      });
}

}  // namespace broadcast::senders
