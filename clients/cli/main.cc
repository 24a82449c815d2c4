// broadcastctl: what operators do with a broadcastd server, from a shell.
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/call_failure.h"
#include "cli/cli_session.h"
#include "cli/console.h"
#include "cli/interruption.h"
#include "cli/json_text.h"
#include "cli/read_command_line.h"
#include "cli/return_status.h"

namespace broadcast::cli {
namespace {

std::optional<std::string> Variable(absl::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

absl::StatusOr<ColorMode> ColorModeOf(const Arguments& arguments) {
  CLI_ASSIGN_OR_RETURN(const std::string word,
                       arguments.Word("color", {"auto", "always", "never"}));
  if (word == "always") return ColorMode::kAlways;
  return word == "never" ? ColorMode::kNever : ColorMode::kAuto;
}

// Standard error, in the form of the output: people's lines, or for programs
// google.rpc.Status, if it is the server's.
int Complain(const absl::Status& failure, const Arguments& arguments,
             Console& console) {
  const std::string output = arguments.Get("output");
  const bool is_servers = !DetailOf(failure).reason.empty();
  if (is_servers && (output == "json" || output == "jsonl")) {
    console.Complain(JsonText(ToProto(failure), output == "json"
                                                    ? JsonForm::kIndented
                                                    : JsonForm::kOneLine));
    for (const std::string& hint : HintsOf(failure)) console.Note(hint);
  } else {
    console.Complain(FailureText(failure, console.error_palette()));
  }
  return ExitOf(failure);
}

int Run(const CommandLine& line, Console& console, Interruption& interruption) {
  const auto session =
      Session::Open(line.arguments, Variable, console, interruption);
  if (!session.ok()) {
    return Complain(session.status(), line.arguments, console);
  }
  const auto exit = line.verb->run(**session, line.arguments);
  if (!exit.ok()) return Complain(exit.status(), line.arguments, console);
  if (console.Flush()) return *exit;
  console.Note("broadcastctl: standard output cannot be written");
  return kExitFailed;
}

int Main(const std::vector<std::string>& words, Interruption& interruption) {
  const bool no_color = !Variable("NO_COLOR").value_or("").empty();
  const auto line = ReadCommandLine(words);
  const auto mode = line.ok() ? ColorModeOf(line->arguments) : line.status();
  Console console(mode.value_or(ColorMode::kAuto), no_color);
  if (!line.ok()) return Complain(line.status(), {}, console);
  if (!mode.ok()) return Complain(mode.status(), {}, console);
  if (line->version) {
    console.Print("broadcastctl " BROADCASTD_VERSION "\n");
  } else if (!line->help.empty()) {
    console.Print(line->help);
  } else {
    return Run(*line, console, interruption);
  }
  return console.Flush() ? kExitDone : kExitFailed;
}

}  // namespace
}  // namespace broadcast::cli

int main(int argc, char** argv) {
  // Its thread goes on until the process ends.
  auto* interruption = new broadcast::cli::Interruption();
  return broadcast::cli::Main(std::vector<std::string>(argv + 1, argv + argc),
                              *interruption);
}
