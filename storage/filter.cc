#include "storage/filter.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace broadcast::storage {
namespace {

using Op = FilterOperator;

// The longer of two that start alike comes first.
constexpr std::array<std::pair<absl::string_view, Op>, 7> kOperators = {{
    {"!=", Op::kNotEqual},
    {"<=", Op::kLessOrEqual},
    {">=", Op::kGreaterOrEqual},
    {"=", Op::kEqual},
    {":", Op::kEqual},
    {"<", Op::kLess},
    {">", Op::kGreater},
}};

bool IsFieldCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
}

bool IsValueCharacter(char c) { return IsFieldCharacter(c) || c == '@'; }

bool IsKeyword(absl::string_view word) {
  return word == "AND" || word == "OR" || word == "NOT";
}

absl::Status CheckText(absl::string_view filter) {
  if (filter.size() > limits::kMaxFilterLength) {
    return error::InvalidFilter(
        absl::StrCat("has ", filter.size(), " bytes; at most ",
                     limits::kMaxFilterLength, " are accepted"));
  }
  for (size_t at = 0; at < filter.size();) {
    const size_t length = FirstCharacter(filter.substr(at)).bytes;
    if (length == 0) return FilterProblem(at, "this is no valid UTF-8");
    if (filter[at] == '\0') {
      return FilterProblem(at, "a NUL character is not accepted");
    }
    at += length;
  }
  return absl::OkStatus();
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<FilterCondition>> Parse() {
    std::vector<FilterCondition> conditions;
    SkipSpace();
    if (AtEnd()) return conditions;
    while (true) {
      if (conditions.size() == limits::kMaxFilterConditions) {
        return Problem(absl::StrCat("there are more than ",
                                    limits::kMaxFilterConditions,
                                    " conditions"));
      }
      ASSIGN_OR_RETURN(FilterCondition condition, ParseCondition());
      conditions.push_back(std::move(condition));
      SkipSpace();
      if (AtEnd()) return conditions;
      RETURN_IF_ERROR(ParseAnd());
      SkipSpace();
    }
  }

 private:
  bool AtEnd() const { return at_ == text_.size(); }

  absl::Status Problem(absl::string_view problem) const {
    return FilterProblem(at_, problem);
  }

  void SkipSpace() {
    while (!AtEnd() && absl::ascii_isspace(text_[at_])) ++at_;
  }

  bool Skip(absl::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  // The longest run of characters that are `accepted`; may be empty.
  absl::string_view Peek(bool (*accepted)(char)) const {
    size_t end = at_;
    while (end < text_.size() && accepted(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  absl::Status ParseAnd() {
    const absl::string_view word = Peek(IsValueCharacter);
    if (word == "AND") {
      at_ += word.size();
      return absl::OkStatus();
    }
    if (word == "OR" || text_[at_] == '(' || text_[at_] == ')') {
      return Problem(
          "OR, parentheses and functions are not supported; join "
          "conditions by AND");
    }
    return Problem(
        "expected AND or the end; a value of other characters than "
        "[A-Za-z0-9_.@-] stands in double quotes");
  }

  absl::StatusOr<FilterCondition> ParseCondition() {
    FilterCondition condition{.position = at_};
    const absl::string_view field = Peek(IsFieldCharacter);
    if (IsKeyword(field)) {
      return Problem(
          "expected a field; conditions are joined by one AND, and "
          "OR and NOT are not supported");
    }
    if (field.empty()) {
      return Problem("expected FIELD OPERATOR VALUE, as in state = ACTIVE");
    }
    condition.field = std::string(field);
    at_ += field.size();
    SkipSpace();
    RETURN_IF_ERROR(ParseOperator(condition));
    if (condition.op == Op::kPresent) return condition;
    SkipSpace();
    ASSIGN_OR_RETURN(condition.value, ParseValue());
    return condition;
  }

  absl::Status ParseOperator(FilterCondition& condition) {
    for (const auto& [token, op] : kOperators) {
      if (!Skip(token)) continue;
      condition.op = op;
      if (token == ":") {
        SkipSpace();
        if (Skip("*")) condition.op = Op::kPresent;
      }
      return absl::OkStatus();
    }
    return Problem("expected one of the operators = != < <= > >= :");
  }

  absl::StatusOr<std::string> ParseValue() {
    if (Skip("\"")) return ParseQuoted();
    const absl::string_view word = Peek(IsValueCharacter);
    if (word.empty()) {
      return Problem(
          "expected a value; one of other characters than "
          "[A-Za-z0-9_.@-] stands in double quotes");
    }
    if (IsKeyword(word)) {
      return Problem(
          "expected a value; AND, OR and NOT stand in double "
          "quotes if they are meant as values");
    }
    at_ += word.size();
    return std::string(word);
  }

  // What follows an opening quote, up to and with the closing one.
  absl::StatusOr<std::string> ParseQuoted() {
    const size_t opening = at_ - 1;
    std::string value;
    for (; !AtEnd(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        return value;
      }
      if (text_[at_] == '\\') {
        const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (next != '"' && next != '\\') {
          return Problem(
              "a backslash stands before a double quote or another "
              "backslash only");
        }
        ++at_;
      }
      value.push_back(text_[at_]);
    }
    return FilterProblem(opening, "this quote is never closed");
  }

  const absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::Status FilterProblem(size_t position, absl::string_view problem) {
  return error::InvalidFilter(
      absl::StrCat("at byte ", position + 1, ": ", problem));
}

absl::StatusOr<std::vector<FilterCondition>> ParseFilter(
    absl::string_view filter) {
  RETURN_IF_ERROR(CheckText(filter));
  return Parser(filter).Parse();
}

}  // namespace broadcast::storage
