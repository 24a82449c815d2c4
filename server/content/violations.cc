#include "content/violations.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"

namespace broadcast {

void Violations::Add(absl::string_view field, absl::string_view description) {
  if (kept_.size() >= limits::kMaxFieldViolations) {
    ++omitted_;
    return;
  }
  kept_.push_back({std::string(field), std::string(description)});
}

absl::Status Violations::ToStatus() const {
  if (kept_.empty()) return absl::OkStatus();
  std::vector<FieldViolation> violations = kept_;
  if (omitted_ > 0) {
    absl::StrAppend(&violations.back().description, " (", omitted_,
                    " more violations are not listed)");
  }
  return error::InvalidFields(std::move(violations));
}

std::string Subfield(absl::string_view message, absl::string_view field) {
  if (message.empty()) return std::string(field);
  return absl::StrCat(message, ".", field);
}

std::string Element(absl::string_view field, size_t index) {
  return absl::StrCat(field, "[", index, "]");
}

}  // namespace broadcast
