// docs/configuration.md and --help say the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/scope_names.h"
#include "given_settings.h"
#include "settings/exit_code.h"
#include "settings/option_values.h"
#include "settings/options.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using test::Must;
using test::Parse;
using testing::HasSubstr;
using testing::SizeIs;

std::string Read(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Document() { return Read(BROADCASTD_CONFIGURATION_MD); }

std::string Help() { return Must(Parse({.arguments = {"--help"}})).text; }

TEST(ConfigurationTest, DocumentHasEveryOptionOfHelp) {
  const std::string help = Help();
  const std::string document = Document();
  const std::regex name("\n  (-h,)?(--[a-z_]+)");
  int found = 0;
  for (std::sregex_iterator it(help.begin(), help.end(), name), end; it != end;
       ++it, ++found) {
    EXPECT_THAT(document, HasSubstr("`" + (*it)[2].str()));
  }
  EXPECT_GT(found, static_cast<int>(Options().size()));
}

TEST(ConfigurationTest, DocumentSaysWhatHelpSaysOfEachOption) {
  const std::string document = Document();
  for (const Option& option : Options()) {
    const std::string initial = WriteValue(option, Settings());
    const std::string allowed = AllowedValues(option);
    EXPECT_THAT(
        document,
        HasSubstr(absl::StrCat(
            "| `--", option.name, option.placeholder.empty() ? "" : " ",
            option.placeholder, "` | ",
            initial.empty() ? "empty" : absl::StrCat("`", initial, "`"), " | ",
            option.help, allowed.empty() ? "" : " ", allowed, " |\n")));
  }
}

TEST(ConfigurationTest, BothListEveryExitStatus) {
  const std::string document = Document();
  const std::string help = Help();
  for (const ExitCodeMeaning& exit : kExitCodes) {
    const int code = exit.code;
    EXPECT_THAT(document,
                HasSubstr(absl::StrCat("| ", code, " | ", exit.meaning, " |")));
    EXPECT_THAT(help, HasSubstr(absl::StrCat("  ", code, "  ", exit.meaning)));
  }
}

TEST(ConfigurationTest, HelpFitsATerminal) {
  for (const absl::string_view line : absl::StrSplit(Help(), '\n')) {
    EXPECT_THAT(line, SizeIs(testing::Le(80u)));
  }
}

// `example` as it stands, but for the folder of secrets, which it does not
// bring along.
absl::Status Taken(const std::string& example) {
  return Parse({.arguments = {"--secrets_directory=/"}, .file = example})
      .status();
}

TEST(ConfigurationTest, ExamplesOfTheDocumentsAreTaken) {
  for (const char* path :
       {BROADCASTD_CONFIGURATION_MD, BROADCASTD_SECURITY_MD}) {
    const std::string document = Read(path);
    const std::vector<std::string> parts =
        absl::StrSplit(document, "```toml\n");
    ASSERT_GT(parts.size(), 1u) << path;
    for (size_t i = 1; i < parts.size(); ++i) {
      const std::string example = parts[i].substr(0, parts[i].find("```"));
      EXPECT_THAT(Taken(example), test::IsOk()) << example;
    }
  }
}

TEST(ConfigurationTest, ExampleFileIsTaken) {
  const std::string example = Read(BROADCASTD_EXAMPLE_TOML);
  ASSERT_NE(example, "");
  EXPECT_THAT(Parse({.file = example}), test::IsOk());
}

// What is commented out in it is right, too.
TEST(ConfigurationTest, ExampleFileIsTakenWithAllThatItOffers) {
  const std::string example = Read(BROADCASTD_EXAMPLE_TOML);
  std::string offered;
  std::set<std::string> seen;
  const std::regex line("(# )?((\\[?[a-z_]+).*)");
  for (const std::string& text :
       std::vector<std::string>(absl::StrSplit(example, '\n'))) {
    std::smatch match;
    const bool setting = std::regex_match(text, match, line) &&
                         (absl::StrContains(text, " = ") ||
                          absl::StartsWith(match[2].str(), "["));
    if (!setting) continue;
    if (absl::StartsWith(match[2].str(), "[")) seen.clear();
    // Of two forms, the one in force.
    if (!seen.insert(match[3].str()).second) continue;
    absl::StrAppend(&offered, match[2].str(), "\n");
  }
  EXPECT_THAT(offered, HasSubstr("[identities.web]"));
  EXPECT_THAT(Taken(offered), test::IsOk()) << offered;
}

TEST(ConfigurationTest, SecurityPageHasEveryScope) {
  const std::string page = Read(BROADCASTD_SECURITY_MD);
  for (const absl::string_view scope : ScopeNames()) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("`", scope, "`")));
  }
}

}  // namespace
}  // namespace broadcast
