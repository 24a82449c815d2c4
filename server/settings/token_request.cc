#include "settings/token_request.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/ids.h"
#include "base/scope_names.h"
#include "settings/option_values.h"
#include "settings/settings_text.h"

namespace broadcast {

TokenRequest ReadTokenRequest(const std::map<std::string, std::string>& values,
                              std::vector<std::string>& problems) {
  TokenRequest request{.scopes = absl::StrJoin(ScopeNames(), " ")};
  if (const auto id = values.find("client_id"); id != values.end()) {
    if (!IsUuid(id->second)) {
      problems.push_back(absl::StrCat(
          "--client_id: ", QuoteForMessage(id->second),
          " is refused; write the id of a client, a lower-case UUID"));
    }
    request.client_id = id->second;
  }
  if (const auto text = values.find("scopes"); text != values.end()) {
    const auto scopes = ReadScopes(text->second);
    if (!scopes.ok()) {
      problems.push_back(absl::StrCat("--scopes: ", scopes.status().message()));
    }
    request.scopes = scopes.value_or("");
  }
  if (const auto name = values.find("subject"); name != values.end()) {
    if (name->second.empty() || !CheckContentText(name->second).ok()) {
      problems.push_back(
          absl::StrCat("--subject: ", QuoteForMessage(name->second),
                       " is refused; write whose token it is"));
    }
    request.subject = name->second;
  }
  if (const auto text = values.find("ttl"); text != values.end()) {
    const auto ttl = ReadDuration(text->second, absl::Seconds(1),
                                  absl::Hours(365 * 24), absl::Seconds(1));
    if (!ttl.ok()) {
      problems.push_back(absl::StrCat("--ttl: ", ttl.status().message()));
    }
    request.ttl = ttl.value_or(request.ttl);
  }
  return request;
}

}  // namespace broadcast
