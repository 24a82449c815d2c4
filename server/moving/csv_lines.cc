#include "moving/csv_lines.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace broadcast::moving {
namespace {

class Reader {
 public:
  explicit Reader(absl::string_view text) : rest_(text) {}

  absl::StatusOr<std::vector<CsvLine>> Read() {
    absl::ConsumePrefix(&rest_, "\xEF\xBB\xBF");
    std::vector<CsvLine> lines;
    while (!rest_.empty()) {
      ASSIGN_OR_RETURN(CsvLine line, ReadLine());
      if (line.fields.size() > 1 || !line.fields[0].empty()) {
        lines.push_back(std::move(line));
      }
    }
    return lines;
  }

 private:
  absl::StatusOr<CsvLine> ReadLine() {
    CsvLine line{.number = number_};
    while (true) {
      SkipBlanks();
      if (absl::ConsumePrefix(&rest_, "\"")) {
        ASSIGN_OR_RETURN(line.fields.emplace_back(), ReadQuoted());
      } else {
        line.fields.push_back(ReadPlain());
      }
      if (absl::ConsumePrefix(&rest_, ",")) continue;
      absl::ConsumePrefix(&rest_, "\r");
      absl::ConsumePrefix(&rest_, "\n");
      ++number_;
      return line;
    }
  }

  std::string ReadPlain() {
    const absl::string_view field =
        rest_.substr(0, rest_.find_first_of(",\r\n"));
    rest_.remove_prefix(field.size());
    return std::string(absl::StripAsciiWhitespace(field));
  }

  absl::StatusOr<std::string> ReadQuoted() {
    const int64_t begin = number_;
    std::string field;
    while (true) {
      const size_t quote = rest_.find('"');
      if (quote == rest_.npos) {
        return absl::InvalidArgumentError(
            absl::StrCat(begin, ": a quote is not closed; close it"));
      }
      for (const char c : rest_.substr(0, quote)) number_ += c == '\n';
      absl::StrAppend(&field, rest_.substr(0, quote));
      rest_.remove_prefix(quote + 1);
      if (!absl::ConsumePrefix(&rest_, "\"")) break;
      field += '"';
    }
    SkipBlanks();
    if (!rest_.empty() && rest_.find_first_of(",\r\n") != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          number_,
          ": there is text behind a closing quote; write quotes within "
          "a field twice"));
    }
    return field;
  }

  void SkipBlanks() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  absl::string_view rest_;
  int64_t number_ = 1;
};

}  // namespace

absl::StatusOr<std::vector<CsvLine>> ReadCsv(absl::string_view text) {
  return Reader(text).Read();
}

}  // namespace broadcast::moving
