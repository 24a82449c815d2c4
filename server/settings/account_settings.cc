#include "settings/account_settings.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/names.h"
#include "base/status_macros.h"
#include "settings/secret_file.h"
#include "settings/settings_text.h"

namespace broadcast {
namespace {

using storage::Platform;

// What the keys and the variable of a platform's secret are called.
struct SecretNames {
  absl::string_view file_key;
  absl::string_view environment_key;
  absl::string_view variable_suffix;
};

const SecretNames* NamesOf(Platform platform) {
  static constexpr SecretNames kToken = {"token_file", "token_environment",
                                         "_TOKEN"};
  static constexpr SecretNames kSecret = {"secret_file", "secret_environment",
                                          "_SECRET"};
  if (platform == Platform::kTelegram) return &kToken;
  if (platform == Platform::kWebhook) return &kSecret;
  return nullptr;
}

absl::Status CheckName(absl::string_view name) {
  if (IsAccountName(name)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the account name ", QuoteForMessage(name),
      " is refused; write a lower-case letter, then up to 62 lower-case "
      "letters, digits, - and _"));
}

absl::StatusOr<Platform> ParsePlatform(absl::string_view text) {
  Platform platform;
  if (text == "email") {
    return absl::InvalidArgumentError(
        "the platform email is refused, as this release cannot send it; write "
        "telegram, webhook or log");
  }
  if (!storage::FromText(text, &platform)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the platform ", QuoteForMessage(text),
                     " is unknown; write telegram, webhook or log"));
  }
  return platform;
}

absl::StatusOr<AccountSettings> ReadAccount(absl::string_view text) {
  const size_t equals = text.find('=');
  if (equals == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        QuoteForMessage(text), " is no account; write NAME=PLATFORM"));
  }
  AccountSettings account;
  account.name = std::string(text.substr(0, equals));
  RETURN_IF_ERROR(CheckName(account.name));
  ASSIGN_OR_RETURN(account.platform, ParsePlatform(text.substr(equals + 1)));
  return account;
}

absl::Status CheckKey(const std::string& key, Platform platform) {
  const SecretNames* names = NamesOf(platform);
  const bool telegram = platform == Platform::kTelegram;
  if (key == "platform" || key == "clients" || key == "rate" ||
      key == "chat_rate" || (key == "group_rate" && telegram) ||
      (key == "lanes" && !telegram) ||
      (names != nullptr &&
       (key == names->file_key || key == names->environment_key))) {
    return absl::OkStatus();
  }
  if (key == "token" || key == "secret" || key == "password") {
    return absl::InvalidArgumentError(
        names == nullptr
            ? "is refused: this platform needs none; remove it"
            : absl::StrCat("is refused: a secret does not belong in this file; "
                           "put it into a file of its own and name that with ",
                           names->file_key));
  }
  std::string allowed = absl::StrCat("platform, clients, rate, chat_rate and ",
                                     telegram ? "group_rate" : "lanes");
  if (names != nullptr) {
    absl::StrAppend(&allowed, ", ", names->file_key, " or ",
                    names->environment_key);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("is unknown; an account of this platform has ", allowed,
                   "; options go above the first section"));
}

// "COUNT/s" or "COUNT/m".
absl::StatusOr<SendRate> ReadRate(const std::string& key,
                                  absl::string_view text) {
  SendRate rate;
  absl::string_view count = text;
  if (absl::ConsumeSuffix(&count, "/m")) {
    rate.period = absl::Minutes(1);
  } else if (!absl::ConsumeSuffix(&count, "/s")) {
    count = "";
  }
  if (!absl::SimpleAtoi(count, &rate.messages) || rate.messages < 1 ||
      rate.messages > limits::kMaxSendRate) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has the ", key, " ", QuoteForMessage(text),
        "; write messages a second or a minute, like 30/s or 20/m, at most ",
        limits::kMaxSendRate));
  }
  return rate;
}

// The account's lanes and rates, as far as the section has them.
absl::Status ReadPace(const ConfigSection& section, AccountSettings& account) {
  if (const std::string* lanes = section.Find("lanes"); lanes != nullptr) {
    if (!absl::SimpleAtoi(*lanes, &account.lanes) || account.lanes < 1 ||
        account.lanes > limits::kMaxLanes) {
      return absl::InvalidArgumentError(
          absl::StrCat("has the lanes ", QuoteForMessage(*lanes),
                       "; write 1 to ", limits::kMaxLanes));
    }
  }
  for (const auto& [key, member] :
       {std::pair("rate", &AccountSettings::rate),
        std::pair("chat_rate", &AccountSettings::chat_rate),
        std::pair("group_rate", &AccountSettings::group_rate)}) {
    const std::string* text = section.Find(key);
    if (text == nullptr) continue;
    ASSIGN_OR_RETURN(account.*member, ReadRate(key, *text));
  }
  // The lanes of an account do not know of each other.
  if (account.lanes > 1 && account.rate.has_value()) {
    return absl::InvalidArgumentError(
        "has both lanes and rate, though each lane is paced by itself; keep "
        "one");
  }
  return absl::OkStatus();
}

// Where the section says that the secret is.
absl::StatusOr<SecretSource> SourceIn(const ConfigSection& section,
                                      Platform platform) {
  const SecretNames* names = NamesOf(platform);
  if (names == nullptr) return SecretSource{};
  const std::string* file = section.Find(std::string(names->file_key));
  const std::string* variable =
      section.Find(std::string(names->environment_key));
  if (file != nullptr && variable != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("has both ", names->file_key, " and ",
                     names->environment_key, "; keep one"));
  }
  const std::string* source = file != nullptr ? file : variable;
  if (source == nullptr) return SecretSource{};
  if (source->empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("has an empty ",
                     file != nullptr ? names->file_key : names->environment_key,
                     "; fill or remove it"));
  }
  return SecretSource{file != nullptr ? SecretSource::Kind::kFile
                                      : SecretSource::Kind::kEnvironment,
                      *source};
}

// The clients that the section lets use the account.
absl::StatusOr<std::vector<std::string>> ClientsIn(
    const ConfigSection& section) {
  const std::string* text = section.Find("clients");
  if (text == nullptr) return std::vector<std::string>();
  std::vector<std::string> clients =
      absl::StrSplit(*text, ' ', absl::SkipWhitespace());
  for (const std::string& client : clients) {
    if (!IsUuid(client)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "has the client ", QuoteForMessage(client),
          "; write ids of clients, lower-case UUIDs with blanks between"));
    }
  }
  return clients;
}

absl::StatusOr<AccountSettings> ReadSection(
    const std::string& name, const ConfigSection& section,
    std::vector<std::string>& problems) {
  RETURN_IF_ERROR(CheckName(name));
  const std::string* platform = section.Find("platform");
  if (platform == nullptr) {
    return absl::InvalidArgumentError(
        "has no platform; add platform = \"telegram\", \"webhook\" or \"log\"");
  }
  AccountSettings account;
  account.name = name;
  account.origin = section.place;
  ASSIGN_OR_RETURN(account.platform, ParsePlatform(*platform));
  for (const auto& [key, entry] : section.keys) {
    if (absl::Status status = CheckKey(key, account.platform); !status.ok()) {
      problems.push_back(absl::StrCat(entry->place, ": accounts.", name, ".",
                                      key, " ", status.message()));
    }
  }
  ASSIGN_OR_RETURN(account.secret, SourceIn(section, account.platform));
  ASSIGN_OR_RETURN(account.clients, ClientsIn(section));
  RETURN_IF_ERROR(ReadPace(section, account));
  return account;
}

}  // namespace

Accounts ReadAccounts(const std::vector<std::string>& texts,
                      absl::string_view origin,
                      std::vector<std::string>& problems) {
  Accounts accounts;
  for (const std::string& text : texts) {
    absl::StatusOr<AccountSettings> account = ReadAccount(text);
    if (!account.ok()) {
      problems.push_back(
          absl::StrCat(origin, ": ", account.status().message()));
      continue;
    }
    account->origin = std::string(origin);
    const std::string name = account->name;
    if (!accounts.emplace(name, *std::move(account)).second) {
      problems.push_back(absl::StrCat(origin, ": the account ", name,
                                      " is given twice; remove one"));
    }
  }
  return accounts;
}

Accounts ReadAccountSections(const std::vector<ConfigEntry>& entries,
                             std::vector<std::string>& problems) {
  Accounts accounts;
  for (const auto& [name, section] : SectionsOf(entries, "accounts")) {
    absl::StatusOr<AccountSettings> account =
        ReadSection(name, section, problems);
    if (account.ok()) {
      accounts[name] = *std::move(account);
    } else {
      problems.push_back(absl::StrCat(section.place, ": accounts.", name, ": ",
                                      account.status().message()));
    }
  }
  return accounts;
}

void CheckAlike(const Accounts& accounts, std::vector<std::string>& problems) {
  std::map<std::string, std::string> seen;
  for (const auto& [name, account] : accounts) {
    const auto [same, inserted] =
        seen.emplace(absl::StrReplaceAll(name, {{"-", "_"}}), name);
    if (inserted) continue;
    problems.push_back(absl::StrCat(
        account.origin, ": the accounts ", same->second, " and ", name,
        " would share a variable for their secrets; rename one of them"));
  }
}

void FindSecret(AccountSettings& account, const std::string& directory,
                const EnvironmentReader& environment) {
  const SecretNames* names = NamesOf(account.platform);
  if (names == nullptr || account.secret.kind != SecretSource::Kind::kNone) {
    return;
  }
  account.secret = {
      SecretSource::Kind::kEnvironment,
      absl::StrCat("BROADCASTD_ACCOUNT_",
                   absl::StrReplaceAll(absl::AsciiStrToUpper(account.name),
                                       {{"-", "_"}}),
                   names->variable_suffix)};
  const SecretSource file =
      SecretIn(directory, absl::StrCat("account_", account.name));
  if (file.kind != SecretSource::Kind::kNone &&
      environment(account.secret.name).value_or("").empty()) {
    account.secret = file;
  }
}

absl::string_view SecretKey(const AccountSettings& account) {
  const SecretNames* names = NamesOf(account.platform);
  if (names == nullptr) return "";
  switch (account.secret.kind) {
    case SecretSource::Kind::kFile:
      return names->file_key;
    case SecretSource::Kind::kEnvironment:
      return names->environment_key;
    case SecretSource::Kind::kNone:
      return "";
  }
  return "";
}

}  // namespace broadcast
