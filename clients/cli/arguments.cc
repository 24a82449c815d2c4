#include "cli/arguments.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/display_width.h"
#include "cli/return_status.h"
#include "cli/time_text.h"

namespace broadcast::cli {
namespace {

constexpr size_t kMostQuoted = 60;

std::string Dashed(absl::string_view name) { return absl::StrCat("--", name); }

absl::Status Refused(absl::string_view problem) {
  return absl::InvalidArgumentError(problem);
}

}  // namespace

std::string Backquoted(absl::string_view text) {
  return absl::StrCat("`", CutToWidth(Printable(text), kMostQuoted), "`");
}

bool Arguments::Has(absl::string_view name) const {
  return values_.find(name) != values_.end();
}

std::optional<std::string> Arguments::Find(absl::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::string Arguments::Get(absl::string_view name) const {
  return Find(name).value_or("");
}

absl::StatusOr<std::optional<int64_t>> Arguments::Count(absl::string_view name,
                                                        int64_t min,
                                                        int64_t max) const {
  const std::optional<std::string> text = Find(name);
  if (!text.has_value()) return std::nullopt;
  int64_t count = 0;
  if (!absl::SimpleAtoi(*text, &count) || count < min || count > max) {
    return Refused(absl::StrCat(Dashed(name), ": ", Backquoted(*text),
                                " is not a whole number from ", min, " to ",
                                max));
  }
  return count;
}

absl::StatusOr<std::optional<absl::Duration>> Arguments::Span(
    absl::string_view name) const {
  const std::optional<std::string> text = Find(name);
  if (!text.has_value()) return std::nullopt;
  const absl::StatusOr<absl::Duration> span = ReadDuration(*text);
  if (!span.ok()) {
    return Refused(absl::StrCat(Dashed(name), ": ", Backquoted(*text), " is ",
                                span.status().message()));
  }
  return *span;
}

absl::StatusOr<std::string> Arguments::Word(
    absl::string_view name,
    std::initializer_list<absl::string_view> words) const {
  const std::optional<std::string> text = Find(name);
  if (!text.has_value()) return std::string(*words.begin());
  if (std::find(words.begin(), words.end(), *text) == words.end()) {
    return Refused(absl::StrCat(Dashed(name), ": ", Backquoted(*text),
                                " is none of ", absl::StrJoin(words, ", ")));
  }
  return *text;
}

absl::Status Arguments::CheckOneOf(
    std::initializer_list<absl::string_view> names, bool required) const {
  std::vector<std::string> given;
  for (const absl::string_view name : names) {
    if (Has(name)) given.push_back(Dashed(name));
  }
  if (given.size() > 1) {
    return Refused(
        absl::StrCat("give only one of ", absl::StrJoin(given, " and ")));
  }
  if (given.empty() && required) {
    return Refused(absl::StrCat("give --", absl::StrJoin(names, " or --")));
  }
  return absl::OkStatus();
}

absl::Status Arguments::CheckNeeds(absl::string_view name,
                                   absl::string_view other) const {
  if (!Has(name) || Has(other)) return absl::OkStatus();
  return Refused(
      absl::StrCat(Dashed(name), " is of use only with ", Dashed(other)));
}

}  // namespace broadcast::cli
