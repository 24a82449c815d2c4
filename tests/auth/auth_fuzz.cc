// Feeds random input to all that reads what a stranger sends and what an
// operator or a provider gives, and checks what must always hold. Built with
// clang only; see CMakeLists.txt.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "auth/key_set.h"
#include "auth/strict_json.h"
#include "auth/token_verifier.h"
#include "base/error_detail.h"
#include "base/utf8.h"
#include "signer.h"

namespace broadcast::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

const test::SigningKey& Secret() {
  static const auto& key =
      *new test::SigningKey(test::SigningKey::Secret(std::string(32, 's')));
  return key;
}

const KeySet& Keys() {
  static const auto& keys = *[] {
    std::vector<KeySet::Entry> entries;
    for (const std::string& jwk :
         {Secret().Jwk(), test::SigningKey::Rsa().Jwk(R"(,"kid":"r")"),
          test::SigningKey::Ec().Jwk(R"(,"kid":"e")"),
          test::SigningKey::Ed25519().Jwk(R"(,"kid":"d")")}) {
      entries.push_back({.key = *KeyFromJwk(jwk)});
    }
    return new KeySet(std::move(entries));
  }();
  return keys;
}

const TokenVerifier& Verifier() {
  static const auto& verifier = *new TokenVerifier(
      {.algorithms = {Algorithm::kHs256, Algorithm::kRs256, Algorithm::kPs256,
                      Algorithm::kEs256, Algorithm::kEdDsa},
       .leeway = absl::Seconds(30)});
  return verifier;
}

void RequireRefusal(const absl::Status& status) {
  const auto detail = DetailOf(status);
  Require(status.code() == absl::StatusCode::kUnauthenticated &&
              detail.has_value() && detail->reason == "TOKEN_INVALID",
          "a refusal is a TOKEN_INVALID");
}

void FuzzJson(absl::string_view input) {
  const auto object = ParseObject(input);
  if (!object.has_value()) return;
  Require(object->is_object() && IsUtf8(input), "an object in UTF-8 is read");
  const auto again = ParseObject(object->dump());
  Require(again.has_value() && *again == *object, "JSON survives a round trip");
}

void FuzzJws(absl::string_view input) {
  const ParsedJws parsed = ParseJws(input);
  if (parsed.jws.has_value()) {
    Require(input.size() <= 8192, "a token is short");
    Require(absl::StrCat(parsed.jws->signed_part, ".",
                         test::Base64Url(parsed.jws->signature)) == input,
            "a token has one text alone");
  }
  const auto verified = Verifier().Verify(input, Keys(), kNow);
  Require(!verified.ok(), "nobody guesses a signature");
  RequireRefusal(verified.status());
}

// What `input` is to a parser behind a good signature.
void FuzzSigned(absl::string_view header, absl::string_view claims) {
  const auto verified = Verifier().Verify(
      test::Signed(Secret(), "HS256", header, claims), Keys(), kNow);
  if (!verified.ok()) return RequireRefusal(verified.status());
  const Principal& principal = *verified->principal;
  Require(!principal.name.empty() && principal.name.size() <= 128 &&
              IsUtf8(principal.name),
          "a name can be shown");
  Require(verified->expire_time > kNow, "an accepted token has not expired");
  const auto& client = principal.scope.client_id();
  Require(!client.has_value() || client->size() == 36, "a client is a UUID");
}

void FuzzKeys(absl::string_view input) {
  const auto keys = KeysFromText(input);
  if (!keys.ok()) {
    Require(absl::IsInvalidArgument(keys.status()),
            "a refusal says what to do");
    return;
  }
  Require(!keys->empty(), "a text has a key or is refused");
  const std::string token =
      test::Compact(test::Header("RS256"), "{}", std::string(256, 's'));
  const ParsedJws parsed = ParseJws(token);
  for (const KeyPointer& key : *keys) {
    Require(key->fingerprint().size() == 64, "a fingerprint is a hash");
    static_cast<void>(key->Verify(*parsed.jws));
  }
}

}  // namespace
}  // namespace broadcast::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  // The first byte says what the rest is.
  const absl::string_view rest = input.substr(1);
  switch (data[0] % 5) {
    case 0:
      broadcast::auth::FuzzJson(rest);
      break;
    case 1:
      broadcast::auth::FuzzJws(rest);
      break;
    case 2:
      broadcast::auth::FuzzSigned(rest, R"({"exp":1900000000})");
      break;
    case 3:
      broadcast::auth::FuzzSigned(R"({"alg":"HS256"})", rest);
      break;
    default:
      broadcast::auth::FuzzKeys(rest);
      break;
  }
  return 0;
}
