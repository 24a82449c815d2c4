// HTML, as far as the platform knows it.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "telegram/formatted_text.h"

namespace broadcast::telegram {
namespace {

struct TagType {
  absl::string_view tag;
  absl::string_view type;
};

constexpr TagType kTags[] = {
    {"b", "bold"},
    {"strong", "bold"},
    {"i", "italic"},
    {"em", "italic"},
    {"u", "underline"},
    {"ins", "underline"},
    {"s", "strikethrough"},
    {"strike", "strikethrough"},
    {"del", "strikethrough"},
    {"tg-spoiler", "spoiler"},
    {"span", "spoiler"},
    {"a", "text_link"},
    {"code", "code"},
    {"pre", "pre"},
    {"blockquote", "blockquote"},
    {"tg-emoji", "custom_emoji"},
};

const TagType* FindTag(absl::string_view name) {
  const auto* found =
      std::find_if(std::begin(kTags), std::end(kTags),
                   [&](const TagType& tag) { return tag.tag == name; });
  return found == std::end(kTags) ? nullptr : found;
}

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0' ||
         c == '\v';
}

class Html {
 public:
  explicit Html(absl::string_view text) : text_(text) {}

  FormattedText Parse();

 private:
  struct Open {
    const TagType* tag;
    size_t byte;
    int64_t unit;
    size_t seen_bytes;
    std::map<std::string, std::string> attributes;
  };

  // NUL behind the end.
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool AtEnd() const { return at_ >= text_.size(); }
  void SkipBlanks() {
    while (!AtEnd() && IsBlank(text_[at_])) ++at_;
  }
  std::string ReadName(absl::string_view stop);

  // The code of the reference here, and moves behind it; 0: there is none.
  uint32_t ReadReference();
  void StartTag();
  bool ReadAttribute(Open& open);
  void EndTag();
  void Close(const Open& open);
  void Fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  const absl::string_view text_;
  size_t at_ = 0;
  VisibleText out_;
  std::vector<Open> open_;
  std::string problem_;
};

FormattedText Html::Parse() {
  while (!AtEnd() && problem_.empty()) {
    if (Peek() == '&') {
      if (const uint32_t code = ReadReference()) {
        out_.AppendCode(code);
        continue;
      }
    } else if (Peek() == '<') {
      text_.substr(at_ + 1, 1) == "/" ? EndTag() : StartTag();
      continue;
    }
    out_.Append(text_[at_++]);
  }
  if (!open_.empty()) {
    Fail(absl::StrCat("Can't find end tag corresponding to start tag \"",
                      open_.back().tag->tag, "\""));
  }
  if (!problem_.empty()) return VisibleText::Refuse(std::move(problem_));
  return std::move(out_).Finish();
}

uint32_t Html::ReadReference() {
  size_t end = at_ + 1;
  uint32_t code = 0;
  if (text_.substr(end, 1) == "#") {
    ++end;
    const bool hex = text_.substr(end, 1) == "x";
    if (hex) ++end;
    const size_t digits = end;
    while (end < text_.size() && (hex ? absl::ascii_isxdigit(text_[end])
                                      : absl::ascii_isdigit(text_[end]))) {
      ++end;
    }
    const absl::string_view number = text_.substr(digits, end - digits);
    const bool read = hex ? absl::SimpleHexAtoi(number, &code)
                          : absl::SimpleAtoi(number, &code);
    if (!read || code >= 0x10ffff || end - at_ >= 10) return 0;
  } else {
    while (end < text_.size() && absl::ascii_isalpha(text_[end])) ++end;
    const absl::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    code = name == "lt"     ? '<'
           : name == "gt"   ? '>'
           : name == "amp"  ? '&'
           : name == "quot" ? '"'
                            : 0;
  }
  if (code == 0) return 0;
  if (code >= 0xd800 && code <= 0xdfff) {
    Fail(
        "Text contains invalid Unicode characters after decoding HTML "
        "entities, check for unmatched surrogate code units");
  }
  at_ = end + (text_.substr(end, 1) == ";" ? 1 : 0);
  return code;
}

std::string Html::ReadName(absl::string_view stop) {
  const size_t begin = at_;
  while (!AtEnd() && !IsBlank(text_[at_]) &&
         !absl::StrContains(stop, text_.substr(at_, 1))) {
    ++at_;
  }
  return absl::AsciiStrToLower(text_.substr(begin, at_ - begin));
}

void Html::StartTag() {
  const size_t begin = at_++;
  const std::string name = ReadName(">");
  if (AtEnd()) {
    return Fail(absl::StrCat("Unclosed start tag at byte offset ", begin));
  }
  const TagType* tag = FindTag(name);
  if (tag == nullptr) {
    return Fail(absl::StrCat("Unsupported start tag \"", name,
                             "\" at byte offset ", begin));
  }
  Open open = {tag, begin, out_.units(), out_.text().size(), {}};
  for (SkipBlanks(); !AtEnd() && Peek() != '>'; SkipBlanks()) {
    if (!ReadAttribute(open)) return;
  }
  if (AtEnd()) {
    return Fail(absl::StrCat("Unclosed start tag \"", name,
                             "\" at byte offset ", begin));
  }
  ++at_;
  if (name == "span" && open.attributes["class"] != "tg-spoiler") {
    return Fail(absl::StrCat(
        "Tag \"span\" must have class \"tg-spoiler\" at byte offset ", begin));
  }
  open_.push_back(std::move(open));
}

bool Html::ReadAttribute(Open& open) {
  const size_t begin = at_;
  const std::string name = ReadName("=>");
  if (name.empty()) {
    Fail(absl::StrCat("Empty attribute name in the tag \"", open.tag->tag,
                      "\" at byte offset ", open.byte));
    return false;
  }
  SkipBlanks();
  if (Peek() != '=') {
    open.attributes[name] = "";
    return true;
  }
  ++at_;
  SkipBlanks();
  std::string value;
  if (Peek() == '"' || Peek() == '\'') {
    const char quote = text_[at_++];
    VisibleText read;
    while (!AtEnd() && text_[at_] != quote) {
      const uint32_t code = Peek() == '&' ? ReadReference() : 0;
      code != 0 ? read.AppendCode(code) : read.Append(text_[at_++]);
    }
    value = read.text();
    if (!AtEnd()) ++at_;
  } else {
    while (absl::ascii_isalnum(Peek()) || Peek() == '.' || Peek() == '-') {
      value.push_back(absl::ascii_tolower(text_[at_++]));
    }
    if (!AtEnd() && !IsBlank(Peek()) && Peek() != '>') {
      Fail(absl::StrCat("Unexpected end of name token at byte offset ", begin));
      return false;
    }
  }
  open.attributes[name] = std::move(value);
  return true;
}

void Html::EndTag() {
  const size_t begin = at_;
  at_ += 2;
  if (open_.empty()) {
    return Fail(absl::StrCat("Unexpected end tag at byte offset ", begin));
  }
  const std::string name = ReadName(">");
  SkipBlanks();
  if (Peek() != '>') {
    return Fail(absl::StrCat("Unclosed end tag at byte offset ", begin));
  }
  ++at_;
  const Open open = std::move(open_.back());
  open_.pop_back();
  if (!name.empty() && name != open.tag->tag) {
    return Fail(absl::StrCat("Unmatched end tag at byte offset ", begin,
                             ", expected \"</", open.tag->tag,
                             ">\", found \"</", name, ">\""));
  }
  Close(open);
}

void Html::Close(const Open& open) {
  const auto attribute = [&](const std::string& name) {
    const auto found = open.attributes.find(name);
    return found == open.attributes.end() ? std::string() : found->second;
  };
  const absl::string_view tag = open.tag->tag;
  if (tag == "a") {
    const std::string href = attribute("href");
    const auto link =
        CheckedLink(href.empty() ? out_.text().substr(open.seen_bytes) : href);
    if (link) out_.AddEntity("text_link", open.unit, {{"url", *link}});
  } else if (tag == "tg-emoji") {
    int64_t id = 0;
    if (out_.units() != open.unit &&
        (!absl::SimpleAtoi(attribute("emoji-id"), &id) || id == 0)) {
      return Fail("Invalid custom emoji identifier specified");
    }
    out_.AddEntity("custom_emoji", open.unit,
                   {{"custom_emoji_id", attribute("emoji-id")}});
  } else if (tag == "blockquote" && open.attributes.count("expandable") != 0) {
    out_.AddEntity("expandable_blockquote", open.unit);
  } else if (tag == "pre" || tag == "code") {
    std::string language = attribute("class");
    if (!absl::StartsWith(language, "language-")) language.clear();
    out_.AddCode(tag, open.unit, language.empty() ? "" : language.substr(9));
  } else {
    out_.AddEntity(open.tag->type, open.unit);
  }
}

}  // namespace

FormattedText ParseHtml(absl::string_view text) { return Html(text).Parse(); }

}  // namespace broadcast::telegram
