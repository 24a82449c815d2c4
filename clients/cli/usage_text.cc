#include "cli/usage_text.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/exit_status.h"

namespace broadcast::cli {
namespace {

constexpr size_t kColumns = 80;
constexpr size_t kNameColumns = 28;

// `name` in its column, then `text` beside it in as many lines as it takes.
std::string Entry(absl::string_view name, absl::string_view text,
                  size_t name_columns = kNameColumns) {
  std::string line = absl::StrCat("  ", name);
  std::string entry;
  if (line.size() + 2 > name_columns) {
    absl::StrAppend(&entry, line, "\n");
    line.clear();
  }
  line.resize(name_columns, ' ');
  size_t words = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (words++ > 0 && line.size() + 1 + word.size() > kColumns) {
      absl::StrAppend(&entry, line, "\n");
      line = std::string(name_columns, ' ');
      words = 1;
    }
    absl::StrAppend(&line, words > 1 ? " " : "", word);
  }
  absl::StrAppend(&entry, line, "\n");
  return entry;
}

std::string Paragraph(absl::string_view text) {
  std::string paragraph;
  size_t column = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (column > 0 && column + 1 + word.size() > kColumns) {
      paragraph.push_back('\n');
      column = 0;
    }
    absl::StrAppend(&paragraph, column > 0 ? " " : "", word);
    column += word.size() + (column > 0 ? 1 : 0);
  }
  return absl::StrCat(paragraph, "\n");
}

std::string OptionEntries(absl::Span<const OptionSpec> options) {
  std::string text;
  for (const OptionSpec& option : options) {
    std::string name = absl::StrCat("--", option.name);
    if (option.letter != 0) {
      name = absl::StrCat("-", std::string(1, option.letter), ", ", name);
    }
    if (!option.placeholder.empty()) {
      absl::StrAppend(&name, " ", option.placeholder);
    }
    absl::StrAppend(&text, Entry(name, option.help));
  }
  return text;
}

std::string VerbUsage(const Verb& verb) {
  std::string text = absl::StrCat("Usage: broadcastctl ", verb.name,
                                  verb.operand.empty() ? "" : " ", verb.operand,
                                  " [OPTIONS]\n\n", Paragraph(verb.summary));
  if (!verb.detail.empty()) absl::StrAppend(&text, Paragraph(verb.detail));
  if (!verb.options.empty()) {
    absl::StrAppend(&text, "\nOptions:\n", OptionEntries(verb.options));
  }
  absl::StrAppend(&text, "\nOptions of every verb:\n",
                  OptionEntries(GlobalOptions()));
  return text;
}

std::string ExitEntries() {
  std::string text;
  for (const ExitMeaning& exit : kExitMeanings) {
    absl::StrAppend(&text, Entry(absl::StrCat(static_cast<int>(exit.status)),
                                 exit.meaning, 7));
  }
  return text;
}

}  // namespace

std::string UsageText(const Verb* verb, absl::string_view topic) {
  if (verb != nullptr) return VerbUsage(*verb);
  std::string verbs;
  for (const Verb& each : Verbs()) {
    if (!topic.empty() &&
        !absl::StartsWith(each.name, absl::StrCat(topic, " "))) {
      continue;
    }
    absl::StrAppend(
        &verbs, Entry(absl::StrCat(each.name, each.operand.empty() ? "" : " ",
                                   each.operand),
                      each.summary, kNameColumns + 4));
  }
  return absl::StrCat(
      "Usage: broadcastctl VERB [OPTIONS]\n\nLooks after a broadcastd server."
      "\n\nVerbs:\n",
      verbs, "\nOptions of every verb:\n", OptionEntries(GlobalOptions()),
      "\nAn option outranks its variable. Results go to standard output, all "
      "else to\nstandard error.\n\nExit status:\n",
      ExitEntries());
}

}  // namespace broadcast::cli
