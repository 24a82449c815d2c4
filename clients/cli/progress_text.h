// How far an operation has come, in a line. Pure; any thread.
#ifndef BROADCASTD_CLI_PROGRESS_TEXT_H_
#define BROADCASTD_CLI_PROGRESS_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace broadcast::cli {

// OperationProgress, and how much of it was done since when it was first seen.
struct ProgressCounts {
  std::string state;  // a word
  int64_t planned = 0;
  int64_t sent = 0;
  int64_t failed = 0;
  int64_t unknown = 0;
  int64_t expired = 0;
  int64_t cancelled = 0;
  int64_t abandoned = 0;
  int64_t waiting = 0;

  int64_t done() const { return planned - waiting; }

  // Not every delivery was sent, or it is not known.
  bool has_trouble() const {
    return failed + unknown + expired + cancelled + abandoned > 0;
  }
};

// `RUNNING 12 of 40: 10 sent, 2 failed, 28 waiting`; counts of 0 are left out.
std::string ProgressText(const ProgressCounts& counts);

// ` (3.2/s, 9s left)`, if that can be told of `done` deliveries in `elapsed`.
std::string PaceText(const ProgressCounts& counts, int64_t done,
                     absl::Duration elapsed);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_PROGRESS_TEXT_H_
