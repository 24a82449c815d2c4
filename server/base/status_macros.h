// RETURN_IF_ERROR and ASSIGN_OR_RETURN for absl::Status and absl::StatusOr.
// Any thread may use them; they own nothing.
#ifndef BROADCASTD_BASE_STATUS_MACROS_H_
#define BROADCASTD_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expression)                           \
  do {                                                        \
    if (absl::Status status_ = (expression); !status_.ok()) { \
      return status_;                                         \
    }                                                         \
  } while (false)

#define BROADCASTD_CONCAT_(a, b) a##b
#define BROADCASTD_CONCAT(a, b) BROADCASTD_CONCAT_(a, b)

#define ASSIGN_OR_RETURN(target, expression)                                   \
  BROADCASTD_ASSIGN_OR_RETURN(BROADCASTD_CONCAT(status_or_, __LINE__), target, \
                              expression)

// NOLINTBEGIN(bugprone-macro-parentheses): these are names, not expressions.
#define BROADCASTD_ASSIGN_OR_RETURN(holder, target, expression) \
  auto holder = (expression);                                   \
  if (!holder.ok()) {                                           \
    return std::move(holder).status();                          \
  }                                                             \
  target = *std::move(holder)
// NOLINTEND(bugprone-macro-parentheses)

#endif  // BROADCASTD_BASE_STATUS_MACROS_H_
