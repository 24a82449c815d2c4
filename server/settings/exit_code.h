// What the exit status of broadcastd says. Scripts and supervisors rely on the
// numbers; --help and docs/configuration.md list them. Constants only.
#ifndef BROADCASTD_SETTINGS_EXIT_CODE_H_
#define BROADCASTD_SETTINGS_EXIT_CODE_H_

#include "absl/strings/string_view.h"

namespace broadcast {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailure = 1,
  kExitUsage = 2,
  kExitDatabase = 3,
  kExitSchema = 4,
  kExitListen = 5,
  kExitDisk = 6,
  kExitUnhealthy = 7,
};

struct ExitCodeMeaning {
  ExitCode code;
  absl::string_view meaning;
};

inline constexpr ExitCodeMeaning kExitCodes[] = {
    {kExitOk, "done, or stopped by SIGTERM or SIGINT after draining"},
    {kExitFailure, "anything not listed here"},
    {kExitUsage, "an option, variable, file or command is wrong"},
    {kExitDatabase, "the database cannot be opened"},
    {kExitSchema, "the database's schema does not fit this release"},
    {kExitListen, "an address cannot be listened on"},
    {kExitDisk, "the disk failed while running; nothing more was written"},
    {kExitUnhealthy, "healthcheck: the server does not answer SERVING"},
};

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_EXIT_CODE_H_
