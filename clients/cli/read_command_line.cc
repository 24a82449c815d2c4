#include "cli/read_command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/exit_status.h"
#include "cli/return_status.h"

namespace broadcast::cli {
namespace {

constexpr size_t kColumns = 80;
constexpr size_t kNameColumns = 30;
constexpr size_t kExitColumns = 7;
constexpr char kProgram[] = "broadcastctl";
constexpr char kOfEveryVerb[] = "Options of every verb";

std::string Wrap(absl::string_view text,
                 size_t columns = kColumns - kNameColumns) {
  std::string wrapped;
  size_t column = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (column > 0 && column + 1 + word.size() > columns) {
      wrapped.push_back('\n');
      column = 0;
    }
    absl::StrAppend(&wrapped, column > 0 ? " " : "", word);
    column += word.size() + (column > 0 ? 1 : 0);
  }
  return wrapped;
}

// CLI11's, with verbs by their full names.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_subcommands(const CLI::App* app,
                               CLI::AppFormatMode) const override {
    if (app->get_subcommands({}).empty()) return "";
    const std::string group =
        app->get_parent() == nullptr ? "" : app->get_name();
    std::ostringstream verbs("\nVerbs:\n", std::ios::ate);
    for (const Verb& verb : Verbs()) {
      if (!absl::StartsWith(verb.name, group)) continue;
      CLI::detail::format_help(verbs,
                               absl::StrCat(verb.name, " ", verb.operand),
                               Wrap(verb.summary), kNameColumns);
    }
    return verbs.str();
  }

  std::string make_option_usage(const CLI::Option* option) const override {
    return make_option_name(option, true);
  }

  // They are in the usage.
  std::string make_positionals(const CLI::App*) const override { return ""; }
};

std::string Footer() {
  std::ostringstream footer(
      "An option outranks its variable. Results go to standard output, all "
      "else to\nstandard error.\n\nExit status:\n",
      std::ios::ate);
  for (const ExitMeaning& exit : kExitMeanings) {
    CLI::detail::format_help(
        footer, absl::StrCat(static_cast<int>(exit.status)),
        Wrap(exit.meaning, kColumns - kExitColumns), kExitColumns);
  }
  return footer.str();
}

class Reader {
 public:
  Reader() : app_("Looks after a broadcastd server.", kProgram) {
    app_.formatter(std::make_shared<HelpFormatter>());
    app_.get_formatter()->column_width(kNameColumns);
    app_.get_formatter()->label("SUBCOMMAND", "VERB");
    app_.set_help_flag();
    app_.allow_extras();
    app_.fallthrough();
    app_.require_subcommand(0, 1);
    AddOptions(GlobalOptions(), kOfEveryVerb, app_);
    for (const Verb& verb : Verbs()) AddVerb(verb);
    app_.footer(Footer());  // last, because verbs would inherit it
  }

  absl::StatusOr<CommandLine> Read(const std::vector<std::string>& words) {
    CLI_ASSIGN_OR_RETURN(const std::vector<std::string> prepared,
                         Prepare(words));
    try {
      app_.parse(std::vector<std::string>(prepared.rbegin(), prepared.rend()));
    } catch (const CLI::Error& error) {
      return Refused(error.what());
    }
    CLI_RETURN_IF_ERROR(Collect(app_));
    for (const CLI::App* app = &app_; !app->get_subcommands().empty();) {
      app = app->get_subcommands()[0];
      absl::StrAppend(&name_, " ", app->get_name());
      CLI_RETURN_IF_ERROR(Collect(*app));
    }
    for (const Verb& verb : Verbs()) {
      if (absl::StrCat(kProgram, " ", verb.name) == name_) line_.verb = &verb;
    }
    CLI_RETURN_IF_ERROR(CheckExtras());
    return Finish();
  }

 private:
  void AddVerb(const Verb& verb) {
    CLI::App* app = &app_;
    for (const absl::string_view word : absl::StrSplit(verb.name, ' ')) {
      const auto there = app->get_subcommands(
          [&](const CLI::App* each) { return each->get_name() == word; });
      app = there.empty() ? app->add_subcommand(std::string(word)) : there[0];
    }
    app->description(absl::StrCat(verb.summary, verb.detail.empty() ? "" : "\n",
                                  Wrap(verb.detail, kColumns)));
    AddOptions(verb.options, "Options", *app);
    AddOptions(GlobalOptions(), kOfEveryVerb, *app);
    if (!verb.operand.empty()) {
      app->add_option(std::string(verb.operand));
    }
  }

  void AddOptions(absl::Span<const OptionSpec> options,
                  const std::string& group, CLI::App& app) {
    for (const OptionSpec& spec : options) {
      const std::string name = absl::StrCat("--", spec.name);
      const std::string names =
          spec.letter == 0
              ? name
              : absl::StrCat("-", std::string(1, spec.letter), ",", name);
      const std::string help = Wrap(spec.help);
      CLI::Option* option = spec.value_name.empty()
                                ? app.add_flag(names, help)
                                : app.add_option(names, help);
      option->group(group);
      option->option_text(std::string(spec.value_name));
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      value_names_[name] = spec.value_name;
    }
  }

  // What CLI11 would take otherwise: the next option for the value of one that
  // lacks it, `--name=` for no value at all, and underscores for no dashes.
  absl::StatusOr<std::vector<std::string>> Prepare(
      const std::vector<std::string>& words) const {
    std::vector<std::string> prepared;
    for (auto word = words.begin(); word != words.end(); ++word) {
      const std::vector<std::string> parts =
          absl::StrSplit(*word, absl::MaxSplits('=', 1));
      const auto option =
          value_names_.find(absl::StrReplaceAll(parts[0], {{"_", "-"}}));
      if (*word == "--" || option == value_names_.end()) {
        // What follows -- is no option.
        const auto end = *word == "--" ? words.end() : word + 1;
        prepared.insert(prepared.end(), word, end);
        word = end - 1;
        continue;
      }
      const auto& [name, value_name] = *option;
      prepared.push_back(name);
      if (value_name.empty() && parts.size() == 1) continue;
      if (value_name.empty()) {
        return Refused(absl::StrCat(name, " takes no value"));
      }
      if (parts.size() > 1) {
        prepared.push_back(parts[1]);
      } else if (++word != words.end() && !absl::StartsWith(*word, "--")) {
        prepared.push_back(*word);
      } else {
        return Refused(absl::StrCat(name, ": the value is missing; write ",
                                    name, "=", value_name));
      }
    }
    return prepared;
  }

  absl::Status Collect(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& value : option->results()) {
        const std::string name = option->get_name();
        if (option->get_positional()) {
          operand_ = value;
        } else if (!values_.emplace(name.substr(2), value).second) {
          return Refused(absl::StrCat(name, ": given twice; keep one"));
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckExtras() const {
    for (const std::string& extra : app_.remaining(true)) {
      if (extra == "--") continue;
      const bool is_option = absl::StartsWith(extra, "-");
      // Without its value, which may be a secret.
      const size_t end = is_option ? extra.find('=') : extra.npos;
      return Refused(absl::StrCat(Backquoted(extra.substr(0, end)),
                                  is_option    ? " is no option of "
                                  : has_verb() ? " is one word too many for "
                                               : " is no verb of ",
                                  name_));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<CommandLine> Finish() {
    line_.version = values_.count("version") > 0;
    if (values_.count("help") > 0) {
      line_.help = absl::StrReplaceAll(app_.help(), {{"\n\n\n", "\n\n"}});
    }
    line_.arguments = Arguments(std::move(values_), std::move(operand_));
    if (line_.version || !line_.help.empty()) return std::move(line_);
    const absl::string_view missing =
        has_verb() ? line_.verb->operand : "a verb";
    if (!missing.empty() && line_.arguments.operand().empty()) {
      return Refused(absl::StrCat(missing, " is missing after ", name_));
    }
    return std::move(line_);
  }

  absl::Status Refused(absl::string_view problem) const {
    return absl::InvalidArgumentError(
        absl::StrCat(problem, "; see ", name_, " --help"));
  }

  bool has_verb() const { return line_.verb != nullptr; }

  CLI::App app_;
  std::map<std::string, absl::string_view> value_names_;  // by `--name`
  std::string name_ = kProgram;  // then with the verb or its group
  std::map<std::string, std::string, std::less<>> values_;
  std::string operand_;
  CommandLine line_;
};

}  // namespace

absl::StatusOr<CommandLine> ReadCommandLine(
    const std::vector<std::string>& words) {
  return Reader().Read(words);
}

}  // namespace broadcast::cli
