// Both kinds of Markdown.
#include <cstddef>
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

// How an entity is written, how the platform names it to whoever forgot its
// end, and how it names it in a message.
struct Mark {
  absl::string_view open;
  absl::string_view close;
  absl::string_view title;
  absl::string_view type;
};

constexpr Mark kBold = {"*", "*", "Bold", "bold"};
constexpr Mark kItalic = {"_", "_", "Italic", "italic"};
constexpr Mark kUnderline = {"__", "__", "Underline", "underline"};
constexpr Mark kStrike = {"~", "~", "Strikethrough", "strikethrough"};
constexpr Mark kSpoiler = {"||", "||", "Spoiler", "spoiler"};
constexpr Mark kCode = {"`", "`", "Code", "code"};
constexpr Mark kPre = {"```", "```", "Pre", "pre"};
constexpr Mark kPreCode = {"```", "```", "PreCode", "pre"};
constexpr Mark kLink = {"[", "]", "TextUrl", "text_link"};
constexpr Mark kEmoji = {"![", "]", "CustomEmoji", "custom_emoji"};
constexpr Mark kQuote = {"", "", "BlockQuote", "blockquote"};

// Where one begins like another, the longer one comes first.
constexpr const Mark* kMarks[] = {&kUnderline, &kItalic,  &kBold,
                                  &kStrike,    &kSpoiler, &kLink,
                                  &kPre,       &kCode,    &kEmoji};

// A link to a user or an emoji is an entity of another kind.
void AddLink(VisibleText& out, int64_t begin, absl::string_view url) {
  int64_t user = 0;
  if (absl::StartsWith(url, "tg://user?id=") &&
      absl::SimpleAtoi(url.substr(13), &user)) {
    return out.AddEntity(
        "text_mention", begin,
        {{"user", {{"id", user}, {"is_bot", false}, {"first_name", "User"}}}});
  }
  if (const auto link = CheckedLink(url)) {
    out.AddEntity("text_link", begin, {{"url", *link}});
  }
}

// The language after ```, which ends in white space, and one line feed.
// Returns where the text begins.
size_t SkipLanguage(absl::string_view text, size_t at, std::string& language) {
  size_t end = at;
  while (end < text.size() && !absl::ascii_isspace(text[end]) &&
         text[end] != '`') {
    ++end;
  }
  if (end != at && end < text.size() && text[end] != '`') {
    language = std::string(text.substr(at, end - at));
    at = end;
  }
  if (text.substr(at, 2) == "\r\n" || text.substr(at, 2) == "\n\r") {
    return at + 2;
  }
  return at < text.size() && (text[at] == '\n' || text[at] == '\r') ? at + 1
                                                                    : at;
}

class MarkdownV2 {
 public:
  explicit MarkdownV2(absl::string_view text) : text_(text) {}

  FormattedText Parse();

 private:
  struct Open {
    const Mark* mark;
    size_t byte;        // in the source
    int64_t unit;       // in what is seen
    size_t seen_bytes;  // likewise
    std::string language;
  };

  bool Next(absl::string_view expected) const {
    return text_.substr(at_, expected.size()) == expected;
  }
  bool Escapes(size_t at) const {
    return text_[at] == '\\' && at + 1 < text_.size() && text_[at + 1] > 0 &&
           text_[at + 1] <= 126;
  }
  bool IsReserved() const;
  bool EndsOpen() const;

  void Begin();
  // A line feed begins a line if it `breaks` one, which those in code do not.
  void Append(bool breaks);
  bool TakeExpandableMark();
  void End();
  void EndQuote();
  void EndLink(const Open& open);
  std::string ReadUrl(absl::string_view what);
  void EndText();
  void Fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  void FailReserved() {
    Fail(absl::StrCat("Character '", text_.substr(at_, 1),
                      "' is reserved and must be escaped with the preceding "
                      "'\\'"));
  }
  void FailUnclosed(const Open& open) {
    Fail(absl::StrCat("Can't find end of ", open.mark->title,
                      " entity at byte offset ", open.byte));
  }

  const absl::string_view text_;
  size_t at_ = 0;
  VisibleText out_;
  std::vector<Open> open_;
  bool quoting_ = false;    // then a kQuote is open
  bool line_start_ = true;  // but for marks
  std::string problem_;
};

bool MarkdownV2::IsReserved() const {
  const Mark* mark = open_.empty() ? nullptr : open_.back().mark;
  const bool verbatim = mark == &kCode || mark == &kPre || mark == &kPreCode;
  const absl::string_view reserved = verbatim ? "`" : "_*[]()~`>#+-=|{}.!\n";
  return absl::StrContains(reserved, text_.substr(at_, 1));
}

bool MarkdownV2::EndsOpen() const {
  if (open_.empty()) return false;
  const Mark* mark = open_.back().mark;
  if (quoting_ && Next("\n") && !Next("\n>")) return true;
  if (mark == &kQuote || !Next(mark->close)) return false;
  return mark != &kItalic || !Next("__");
}

FormattedText MarkdownV2::Parse() {
  while (at_ < text_.size() && problem_.empty()) {
    if (Escapes(at_)) {
      ++at_;
      Append(/*breaks=*/true);
    } else if (!IsReserved()) {
      Append(/*breaks=*/false);
    } else if (EndsOpen()) {
      End();
    } else {
      Begin();
    }
  }
  if (problem_.empty()) EndText();
  if (!problem_.empty()) return VisibleText::Refuse(std::move(problem_));
  return std::move(out_).Finish();
}

void MarkdownV2::Append(bool breaks) {
  if (text_[at_] != '\r') line_start_ = breaks && text_[at_] == '\n';
  out_.Append(text_[at_++]);
}

void MarkdownV2::Begin() {
  if (Next("\n")) return Append(/*breaks=*/true);
  if (Next(">") && line_start_) {
    const size_t byte = at_++;
    if (quoting_) return;
    quoting_ = true;
    open_.push_back({&kQuote, byte, out_.units(), out_.text().size(), ""});
    return;
  }
  for (const Mark* mark : kMarks) {
    if (!Next(mark->open)) continue;
    Open open = {mark, at_, out_.units(), out_.text().size(), ""};
    at_ += mark->open.size();
    if (mark == &kPre) {
      at_ = SkipLanguage(text_, at_, open.language);
      if (!open.language.empty()) open.mark = &kPreCode;
    }
    open_.push_back(std::move(open));
    return;
  }
  FailReserved();
}

void MarkdownV2::End() {
  if (quoting_ && Next("\n")) return EndQuote();
  const Open open = std::move(open_.back());
  open_.pop_back();
  at_ += open.mark->close.size();
  if (open.mark == &kLink || open.mark == &kEmoji) return EndLink(open);
  Json more;
  if (!open.language.empty()) more["language"] = open.language;
  out_.AddEntity(open.mark->type, open.unit, more);
}

// "||" with nothing behind it makes a quotation expandable.
bool MarkdownV2::TakeExpandableMark() {
  if (open_.back().mark != &kSpoiler) return false;
  const size_t behind = at_ - open_.back().byte - 2;
  const bool returned = behind == 1 && Next("\n") && text_[at_ - 1] == '\r';
  if (behind != 0 && !returned) return false;
  open_.pop_back();
  return true;
}

void MarkdownV2::EndQuote() {
  const bool expandable = TakeExpandableMark();
  if (open_.back().mark != &kQuote) return FailUnclosed(open_.back());
  out_.AddEntity(expandable ? "expandable_blockquote" : "blockquote",
                 open_.back().unit);
  open_.pop_back();
  quoting_ = false;
  Append(/*breaks=*/true);
}

// Up to the bracket that closes it.
std::string MarkdownV2::ReadUrl(absl::string_view what) {
  const size_t begin = ++at_;
  std::string url;
  while (at_ < text_.size() && text_[at_] != ')') {
    if (Escapes(at_)) ++at_;
    url.push_back(text_[at_++]);
  }
  if (at_ >= text_.size()) {
    Fail(absl::StrCat("Can't find end of a ", what, " at byte offset ", begin));
  }
  ++at_;
  return url;
}

void MarkdownV2::EndLink(const Open& open) {
  if (open.mark == &kLink) {
    AddLink(out_, open.unit,
            Next("(") ? ReadUrl("URL") : out_.text().substr(open.seen_bytes));
    return;
  }
  if (!Next("("))
    return Fail("Custom emoji entity must contain a tg://emoji URL");
  const std::string url = ReadUrl("custom emoji URL");
  const size_t id = url.find("id=");
  if (!absl::StartsWith(url, "tg://emoji") || id == std::string::npos) {
    return Fail("Custom emoji URL must have scheme tg");
  }
  out_.AddEntity("custom_emoji", open.unit,
                 {{"custom_emoji_id", url.substr(id + 3)}});
}

void MarkdownV2::EndText() {
  if (quoting_) {
    const bool expandable = TakeExpandableMark();
    if (open_.back().mark == &kQuote) {
      out_.AddEntity(expandable ? "expandable_blockquote" : "blockquote",
                     open_.back().unit);
      open_.pop_back();
    }
  }
  if (!open_.empty()) FailUnclosed(open_.back());
}

}  // namespace

FormattedText ParseMarkdownV2(absl::string_view text) {
  return MarkdownV2(text).Parse();
}

// The old kind: nothing is nested.
FormattedText ParseMarkdown(absl::string_view text) {
  VisibleText out;
  for (size_t at = 0; at < text.size();) {
    const absl::string_view rest = text.substr(at);
    if (rest.size() > 1 && rest[0] == '\\' &&
        absl::StrContains("_*`[", rest.substr(1, 1))) {
      out.Append(rest[1]);
      at += 2;
      continue;
    }
    if (!absl::StrContains("_*`[", rest.substr(0, 1))) {
      out.Append(text[at++]);
      continue;
    }
    const bool pre = absl::StartsWith(rest, "```");
    const absl::string_view close = pre              ? "```"
                                    : rest[0] == '[' ? "]"
                                                     : rest.substr(0, 1);
    std::string language;
    const size_t begin = pre ? SkipLanguage(text, at + 3, language) : at + 1;
    const size_t end = text.find(close, begin);
    if (end == text.npos) {
      return VisibleText::Refuse(absl::StrCat(
          "Can't find end of the entity starting at byte offset ", at));
    }
    const int64_t unit = out.units();
    for (const char byte : text.substr(begin, end - begin)) out.Append(byte);
    at = end + close.size();
    if (rest[0] == '[') {
      absl::string_view url = text.substr(begin, end - begin);
      if (text.substr(at, 1) == "(") {
        const size_t last = text.find(')', at);
        url = text.substr(at + 1, last == text.npos ? last : last - at - 1);
        at = last == text.npos ? text.size() : last + 1;
      }
      AddLink(out, unit, url);
    } else if (pre) {
      out.AddEntity("pre", unit,
                    language.empty() ? Json() : Json{{"language", language}});
    } else {
      out.AddEntity(rest[0] == '*'   ? "bold"
                    : rest[0] == '_' ? "italic"
                                     : "code",
                    unit);
    }
  }
  return std::move(out).Finish();
}

}  // namespace broadcast::telegram
