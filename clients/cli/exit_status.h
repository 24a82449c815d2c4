// What the exit status of broadcastctl says. Scripts rely on the numbers;
// --help and docs/broadcastctl.md list them. Constants only.
#ifndef BROADCASTD_CLI_EXIT_STATUS_H_
#define BROADCASTD_CLI_EXIT_STATUS_H_

#include "absl/strings/string_view.h"

namespace broadcast::cli {

enum ExitStatus : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitConnection = 3,
  kExitDenied = 4,
  kExitNotFound = 5,
  kExitPrecondition = 6,
  kExitTooSoon = 7,
  kExitPartial = 8,
  kExitInterrupted = 130,
};

struct ExitMeaning {
  ExitStatus status;
  absl::string_view meaning;
};

inline constexpr ExitMeaning kExitMeanings[] = {
    {kExitDone, "done"},
    {kExitFailed, "anything not listed here; the answer to a question was no"},
    {kExitUsage,
     "the command line or a value is wrong; --yes is missing where nobody can "
     "be asked"},
    {kExitConnection,
     "the server cannot be reached, or did not answer in time"},
    {kExitDenied, "the token is missing, refused, or lacks a scope"},
    {kExitNotFound, "what was named does not exist"},
    {kExitPrecondition,
     "the state of things forbids it: paused, changed, running, at a limit"},
    {kExitTooSoon, "a cool-down or a rate limit; the error says when to retry"},
    {kExitPartial,
     "done, but not all of it: failed deliveries or lines, or findings"},
    {kExitInterrupted, "interrupted; what was set in motion goes on"},
};

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_EXIT_STATUS_H_
