// A signed token in its compact form (RFC 7515), taken apart but not yet
// believed. Pure; any thread.
#ifndef BROADCASTD_AUTH_JWS_H_
#define BROADCASTD_AUTH_JWS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast::auth {

// What may sign a token. Others, `none` among them, have no name here.
enum class Algorithm { kHs256, kRs256, kPs256, kEs256, kEdDsa };

// The name as a token's header has it, and back; nothing for any other.
absl::string_view ToText(Algorithm algorithm);
std::optional<Algorithm> ParseAlgorithm(absl::string_view name);

// Refers to the text it was parsed from.
struct Jws {
  absl::string_view compact;
  absl::string_view signed_part;  // header.payload, as they were signed
  Algorithm algorithm;
  std::optional<std::string> key_id;
  std::string payload;
  std::string signature;
};

enum class JwsProblem { kMalformed, kAlgorithm };

struct ParsedJws {
  std::optional<Jws> jws;
  JwsProblem problem = JwsProblem::kMalformed;  // without a jws
};

// At most 8 KiB; three parts in unpadded base64url; a header that is strict
// JSON, with a known `alg`, without `crit` and of no other type than a JWT.
ParsedJws ParseJws(absl::string_view compact);

// Unpadded base64url, canonical; nothing if it is not.
std::optional<std::string> DecodeBase64Url(absl::string_view text);

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_JWS_H_
