#include "content/markdown_v2.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace broadcast {
namespace {

enum class Kind {
  kBold,
  kItalic,
  kUnderline,
  kStrikethrough,
  kSpoiler,
  kCode,
  kPre,
  kLink,
  kEmoji,
  kQuote,
};

absl::string_view Name(Kind kind) {
  switch (kind) {
    case Kind::kBold:
      return "bold text (*)";
    case Kind::kItalic:
      return "italic text (_)";
    case Kind::kUnderline:
      return "underlined text (__)";
    case Kind::kStrikethrough:
      return "struck text (~)";
    case Kind::kSpoiler:
      return "a spoiler (||)";
    case Kind::kCode:
      return "code (`)";
    case Kind::kPre:
      return "a code block (```)";
    case Kind::kLink:
      return "a link ([)";
    case Kind::kEmoji:
      return "a custom emoji (![)";
    case Kind::kQuote:
      return "a quotation (>)";
  }
  return "an entity";
}

class MarkdownReader {
 public:
  explicit MarkdownReader(absl::string_view text) : text_(text) {}

  Checked<std::string> Read();

 private:
  struct Entity {
    Kind kind;
    size_t begin;
  };

  bool Next(absl::string_view expected) const {
    return text_.substr(at_, expected.size()) == expected;
  }
  bool AtEscape(size_t position) const;
  bool AtReserved() const;
  bool AtEndOfLastEntity() const;
  std::optional<Kind> EntityThatBegins() const;

  void ReadEscaped();
  void ReadPlain();
  void ReadLineFeed();
  void Begin();
  void BeginPre();
  void End();
  void ReadUrl(Kind kind, size_t begin);
  void EndQuote();
  void EndText();

  // A quotation is made expandable by a spoiler mark with nothing behind it.
  void DropExpandableMark();

  void FailUnclosed();
  // Only the first problem is kept.
  void Fail(size_t position, absl::string_view problem);

  const absl::string_view text_;
  size_t at_ = 0;
  std::string visible_;
  std::string problem_;
  std::vector<Entity> open_;
  bool in_quote_ = false;      // then a kQuote is in open_
  bool at_line_start_ = true;  // but for marks
};

Checked<std::string> MarkdownReader::Read() {
  while (at_ < text_.size() && problem_.empty()) {
    if (AtEscape(at_)) {
      ReadEscaped();
    } else if (!AtReserved()) {
      ReadPlain();
    } else if (in_quote_ && Next("\n") && !Next("\n>")) {
      EndQuote();
    } else if (AtEndOfLastEntity()) {
      End();
    } else if (Next("\n")) {
      ReadLineFeed();
    } else {
      Begin();
    }
  }
  if (problem_.empty()) EndText();
  return {.value = std::move(visible_), .problem = std::move(problem_)};
}

// A backslash takes the meaning from any character of ASCII.
bool MarkdownReader::AtEscape(size_t position) const {
  return position + 1 < text_.size() && text_[position] == '\\' &&
         text_[position + 1] > 0 && text_[position + 1] <= 126;
}

bool MarkdownReader::AtReserved() const {
  const bool code = !open_.empty() && (open_.back().kind == Kind::kCode ||
                                       open_.back().kind == Kind::kPre);
  const absl::string_view reserved = code ? "`" : "_*[]()~`>#+-=|{}.!\n";
  return reserved.find(text_[at_]) != reserved.npos;
}

bool MarkdownReader::AtEndOfLastEntity() const {
  if (open_.empty()) return false;
  switch (open_.back().kind) {
    case Kind::kBold:
      return Next("*");
    case Kind::kItalic:
      return Next("_") && !Next("__");
    case Kind::kUnderline:
      return Next("__");
    case Kind::kStrikethrough:
      return Next("~");
    case Kind::kSpoiler:
      return Next("||");
    case Kind::kCode:
      return Next("`");
    case Kind::kPre:
      return Next("```");
    case Kind::kLink:
    case Kind::kEmoji:
      return Next("]");
    case Kind::kQuote:
      return false;
  }
  return false;
}

std::optional<Kind> MarkdownReader::EntityThatBegins() const {
  if (Next("__")) return Kind::kUnderline;
  if (Next("_")) return Kind::kItalic;
  if (Next("*")) return Kind::kBold;
  if (Next("~")) return Kind::kStrikethrough;
  if (Next("||")) return Kind::kSpoiler;
  if (Next("[")) return Kind::kLink;
  if (Next("```")) return Kind::kPre;
  if (Next("`")) return Kind::kCode;
  if (Next("![")) return Kind::kEmoji;
  if (Next(">") && at_line_start_) return Kind::kQuote;
  return std::nullopt;
}

void MarkdownReader::ReadEscaped() {
  ++at_;
  if (text_[at_] != '\r') at_line_start_ = text_[at_] == '\n';
  visible_.push_back(text_[at_++]);
}

void MarkdownReader::ReadPlain() {
  if (text_[at_] != '\r') at_line_start_ = false;
  visible_.push_back(text_[at_++]);
}

void MarkdownReader::ReadLineFeed() {
  at_line_start_ = true;
  visible_.push_back(text_[at_++]);
}

void MarkdownReader::Begin() {
  const std::optional<Kind> kind = EntityThatBegins();
  if (!kind.has_value()) {
    return Fail(at_, absl::StrCat("is '", text_.substr(at_, 1),
                                  "', which is reserved; write a backslash "
                                  "before it"));
  }
  const size_t begin = at_;
  if (*kind == Kind::kPre) {
    BeginPre();
  } else {
    const bool two = *kind == Kind::kUnderline || *kind == Kind::kSpoiler ||
                     *kind == Kind::kEmoji;
    at_ += two ? 2 : 1;
  }
  // A further line of the quotation.
  if (*kind == Kind::kQuote && std::exchange(in_quote_, true)) return;
  open_.push_back({*kind, begin});
}

// The name of a language and one line feed are not shown.
void MarkdownReader::BeginPre() {
  at_ += 3;
  size_t end = at_;
  while (end < text_.size() && !absl::ascii_isspace(text_[end]) &&
         text_[end] != '`') {
    ++end;
  }
  if (end < text_.size() && text_[end] != '`') at_ = end;
  if (Next("\n")) ++at_;
}

void MarkdownReader::End() {
  const Entity entity = open_.back();
  open_.pop_back();
  switch (entity.kind) {
    case Kind::kUnderline:
    case Kind::kSpoiler:
      at_ += 2;
      return;
    case Kind::kPre:
      at_ += 3;
      return;
    case Kind::kLink:
    case Kind::kEmoji:
      ++at_;
      ReadUrl(entity.kind, entity.begin);
      return;
    default:
      ++at_;
  }
}

// A link without URL is its own.
void MarkdownReader::ReadUrl(Kind kind, size_t begin) {
  if (!Next("(")) {
    if (kind == Kind::kEmoji) Fail(begin, "begins a custom emoji without URL");
    return;
  }
  const size_t url_begin = ++at_;
  while (at_ < text_.size() && text_[at_] != ')') {
    at_ += AtEscape(at_) ? 2 : 1;
  }
  if (at_ >= text_.size()) return Fail(url_begin, "begins a URL without ')'");
  const absl::string_view url = text_.substr(url_begin, at_ - url_begin);
  if (kind == Kind::kEmoji && !absl::StartsWithIgnoreCase(url, "tg:")) {
    Fail(url_begin, "begins the URL of a custom emoji, which must be tg://");
  }
  ++at_;
}

void MarkdownReader::DropExpandableMark() {
  if (open_.back().kind != Kind::kSpoiler) return;
  const size_t behind = at_ - open_.back().begin - 2;
  const bool returned = behind == 1 && Next("\n") && text_[at_ - 1] == '\r';
  if (behind == 0 || returned) open_.pop_back();
}

void MarkdownReader::EndQuote() {
  DropExpandableMark();
  if (open_.back().kind != Kind::kQuote) return FailUnclosed();
  open_.pop_back();
  in_quote_ = false;
  ReadLineFeed();
}

void MarkdownReader::EndText() {
  if (in_quote_) {
    DropExpandableMark();
    if (open_.back().kind == Kind::kQuote) open_.pop_back();
  }
  if (!open_.empty()) FailUnclosed();
}

void MarkdownReader::FailUnclosed() {
  Fail(open_.back().begin,
       absl::StrCat("begins ", Name(open_.back().kind),
                    " that is not closed; close it, or write a backslash "
                    "before it"));
}

void MarkdownReader::Fail(size_t position, absl::string_view problem) {
  if (!problem_.empty()) return;
  problem_ =
      absl::StrCat("is not the MarkdownV2 that Telegram accepts: character ",
                   CharacterCount(text_.substr(0, position)) + 1, " ", problem);
}

}  // namespace

Checked<std::string> VisibleMarkdownV2(absl::string_view text) {
  return MarkdownReader(text).Read();
}

}  // namespace broadcast
