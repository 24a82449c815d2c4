// The errors of base/errors.h that a caller meets before its call is looked at.
#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace broadcast::error {
namespace {

// What the caller, or whoever runs its issuer, can do about a refused token.
absl::string_view TokenRemedy(absl::string_view problem) {
  if (problem == "expired") return "it has expired; get a new one";
  if (problem == "not_yet_valid") {
    return "it is not valid yet; compare the issuer's clock with the server's";
  }
  if (problem == "algorithm") {
    return "this server does not accept its algorithm; have it signed with one "
           "of jwt_algorithms";
  }
  if (problem == "key" || problem == "signature") {
    return "no key of this server has signed it; get one from the issuer that "
           "this server trusts";
  }
  if (problem == "issuer") {
    return "it is of another issuer; get one from the issuer that this server "
           "trusts";
  }
  if (problem == "audience") {
    return "it is meant for another service; ask the issuer for this "
           "server's audience";
  }
  if (problem == "claims") {
    return "its claims are missing or malformed; have the issuer give it exp, "
           "a printable sub if any, and a UUID as client id if any";
  }
  return "it is not a signed JWT; send one as metadata `authorization: Bearer "
         "TOKEN`";
}

}  // namespace

absl::Status TokenMissing() {
  return MakeError(absl::StatusCode::kUnauthenticated,
                   "this server asks for a token; send one as metadata "
                   "`authorization: Bearer TOKEN`",
                   {.reason = "TOKEN_MISSING"});
}

absl::Status TokenInvalid(absl::string_view problem) {
  return MakeError(absl::StatusCode::kUnauthenticated,
                   absl::StrCat("the token is refused: ", TokenRemedy(problem)),
                   {.reason = "TOKEN_INVALID",
                    .metadata = {{"problem", std::string(problem)}}});
}

absl::Status ScopeMissing(absl::string_view scope) {
  return MakeError(
      absl::StatusCode::kPermissionDenied,
      absl::StrCat("this call needs the scope ", scope,
                   ", which the caller does not have; ask the issuer of its "
                   "token, or an operator, for it"),
      {.reason = "SCOPE_MISSING", .metadata = {{"scope", std::string(scope)}}});
}

absl::Status RateLimited(absl::string_view of, int64_t limit,
                         absl::Duration retry_after) {
  return MakeError(
      absl::StatusCode::kResourceExhausted,
      absl::StrCat("more than ", limit, " calls a second of this ", of,
                   "; nothing was done; slow down and try again later"),
      {.reason = "RATE_LIMITED",
       .metadata = {{"of", std::string(of)}, {"limit", absl::StrCat(limit)}},
       // RetryInfo has whole milliseconds; less than one is not "at once".
       .retry_after = absl::Ceil(retry_after, absl::Milliseconds(1))});
}

}  // namespace broadcast::error
