// docs/configuration.md and --help say the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

std::string Document() {
  std::ifstream file(BROADCASTD_CONFIGURATION_MD);
  return {std::istreambuf_iterator<char>(file), {}};
}

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

// The examples of the document are taken as they stand.
TEST(ConfigurationTest, ExamplesOfTheDocumentAreTaken) {
  const std::string document = Document();
  const std::vector<std::string> parts = absl::StrSplit(document, "```toml\n");
  ASSERT_GT(parts.size(), 1u);
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string example = parts[i].substr(0, parts[i].find("```"));
    EXPECT_THAT(Parse({.file = example}), test::IsOk()) << example;
  }
}

}  // namespace
}  // namespace broadcast
