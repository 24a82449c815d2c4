#include "content/content.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "support/status_matchers.h"

namespace broadcast {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<FieldViolation> Problems(const Content& content) {
  Violations violations;
  Validate(content, "open_content", violations);
  return violations.kept();
}

// The description of the only violation, which is of `field`.
std::string Problem(const Content& content, absl::string_view field) {
  const std::vector<FieldViolation> problems = Problems(content);
  EXPECT_THAT(problems, SizeIs(1));
  if (problems.empty()) return "";
  EXPECT_EQ(problems[0].field, field);
  return problems[0].description;
}

std::string Repeat(absl::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) absl::StrAppend(&all, text);
  return all;
}

TEST(ContentText, Has1To4096Characters) {
  EXPECT_THAT(Problems({.text = "x"}), IsEmpty());
  EXPECT_THAT(Problems({.text = "two\n\tlines 👍"}), IsEmpty());
  EXPECT_THAT(Problems({.text = Repeat("日", 4096)}), IsEmpty());
  EXPECT_THAT(Problem({.text = Repeat("日", 4097)}, "open_content.text"),
              HasSubstr("has 4097 characters; at most 4096"));
  EXPECT_THAT(Problem({.text = ""}, "open_content.text"),
              HasSubstr("must not be empty; give 1 to 4096"));
}

TEST(ContentText, MarkupCounts) {
  const std::string text = absl::StrCat("<b>", std::string(4089, 'x'), "</b>");
  EXPECT_THAT(Problems({.text = text, .parse_mode = ParseMode::kHtml}),
              IsEmpty());
  EXPECT_THAT(Problem({.text = text + "x", .parse_mode = ParseMode::kHtml},
                      "open_content.text"),
              HasSubstr("has 4097 characters"));
}

TEST(ContentText, BadTextIsRefused) {
  for (const absl::string_view text :
       {absl::string_view(" \n\t\u3000"), absl::string_view("a\xff"),
        absl::string_view("a\0b", 3), absl::string_view("a\r\n"),
        absl::string_view("\u0085")}) {
    Problem({.text = std::string(text)}, "open_content.text");
  }
}

TEST(ContentText, IsCheckedByItsParseMode) {
  const std::string text = "1 < 2. *";
  EXPECT_THAT(Problems({.text = text}), IsEmpty());
  EXPECT_THAT(Problem({.text = text, .parse_mode = ParseMode::kHtml},
                      "open_content.text"),
              HasSubstr("HTML"));
  EXPECT_THAT(Problem({.text = text, .parse_mode = ParseMode::kMarkdownV2},
                      "open_content.text"),
              HasSubstr("MarkdownV2"));
}

TEST(ContentText, MustShowSomethingWhenItsMarkupIsGone) {
  for (const Content& content :
       {Content{.text = "<b> </b>", .parse_mode = ParseMode::kHtml},
        Content{.text = "<a href=\"https://x.example\"></a>",
        .parse_mode = ParseMode::kHtml},
        Content{.text = "* _ _*", .parse_mode = ParseMode::kMarkdownV2}}) {
    EXPECT_THAT(Problem(content, "open_content.text"),
                HasSubstr("nothing but white space"));
  }
}

TEST(Buttons, ARowHas1To8) {
  const Button button = {"Open", "https://example.com/"};
  using Row = std::vector<Button>;
  EXPECT_THAT(Problems({.text = "x", .button_rows = {Row(8, button)}}),
              IsEmpty());
  EXPECT_THAT(
      Problem({.text = "x", .button_rows = {Row(1, button), Row(9, button)}},
              "open_content.button_rows[1].buttons"),
      HasSubstr("has 9 buttons; a row has 1 to 8"));
  EXPECT_THAT(Problem({.text = "x", .button_rows = {{}}},
                      "open_content.button_rows[0].buttons"),
              HasSubstr("has 0 buttons"));
}

TEST(Buttons, AllRowsTogetherHaveAtMost100) {
  const std::vector<Button> row(4, {"Open", "https://example.com/"});
  Content content = {.text = "x"};
  content.button_rows.assign(25, row);
  EXPECT_THAT(Problems(content), IsEmpty());
  content.button_rows.push_back({row[0]});
  EXPECT_THAT(Problem(content, "open_content.button_rows"),
              HasSubstr("has 101 buttons in 26 rows; at most 100"));
  content.button_rows.assign(100'000, {});
  EXPECT_THAT(Problem(content, "open_content.button_rows"),
              HasSubstr("no empty row"));
}

TEST(Buttons, LabelsAreBounded) {
  const auto problem = [](std::string text) {
    return Problems(
        {.text = "x", .button_rows = {{{std::move(text), "tg://resolve"}}}});
  };
  EXPECT_THAT(problem("x"), IsEmpty());
  EXPECT_THAT(problem(Repeat("é", 64)), IsEmpty());
  for (const std::string& text :
       {std::string(), std::string(" "), Repeat("é", 65), std::string("a\nb"),
        std::string("\xff")}) {
    ASSERT_THAT(problem(text), SizeIs(1)) << text;
    EXPECT_EQ(problem(text)[0].field,
              "open_content.button_rows[0].buttons[0].text");
  }
}

TEST(Buttons, UrlsAreHttpHttpsOrTg) {
  const auto problem = [](std::string url) {
    return Problems({.text = "x", .button_rows = {{{"go", std::move(url)}}}});
  };
  for (const std::string& url :
       {std::string("http://example.com"), std::string("HTTPS://Example.com/x"),
        std::string("https://bücher.example/ä?b=c#d"),
        std::string("tg://user?id=123456789"),
        "https://example.com/" + std::string(2028, 'x')}) {
    EXPECT_THAT(problem(url), IsEmpty()) << url;
  }
  for (const std::string& url :
       {std::string(), std::string("example.com"), std::string("https://"),
        std::string("https:///x"), std::string("http://?x"),
        std::string("tg://"), std::string("tg:resolve"),
        std::string("ftp://example.com"), std::string("javascript:alert(1)"),
        std::string("https://example.com/a b"),
        std::string("https://example.com/\n"),
        std::string("https://example.com/\xff"),
        "https://example.com/" + std::string(2029, 'x')}) {
    ASSERT_THAT(problem(url), SizeIs(1)) << url;
    EXPECT_EQ(problem(url)[0].field,
              "open_content.button_rows[0].buttons[0].url");
  }
}

TEST(Buttons, EverythingWrongIsSaidAtOnce) {
  EXPECT_THAT(
      Problems({.text = "", .button_rows = {{{"", "x"}, {"ok", "x"}}, {}}}),
      SizeIs(5));
}

TEST(Document, IsCanonical) {
  EXPECT_EQ(ToJson({.text = "Hi \"you\" 👍\n"}), R"({"text":"Hi \"you\" 👍\n"})");
  EXPECT_EQ(ToJson({.text = "x",
                    .parse_mode = ParseMode::kMarkdownV2,
                    .button_rows = {{{"a", "tg://a"}, {"b", "tg://b"}},
                                    {{"c", "tg://c"}}},
                    .disable_notification = true,
                    .protect_content = true,
                    .disable_link_preview = true}),
            R"({"button_rows":[[{"text":"a","url":"tg://a"},)"
            R"({"text":"b","url":"tg://b"}],[{"text":"c","url":"tg://c"}]],)"
            R"("disable_link_preview":true,"disable_notification":true,)"
            R"("parse_mode":"markdown_v2","protect_content":true,)"
            R"("text":"x"})");
}

// Ids are stored: these may never change.
TEST(Document, IdIsStable) {
  EXPECT_EQ(ContentId(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ContentId(ToJson({.text = "Hello"})),
            "ef73ae6a8b47cd3601ab3fad1fb8099eec54599cd43fc1b131df61bf50438a7e");
  EXPECT_EQ(
      ContentId(ToJson({.text = "<b>Größe</b> 👍",
                        .parse_mode = ParseMode::kHtml,
                        .button_rows = {{{"Open", "https://example.com/"}}},
                        .protect_content = true})),
      "353d359f5ede6d43fab0e9964761a5b690a154accca91aaad69c2fb5b3bea909");
}

TEST(Document, OfALaterReleaseIsRead) {
  EXPECT_THAT(FromJson(R"({"text":"x","effect":{"id":1}})"),
              test::IsOkAndHolds(Content{.text = "x"}));
}

TEST(Document, ThatIsNoneIsAnInternalError) {
  for (const char* text :
       {"", "{", "[]", "{}", "null", R"({"text":1})",
        R"({"text":"x","parse_mode":"rtf"})", R"({"text":"x","parse_mode":1})",
        R"({"text":"x","button_rows":[[1]]})",
        R"({"text":"x","button_rows":[[{"text":"a"}]]})",
        R"({"text":"x","protect_content":"yes"})"}) {
    EXPECT_THAT(FromJson(text), test::StatusIs(absl::StatusCode::kInternal))
        << text;
  }
}

class RandomContent {
 public:
  Content Next() {
    Content content = {.text = Text(),
                       .parse_mode = static_cast<ParseMode>(Below(3)),
                       .disable_notification = Below(2) == 0,
                       .protect_content = Below(2) == 0,
                       .disable_link_preview = Below(2) == 0};
    content.button_rows.resize(Below(4));
    for (std::vector<Button>& row : content.button_rows) {
      for (int i = Below(4); i >= 0; --i) row.push_back({Text(), Text()});
    }
    return content;
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % limit); }

  // Any characters but surrogates, the awkward ones often.
  std::string Text() {
    std::string text;
    for (int i = Below(20); i >= 0; --i) {
      const char32_t code = Below(2) == 0 ? Below(0x80) : Below(0x110000);
      AppendUtf8(code >= 0xd800 && code <= 0xdfff ? U'"' : code, text);
    }
    return text;
  }

  std::mt19937 random_{1};
};

TEST(Document, SurvivesARoundTrip) {
  RandomContent random;
  for (int i = 0; i < 2000; ++i) {
    const Content content = random.Next();
    const std::string document = ToJson(content);
    ASSERT_TRUE(IsUtf8(document));
    const absl::StatusOr<Content> read = FromJson(document);
    ASSERT_THAT(read, test::IsOk());
    ASSERT_EQ(*read, content);
    ASSERT_EQ(ToJson(*read), document);
  }
}

}  // namespace
}  // namespace broadcast
