#include "content/html.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace broadcast {
namespace {

using testing::HasSubstr;

TEST(Html, MarkupIsNotVisible) {
  const struct {
    absl::string_view text;
    absl::string_view visible;
  } cases[] = {
      {"plain", "plain"},
      {"<b>bold</b>", "bold"},
      {"<B>bold</b>", "bold"},
      {"<b>a<i>b<u>c</u></i></b>d", "abcd"},
      {"<b >x</b >", "x"},
      {"<b>x</>", "x"},  // a closing tag without name closes the last
      {"<strong>a</strong><em>b</em><s>c</s><strike>d</strike><del>e</del>"
       "<ins>f</ins><code>g</code><tg-spoiler>h</tg-spoiler>",
       "abcdefgh"},
      {"<a href=\"https://example.com/?a=1&amp;b=2\">link</a>", "link"},
      {"<a href='https://example.com/>'>link</a>", "link"},
      {"<a href=example.com>link</a>", "link"},
      {"<span class=\"tg-spoiler\">x</span>", "x"},
      {"<tg-emoji emoji-id=\"5368324170671202286\">👍</tg-emoji>", "👍"},
      {"<pre><code class=\"language-python\">x = 1</code></pre>", "x = 1"},
      {"<blockquote expandable>long</blockquote>", "long"},
      {"<blockquote>short\nlines</blockquote>", "short\nlines"},
      {"<tg-time unix=\"1647531900\" format=\"wDT\">22:45</tg-time>", "22:45"},
      {"a > b", "a > b"},
      {"<b></b>", ""},
  };
  for (const auto& c : cases) {
    const Checked<std::string> visible = VisibleHtml(c.text);
    EXPECT_EQ(visible.problem, "") << c.text;
    EXPECT_EQ(visible.value, c.visible) << c.text;
  }
}

TEST(Html, CharacterReferencesAreDecodedAndOthersShown) {
  const struct {
    absl::string_view text;
    absl::string_view visible;
  } cases[] = {
      {"&lt;b&gt; &amp; &quot;", "<b> & \""},
      {"&lt b", "< b"},
      {"&#60;&#x3C;&#x3c;", "<<<"},
      {"&#128077;", "👍"},
      {"a & b", "a & b"},
      {"AT&T", "AT&T"},
      {"&nbsp;&copy;", "&nbsp;&copy;"},
      {"&#0;&#xg;&#;&", "&#0;&#xg;&#;&"},
      {"&#99999999999;", "&#99999999999;"},
      {"&#x10ffff;", "&#x10ffff;"},
  };
  for (const auto& c : cases) {
    const Checked<std::string> visible = VisibleHtml(c.text);
    EXPECT_EQ(visible.problem, "") << c.text;
    EXPECT_EQ(visible.value, c.visible) << c.text;
  }
}

TEST(Html, WhatTelegramCannotParseIsRefused) {
  const struct {
    absl::string_view text;
    absl::string_view problem;
  } cases[] = {
      {"<b>x", "character 1 begins a tag is not closed; add </b>"},
      {"größer <i>x", "character 8 begins"},
      {"<b><i>x</b></i>", "the one to close is </i>"},
      {"<b>x</b></b>", "character 9 begins a closing tag, but no tag is open"},
      {"x</b>", "no tag is open"},
      {"<b>x</b", "a closing tag without its '>'"},
      {"<b>x</b y>", "a closing tag without its '>'"},
      {"<b", "a tag without its '>'"},
      {"<", "a tag that Telegram does not have"},
      {"1 < 2", "write &lt;"},
      {"i <3 you", "write &lt;"},
      {"<p>x</p>", "a tag that Telegram does not have"},
      {"<br>", "a tag that Telegram does not have"},
      {"<b/>", "a tag that Telegram does not have"},
      {"<script>x</script>", "a tag that Telegram does not have"},
      {"<!-- x -->", "a tag that Telegram does not have"},
      {"<span>x</span>", "a span without class"},
      {"<span class=\"red\">x</span>", "a span without class"},
      {"<a href=\"x>y</a>", "an attribute without its closing quote"},
      {"<a href=https://x>y</a>", "an attribute that needs quotes"},
      {"<a =x>y</a>", "an attribute without a name"},
      {"<a href=", "a tag without its '>'"},
      {"<a href", "a tag without its '>'"},
      {"<tg-emoji>👍</tg-emoji>", "without a number as its emoji-id"},
      {"<tg-emoji emoji-id=\"x\">👍</tg-emoji>", "without a number"},
      {"<tg-emoji emoji-id=\"0\">👍</tg-emoji>", "without a number"},
      {"&#xd83d;&#xdc4d;", "half a character"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(VisibleHtml(c.text).problem, HasSubstr(std::string(c.problem)))
        << c.text;
  }
}

TEST(Html, DeepNestingIsNoProblem) {
  std::string text;
  for (int i = 0; i < 500; ++i) absl::StrAppend(&text, "<b>");
  absl::StrAppend(&text, "x");
  for (int i = 0; i < 500; ++i) absl::StrAppend(&text, "</b>");
  EXPECT_EQ(VisibleHtml(text).value, "x");
}

}  // namespace
}  // namespace broadcast
