#include "settings/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "settings/exit_code.h"
#include "settings/option_values.h"
#include "settings/options.h"
#include "settings/settings_text.h"

namespace broadcast {
namespace {

constexpr size_t kNameColumn = 32;
constexpr size_t kHelpColumns = 48;

// Options of the command line alone, besides those of Options().
constexpr absl::string_view kHere = "Command line only";

// Those of one command alone.
struct CommandOption {
  absl::string_view command;
  absl::string_view name;
  absl::string_view placeholder;
  absl::string_view help;
  absl::string_view remedy;  // where another command is given it
};

constexpr CommandOption kCommandOptions[] = {
    {"healthcheck", "address", "ADDRESS",
     "Whom to ask. Default: the listen address.", "use --listen"},
    {"healthcheck", "tls_ca", "FILE",
     "PEM: ask over TLS, and trust these authorities. Default: with "
     "tls_certificate, that file.",
     "remove it"},
    {"import", "messages", "FILE",
     "CSV of messages that another system has posted: chat_id, message_id, "
     "external_id.",
     "remove it"},
    {"import", "pairs", "FILE",
     "CSV of channel pairs: open_chat_id, closed_chat_id, and their schedule; "
     "docs/moving.md lists the columns.",
     "remove it"},
    {"import", "dry_run", "", "Only say what would be imported.", "remove it"},
    {"token", "client_id", "UUID",
     "The client that the token is confined to. Default: none, every client.",
     "remove it"},
    {"token", "scopes", "LIST",
     "Its scopes, with blanks between. Default: all of them.", "remove it"},
    {"token", "subject", "NAME", "Whose token it is. Default: development.",
     "remove it"},
    {"token", "ttl", "DURATION",
     "How long it is valid. Range: 1s to 8760h. Default: 1h.", "remove it"},
};

absl::Status Refused(absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(problem, "; --help lists commands and options"));
}

std::string Wrap(absl::string_view text) {
  std::string wrapped;
  size_t column = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (column > 0 && column + 1 + word.size() > kHelpColumns) {
      absl::StrAppend(&wrapped, "\n", word);
      column = word.size();
    } else {
      absl::StrAppend(&wrapped, column > 0 ? " " : "", word);
      column += word.size() + (column > 0 ? 1 : 0);
    }
  }
  return wrapped;
}

std::string HelpOf(const Option& option) {
  const std::string allowed = AllowedValues(option);
  const std::string initial = WriteValue(option, Settings());
  return Wrap(absl::StrCat(option.help, allowed.empty() ? "" : " ", allowed,
                           " Default: ", initial.empty() ? "empty" : initial,
                           "."));
}

std::string Footer() {
  std::string footer =
      "Every option but those of the command line only may also be given as a\n"
      "variable (BROADCASTD_ and its name in capitals) or in the file. The\n"
      "command line outranks variables, they outrank the file. A switch given\n"
      "as --NAME=false is off.\n"
      "Accounts in the file: sections [accounts.NAME] with platform, and\n"
      "token_file (telegram) or secret_file (webhook). Callers with client\n"
      "certificates: sections [identities.NAME] with certificate and scopes.\n"
      "docs/configuration.md has more, docs/security.md how to use it.\n\n"
      "Exit status:\n";
  for (const ExitCodeMeaning& exit : kExitCodes) {
    absl::StrAppend(&footer, "  ", static_cast<int>(exit.code), "  ",
                    exit.meaning, "\n");
  }
  return footer;
}

// What CLI11 is given in place of the values: each as its index. CLI11 takes
// `--name=` for a missing value, splits `[a,b]` at commas, and takes the next
// option for the value of one that lacks it.
struct Shielded {
  std::vector<std::string> arguments;  // last first, as CLI11 takes them
  std::vector<std::string> values;
};

class Reader {
 public:
  Reader() : app_("Registers channels and keeps them supplied with messages.") {
    app_.name("broadcastd");
    app_.set_help_flag();
    app_.allow_extras();
    app_.fallthrough();
    app_.require_subcommand(0, 1);
    app_.get_formatter()->column_width(kNameColumn);
    app_.footer(Footer());
    AddOptions();
    AddCommands();
  }

  absl::StatusOr<CommandLine> Read(int argc, const char* const* argv) {
    ASSIGN_OR_RETURN(Shielded shielded, Shield(argc, argv));
    try {
      app_.parse(std::move(shielded.arguments));
    } catch (const CLI::Error& error) {
      return Refused("the command line cannot be read");
    }
    if (Given("help")) {
      CommandLine line;
      line.command = Command::kHelp;
      line.help = Help();
      return line;
    }
    RETURN_IF_ERROR(CheckExtras());
    return Collect(shielded.values);
  }

 private:
  // Not App::help(), which is a command's own if one is named.
  std::string Help() const {
    return absl::StrReplaceAll(
        app_.get_formatter()->make_help(&app_, app_.get_name(),
                                        CLI::AppFormatMode::Normal),
        {{"\n\n\n", "\n\n"}});
  }

  void AddOptions() {
    for (const Option& option : Options()) {
      Add(option.name, option.placeholder, HelpOf(option), option.group);
    }
    Add("account", "NAME=PLATFORM",
        Wrap("An account that channels refer to; may be given again, and in "
             "BROADCASTD_ACCOUNT several with commas between. Platforms: "
             "telegram, webhook, log. Replaces the file's account of that "
             "name. Default: log=log if there is none at all."),
        "Clients and entries");
    Add("config", "FILE",
        Wrap("A TOML file of these options, NAME = VALUE. Also "
             "BROADCASTD_CONFIG."),
        kHere);
    Add("print_config", "",
        Wrap("Print the settings and where each comes from, without secrets, "
             "in the form that --config takes."),
        kHere);
    for (const CommandOption& option : kCommandOptions) {
      Add(option.name, option.placeholder,
          Wrap(absl::StrCat(option.command, ": ", option.help)), kHere);
    }
    Add("version", "", "Print the version.", kHere);
    Add("help,-h", "", "Print this.", kHere);
  }

  void AddCommands() {
    migrate_ = app_.add_subcommand("migrate",
                                   "Bring the schema up to date, then exit.");
    import_ = app_.add_subcommand("import",
                                  "Take over from another system, then exit.");
    healthcheck_ = app_.add_subcommand(
        "healthcheck", "Ask a running server whether it serves.");
    token_ = app_.add_subcommand("token",
                                 "Print a token for development, and exit.");
    for (CLI::App* command : {migrate_, import_, healthcheck_, token_}) {
      command->set_help_flag();
      command->group("Commands (none: serve)");
    }
  }

  void Add(absl::string_view name, absl::string_view placeholder,
           const std::string& help, absl::string_view group) {
    const std::string flag = absl::StrCat("--", name);
    CLI::Option* option = placeholder.empty() ? app_.add_flag(flag, help)
                                              : app_.add_option(flag, help);
    option->group(std::string(group));
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (!placeholder.empty()) option->option_text(std::string(placeholder));
  }

  CLI::Option* Find(const std::string& name) {
    return app_.get_option_no_throw(absl::StrCat("--", name));
  }

  bool Given(const std::string& name) { return Find(name)->count() > 0; }

  absl::StatusOr<Shielded> Shield(int argc, const char* const* argv) {
    Shielded shielded;
    const auto keep = [&](absl::string_view value) {
      shielded.values.emplace_back(value);
      return absl::StrCat(shielded.values.size() - 1);
    };
    for (int i = 1; i < argc; ++i) {
      const absl::string_view argument = argv[i];
      const size_t equals = argument.find('=');
      // Dashes within a name are as good as underscores.
      const std::string name =
          absl::StrReplaceAll(argument.substr(0, equals).substr(
                                  std::min<size_t>(2, argument.size())),
                              {{"-", "_"}});
      CLI::Option* option =
          absl::StartsWith(argument, "--") ? Find(name) : nullptr;
      if (option == nullptr) {
        shielded.arguments.emplace_back(argument);
      } else if (equals != absl::string_view::npos) {
        shielded.arguments.push_back(
            absl::StrCat("--", name, "=", keep(argument.substr(equals + 1))));
      } else if (option->get_items_expected_max() == 0) {
        shielded.arguments.push_back(absl::StrCat("--", name));
      } else if (i + 1 < argc && !absl::StartsWith(argv[i + 1], "--")) {
        shielded.arguments.push_back(absl::StrCat("--", name));
        shielded.arguments.push_back(keep(argv[++i]));
      } else {
        return Refused(absl::StrCat(
            "--", name, ": the value is missing; write --", name, "=VALUE"));
      }
    }
    std::reverse(shielded.arguments.begin(), shielded.arguments.end());
    return shielded;
  }

  absl::Status CheckExtras() {
    const std::vector<std::string> extras = app_.remaining(true);
    if (extras.empty()) return absl::OkStatus();
    const absl::string_view extra = extras[0];
    if (absl::StartsWith(extra, "-")) {
      return Refused(absl::StrCat(
          QuoteForMessage(extra.substr(0, extra.find('='))), " is no option"));
    }
    return Refused(absl::StrCat(
        QuoteForMessage(extra),
        " is no command; a switch takes its value as --NAME=VALUE"));
  }

  absl::StatusOr<CommandLine> Collect(const std::vector<std::string>& values) {
    CommandLine line;
    for (const CLI::Option* option : app_.get_options()) {
      const std::string& name = option->get_lnames()[0];
      for (const std::string& result : option->results()) {
        // A switch given alone has no index.
        std::string text =
            result == "true" ? "true" : values[std::stoul(result)];
        if (name == "account") {
          line.accounts.push_back(std::move(text));
        } else if (!line.values.emplace(name, std::move(text)).second) {
          return Refused(absl::StrCat("--", name, ": given twice; keep one"));
        }
      }
    }
    line.config = Extract(line, "config");
    line.command = CommandOf(line);
    if (line.command != Command::kVersion) {
      RETURN_IF_ERROR(MoveCommandValues(line));
    }
    return line;
  }

  static std::optional<std::string> Extract(CommandLine& line,
                                            const std::string& name) {
    auto node = line.values.extract(name);
    if (node.empty()) return std::nullopt;
    return std::move(node.mapped());
  }

  absl::Status MoveCommandValues(CommandLine& line) const {
    for (const CommandOption& option : kCommandOptions) {
      const std::string name(option.name);
      std::optional<std::string> value = Extract(line, name);
      if (!value.has_value()) continue;
      if (!app_.get_subcommand(std::string(option.command))->parsed()) {
        return Refused(absl::StrCat("--", name, ": only ", option.command,
                                    " takes it; ", option.remedy));
      }
      line.command_values[name] = *std::move(value);
    }
    return absl::OkStatus();
  }

  Command CommandOf(CommandLine& line) const {
    const bool print_config = Extract(line, "print_config").has_value();
    if (Extract(line, "version").has_value()) return Command::kVersion;
    if (print_config) return Command::kPrintConfig;
    if (migrate_->parsed()) return Command::kMigrate;
    if (import_->parsed()) return Command::kImport;
    if (healthcheck_->parsed()) return Command::kHealthcheck;
    if (token_->parsed()) return Command::kToken;
    return Command::kServe;
  }

  CLI::App app_;
  CLI::App* migrate_ = nullptr;
  CLI::App* import_ = nullptr;
  CLI::App* healthcheck_ = nullptr;
  CLI::App* token_ = nullptr;
};

}  // namespace

absl::StatusOr<CommandLine> ReadCommandLine(int argc, const char* const* argv) {
  return Reader().Read(argc, argv);
}

}  // namespace broadcast
