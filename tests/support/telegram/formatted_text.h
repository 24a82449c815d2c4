// The text of a message and the entities in it, read as the platform reads
// them, with its words for what it does not take. Written from the platform's
// description and not from server/content, which tests compare with it. Pure;
// any thread.
#ifndef BROADCASTD_TELEGRAM_FORMATTED_TEXT_H_
#define BROADCASTD_TELEGRAM_FORMATTED_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "telegram/bot_answer.h"

namespace broadcast::telegram {

struct FormattedText {
  std::string text;
  Json entities = Json::array();  // offsets and lengths in UTF-16 units
  std::string problem;            // then the rest means nothing
};

// Collects what remains to be seen, and counts it.
class VisibleText {
 public:
  // One byte of UTF-8.
  void Append(char byte);
  void AppendCode(uint32_t code);

  const std::string& text() const { return text_; }
  int64_t units() const { return units_; }

  // An entity from `begin` to here, unless it is empty.
  void AddEntity(absl::string_view type, int64_t begin, Json more = {});
  // Likewise, of "pre" and "code": one within the other is one of code in a
  // language, if one of them names it.
  void AddCode(absl::string_view type, int64_t begin, std::string language);

  FormattedText Finish() &&;
  static FormattedText Refuse(std::string problem);

 private:
  std::string text_;
  int64_t units_ = 0;  // of UTF-16
  Json entities_ = Json::array();
  std::string last_language_;  // of the last one, if that is "code"
};

FormattedText ParseHtml(absl::string_view text);
FormattedText ParseMarkdown(absl::string_view text);
FormattedText ParseMarkdownV2(absl::string_view text);

// The parameters text, parse_mode and entities of a message together, its
// white space trimmed. `problem` is a whole description then.
FormattedText ReadText(absl::string_view text, absl::string_view parse_mode,
                       const Json& entities, size_t most_characters);

bool IsValidUtf8(absl::string_view text);
size_t CodePoints(absl::string_view text);

// What a link of an entity may be; nothing if it is none.
std::optional<std::string> CheckedLink(absl::string_view url);

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_FORMATTED_TEXT_H_
