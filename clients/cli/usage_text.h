// What --help prints, from the table of verbs. Pure; any thread.
#ifndef BROADCASTD_CLI_USAGE_TEXT_H_
#define BROADCASTD_CLI_USAGE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "cli/command_table.h"

namespace broadcast::cli {

// Of one verb; of the verbs that begin with `topic`, all of them if it is
// empty, if `verb` is null.
std::string UsageText(const Verb* verb, absl::string_view topic);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_USAGE_TEXT_H_
