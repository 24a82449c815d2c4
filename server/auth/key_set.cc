#include "auth/key_set.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "auth/strict_json.h"
#include "base/status_macros.h"

namespace broadcast::auth {
namespace {

constexpr size_t kMostKeys = 64;
// Trying costs time that anybody could ask for.
constexpr size_t kMostCandidates = kMostNamelessKeys;

constexpr Algorithm kEveryAlgorithm[] = {Algorithm::kHs256, Algorithm::kRs256,
                                         Algorithm::kPs256, Algorithm::kEs256,
                                         Algorithm::kEdDsa};

}  // namespace

std::vector<const KeySet::Entry*> KeySet::Candidates(const Jws& jws,
                                                     absl::Time now) const {
  std::vector<const Entry*> named, unnamed;
  bool name_is_known = false;
  for (const Entry& entry : entries_) {
    if (entry.retire_time <= now) continue;
    const VerificationKey& key = *entry.key;
    const bool has_name = key.key_id().has_value();
    const bool same = has_name && key.key_id() == jws.key_id;
    name_is_known |= same;
    if (!key.Allows(jws.algorithm)) continue;
    if (same) {
      named.push_back(&entry);
    } else if (!has_name || !jws.key_id.has_value()) {
      unnamed.push_back(&entry);
    }
  }
  std::vector<const Entry*>& chosen = name_is_known ? named : unnamed;
  if (chosen.size() > kMostCandidates) chosen.resize(kMostCandidates);
  return std::move(chosen);
}

absl::StatusOr<std::vector<KeyPointer>> KeysFromJwks(absl::string_view text,
                                                     BadKeys bad_keys) {
  const auto document = ParseObject(text);
  if (!document.has_value() || !document->contains("keys") ||
      !(*document)["keys"].is_array()) {
    return absl::InvalidArgumentError(
        "it is no key set; write {\"keys\": [...]} as in RFC 7517");
  }
  const auto& objects = (*document)["keys"];
  if (objects.size() > kMostKeys) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has more than ", kMostKeys, " keys; remove old ones"));
  }
  std::vector<KeyPointer> keys;
  for (const auto& object : objects) {
    absl::StatusOr<KeyPointer> key = KeyFromJwk(object.dump());
    if (!key.ok() && bad_keys == BadKeys::kRefuse) return key.status();
    if (key.ok() && *key != nullptr) keys.push_back(*std::move(key));
  }
  if (keys.empty()) {
    return absl::InvalidArgumentError(
        "it has no key for HS256, RS256, PS256, ES256 or EdDSA");
  }
  return keys;
}

absl::StatusOr<std::vector<KeyPointer>> KeysFromText(absl::string_view text) {
  const bool json =
      absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{");
  return json ? KeysFromJwks(text) : KeysFromPem(text);
}

absl::Status CheckNameless(const std::vector<KeyPointer>& keys) {
  for (const Algorithm algorithm : kEveryAlgorithm) {
    const auto nameless =
        std::count_if(keys.begin(), keys.end(), [&](const KeyPointer& key) {
          return !key->key_id().has_value() && key->Allows(algorithm);
        });
    if (static_cast<size_t>(nameless) > kMostNamelessKeys) {
      return absl::InvalidArgumentError(absl::StrCat(
          "has more than ", kMostNamelessKeys, " keys without a key id for ",
          ToText(algorithm),
          ", and a token is tried with no more; give them a kid in a JWKS"));
    }
  }
  return absl::OkStatus();
}

KeySet Succeed(const KeySet& former, const std::vector<KeyPointer>& fresh,
               absl::Time now, absl::Duration overlap) {
  std::vector<KeySet::Entry> entries;
  entries.reserve(fresh.size() + former.entries().size());
  for (const KeyPointer& key : fresh) entries.push_back({.key = key});
  const auto is_fresh = [&](const KeyPointer& key) {
    return std::any_of(fresh.begin(), fresh.end(), [&](const KeyPointer& one) {
      return one->fingerprint() == key->fingerprint() &&
             one->key_id() == key->key_id();
    });
  };
  for (const auto& [key, retire_time] : former.entries()) {
    const absl::Time end = std::min(retire_time, now + overlap);
    if (!is_fresh(key) && end > now) {
      entries.push_back({.key = key, .retire_time = end});
    }
  }
  return KeySet(std::move(entries));
}

}  // namespace broadcast::auth
