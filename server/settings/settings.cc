#include "settings/settings.h"

#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "net/listen_address.h"
#include "settings/account_settings.h"
#include "settings/check_together.h"
#include "settings/command_line.h"
#include "settings/config_file.h"
#include "settings/identity_settings.h"
#include "settings/legacy_settings.h"
#include "settings/option_values.h"
#include "settings/options.h"
#include "settings/print_config.h"
#include "settings/secret_file.h"
#include "settings/settings_text.h"
#include "settings/token_request.h"

namespace broadcast {
namespace {

constexpr absl::string_view kAccountVariable = "BROADCASTD_ACCOUNT";

// A bot's token alone makes an account.
constexpr absl::string_view kBotTokenVariable = "BROADCASTD_TELEGRAM_BOT_TOKEN";
constexpr char kBotAccount[] = "telegram";

// Says that whoever started the process means it to be killed.
constexpr absl::string_view kFailPointsVariable = "BROADCASTD_FAIL_POINTS";

// Of the secret of HS256 tokens, as those who sign them call it too.
constexpr absl::string_view kJwtSecretVariable = "JWT_SECRET_KEY";

std::string VariableOf(absl::string_view option) {
  return absl::StrCat("BROADCASTD_", absl::AsciiStrToUpper(option));
}

// The three sources laid over each other.
class Layers {
 public:
  Layers(const CommandLine& line, const EnvironmentReader& getenv)
      : line_(line), getenv_(getenv) {}

  absl::StatusOr<Parsed> Resolve() {
    RETURN_IF_ERROR(ReadFile());
    for (const Option& option : Options()) ReadOption(option);
    ReadLegacyVariables(getenv_, origins_, parsed_.settings, problems_);
    FindJwtSecret();
    ReadAllAccounts();
    parsed_.settings.identities = ReadIdentitySections(entries_, problems_);
    CheckTogether();
    if (line_.command == Command::kHealthcheck) ReadHealthcheck();
    if (line_.command == Command::kToken) ReadToken();
    if (line_.command == Command::kImport) ReadImport();
    if (!problems_.empty()) {
      return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
    }
    parsed_.command = line_.command;
    if (parsed_.command == Command::kPrintConfig) {
      parsed_.text = PrintConfig(parsed_.settings, origins_);
    }
    return std::move(parsed_);
  }

 private:
  absl::Status ReadFile() {
    std::string origin = "--config";
    std::optional<std::string> path = line_.config;
    if (!path.has_value()) {
      origin = VariableOf("config");
      path = getenv_(origin);
    }
    if (!path.has_value() || path->empty()) return absl::OkStatus();
    absl::StatusOr<std::vector<ConfigEntry>> entries = ReadConfigFile(*path);
    if (!entries.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(origin, ": ", entries.status().message()));
    }
    entries_ = *std::move(entries);
    for (const ConfigEntry& entry : entries_) CheckEntry(entry);
    return absl::OkStatus();
  }

  // Every entry is an option, or belongs to a section of a kind we know.
  void CheckEntry(const ConfigEntry& entry) {
    const std::string path = absl::StrJoin(entry.path, ".");
    const bool option = entry.path.size() == 1 && entry.value.has_value();
    if (option && FindOption(path) != nullptr) {
      file_[path] = &entry;
      return;
    }
    const size_t size = entry.value.has_value() ? 3 : 2;
    const bool known =
        entry.path[0] == "accounts" || entry.path[0] == "identities";
    if (known && entry.path.size() == size) return;
    absl::string_view remedy = "remove it, or see --help for its right name";
    if (path == "account" || path == "accounts") {
      remedy = "write sections [accounts.NAME]";
    } else if (path == "identities") {
      remedy = "write sections [identities.NAME]";
    } else if (path == "jwt_secret") {
      remedy =
          "a secret does not belong in this file; put it into a file of its "
          "own and name that with jwt_secret_file";
    } else if (path == "config" || path == "print_config") {
      remedy = "give it on the command line";
    } else if (!entry.value.has_value()) {
      remedy = "the only sections are [accounts.NAME] and [identities.NAME]";
    }
    problems_.push_back(
        absl::StrCat(entry.place, ": ", path, " is unknown; ", remedy));
  }

  // The text that counts for an option, and where it was given.
  void ReadOption(const Option& option) {
    const std::string name(option.name);
    const std::string variable = VariableOf(name);
    if (const auto flag = line_.values.find(name); flag != line_.values.end()) {
      Assign(option, flag->second, absl::StrCat("--", name));
    } else if (const auto value = getenv_(variable); value.has_value()) {
      Assign(option, *value, variable);
    } else if (const auto entry = file_.find(name); entry != file_.end()) {
      Assign(option, *entry->second->value,
             absl::StrCat(entry->second->place, ": ", name));
    }
  }

  void Assign(const Option& option, const std::string& text,
              const std::string& origin) {
    origins_[std::string(option.name)] = origin;
    if (absl::Status s = ReadValue(option, text, parsed_.settings); !s.ok()) {
      Problem(option.name, s.message());
    }
  }

  // Where the secret is if jwt_secret_file does not say it.
  void FindJwtSecret() {
    SecretSource& secret = parsed_.settings.jwt_secret;
    if (secret.kind != SecretSource::Kind::kNone) return;
    const auto variable = getenv_(kJwtSecretVariable);
    // Somebody wanted tokens here: not to ask for any would open the door.
    if (variable.has_value() && variable->empty()) {
      problems_.push_back(absl::StrCat(
          kJwtSecretVariable,
          ": is set and empty; put the secret there, or unset it"));
    }
    if (!variable.value_or("").empty()) {
      secret = {SecretSource::Kind::kEnvironment,
                std::string(kJwtSecretVariable)};
      origins_["jwt_secret_file"] = std::string(kJwtSecretVariable);
      return;
    }
    secret = SecretIn(parsed_.settings.secrets_directory, "jwt_secret");
    if (secret.kind != SecretSource::Kind::kNone) {
      origins_["jwt_secret_file"] = origins_["secrets_directory"];
    }
  }

  void ReadAllAccounts() {
    Accounts accounts = ReadAccounts(line_.accounts, "--account", problems_);
    const auto variable = getenv_(kAccountVariable);
    accounts.merge(ReadAccounts(
        absl::StrSplit(variable.value_or(""), ',', absl::SkipWhitespace()),
        kAccountVariable, problems_));
    accounts.merge(ReadAccountSections(entries_, problems_));
    if (accounts.empty()) {
      accounts["log"] = {.name = "log", .origin = "default"};
    }
    if (!getenv_(kBotTokenVariable).value_or("").empty()) {
      accounts.emplace(
          kBotAccount,
          AccountSettings{.name = kBotAccount,
                          .platform = storage::Platform::kTelegram,
                          .secret = {SecretSource::Kind::kEnvironment,
                                     std::string(kBotTokenVariable)},
                          .origin = std::string(kBotTokenVariable)});
    }
    AddGroupBot(getenv_, parsed_.settings, accounts, problems_);
    CheckAlike(accounts, problems_);
    for (auto& [name, account] : accounts) {
      FindSecret(account, parsed_.settings.secrets_directory, getenv_);
      parsed_.settings.accounts.push_back(std::move(account));
    }
  }

  // What no option can say of itself.
  void CheckTogether() {
    const Settings& settings = parsed_.settings;
    if (line_.values.contains("database") && HoldsPassword(settings.database)) {
      Problem("database",
              "holds a password, which every process may read here; name its "
              "file with --database_password_file, or give the URL in "
              "BROADCASTD_DATABASE");
    }
    const Complain complain = [this](absl::string_view option,
                                     const std::string& problem) {
      Problem(option, problem);
    };
    CheckTransport(settings, complain);
    CheckAuthentication(settings, complain);
    CheckRetention(settings, complain);
    if (!settings.fail_point.empty() &&
        getenv_(kFailPointsVariable).value_or("") != "1") {
      Problem("fail_point",
              absl::StrCat("is for tests, which set ", kFailPointsVariable,
                           " to 1; remove it"));
    }
    if (line_.command == Command::kServe ||
        line_.command == Command::kPrintConfig) {
      CheckListening(settings, complain);
    }
    if (!settings.tls_client_ca.empty()) return;
    for (const IdentitySettings& identity : settings.identities) {
      problems_.push_back(absl::StrCat(
          identity.origin, ": identities.", identity.name,
          ": no certificate is verified; give --tls_client_ca too, or remove "
          "this section"));
    }
  }

  // Whom to ask, and how.
  void ReadHealthcheck() {
    parsed_.health_tls = !parsed_.settings.tls_certificate.empty();
    parsed_.health_ca_file = parsed_.settings.tls_certificate;
    if (const std::string* file = CommandValue("tls_ca"); file != nullptr) {
      if (file->empty()) {
        problems_.emplace_back("--tls_ca: is empty; name a file, or remove it");
      }
      parsed_.health_tls = true;
      parsed_.health_ca_file = *file;
    }
    const std::string* given = CommandValue("address");
    const auto address = net::ListenAddress::Parse(
        given == nullptr ? parsed_.settings.listen : *given);
    if (!address.ok()) {
      if (given != nullptr) {
        problems_.push_back(absl::StrCat("--address: ", QuoteForMessage(*given),
                                         " ", address.status().message()));
      }
    } else if (address->path.empty() && address->port == 0) {
      problems_.emplace_back(
          "--address: needed, because the port of --listen is 0; write "
          "HOST:PORT");
    } else {
      parsed_.health_address = address->DialAddress();
    }
  }

  void ReadToken() {
    parsed_.token = ReadTokenRequest(line_.command_values, problems_);
    if (parsed_.settings.jwt_secret.kind == SecretSource::Kind::kNone) {
      problems_.push_back(absl::StrCat(
          "token: there is no secret to sign with; give --jwt_secret_file, or "
          "set ",
          kJwtSecretVariable));
    }
  }

  void ReadImport() {
    ImportRequest& files = parsed_.import_files;
    for (const auto& [name, path] : {std::pair("messages", &files.messages),
                                     std::pair("pairs", &files.pairs)}) {
      if (const std::string* given = CommandValue(name); given != nullptr) {
        *path = *given;
      }
    }
    if (files.messages.empty() && files.pairs.empty()) {
      problems_.emplace_back(
          "import: there is nothing to import; give --messages, --pairs or "
          "both, each a CSV file");
    }
    const std::string* dry_run = CommandValue("dry_run");
    files.dry_run =
        dry_run != nullptr && *dry_run != "false" && *dry_run != "0";
  }

  // The value of an option of the command's own, or null.
  const std::string* CommandValue(const std::string& name) const {
    const auto found = line_.command_values.find(name);
    return found == line_.command_values.end() ? nullptr : &found->second;
  }

  void Problem(absl::string_view option, absl::string_view problem) {
    problems_.push_back(
        absl::StrCat(origins_[std::string(option)], ": ", problem));
  }

  const CommandLine& line_;
  const EnvironmentReader& getenv_;
  std::vector<ConfigEntry> entries_;
  std::map<std::string, const ConfigEntry*> file_;  // by option
  std::map<std::string, std::string> origins_;      // by option
  std::vector<std::string> problems_;
  Parsed parsed_;
};

}  // namespace

bool Settings::authenticates() const {
  return !jwt_keys.empty() || jwt_secret.kind != SecretSource::Kind::kNone ||
         !oidc_issuer.empty() || !tls_client_ca.empty();
}

bool Settings::serves_reflection() const {
  return reflection == Reflection::kAuto ? !authenticates()
                                         : reflection == Reflection::kOn;
}

absl::StatusOr<Parsed> ParseSettings(int argc, const char* const* argv,
                                     const EnvironmentReader& getenv) {
  ASSIGN_OR_RETURN(const CommandLine line, ReadCommandLine(argc, argv));
  if (line.command == Command::kHelp) {
    return Parsed{.command = Command::kHelp, .text = line.help};
  }
  if (line.command == Command::kVersion) {
    return Parsed{
        .command = Command::kVersion,
        .text = absl::StrCat("broadcastd ", BROADCASTD_VERSION, "\n")};
  }
  return Layers(line, getenv).Resolve();
}

absl::StatusOr<storage::Location> DatabaseLocation(const Settings& settings) {
  std::string file = settings.database_password_file;
  absl::string_view origin = "database_password_file";
  if (file.empty() && !storage::LocationHasPassword(settings.database)) {
    file = SecretIn(settings.secrets_directory, "database_password").name;
    origin = "secrets_directory";
  }
  std::string password;
  if (!file.empty()) {
    absl::StatusOr<std::string> secret = ReadSecretFile(file);
    if (!secret.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(origin, ": ", secret.status().message()));
    }
    password = *std::move(secret);
  }
  return storage::Location::Parse(settings.database, password);
}

}  // namespace broadcast
