// The command line: which command, and the texts of the options given. Knows
// no value's meaning. Free functions; any thread.
#ifndef BROADCASTD_SETTINGS_COMMAND_LINE_H_
#define BROADCASTD_SETTINGS_COMMAND_LINE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "settings/settings.h"

namespace broadcast {

struct CommandLine {
  Command command = Command::kServe;
  std::map<std::string, std::string> values;  // by option, of those given
  std::optional<std::string> config;
  std::map<std::string, std::string> command_values;  // of the command's own
  std::vector<std::string> accounts;                  // NAME=PLATFORM
  std::string help;                                   // only for kHelp
};

// Returns INVALID_ARGUMENT, naming the option and the remedy, for what
// --help does not list, a value that is missing, or an option given twice.
absl::StatusOr<CommandLine> ReadCommandLine(int argc, const char* const* argv);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_COMMAND_LINE_H_
