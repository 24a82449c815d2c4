// The TOML that a configuration file may hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "settings/config_file.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using test::Must;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Entries(absl::string_view text) {
  std::vector<std::string> shown;
  for (const ConfigEntry& entry : Must(ParseConfig("f", text))) {
    shown.push_back(absl::StrCat(
        entry.place, " ", absl::StrJoin(entry.path, "."),
        entry.value.has_value() ? " = " : "", entry.value.value_or("")));
  }
  return shown;
}

std::string Value(absl::string_view written) {
  return *Must(ParseConfig("f", absl::StrCat("k = ", written)))[0].value;
}

TEST(ConfigFileTest, TakesKeysSectionsAndComments) {
  EXPECT_THAT(Entries("# top\r\na = 1 # one\n\n  b.c = true\n[ d . e ]  # x\n"
                      "f = \"x # y\"#z\n[g]"),
              ElementsAre("f:2 a = 1", "f:4 b.c = true", "f:5 d.e",
                          "f:6 d.e.f = x # y", "f:7 g"));
}

TEST(ConfigFileTest, IsEmptyWithoutEntries) {
  EXPECT_THAT(Entries(""), ElementsAre());
  EXPECT_THAT(Entries("\xEF\xBB\xBF# only a comment"), ElementsAre());
}

TEST(ConfigFileTest, TakesStringsOfAllKinds) {
  EXPECT_EQ(Value(R"("")"), "");
  EXPECT_EQ(Value("''"), "");
  EXPECT_EQ(Value(R"("a\"b\\c\n\t\u00e9\U0001F389")"), "a\"b\\c\n\té🎉");
  EXPECT_EQ(Value(R"('a\"b')"), "a\\\"b");
  EXPECT_EQ(Value("\"\"\"\na \"quoted\"\nb\"\"\""), "a \"quoted\"\nb");
  EXPECT_EQ(Value("\"\"\"a \\\n\n   b\"\"\""), "a b");
  EXPECT_EQ(Value("'''\n'a'\\n\nb'''"), "'a'\\n\nb");
}

TEST(ConfigFileTest, TakesBareNumbersAndSwitches) {
  EXPECT_EQ(Value("-5"), "-5");
  EXPECT_EQ(Value("false"), "false");
}

TEST(ConfigFileTest, CountsTheLinesOfStrings) {
  EXPECT_THAT(Entries("a = '''\n\n'''\nb = 1"),
              ElementsAre("f:1 a = \n", "f:4 b = 1"));
}

TEST(ConfigFileTest, RefusesWhatItDoesNotKnow) {
  const std::pair<const char*, const char*> refused[] = {
      {"a", "f:1: a setting is written KEY = VALUE"},
      {"\n= 1", "f:2: a key is made of"},
      {"a = ", "f:1: a value is"},
      {"a = b", "f:1: a value is"},
      {"a = 1.5", "f:1: a value is"},
      {"a = [1]", "f:1: a value is"},
      {"a = {}", "f:1: a value is"},
      {"a = 1 2", "f:1: more than one value"},
      {"a = \"x\" y", "f:1: more than one value"},
      {"[a", "f:1: a section is written"},
      {"[[a]]", "f:1: a key is made of"},
      {"[a] b = 1", "f:1: more than one value"},
      {"a = \"x\nb = \"", "closing quote"},
      {"a = 'x", "f:1: the string's closing quote is missing"},
      {"a = '''x\n", "f:2: the string's closing quote is missing"},
      {R"(a = "\x")", "f:1: an unknown escape"},
      {R"(a = "\u12")", "f:1: no such character"},
      {R"(a = "\ud800")", "f:1: no such character"},
      {R"(a = "\u0000")", "f:1: no such character"},
      {R"(a = "\UFFFFFFFF")", "f:1: no such character"},
      {"a = \"\x01\"", "f:1: a control character"},
      {"a = \"\xFF\"", "f: is not UTF-8"},
      {"a = 1\na = 2", "f:2: a is given twice"},
      {"a.b = 1\n[a]\nb = 2", "f:3: a.b is given twice"},
      {"[a]\n[a]", "f:2: a is given twice"},
  };
  for (const auto& [text, message] : refused) {
    EXPECT_THAT(
        ParseConfig("f", text),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)))
        << text;
  }
}

}  // namespace
}  // namespace broadcast
