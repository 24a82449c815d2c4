#include "content/html.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace broadcast {
namespace {

constexpr absl::string_view kTags[] = {
    "a", "b",      "blockquote", "code",       "del",    "em",
    "i", "ins",    "pre",        "s",          "span",   "strike",
    "u", "strong", "tg-emoji",   "tg-spoiler", "tg-time"};

struct Reference {
  char32_t code = 0;
  size_t bytes = 0;  // with the '&', and the ';' if there is one
};

std::optional<char32_t> NamedCharacter(absl::string_view name) {
  if (name == "lt") return U'<';
  if (name == "gt") return U'>';
  if (name == "amp") return U'&';
  if (name == "quot") return U'"';
  return std::nullopt;
}

// The character reference that `text` begins with. Telegram shows any other
// '&' as it stands.
std::optional<Reference> DecodeReference(absl::string_view text) {
  constexpr size_t kMaxNumeric = 9;  // bytes before the ';'
  size_t end = 1;
  std::optional<char32_t> code;
  if (text.size() > 1 && text[1] == '#') {
    const bool hex = text.size() > 2 && text[2] == 'x';
    end = hex ? 3 : 2;
    const size_t digits = end;
    while (end < text.size() && (hex ? absl::ascii_isxdigit(text[end])
                                     : absl::ascii_isdigit(text[end]))) {
      ++end;
    }
    const absl::string_view number = text.substr(digits, end - digits);
    uint32_t value = 0;
    if (end > kMaxNumeric) return std::nullopt;
    if (hex ? !absl::SimpleHexAtoi(number, &value)
            : !absl::SimpleAtoi(number, &value)) {
      return std::nullopt;
    }
    if (value == 0 || value >= 0x10ffff) return std::nullopt;
    code = value;
  } else {
    while (end < text.size() && absl::ascii_isalpha(text[end])) ++end;
    code = NamedCharacter(text.substr(1, end - 1));
  }
  if (!code.has_value()) return std::nullopt;
  if (end < text.size() && text[end] == ';') ++end;
  return Reference{*code, end};
}

class HtmlReader {
 public:
  explicit HtmlReader(absl::string_view text) : text_(text) {}

  Checked<std::string> Read();

 private:
  struct Tag {
    absl::string_view name;  // one of kTags
    size_t begin = 0;        // of the '<'
    size_t visible_begin = 0;
    std::string marker;  // class of a span, id of an emoji
  };

  // NUL behind the end; text itself holds none.
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool AtTagEnd() const { return AtSpace() || Peek() == '>'; }
  bool AtSpace() const {
    return at_ >= text_.size() || absl::ascii_isspace(text_[at_]);
  }
  void SkipSpace() {
    while (at_ < text_.size() && AtSpace()) ++at_;
  }
  std::string TakeTagName();

  void ReadCharacter();
  void ReadStartTag();
  void ReadAttribute(Tag& tag);
  std::string ReadQuoted();
  std::string ReadToken();
  void ReadEndTag();

  // Only the first problem is kept.
  void Fail(size_t position, absl::string_view problem);

  const absl::string_view text_;
  size_t at_ = 0;
  std::string visible_;
  std::string problem_;
  std::vector<Tag> open_;
};

Checked<std::string> HtmlReader::Read() {
  while (at_ < text_.size() && problem_.empty()) {
    if (text_[at_] != '<') {
      ReadCharacter();
    } else if (text_.substr(at_, 2) == "</") {
      ReadEndTag();
    } else {
      ReadStartTag();
    }
  }
  if (problem_.empty() && !open_.empty()) {
    Fail(open_.back().begin,
         absl::StrCat("a tag is not closed; add </", open_.back().name, ">"));
  }
  return {.value = std::move(visible_), .problem = std::move(problem_)};
}

void HtmlReader::ReadCharacter() {
  const std::optional<Reference> reference =
      text_[at_] == '&' ? DecodeReference(text_.substr(at_)) : std::nullopt;
  if (!reference.has_value()) {
    visible_.push_back(text_[at_++]);
    return;
  }
  if (reference->code >= 0xd800 && reference->code <= 0xdfff) {
    Fail(at_, "a reference to half a character; write the whole one");
  }
  AppendUtf8(reference->code, visible_);
  at_ += reference->bytes;
}

std::string HtmlReader::TakeTagName() {
  const size_t begin = at_;
  while (!AtTagEnd()) ++at_;
  return absl::AsciiStrToLower(text_.substr(begin, at_ - begin));
}

void HtmlReader::ReadStartTag() {
  Tag tag{.begin = at_, .visible_begin = visible_.size()};
  ++at_;
  const std::string name = TakeTagName();
  const auto* known = std::find(std::begin(kTags), std::end(kTags), name);
  if (known == std::end(kTags)) {
    Fail(tag.begin,
         "a tag that Telegram does not have; write &lt; for a '<' that begins "
         "no tag");
    return;
  }
  tag.name = *known;
  for (SkipSpace(); problem_.empty() && Peek() != '>'; SkipSpace()) {
    if (at_ >= text_.size()) {
      Fail(tag.begin, "a tag without its '>'");
    } else {
      ReadAttribute(tag);
    }
  }
  ++at_;
  if (tag.name == "span" && tag.marker != "tg-spoiler") {
    Fail(tag.begin, "a span without class=\"tg-spoiler\"");
  }
  open_.push_back(std::move(tag));
}

void HtmlReader::ReadAttribute(Tag& tag) {
  const size_t begin = at_;
  while (!AtTagEnd() && Peek() != '=') ++at_;
  const std::string name =
      absl::AsciiStrToLower(text_.substr(begin, at_ - begin));
  if (name.empty()) return Fail(begin, "an attribute without a name");
  SkipSpace();
  if (Peek() != '=') return;
  ++at_;
  SkipSpace();
  const bool quoted = Peek() == '"' || Peek() == '\'';
  std::string value = quoted ? ReadQuoted() : ReadToken();
  if ((tag.name == "span" && name == "class") ||
      (tag.name == "tg-emoji" && name == "emoji-id")) {
    tag.marker = std::move(value);
  }
}

std::string HtmlReader::ReadQuoted() {
  const size_t begin = at_;
  const char quote = text_[at_++];
  std::string value;
  while (at_ < text_.size() && text_[at_] != quote) {
    const std::optional<Reference> reference =
        text_[at_] == '&' ? DecodeReference(text_.substr(at_)) : std::nullopt;
    if (reference.has_value()) {
      AppendUtf8(reference->code, value);
      at_ += reference->bytes;
    } else {
      value.push_back(text_[at_++]);
    }
  }
  if (at_ >= text_.size()) {
    Fail(begin, "an attribute without its closing quote");
  } else {
    ++at_;
  }
  return value;
}

std::string HtmlReader::ReadToken() {
  const size_t begin = at_;
  while (at_ < text_.size() && (absl::ascii_isalnum(text_[at_]) ||
                                text_[at_] == '.' || text_[at_] == '-')) {
    ++at_;
  }
  if (!AtTagEnd()) Fail(begin, "an attribute that needs quotes");
  return absl::AsciiStrToLower(text_.substr(begin, at_ - begin));
}

void HtmlReader::ReadEndTag() {
  const size_t begin = at_;
  at_ += 2;
  const std::string name = TakeTagName();
  SkipSpace();
  if (Peek() != '>') return Fail(begin, "a closing tag without its '>'");
  if (open_.empty()) return Fail(begin, "a closing tag, but no tag is open");
  ++at_;
  const Tag tag = std::move(open_.back());
  open_.pop_back();
  if (!name.empty() && name != tag.name) {
    return Fail(begin, absl::StrCat("a closing tag, but the one to close is </",
                                    tag.name, ">"));
  }
  int64_t emoji = 0;
  if (tag.name == "tg-emoji" && visible_.size() > tag.visible_begin &&
      (!absl::SimpleAtoi(tag.marker, &emoji) || emoji == 0)) {
    Fail(tag.begin, "a tg-emoji without a number as its emoji-id");
  }
}

void HtmlReader::Fail(size_t position, absl::string_view problem) {
  if (!problem_.empty()) return;
  problem_ = absl::StrCat("is not the HTML that Telegram accepts: character ",
                          CharacterCount(text_.substr(0, position)) + 1,
                          " begins ", problem);
}

}  // namespace

Checked<std::string> VisibleHtml(absl::string_view text) {
  return HtmlReader(text).Read();
}

}  // namespace broadcast
