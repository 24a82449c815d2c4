// The options and the operand that a verb was given. Values; any thread.
#ifndef BROADCASTD_CLI_ARGUMENTS_H_
#define BROADCASTD_CLI_ARGUMENTS_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace broadcast::cli {

// Options without their dashes, and the operand of the verb. All errors are
// INVALID_ARGUMENT and name the option.
class Arguments {
 public:
  Arguments() = default;
  Arguments(std::map<std::string, std::string, std::less<>> values,
            std::string operand)
      : values_(std::move(values)), operand_(std::move(operand)) {}

  bool Has(absl::string_view name) const;

  // The value of an option; empty if it was not given.
  std::string Get(absl::string_view name) const;

  std::optional<std::string> Find(absl::string_view name) const;

  // The number given, from `min` to `max`; none if none was given.
  absl::StatusOr<std::optional<int64_t>> Count(absl::string_view name,
                                               int64_t min, int64_t max) const;

  absl::StatusOr<std::optional<absl::Duration>> Span(
      absl::string_view name) const;

  // Which one of `words` was given; the first one if none was.
  absl::StatusOr<std::string> Word(
      absl::string_view name,
      std::initializer_list<absl::string_view> words) const;

  // Refuses more than one of `names`, and none of them if one is `required`.
  absl::Status CheckOneOf(std::initializer_list<absl::string_view> names,
                          bool required) const;

  // Refuses `name` if it was given without `other`.
  absl::Status CheckNeeds(absl::string_view name,
                          absl::string_view other) const;

  const std::string& operand() const { return operand_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::string operand_;
};

// For messages: between backquotes, printable, and not long.
std::string Backquoted(absl::string_view text);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_ARGUMENTS_H_
