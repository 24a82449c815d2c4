#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/list_plan.h"

namespace broadcast::storage {
namespace {

constexpr size_t kMaxEchoedName = 64;  // bytes

// Ahead of the field's own name, in every message about it.
absl::Status Problem(const FilterCondition& condition,
                     absl::string_view problem) {
  return FilterProblem(
      condition.position,
      absl::StrCat(condition.field.substr(0, kMaxEchoedName), ": ", problem));
}

const ListField* FindField(const Listed& listed, absl::string_view name) {
  for (const ListField& field : listed.fields) {
    const bool found =
        field.type == FieldType::kLabel
            ? absl::StartsWith(name, absl::StrCat(field.name, "."))
            : name == field.name;
    if (found) return &field;
  }
  return nullptr;
}

std::string NamesOf(const Listed& listed) {
  return absl::StrJoin(listed.fields, ", ",
                       [](std::string* out, const ListField& field) {
                         const bool label = field.type == FieldType::kLabel;
                         absl::StrAppend(out, field.name, label ? ".KEY" : "");
                       });
}

bool IsLabelKey(absl::string_view key) {
  const auto accepted = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' ||
           c == '.' || c == '-';
  };
  return !key.empty() && key.size() <= limits::kMaxLabelKeyLength &&
         absl::ascii_islower(key[0]) &&
         std::all_of(key.begin(), key.end(), accepted);
}

// 2030-01-01T00:00:00Z, with any fraction and offset. Abseil alone accepts
// spaces, other years and "infinite-future" as well.
bool LooksLikeRfc3339(absl::string_view text) {
  constexpr absl::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size()) return false;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool fits =
        kShape[i] == '0' ? absl::ascii_isdigit(text[i]) : text[i] == kShape[i];
    if (!fits) return false;
  }
  return !absl::ascii_isspace(text.back());
}

absl::Status ResolveTime(const FilterCondition& from, ListCondition& to) {
  absl::Time time;
  if (!LooksLikeRfc3339(from.value) ||
      !absl::ParseTime(absl::RFC3339_full, from.value, &time, nullptr)) {
    return Problem(from,
                   "expected a time of RFC 3339 in double quotes, such as "
                   "\"2030-01-01T00:00:00Z\"");
  }
  to.number = absl::ToUnixMicros(time);
  return absl::OkStatus();
}

absl::Status ResolveWord(const FilterCondition& from, ListCondition& to) {
  const auto words = to.field->words;
  if (std::find(words.begin(), words.end(), from.value) == words.end()) {
    return Problem(
        from, absl::StrCat("expected one of ", absl::StrJoin(words, ", ")));
  }
  to.text = absl::AsciiStrToLower(from.value);
  return absl::OkStatus();
}

absl::Status ResolveValue(const FilterCondition& from, ListCondition& to) {
  switch (to.field->type) {
    case FieldType::kId:
      to.text = absl::AsciiStrToLower(from.value);
      if (!IsUuid(to.text)) return Problem(from, "expected a UUID");
      return absl::OkStatus();
    case FieldType::kTime:
      return ResolveTime(from, to);
    case FieldType::kWord:
      return ResolveWord(from, to);
    case FieldType::kTruth:
      to.number = from.value == "true";
      if (to.number == 0 && from.value != "false") {
        return Problem(from, "expected true or false");
      }
      return absl::OkStatus();
    case FieldType::kText:
    case FieldType::kLabel:
      to.text = from.value;
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

bool NeedsOrder(FilterOperator op) {
  return op != FilterOperator::kEqual && op != FilterOperator::kNotEqual &&
         op != FilterOperator::kPresent;
}

}  // namespace

absl::StatusOr<ListCondition> ResolveCondition(
    const Listed& listed, const FilterCondition& condition) {
  const ListField* const field = FindField(listed, condition.field);
  if (field == nullptr) {
    return Problem(condition, absl::StrCat("there is no such field; there are ",
                                           NamesOf(listed)));
  }
  ListCondition resolved{.field = field, .op = condition.op};
  if (field->type == FieldType::kLabel) {
    resolved.key = condition.field.substr(field->name.size() + 1);
    if (!IsLabelKey(resolved.key)) {
      return Problem(condition, "a label's key matches [a-z][a-z0-9_.-]{0,62}");
    }
  }
  if (NeedsOrder(condition.op) && field->type != FieldType::kTime) {
    return Problem(condition, "takes the operators =, != and : only");
  }
  if (condition.op != FilterOperator::kPresent) {
    RETURN_IF_ERROR(ResolveValue(condition, resolved));
  }
  return resolved;
}

}  // namespace broadcast::storage
