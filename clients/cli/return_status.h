// CLI_RETURN_IF_ERROR and CLI_ASSIGN_OR_RETURN, for absl::Status and
// absl::StatusOr. Clients include nothing of the server, so these are ours.
#ifndef BROADCASTD_CLI_RETURN_STATUS_H_
#define BROADCASTD_CLI_RETURN_STATUS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define CLI_RETURN_IF_ERROR(expression)                       \
  do {                                                        \
    if (absl::Status status_ = (expression); !status_.ok()) { \
      return status_;                                         \
    }                                                         \
  } while (false)

#define CLI_CONCAT_(a, b) a##b
#define CLI_CONCAT(a, b) CLI_CONCAT_(a, b)

#define CLI_ASSIGN_OR_RETURN(target, expression) \
  CLI_ASSIGN_OR_RETURN_(CLI_CONCAT(status_or_, __LINE__), target, expression)

// NOLINTBEGIN(bugprone-macro-parentheses): these are names, not expressions.
#define CLI_ASSIGN_OR_RETURN_(holder, target, expression) \
  auto holder = (expression);                             \
  if (!holder.ok()) {                                     \
    return std::move(holder).status();                    \
  }                                                       \
  target = *std::move(holder)
// NOLINTEND(bugprone-macro-parentheses)

#endif  // BROADCASTD_CLI_RETURN_STATUS_H_
