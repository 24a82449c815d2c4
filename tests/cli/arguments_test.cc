// Reading the command line.
#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/usage_text.h"
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

TEST(ArgumentsTest, SaysWhatIsWrong) {
  EXPECT_THAT(ProblemOf({}), HasSubstr("a verb is missing"));
  EXPECT_THAT(ProblemOf({"entries"}),
              HasSubstr("a word is missing after `entries`"));
  EXPECT_THAT(ProblemOf({"entries", "burn"}),
              HasSubstr("`entries burn` is no verb"));
  EXPECT_THAT(ProblemOf({"trigger"}), HasSubstr("ENTRY_ID is missing"));
  EXPECT_THAT(ProblemOf({"trigger", "a", "b"}),
              HasSubstr("`b` is one word too many"));
  EXPECT_THAT(ProblemOf({"--all"}),
              HasSubstr("`--all` is no option that stands before a verb"));
  EXPECT_THAT(ProblemOf({"verify", "--all"}),
              HasSubstr("`--all` is no option of verify"));
  EXPECT_THAT(ProblemOf({"sync", "--all=1"}),
              HasSubstr("--all takes no value"));
  EXPECT_THAT(ProblemOf({"sync", "--feed-id"}),
              HasSubstr("write --feed-id=ID"));
  EXPECT_THAT(ProblemOf({"sync", "--feed-id", "--all"}),
              HasSubstr("--feed-id: the value is missing"));
  EXPECT_THAT(ProblemOf({"sync", "--all", "--all"}),
              HasSubstr("--all: given twice"));
  EXPECT_THAT(ProblemOf({"sync", "-x"}), HasSubstr("`-x` is no option"));
}

TEST(ArgumentsTest, QuotesNothingThatMovesTheCursor) {
  EXPECT_THAT(ProblemOf({"\x1b[2J"}), HasSubstr("`\ufffd[2J` is no verb"));
}

TEST(ArgumentsTest, NeitherQuotesValues) {
  EXPECT_THAT(ProblemOf({"--tokne=secret", "server"}),
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

TEST(UsageTextTest, KnowsEveryVerbAndOption) {
  const std::string all = UsageText(nullptr, "");
  for (const Verb& verb : Verbs()) {
    EXPECT_THAT(all, HasSubstr(std::string(verb.name)));
    const std::string text = UsageText(&verb, "");
    for (const OptionSpec& option : verb.options) {
      EXPECT_THAT(text, HasSubstr("--" + std::string(option.name)));
    }
  }
  EXPECT_THAT(UsageText(nullptr, "operations"),
              ::testing::Not(HasSubstr("entries list")));
}

TEST(UsageTextTest, FitsATerminal) {
  for (const Verb& verb : Verbs()) {
    std::string text = UsageText(&verb, "");
    for (size_t end; (end = text.find('\n')) != std::string::npos;
         text.erase(0, end + 1)) {
      EXPECT_LE(end, 80) << text.substr(0, end);
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

}  // namespace
}  // namespace broadcast::cli
