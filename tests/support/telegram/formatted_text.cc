#include "telegram/formatted_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace broadcast::telegram {
namespace {

constexpr size_t kMostRawBytes = 1 << 15;
constexpr size_t kMostEntities = 100;

bool Continues(char byte) { return (byte & 0xc0) == 0x80; }

int64_t UnitsOf(absl::string_view text) {
  int64_t units = 0;
  for (const char byte : text) {
    if (!Continues(byte)) {
      units += static_cast<unsigned char>(byte) >= 0xf0 ? 2 : 1;
    }
  }
  return units;
}

size_t SequenceLength(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

bool IsSpace(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n' ||
         byte == '\0' || byte == '\v';
}

// Cuts what stands before and behind, and the entities with it.
void Trim(FormattedText& formatted) {
  std::string& text = formatted.text;
  size_t begin = 0;
  size_t end = text.size();
  while (end > 0 && IsSpace(text[end - 1])) --end;
  while (begin < end && IsSpace(text[begin])) ++begin;
  const auto cut = static_cast<int64_t>(begin);
  text = text.substr(begin, end - begin);
  const int64_t units = UnitsOf(text);
  Json kept = Json::array();
  for (Json& entity : formatted.entities) {
    const int64_t from = entity.value("offset", int64_t{0}) - cut;
    const int64_t to =
        std::min(from + entity.value("length", int64_t{0}), units);
    if (to <= std::max<int64_t>(from, 0) || kept.size() == kMostEntities) {
      continue;
    }
    entity["offset"] = std::max<int64_t>(from, 0);
    entity["length"] = to - std::max<int64_t>(from, 0);
    kept.push_back(std::move(entity));
  }
  formatted.entities = std::move(kept);
}

FormattedText Parse(absl::string_view text, absl::string_view parse_mode,
                    const Json& entities) {
  const std::string mode = absl::AsciiStrToLower(parse_mode);
  FormattedText formatted;
  if (mode == "html") {
    formatted = ParseHtml(text);
  } else if (mode == "markdownv2") {
    formatted = ParseMarkdownV2(text);
  } else if (mode == "markdown") {
    formatted = ParseMarkdown(text);
  } else if (mode.empty() || mode == "none") {
    formatted.text = std::string(text);
    if (entities.is_array()) formatted.entities = entities;
    return formatted;
  } else {
    return VisibleText::Refuse("Bad Request: unsupported parse_mode");
  }
  if (!formatted.problem.empty()) {
    formatted.problem =
        absl::StrCat("Bad Request: can't parse entities: ", formatted.problem);
  }
  return formatted;
}

}  // namespace

void VisibleText::Append(char byte) {
  text_.push_back(byte);
  if (!Continues(byte)) {
    units_ += static_cast<unsigned char>(byte) >= 0xf0 ? 2 : 1;
  }
}

void VisibleText::AppendCode(uint32_t code) {
  const auto push = [this](uint32_t byte) {
    Append(static_cast<char>(static_cast<unsigned char>(byte)));
  };
  if (code < 0x80) {
    push(code);
  } else if (code < 0x800) {
    push(0xc0 | (code >> 6));
    push(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    push(0xe0 | (code >> 12));
    push(0x80 | ((code >> 6) & 0x3f));
    push(0x80 | (code & 0x3f));
  } else {
    push(0xf0 | (code >> 18));
    push(0x80 | ((code >> 12) & 0x3f));
    push(0x80 | ((code >> 6) & 0x3f));
    push(0x80 | (code & 0x3f));
  }
}

void VisibleText::AddEntity(absl::string_view type, int64_t begin, Json more) {
  if (units_ == begin) return;
  Json entity = {{"type", std::string(type)},
                 {"offset", begin},
                 {"length", units_ - begin}};
  if (more.is_object()) entity.update(more);
  entities_.push_back(std::move(entity));
}

void VisibleText::AddCode(absl::string_view type, int64_t begin,
                          std::string language) {
  if (!entities_.empty()) {
    Json& last = entities_.back();
    const bool other =
        (type == "pre" && last["type"] == "code") ||
        (type == "code" && last["type"] == "pre" && !last.contains("language"));
    const std::string& named = type == "pre" ? last_language_ : language;
    if (other && last["offset"] == begin && last["length"] == units_ - begin &&
        !named.empty()) {
      last["type"] = "pre";
      last["language"] = named;
      return;
    }
  }
  AddEntity(type, begin);
  last_language_ = type == "code" ? std::move(language) : "";
}

FormattedText VisibleText::Finish() && {
  // Where one begins at another's beginning, the longer one comes first.
  std::stable_sort(entities_.begin(), entities_.end(),
                   [](const Json& a, const Json& b) {
                     return std::pair(a["offset"].get<int64_t>(),
                                      -a["length"].get<int64_t>()) <
                            std::pair(b["offset"].get<int64_t>(),
                                      -b["length"].get<int64_t>());
                   });
  return {.text = std::move(text_), .entities = std::move(entities_)};
}

FormattedText VisibleText::Refuse(std::string problem) {
  return {.problem = std::move(problem)};
}

FormattedText ReadText(absl::string_view text, absl::string_view parse_mode,
                       const Json& entities, size_t most_characters) {
  if (!IsValidUtf8(text)) {
    return VisibleText::Refuse("Bad Request: strings must be encoded in UTF-8");
  }
  if (text.empty()) {
    return VisibleText::Refuse("Bad Request: message text is empty");
  }
  if (text.size() > kMostRawBytes) {
    return VisibleText::Refuse("Bad Request: text is too long");
  }
  FormattedText formatted = Parse(text, parse_mode, entities);
  if (!formatted.problem.empty()) return formatted;
  Trim(formatted);
  if (formatted.text.empty()) {
    return VisibleText::Refuse("Bad Request: text must be non-empty");
  }
  if (CodePoints(formatted.text) > most_characters) {
    return VisibleText::Refuse("Bad Request: message is too long");
  }
  return formatted;
}

bool IsValidUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const size_t length = SequenceLength(first);
    if (length == 0 || i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      if (!Continues(text[i + k])) return false;
    }
    if (length > 2) {
      const auto second = static_cast<unsigned char>(text[i + 1]);
      if ((first == 0xe0 && second < 0xa0) ||
          (first == 0xed && second >= 0xa0) ||
          (first == 0xf0 && second < 0x90) ||
          (first == 0xf4 && second >= 0x90)) {
        return false;
      }
    }
    i += length;
  }
  return true;
}

size_t CodePoints(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return !Continues(byte); }));
}

std::optional<std::string> CheckedLink(absl::string_view url) {
  const absl::string_view link = absl::StripAsciiWhitespace(url);
  const size_t colon = link.find("://");
  const std::string scheme = colon == link.npos
                                 ? "http"
                                 : absl::AsciiStrToLower(link.substr(0, colon));
  if (scheme != "http" && scheme != "https" && scheme != "tg" &&
      scheme != "ton" && scheme != "ftp") {
    return std::nullopt;
  }
  absl::string_view host = colon == link.npos ? link : link.substr(colon + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.empty() || host.find_first_of(" \"<>\\^`{|}") != host.npos) {
    return std::nullopt;
  }
  const bool web = scheme != "tg" && scheme != "ton";
  if (web && host.find('.') == host.npos && host.find('[') == host.npos) {
    return std::nullopt;
  }
  std::string checked =
      colon == link.npos ? absl::StrCat("http://", link) : std::string(link);
  if (web && link.size() == (host.data() - link.data()) + host.size()) {
    checked.push_back('/');
  }
  return checked;
}

}  // namespace broadcast::telegram
