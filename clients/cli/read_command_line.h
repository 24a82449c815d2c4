// The command line, read by the table of verbs. CLI11 lives in its .cc alone.
// Any thread.
#ifndef BROADCASTD_CLI_READ_COMMAND_LINE_H_
#define BROADCASTD_CLI_READ_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/arguments.h"
#include "cli/command_table.h"

namespace broadcast::cli {

struct CommandLine {
  const Verb* verb = nullptr;  // null only with `help` or `version`
  std::string help;            // what --help is to print; empty: not asked for
  bool version = false;
  Arguments arguments;
};

// Returns INVALID_ARGUMENT for what is no verb or option, for an option given
// twice, without its value or to another verb, and for a missing operand.
absl::StatusOr<CommandLine> ReadCommandLine(
    const std::vector<std::string>& words);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_READ_COMMAND_LINE_H_
