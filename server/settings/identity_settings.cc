#include "settings/identity_settings.h"

#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/names.h"
#include "base/status_macros.h"
#include "settings/option_values.h"
#include "settings/settings_text.h"

namespace broadcast {
namespace {

absl::StatusOr<std::string> Certificate(const ConfigSection& section) {
  const std::string* text = section.Find("certificate");
  if (text == nullptr || text->empty()) {
    return absl::InvalidArgumentError(
        "has no certificate; add certificate = the URI or DNS name that its "
        "subject alternative names hold, or its common name");
  }
  return *text;
}

absl::StatusOr<std::string> Scopes(const ConfigSection& section) {
  const std::string* text = section.Find("scopes");
  if (text == nullptr) {
    return absl::InvalidArgumentError(
        "has no scopes; add scopes = \"entries:read\" or those it needs");
  }
  absl::StatusOr<std::string> scopes = ReadScopes(*text);
  if (!scopes.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the scope ", scopes.status().message()));
  }
  return scopes;
}

absl::StatusOr<std::string> ClientId(const ConfigSection& section) {
  const std::string* text = section.Find("client_id");
  if (text == nullptr) return std::string();
  if (!IsUuid(*text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the client_id ", QuoteForMessage(*text),
                     " is refused; write the id of a client, a lower-case "
                     "UUID, or remove the line to let it see every client"));
  }
  return *text;
}

absl::StatusOr<IdentitySettings> ReadSection(
    const std::string& name, const ConfigSection& section,
    std::vector<std::string>& problems) {
  if (!IsAccountName(name)) {
    return absl::InvalidArgumentError(
        "is no name; write a lower-case letter, then up to 62 lower-case "
        "letters, digits, - and _");
  }
  for (const auto& [key, entry] : section.keys) {
    if (key != "certificate" && key != "scopes" && key != "client_id") {
      problems.push_back(absl::StrCat(
          entry->place, ": identities.", name, ".", key,
          " is unknown; an identity has certificate, scopes and client_id; "
          "options go above the first section"));
    }
  }
  IdentitySettings identity{.name = name, .origin = section.place};
  ASSIGN_OR_RETURN(identity.certificate, Certificate(section));
  ASSIGN_OR_RETURN(identity.scopes, Scopes(section));
  ASSIGN_OR_RETURN(identity.client_id, ClientId(section));
  return identity;
}

}  // namespace

std::vector<IdentitySettings> ReadIdentitySections(
    const std::vector<ConfigEntry>& entries,
    std::vector<std::string>& problems) {
  std::vector<IdentitySettings> identities;
  std::map<std::string, std::string> owners;  // by certificate
  for (const auto& [name, section] : SectionsOf(entries, "identities")) {
    absl::StatusOr<IdentitySettings> identity =
        ReadSection(name, section, problems);
    if (!identity.ok()) {
      problems.push_back(absl::StrCat(section.place, ": identities.", name,
                                      ": ", identity.status().message()));
      continue;
    }
    const auto [owner, first] = owners.emplace(identity->certificate, name);
    if (!first) {
      problems.push_back(absl::StrCat(section.place, ": identities.", name,
                                      ": has the certificate of identities.",
                                      owner->second, "; keep one of the two"));
    }
    identities.push_back(*std::move(identity));
  }
  return identities;
}

}  // namespace broadcast
