// Reading the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/command_table.h"
#include "cli/read_command_line.h"
#include "support/status_matchers.h"

namespace broadcast::cli {
namespace {

using test::Must;
using test::StatusIs;
using ::testing::HasSubstr;

constexpr auto kRefused = absl::StatusCode::kInvalidArgument;

std::string ProblemOf(const std::vector<std::string>& words) {
  const auto line = ReadCommandLine(words);
  if (line.ok()) return "it was read";
  EXPECT_THAT(line.status(), StatusIs(kRefused));
  return std::string(line.status().message());
}

TEST(ArgumentsTest, OptionsStandAnywhereBehindTheirVerb) {
  const CommandLine line = Must(ReadCommandLine(
      {"--address", "a:1", "trigger", "--reason=a, [b]", "E", "-o", "json"}));
  EXPECT_EQ(line.verb->name, "trigger");
  EXPECT_EQ(line.arguments.operand(), "E");
  EXPECT_EQ(line.arguments.Get("address"), "a:1");
  EXPECT_EQ(line.arguments.Get("reason"), "a, [b]");
  EXPECT_EQ(line.arguments.Get("output"), "json");
  EXPECT_FALSE(line.arguments.Has("dry-run"));
}

TEST(ArgumentsTest, ValuesMayBeginWithADash) {
  EXPECT_EQ(Must(ReadCommandLine({"sync", "--chat-id", "-1001234567890"}))
                .arguments.Get("chat-id"),
            "-1001234567890");
  EXPECT_EQ(Must(ReadCommandLine({"pause", "--scheduler", "--reason=--x"}))
                .arguments.Get("reason"),
            "--x");
  EXPECT_EQ(Must(ReadCommandLine({"trigger", "--", "--x"})).arguments.operand(),
            "--x");
}

TEST(ArgumentsTest, LettersMayStandTogether) {
  const Arguments given =
      Must(ReadCommandLine({"sync", "--all", "-yo", "json"})).arguments;
  EXPECT_TRUE(given.Has("yes"));
  EXPECT_EQ(given.Get("output"), "json");
}

TEST(ArgumentsTest, UnderscoresAreDashes) {
  EXPECT_TRUE(Must(ReadCommandLine({"sync", "--all", "--dry_run"}))
                  .arguments.Has("dry-run"));
}

TEST(ArgumentsTest, AnEmptyValueIsAValue) {
  const CommandLine line =
      Must(ReadCommandLine({"pause", "--entry=e", "--reason="}));
  EXPECT_TRUE(line.arguments.Has("reason"));
  EXPECT_EQ(line.arguments.Get("reason"), "");
}

TEST(ArgumentsTest, ValuesStayAsTheyAre) {
  for (const std::string value :
       {"[a,b]", "[]", "{}", "{a}", "a,b", "a=b", "\"a\"", "sync", "++", "-x",
        "-o", "/x", "true", "a b", "%%"}) {
    for (const auto& words :
         {std::vector<std::string>{"entries", "list", "--filter", value},
          std::vector<std::string>{"entries", "list", "--filter=" + value}}) {
      EXPECT_EQ(Must(ReadCommandLine(words)).arguments.Get("filter"), value);
    }
    if (value[0] == '-') continue;
    EXPECT_EQ(
        Must(ReadCommandLine({"trigger", "--", value})).arguments.operand(),
        value);
  }
}

TEST(ArgumentsTest, SaysWhatIsWrong) {
  EXPECT_EQ(ProblemOf({}),
            "a verb is missing after broadcastctl; see broadcastctl --help");
  EXPECT_EQ(ProblemOf({"entries"}),
            "a verb is missing after broadcastctl entries; see broadcastctl "
            "entries --help");
  EXPECT_THAT(ProblemOf({"burn"}), HasSubstr("`burn` is no verb"));
  EXPECT_THAT(ProblemOf({"entries", "burn"}),
              HasSubstr("`burn` is no verb of broadcastctl entries"));
  EXPECT_THAT(ProblemOf({"trigger"}),
              HasSubstr("ENTRY_ID is missing after broadcastctl trigger"));
  EXPECT_THAT(ProblemOf({"trigger", ""}), HasSubstr("ENTRY_ID is missing"));
  EXPECT_THAT(ProblemOf({"trigger", "a", "b"}),
              HasSubstr("`b` is one word too many"));
  EXPECT_THAT(ProblemOf({"sync", "trigger"}),
              HasSubstr("`trigger` is one word too many"));
  EXPECT_THAT(ProblemOf({"--all"}), HasSubstr("`--all` is no option"));
  EXPECT_THAT(ProblemOf({"verify", "--all"}),
              HasSubstr("`--all` is no option of broadcastctl verify"));
  EXPECT_THAT(ProblemOf({"server", "--page-size=1"}),
              HasSubstr("`--page-size` is no option of broadcastctl server"));
  EXPECT_THAT(ProblemOf({"sync", "--all=1"}),
              HasSubstr("--all takes no value"));
  EXPECT_THAT(ProblemOf({"sync", "--feed-id"}),
              HasSubstr("write --feed-id=ID"));
  EXPECT_THAT(ProblemOf({"sync", "--feed-id", "--all"}),
              HasSubstr("--feed-id: the value is missing"));
  EXPECT_THAT(ProblemOf({"sync", "-o"}), HasSubstr("--output"));
  EXPECT_THAT(ProblemOf({"sync", "--all", "--all"}),
              HasSubstr("--all: given twice"));
  EXPECT_THAT(ProblemOf({"--output=json", "sync", "-o", "json"}),
              HasSubstr("--output: given twice"));
  EXPECT_THAT(ProblemOf({"sync", "--feed-id=a", "--feed-id=a"}),
              HasSubstr("--feed-id: given twice"));
  EXPECT_THAT(ProblemOf({"sync", "-x"}), HasSubstr("`-x` is no option"));
}

TEST(ArgumentsTest, QuotesNothingThatMovesTheCursor) {
  EXPECT_THAT(ProblemOf({"\x1b[2J"}), HasSubstr("`\ufffd[2J` is no verb"));
}

TEST(ArgumentsTest, NeitherQuotesValues) {
  EXPECT_THAT(ProblemOf({"--tokne=secret", "server"}),
              ::testing::Not(HasSubstr("secret")));
  EXPECT_THAT(ProblemOf({"server", "--tokne", "secret"}),
              ::testing::Not(HasSubstr("secret")));
}

TEST(ArgumentsTest, ReadsNumbersWordsAndDurations) {
  const Arguments given =
      Must(ReadCommandLine({"sync", "--all", "--max-deletes=7", "--timeout=1m",
                            "--output=json"}))
          .arguments;
  EXPECT_EQ(Must(given.Count("max-deletes", 0, 9)), 7);
  EXPECT_EQ(Must(given.Count("page-size", 0, 9)), std::nullopt);
  EXPECT_THAT(given.Count("max-deletes", 0, 6).status(), StatusIs(kRefused));
  EXPECT_THAT(given.Count("output", 0, 6).status(), StatusIs(kRefused));
  EXPECT_EQ(Must(given.Span("timeout")), absl::Minutes(1));
  EXPECT_THAT(given.Span("output").status(), StatusIs(kRefused));
  EXPECT_EQ(Must(given.Word("output", {"table", "json"})), "json");
  EXPECT_EQ(Must(given.Word("color", {"auto", "never"})), "auto");
  EXPECT_THAT(given.Word("output", {"table"}).status(), StatusIs(kRefused));
}

TEST(ArgumentsTest, KnowsWhatGoesTogether) {
  const Arguments given =
      Must(ReadCommandLine({"sync", "--all", "--feed-id=f"})).arguments;
  EXPECT_THAT(given.CheckOneOf({"all", "feed-id"}, true),
              StatusIs(kRefused, HasSubstr("--all and --feed-id")));
  EXPECT_TRUE(given.CheckOneOf({"all", "chat-id"}, true).ok());
  EXPECT_TRUE(given.CheckOneOf({"chat-id"}, false).ok());
  EXPECT_THAT(given.CheckOneOf({"chat-id", "channel-id"}, true),
              StatusIs(kRefused, HasSubstr("--chat-id or --channel-id")));
  EXPECT_TRUE(given.CheckNeeds("all", "feed-id").ok());
  EXPECT_TRUE(given.CheckNeeds("yes", "chat-id").ok());
  EXPECT_THAT(given.CheckNeeds("all", "chat-id"), StatusIs(kRefused));
}

// The words of a verb, with --help behind them.
std::string HelpOf(absl::string_view verb) {
  std::vector<std::string> words = absl::StrSplit(verb, ' ', absl::SkipEmpty());
  words.push_back("--help");
  return Must(ReadCommandLine(words)).help;
}

TEST(CommandLineHelpTest, KnowsEveryVerbAndOption) {
  const std::string all = HelpOf("");
  for (const Verb& verb : Verbs()) {
    EXPECT_THAT(all, HasSubstr(absl::StrCat("  ", verb.name, " ")));
    const std::string text = HelpOf(verb.name);
    EXPECT_THAT(text, HasSubstr(std::string(verb.summary)));
    for (const auto options : {verb.options, GlobalOptions()}) {
      for (const OptionSpec& option : options) {
        EXPECT_THAT(text, HasSubstr(absl::StrCat("--", option.name, " ")));
      }
    }
  }
  EXPECT_THAT(HelpOf("operations"), ::testing::Not(HasSubstr("entries list")));
}

TEST(CommandLineHelpTest, FitsATerminal) {
  for (const Verb& verb : Verbs()) {
    for (const absl::string_view line :
         absl::StrSplit(HelpOf(verb.name), '\n')) {
      EXPECT_LE(line.size(), 80) << line;
    }
  }
}

TEST(CommandTableTest, NoOptionOfAVerbHidesOneOfAll) {
  for (const Verb& verb : Verbs()) {
    for (const OptionSpec& option : verb.options) {
      for (const OptionSpec& global : GlobalOptions()) {
        EXPECT_NE(option.name, global.name) << verb.name;
        EXPECT_TRUE(option.letter == 0 || option.letter != global.letter);
      }
    }
  }
}

TEST(CommandTableTest, OptionsOfOneNameAllTakeAValueOrNone) {
  std::map<absl::string_view, bool> takes_value;
  for (const Verb& verb : Verbs()) {
    for (const OptionSpec& option : verb.options) {
      const bool takes = !option.value_name.empty();
      EXPECT_EQ(takes_value.emplace(option.name, takes).first->second, takes)
          << verb.name << " --" << option.name;
    }
  }
}

}  // namespace
}  // namespace broadcast::cli
