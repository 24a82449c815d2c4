#include "settings/print_config.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "settings/account_settings.h"
#include "settings/option_values.h"
#include "settings/options.h"
#include "settings/settings_text.h"
#include "storage/location.h"

namespace broadcast {
namespace {

std::string ShownDatabase(const std::string& database) {
  return HoldsPassword(database) ? storage::RedactLocation(database) : database;
}

// An origin may hold any path.
std::string Comment(const std::string& origin) {
  return absl::Utf8SafeCHexEscape(origin);
}

void AppendRate(absl::string_view key, const std::optional<SendRate>& rate,
                std::string& text) {
  if (!rate.has_value()) return;
  absl::StrAppend(&text, key, " = \"", rate->messages,
                  rate->period == absl::Minutes(1) ? "/m" : "/s", "\"\n");
}

void AppendAccount(const AccountSettings& account, std::string& text) {
  absl::StrAppend(&text, "\n[accounts.", account.name, "]  # ",
                  Comment(account.origin), "\nplatform = \"",
                  storage::ToText(account.platform), "\"\n");
  if (!account.clients.empty()) {
    absl::StrAppend(&text, "clients = ",
                    QuoteForToml(absl::StrJoin(account.clients, " ")), "\n");
  }
  if (account.lanes > 1) {
    absl::StrAppend(&text, "lanes = ", account.lanes, "\n");
  }
  AppendRate("rate", account.rate, text);
  AppendRate("chat_rate", account.chat_rate, text);
  AppendRate("group_rate", account.group_rate, text);
  const absl::string_view key = SecretKey(account);
  if (!key.empty()) {
    absl::StrAppend(&text, key, " = ", QuoteForToml(account.secret.name), "\n");
  }
}

void AppendIdentity(const IdentitySettings& identity, std::string& text) {
  absl::StrAppend(&text, "\n[identities.", identity.name, "]  # ",
                  Comment(identity.origin),
                  "\ncertificate = ", QuoteForToml(identity.certificate),
                  "\nscopes = ", QuoteForToml(identity.scopes), "\n");
  if (!identity.client_id.empty()) {
    absl::StrAppend(&text, "client_id = ", QuoteForToml(identity.client_id),
                    "\n");
  }
}

}  // namespace

bool HoldsPassword(absl::string_view database) {
  return !absl::StartsWith(database, "sqlite:") &&
         absl::StrContains(storage::RedactLocation(database), "***");
}

std::string PrintConfig(const Settings& settings,
                        const std::map<std::string, std::string>& origins) {
  Settings shown = settings;
  shown.database = ShownDatabase(settings.database);
  std::string text = "# The settings in force; --config takes this file.\n";
  absl::string_view group;
  for (const Option& option : Options()) {
    if (option.group != group) {
      group = option.group;
      absl::StrAppend(&text, "\n# ", group, "\n");
    }
    const auto origin = origins.find(std::string(option.name));
    absl::StrAppend(
        &text, option.name, " = ", WriteTomlValue(option, shown), "  # ",
        origin == origins.end() ? "default" : Comment(origin->second), "\n");
  }
  for (const AccountSettings& account : settings.accounts) {
    AppendAccount(account, text);
  }
  for (const IdentitySettings& identity : settings.identities) {
    AppendIdentity(identity, text);
  }
  return text;
}

}  // namespace broadcast
