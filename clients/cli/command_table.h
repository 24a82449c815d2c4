// The table of all verbs and options: parsing, --help and the tests of
// docs/broadcastctl.md go by it. Constants; any thread.
#ifndef BROADCASTD_CLI_COMMAND_TABLE_H_
#define BROADCASTD_CLI_COMMAND_TABLE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/exit_status.h"

namespace broadcast::cli {

class Arguments;
class Session;

struct OptionSpec {
  absl::string_view name;        // without dashes
  char letter;                   // short form; 0: none
  absl::string_view value_name;  // of the value; empty: a switch
  absl::string_view help;
};

struct Verb {
  absl::string_view name;     // one word or two: `trigger`, `entries list`
  absl::string_view operand;  // what follows; empty: nothing
  absl::string_view summary;  // one line
  absl::string_view detail;   // more for `VERB --help`; may be empty
  absl::Span<const OptionSpec> options;
  // Returns why it failed, or the exit status of what was done.
  absl::StatusOr<ExitStatus> (*run)(Session&, const Arguments&);
};

// In the order of --help.
absl::Span<const Verb> Verbs();

// Options of every verb.
absl::Span<const OptionSpec> GlobalOptions();

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_COMMAND_TABLE_H_
