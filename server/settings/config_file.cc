#include "settings/config_file.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "settings/settings_text.h"

namespace broadcast {
namespace {

constexpr size_t kMaxFileBytes = 1 << 20;

bool IsKeyCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '-';
}

class Parser {
 public:
  Parser(absl::string_view name, absl::string_view text)
      : name_(name), rest_(text) {}

  absl::StatusOr<std::vector<ConfigEntry>> Parse() {
    for (SkipLines(); !rest_.empty(); SkipLines()) {
      ConfigEntry entry;
      entry.place = Place();
      if (Take("[")) {
        ASSIGN_OR_RETURN(section_, Path());
        if (!Take("]")) return Refused("a section is written [accounts.NAME]");
        entry.path = section_;
      } else {
        ASSIGN_OR_RETURN(std::vector<std::string> key, Path());
        entry.path = section_;
        entry.path.insert(entry.path.end(), key.begin(), key.end());
        if (!Take("=")) return Refused("a setting is written KEY = VALUE");
        SkipSpaces();
        ASSIGN_OR_RETURN(entry.value, Value());
      }
      RETURN_IF_ERROR(EndLine());
      RETURN_IF_ERROR(Add(std::move(entry)));
    }
    return std::move(entries_);
  }

 private:
  std::string Place() const { return absl::StrCat(name_, ":", line_); }

  absl::Status Refused(absl::string_view remedy) const {
    return absl::InvalidArgumentError(absl::StrCat(Place(), ": ", remedy));
  }

  bool Take(absl::string_view token) {
    return absl::ConsumePrefix(&rest_, token);
  }

  void SkipSpaces() {
    while (Take(" ") || Take("\t")) {
    }
  }

  void SkipComment() {
    if (absl::StartsWith(rest_, "#")) {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    }
  }

  bool TakeLineEnd() {
    if (!Take("\r\n") && !Take("\n")) return false;
    ++line_;
    return true;
  }

  // To the next line that says something.
  void SkipLines() {
    do {
      SkipSpaces();
      SkipComment();
    } while (TakeLineEnd());
  }

  absl::Status EndLine() {
    SkipSpaces();
    SkipComment();
    if (rest_.empty() || TakeLineEnd()) return absl::OkStatus();
    return Refused("more than one value on a line; write one, text in quotes");
  }

  absl::Status Add(ConfigEntry entry) {
    if (!seen_.insert(entry.path).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(entry.place, ": ", absl::StrJoin(entry.path, "."),
                       " is given twice; remove one"));
    }
    entries_.push_back(std::move(entry));
    return absl::OkStatus();
  }

  // A dotted key.
  absl::StatusOr<std::vector<std::string>> Path() {
    std::vector<std::string> path;
    do {
      SkipSpaces();
      const auto* end =
          std::find_if_not(rest_.begin(), rest_.end(), IsKeyCharacter);
      const size_t length = end - rest_.begin();
      if (length == 0) {
        return Refused("a key is made of letters, digits, _ and -");
      }
      path.emplace_back(rest_.substr(0, length));
      rest_.remove_prefix(length);
      SkipSpaces();
    } while (Take("."));
    return path;
  }

  absl::StatusOr<std::string> Value() {
    for (const absl::string_view quote : {"\"\"\"", "'''", "\"", "'"}) {
      if (Take(quote)) return String(quote);
    }
    const size_t length =
        std::min(rest_.find_first_of(" \t\r\n#"), rest_.size());
    std::string word(rest_.substr(0, length));
    rest_.remove_prefix(length);
    int64_t number;
    if (word != "true" && word != "false" && !absl::SimpleAtoi(word, &number)) {
      return Refused(
          "a value is a string in quotes, a whole number, true or "
          "false");
    }
    return word;
  }

  absl::StatusOr<std::string> String(absl::string_view quote) {
    const bool literal = quote[0] == '\'';
    const bool lines = quote.size() == 3;
    std::string text;
    if (lines) TakeLineEnd();
    while (!Take(quote)) {
      if (rest_.empty())
        return Refused("the string's closing quote is missing");
      if (TakeLineEnd()) {
        if (!lines) return Refused("the string's closing quote is missing");
        text.push_back('\n');
      } else if (!literal && Take("\\")) {
        RETURN_IF_ERROR(Escape(lines, text));
      } else {
        if (absl::ascii_iscntrl(rest_[0]) && rest_[0] != '\t') {
          return Refused("a control character; write it as \\uXXXX");
        }
        text.push_back(rest_[0]);
        rest_.remove_prefix(1);
      }
    }
    return text;
  }

  // What follows a backslash.
  absl::Status Escape(bool lines, std::string& text) {
    static constexpr std::pair<char, char> kEscapes[] = {
        {'b', '\b'}, {'t', '\t'}, {'n', '\n'}, {'f', '\f'},
        {'r', '\r'}, {'"', '"'},  {'\\', '\\'}};
    for (const auto& [name, character] : kEscapes) {
      if (Take(absl::string_view(&name, 1))) {
        text.push_back(character);
        return absl::OkStatus();
      }
    }
    if (Take("u")) return EscapedCharacter(4, text);
    if (Take("U")) return EscapedCharacter(8, text);
    // A line that ends in a backslash goes on at the next word.
    if (SkipSpaces(); lines && TakeLineEnd()) {
      do SkipSpaces();
      while (TakeLineEnd());
      return absl::OkStatus();
    }
    return Refused(
        "an unknown escape; write \\\\ for a backslash, or use "
        "single quotes");
  }

  absl::Status EscapedCharacter(size_t digits, std::string& text) {
    const absl::string_view code = rest_.substr(0, digits);
    uint32_t character = 0;
    for (const char c : code) {
      if (!absl::ascii_isxdigit(c)) break;
      character = character << 4 | static_cast<uint32_t>(
                                       absl::ascii_isdigit(c)
                                           ? c - '0'
                                           : absl::ascii_tolower(c) - 'a' + 10);
    }
    if (code.size() < digits ||
        !std::all_of(code.begin(), code.end(), absl::ascii_isxdigit) ||
        character == 0 || !AppendCharacter(character, text)) {
      return Refused("no such character; write \\uXXXX or \\UXXXXXXXX");
    }
    rest_.remove_prefix(digits);
    return absl::OkStatus();
  }

  const absl::string_view name_;
  absl::string_view rest_;
  int line_ = 1;
  std::vector<std::string> section_;
  std::set<std::vector<std::string>> seen_;
  std::vector<ConfigEntry> entries_;
};

}  // namespace

const std::string* ConfigSection::Find(const std::string& key) const {
  const auto found = keys.find(key);
  return found == keys.end() ? nullptr : &*found->second->value;
}

absl::StatusOr<std::vector<ConfigEntry>> ParseConfig(absl::string_view name,
                                                     absl::string_view text) {
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  if (!CountCharacters(text).has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": is not UTF-8; save it as UTF-8"));
  }
  return Parser(name, text).Parse();
}

absl::StatusOr<std::vector<ConfigEntry>> ReadConfigFile(
    const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": cannot be read; it must be a file that this user may read"));
  }
  text.resize(file.gcount());
  if (text.size() > kMaxFileBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is longer than 1 MiB"));
  }
  return ParseConfig(path, text);
}

std::map<std::string, ConfigSection> SectionsOf(
    const std::vector<ConfigEntry>& entries, absl::string_view kind) {
  std::map<std::string, ConfigSection> sections;
  for (const ConfigEntry& entry : entries) {
    if (entry.path[0] != kind || entry.path.size() < 2) continue;
    ConfigSection& section = sections[entry.path[1]];
    if (section.place.empty()) section.place = entry.place;
    if (entry.path.size() == 3 && entry.value.has_value()) {
      section.keys[entry.path[2]] = &entry;
    }
  }
  return sections;
}

}  // namespace broadcast
