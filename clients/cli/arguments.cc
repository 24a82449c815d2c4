#include "cli/arguments.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/display_width.h"
#include "cli/return_status.h"
#include "cli/time_text.h"

namespace broadcast::cli {
namespace {

constexpr size_t kMostQuoted = 60;

std::string Quote(absl::string_view text) {
  return absl::StrCat("`", CutToWidth(Printable(text), kMostQuoted), "`");
}

std::string Dashed(absl::string_view name) { return absl::StrCat("--", name); }

absl::Status Refused(absl::string_view problem) {
  return absl::InvalidArgumentError(problem);
}

std::string HelpOf(const Verb* verb) {
  return verb == nullptr
             ? "broadcastctl --help lists what there is"
             : absl::StrCat("see broadcastctl ", verb->name, " --help");
}

const OptionSpec* FindIn(absl::Span<const OptionSpec> options,
                         absl::string_view name, char letter) {
  for (const OptionSpec& option : options) {
    if (letter == 0 ? option.name == name : option.letter == letter) {
      return &option;
    }
  }
  return nullptr;
}

}  // namespace

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
    return Refused(absl::StrCat(Dashed(name), ": ", Quote(*text),
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
    return Refused(absl::StrCat(Dashed(name), ": ", Quote(*text), " is ",
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
    return Refused(absl::StrCat(Dashed(name), ": ", Quote(*text),
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

// Goes through the words once.
class LineReader {
 public:
  explicit LineReader(const std::vector<std::string>& words) : words_(words) {}

  absl::StatusOr<CommandLine> Read() {
    for (next_ = 0; next_ < words_.size();) {
      const absl::string_view word = words_[next_++];
      if (!only_operands_ && word == "--") {
        only_operands_ = true;
      } else if (!only_operands_ && absl::StartsWith(word, "--")) {
        CLI_RETURN_IF_ERROR(TakeOption(word));
      } else if (!only_operands_ && word.size() == 2 && word[0] == '-') {
        CLI_RETURN_IF_ERROR(TakeLetter(word));
      } else {
        CLI_RETURN_IF_ERROR(TakeWord(word));
      }
    }
    return Finish();
  }

 private:
  // Dashes within a name are as good as underscores.
  absl::Status TakeOption(absl::string_view word) {
    const size_t equals = word.find('=');
    const std::string name =
        absl::StrReplaceAll(word.substr(2, equals - 2), {{"_", "-"}});
    const OptionSpec* option = Find(name, 0);
    if (option == nullptr) return Unknown(word.substr(0, equals));
    if (equals == absl::string_view::npos) return TakeValueOf(*option);
    if (option->placeholder.empty()) {
      return Refused(absl::StrCat(Dashed(name), " takes no value"));
    }
    return Keep(*option, word.substr(equals + 1));
  }

  absl::Status TakeLetter(absl::string_view word) {
    const OptionSpec* option = Find("", word[1]);
    return option == nullptr ? Unknown(word) : TakeValueOf(*option);
  }

  absl::Status TakeValueOf(const OptionSpec& option) {
    if (option.placeholder.empty()) return Keep(option, "");
    if (next_ == words_.size() || absl::StartsWith(words_[next_], "--")) {
      return Refused(
          absl::StrCat(Dashed(option.name), ": the value is missing; write ",
                       Dashed(option.name), "=", option.placeholder));
    }
    return Keep(option, words_[next_++]);
  }

  absl::Status Keep(const OptionSpec& option, absl::string_view value) {
    auto& values = line_.arguments.values_;
    if (!values.emplace(option.name, value).second) {
      return Refused(
          absl::StrCat(Dashed(option.name), ": given twice; keep one"));
    }
    return absl::OkStatus();
  }

  absl::Status TakeWord(absl::string_view word) {
    if (line_.verb == nullptr) {
      absl::StrAppend(&line_.topic, line_.topic.empty() ? "" : " ", word);
      bool begun = false;
      for (const Verb& verb : Verbs()) {
        if (verb.name == line_.topic) line_.verb = &verb;
        begun |= absl::StartsWith(verb.name, absl::StrCat(line_.topic, " "));
      }
      if (line_.verb != nullptr || begun) return absl::OkStatus();
      return Refused(
          absl::StrCat(Quote(line_.topic), " is no verb; ", HelpOf(nullptr)));
    }
    std::string& operand = line_.arguments.operand_;
    if (line_.verb->operand.empty() || !operand.empty()) {
      return Refused(absl::StrCat(Quote(word), " is one word too many; ",
                                  HelpOf(line_.verb)));
    }
    operand = std::string(word);
    return absl::OkStatus();
  }

  const OptionSpec* Find(absl::string_view name, char letter) const {
    const OptionSpec* option = FindIn(GlobalOptions(), name, letter);
    if (option != nullptr || line_.verb == nullptr) return option;
    return FindIn(line_.verb->options, name, letter);
  }

  absl::Status Unknown(absl::string_view word) const {
    const std::string quoted = Quote(word);
    if (line_.verb == nullptr) {
      return Refused(absl::StrCat(quoted,
                                  " is no option that stands before a verb; ",
                                  HelpOf(nullptr)));
    }
    return Refused(absl::StrCat(quoted, " is no option of ", line_.verb->name,
                                "; ", HelpOf(line_.verb)));
  }

  absl::StatusOr<CommandLine> Finish() {
    line_.help = line_.arguments.Has("help");
    line_.version = line_.arguments.Has("version");
    if (line_.help || line_.version) return std::move(line_);
    if (line_.verb == nullptr) {
      return Refused(absl::StrCat(
          line_.topic.empty()
              ? "a verb is missing"
              : absl::StrCat("a word is missing after ", Quote(line_.topic)),
          "; ", HelpOf(nullptr)));
    }
    if (!line_.verb->operand.empty() && line_.arguments.operand_.empty()) {
      return Refused(absl::StrCat(line_.verb->operand, " is missing; write ",
                                  "broadcastctl ", line_.verb->name, " ",
                                  line_.verb->operand));
    }
    return std::move(line_);
  }

  const std::vector<std::string>& words_;
  size_t next_ = 0;
  bool only_operands_ = false;
  CommandLine line_;
};

absl::StatusOr<CommandLine> ReadCommandLine(
    const std::vector<std::string>& words) {
  return LineReader(words).Read();
}

}  // namespace broadcast::cli
