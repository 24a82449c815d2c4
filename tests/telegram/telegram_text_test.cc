// How texts, entities and keyboards are read; and that server/content, which
// was written apart from it, takes and refuses the same texts.
#include <string>
#include <vector>

#include "content/html.h"
#include "content/markdown_v2.h"
#include "telegram/formatted_text.h"
#include "telegram_fixture.h"

namespace broadcast::test {
namespace {

using telegram::FormattedText;
using telegram::ParseHtml;
using telegram::ParseMarkdown;
using telegram::ParseMarkdownV2;

struct Parsed {
  std::string source;
  std::string text;
  Json entities;  // [type, offset, length] each
};

Json Short(const Json& entities) {
  Json list = Json::array();
  for (const Json& entity : entities) {
    list.push_back({entity["type"], entity["offset"], entity["length"]});
  }
  return list;
}

struct Refused {
  std::string source;
  std::string problem;
};

const std::vector<Parsed>& HtmlTexts() {
  static const auto& texts = *new std::vector<Parsed>{
      {"plain", "plain", Json::array()},
      {"a &lt;b&gt; &amp;&quot;&#38;&#x26; &nbsp; & &copy",
       "a <b> &\"&& &nbsp; & &copy", Json::array()},
      {"<b>bold</b>", "bold", {{"bold", 0, 4}}},
      {"\xF0\x9F\x8F\x9F <i>\xF0\x9F\x8F\x9F</i>",
       "\xF0\x9F\x8F\x9F \xF0\x9F\x8F\x9F",
       {{"italic", 3, 2}}},
      {"<STRONG>a<em>b</em></STRONG>",
       "ab",
       {{"bold", 0, 2}, {"italic", 1, 1}}},
      {"<b></b>x", "x", Json::array()},
      {"<b>a</>", "a", {{"bold", 0, 1}}},
      {"<span class=\"tg-spoiler\">s</span>", "s", {{"spoiler", 0, 1}}},
      {"<a href=\"https://e.x/?a=1&amp;b\">l</a>", "l", {{"text_link", 0, 1}}},
      {"<a href=\"nothing\">l</a>", "l", Json::array()},
      {"<a href='tg://user?id=5'>u</a>", "u", {{"text_link", 0, 1}}},
      {"<pre><code class=\"language-c\">x</code></pre>", "x", {{"pre", 0, 1}}},
      {"<code><pre>x</pre></code>", "x", {{"pre", 0, 1}, {"code", 0, 1}}},
      {"<blockquote expandable>q</blockquote>",
       "q",
       {{"expandable_blockquote", 0, 1}}},
      {"<tg-emoji emoji-id=\"5368324170671202286\">x</tg-emoji>",
       "x",
       {{"custom_emoji", 0, 1}}},
  };
  return texts;
}

const std::vector<Refused>& HtmlFaults() {
  static const auto& faults = *new std::vector<Refused>{
      {"a <b", "Unclosed start tag at byte offset 2"},
      {"a <b x", "Unclosed start tag \"b\" at byte offset 2"},
      {"<h1>x</h1>", "Unsupported start tag \"h1\" at byte offset 0"},
      {"<>", "Unsupported start tag \"\" at byte offset 0"},
      {"5 < 6 and 7 > 6", "Unsupported start tag \"\" at byte offset 2"},
      {"<b>x", "Can't find end tag corresponding to start tag \"b\""},
      {"x</b>", "Unexpected end tag at byte offset 1"},
      {"<b>x</i>",
       "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""},
      {"<b>x</b", "Unclosed end tag at byte offset 4"},
      {"<span>x</span>",
       "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"},
      {"<a =x>y</a>", "Empty attribute name in the tag \"a\" at byte offset 0"},
  };
  return faults;
}

const std::vector<Parsed>& MarkdownTexts() {
  static const auto& texts = *new std::vector<Parsed>{
      {"plain", "plain", Json::array()},
      {"a\\.b\\!\\\\", "a.b!\\", Json::array()},
      {"*a _b_ c*", "a b c", {{"bold", 0, 5}, {"italic", 2, 1}}},
      {"__u__ ~s~ ||p||",
       "u s p",
       {{"underline", 0, 1}, {"strikethrough", 2, 1}, {"spoiler", 4, 1}}},
      {"`a.b`", "a.b", {{"code", 0, 3}}},
      {"```\na-b\n```", "a-b\n", {{"pre", 0, 4}}},
      {"```c\nx```", "x", {{"pre", 0, 1}}},
      {"[l](https://e.x/\\))", "l", {{"text_link", 0, 1}}},
      {"[e\\.x]", "e.x", {{"text_link", 0, 3}}},
      {"[u](tg://user?id=5)", "u", {{"text_mention", 0, 1}}},
      {"![x](tg://emoji?id=5368324170671202286)",
       "x",
       {{"custom_emoji", 0, 1}}},
      {">q\n>r\nx", "q\nr\nx", {{"blockquote", 0, 3}}},
      {">q||\r\n\r>r",
       "q\r\n\rr",
       {{"expandable_blockquote", 0, 2}, {"blockquote", 4, 1}}},
      {">q\n>r||", "q\nr", {{"expandable_blockquote", 0, 3}}},
      {"** x", " x", Json::array()},
      {"\xF0\x9F\x8F\x9F_\xF0\x9F\x8F\x9F_",
       "\xF0\x9F\x8F\x9F\xF0\x9F\x8F\x9F",
       {{"italic", 2, 2}}},
  };
  return texts;
}

const std::vector<Refused>& MarkdownFaults() {
  static const auto& faults = *new std::vector<Refused>{
      {"a.",
       "Character '.' is reserved and must be escaped with the preceding "
       "'\\'"},
      {"a|b",
       "Character '|' is reserved and must be escaped with the preceding "
       "'\\'"},
      {"x > y",
       "Character '>' is reserved and must be escaped with the "
       "preceding '\\'"},
      {"\xF0\x9F\x8F\x9F \xF0\x9F\x8F\x9F_abacaba",
       "Can't find end of Italic entity at byte offset 9"},
      {"\xF0\x9F\x8F\x9F \xF0\x9F\x8F\x9F_abac * asd ",
       "Can't find end of Bold entity at byte offset 15"},
      {"\xF0\x9F\x8F\x9F \xF0\x9F\x8F\x9F`",
       "Can't find end of Code entity at byte offset 9"},
      {"\xF0\x9F\x8F\x9F \xF0\x9F\x8F\x9F```",
       "Can't find end of Pre entity at byte offset 9"},
      {"\xF0\x9F\x8F\x9F \xF0\x9F\x8F\x9F```a ",
       "Can't find end of PreCode entity at byte offset 9"},
      {"[a](b", "Can't find end of a URL at byte offset 4"},
      {"![a]", "Custom emoji entity must contain a tg://emoji URL"},
      {">*q\nx", "Can't find end of Bold entity at byte offset 1"},
      {"[a", "Can't find end of TextUrl entity at byte offset 0"},
  };
  return faults;
}

TEST(TelegramFormattedTextTest, ReadsHtml) {
  for (const Parsed& each : HtmlTexts()) {
    const FormattedText read = ParseHtml(each.source);
    EXPECT_EQ(read.problem, "") << each.source;
    EXPECT_EQ(read.text, each.text) << each.source;
    EXPECT_EQ(Short(read.entities), each.entities) << each.source;
  }
  for (const Refused& each : HtmlFaults()) {
    EXPECT_EQ(ParseHtml(each.source).problem, each.problem) << each.source;
  }
}

TEST(TelegramFormattedTextTest, ReadsMarkdownV2) {
  for (const Parsed& each : MarkdownTexts()) {
    const FormattedText read = ParseMarkdownV2(each.source);
    EXPECT_EQ(read.problem, "") << each.source;
    EXPECT_EQ(read.text, each.text) << each.source;
    EXPECT_EQ(Short(read.entities), each.entities) << each.source;
  }
  for (const Refused& each : MarkdownFaults()) {
    EXPECT_EQ(ParseMarkdownV2(each.source).problem, each.problem)
        << each.source;
  }
}

TEST(TelegramFormattedTextTest, ReadsTheOldMarkdown) {
  const FormattedText read =
      ParseMarkdown("*b* _i_ `c` [l](https://e.x) \\*x ```c\ny```");
  EXPECT_EQ(read.text, "b i c l *x y");
  EXPECT_EQ(Short(read.entities), Json({{"bold", 0, 1},
                                        {"italic", 2, 1},
                                        {"code", 4, 1},
                                        {"text_link", 6, 1},
                                        {"pre", 11, 1}}));
  EXPECT_EQ(ParseMarkdown("a *b").problem,
            "Can't find end of the entity starting at byte offset 2");
}

TEST(TelegramFormattedTextTest, TheServersContentReadsTheSame) {
  for (const Parsed& each : HtmlTexts()) {
    EXPECT_EQ(VisibleHtml(each.source).value, each.text) << each.source;
  }
  for (const Refused& each : HtmlFaults()) {
    EXPECT_NE(VisibleHtml(each.source).problem, "") << each.source;
  }
  for (const Parsed& each : MarkdownTexts()) {
    EXPECT_EQ(VisibleMarkdownV2(each.source).value, each.text) << each.source;
  }
  for (const Refused& each : MarkdownFaults()) {
    EXPECT_NE(VisibleMarkdownV2(each.source).problem, "") << each.source;
  }
}

// Every short text of the characters that mean something.
template <typename Ours, typename Theirs>
void CompareAll(const std::string& alphabet, size_t length, Ours ours,
                Theirs theirs) {
  std::vector<size_t> digits(length, 0);
  std::string text(length, alphabet[0]);
  int64_t compared = 0;
  while (true) {
    const auto mine = ours(text);
    const FormattedText other = theirs(text);
    ASSERT_EQ(mine.problem.empty(), other.problem.empty())
        << '"' << text << "\": " << mine.problem << " / " << other.problem;
    if (mine.problem.empty()) {
      ASSERT_EQ(mine.value, other.text) << text;
    }
    ++compared;
    size_t at = 0;
    while (at < length && ++digits[at] == alphabet.size()) digits[at++] = 0;
    if (at == length) break;
    for (size_t i = 0; i < length; ++i) text[i] = alphabet[digits[i]];
  }
  EXPECT_GT(compared, 10'000);
}

TEST(TelegramFormattedTextTest, BothReadEveryShortMarkdownTheSame) {
  CompareAll("a*_`|[](!>\n\\\r", 5, VisibleMarkdownV2, ParseMarkdownV2);
}

TEST(TelegramFormattedTextTest, BothReadEveryShortHtmlTheSame) {
  CompareAll("b<>/=& \"i;", 5, VisibleHtml, ParseHtml);
}

class TelegramTextTest : public UnlimitedTelegramTest {
 protected:
  std::string SendText(const std::string& text, const std::string& mode = "") {
    return Refusal("sendMessage",
                   {{"chat_id", kUser}, {"text", text}, {"parse_mode", mode}});
  }
  std::string SendKeyboard(const Json& markup) {
    return Refusal(
        "sendMessage",
        {{"chat_id", kUser}, {"text", "x"}, {"reply_markup", markup}});
  }
  static Json Rows(const Json& rows) { return {{"inline_keyboard", rows}}; }
};

TEST_F(TelegramTextTest, MeasuresWhatIsSeen) {
  EXPECT_EQ(SendText(std::string(4096, 'x')), "ok");
  EXPECT_EQ(SendText(std::string(4097, 'x')),
            "400 Bad Request: message is too long");
  EXPECT_EQ(SendText("<b>" + std::string(4096, 'x') + "</b>", "html"), "ok");
  std::string wide;
  for (int i = 0; i < 4096; ++i) wide += "\xF0\x9F\x8F\x9F";
  EXPECT_EQ(SendText(wide), "ok");
  EXPECT_EQ(SendText(std::string(32769, ' ') + "x"),
            "400 Bad Request: text is too long");
  EXPECT_EQ(SendText(""), "400 Bad Request: message text is empty");
  EXPECT_EQ(SendText(" \n "), "400 Bad Request: text must be non-empty");
  EXPECT_EQ(SendText("<b></b>", "HTML"),
            "400 Bad Request: text must be non-empty");
  EXPECT_EQ(SendText("x", "LaTeX"), "400 Bad Request: unsupported parse_mode");
  EXPECT_EQ(SendText("a <b", "HTML"),
            "400 Bad Request: can't parse entities: Unclosed start tag at "
            "byte offset 2");
  const RawAnswer broken =
      http().Post("/bot123:secret/sendMessage",
                  "application/x-www-form-urlencoded", "chat_id=42&text=%ff");
  EXPECT_EQ(Json::parse(broken.body)["description"],
            "Bad Request: strings must be encoded in UTF-8");
}

TEST_F(TelegramTextTest, TrimsAndKeepsAHundredEntities) {
  const Json sent = Call(
      "sendMessage",
      {{"chat_id", kUser}, {"text", "  <b> x</b> \n"}, {"parse_mode", "HTML"}});
  EXPECT_EQ(sent["result"]["text"], "x");
  EXPECT_EQ(Short(sent["result"]["entities"]), Json({{"bold", 0, 1}}));
  std::string many;
  for (int i = 0; i < 150; ++i) many += "<b>x</b> ";
  const Json all =
      Call("sendMessage",
           {{"chat_id", kUser}, {"text", many}, {"parse_mode", "HTML"}});
  EXPECT_EQ(all["result"]["entities"].size(), 100);
}

TEST_F(TelegramTextTest, ChecksButtons) {
  const Json url = {{"text", "t"}, {"url", "https://e.x"}};
  EXPECT_EQ(SendKeyboard(Rows({{url, url}, {url}})), "ok");
  EXPECT_EQ(SendKeyboard(Rows({{{{"text", "t"}}}})),
            "400 Bad Request: can't parse inline keyboard button: Text buttons "
            "are unallowed in the inline keyboard");
  EXPECT_EQ(SendKeyboard(Rows({{{{"url", "https://e.x"}}}})),
            "400 Bad Request: can't parse inline keyboard button: Can't find "
            "field \"text\"");
  EXPECT_EQ(SendKeyboard(Rows({{{{"text", "t"}, {"url", "localhost"}}}})),
            "400 Bad Request: inline keyboard button URL 'localhost' is "
            "invalid: Wrong HTTP URL");
  EXPECT_EQ(SendKeyboard(Rows(
                {{{{"text", "t"}, {"callback_data", std::string(64, 'x')}}}})),
            "ok");
  EXPECT_EQ(SendKeyboard(Rows(
                {{{{"text", "t"}, {"callback_data", std::string(65, 'x')}}}})),
            "400 Bad Request: BUTTON_DATA_INVALID");
  Json row = Json::array();
  for (int i = 0; i < 101; ++i) row.push_back(url);
  EXPECT_EQ(SendKeyboard(Rows(Json::array({row}))),
            "400 Bad Request: reply markup is too long");
  EXPECT_EQ(SendKeyboard("{"),
            "400 Bad Request: can't parse reply keyboard markup JSON object");
}

}  // namespace
}  // namespace broadcast::test
