#include "content/content.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "content/html.h"
#include "content/markdown_v2.h"
#include "content/text.h"
#include "content/url.h"

namespace broadcast {
namespace {

using Json = nlohmann::json;

void ValidateButton(const Button& button, absl::string_view field,
                    Violations& violations) {
  CheckText(button.text,
            {.min_length = 1, .max_length = limits::kMaxButtonTextLength},
            Subfield(field, "text"), violations);
  const std::string problem = ButtonUrlProblem(button.url);
  if (!problem.empty()) violations.Add(Subfield(field, "url"), problem);
}

void ValidateRow(const std::vector<Button>& row, absl::string_view field,
                 Violations& violations) {
  const std::string buttons = Subfield(field, "buttons");
  if (row.empty() || row.size() > limits::kMaxButtonsPerRow) {
    violations.Add(buttons,
                   absl::StrCat("has ", row.size(), " buttons; a row has 1 to ",
                                limits::kMaxButtonsPerRow));
    return;
  }
  for (size_t i = 0; i < row.size(); ++i) {
    ValidateButton(row[i], Element(buttons, i), violations);
  }
}

void ValidateRows(const std::vector<std::vector<Button>>& rows,
                  absl::string_view field, Violations& violations) {
  size_t buttons = 0;
  for (const std::vector<Button>& row : rows) buttons += row.size();
  // A row has at least one button, so this bounds the rows too.
  if (buttons > limits::kMaxButtons || rows.size() > limits::kMaxButtons) {
    violations.Add(field,
                   absl::StrCat("has ", buttons, " buttons in ", rows.size(),
                                " rows; at most ", limits::kMaxButtons,
                                " buttons are allowed, and no empty "
                                "row"));
    return;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    ValidateRow(rows[i], Element(field, i), violations);
  }
}

absl::string_view ToText(ParseMode parse_mode) {
  switch (parse_mode) {
    case ParseMode::kNone:
      return "none";
    case ParseMode::kHtml:
      return "html";
    case ParseMode::kMarkdownV2:
      return "markdown_v2";
  }
  return "none";
}

std::optional<ParseMode> FromText(absl::string_view text) {
  for (const ParseMode mode :
       {ParseMode::kNone, ParseMode::kHtml, ParseMode::kMarkdownV2}) {
    if (ToText(mode) == text) return mode;
  }
  return std::nullopt;
}

// Throws Json::exception.
std::optional<Content> Decode(const Json& json) {
  const std::optional<ParseMode> parse_mode =
      FromText(json.value("parse_mode", "none"));
  if (!parse_mode.has_value()) return std::nullopt;
  Content content = {
      .text = json.at("text").get<std::string>(),
      .parse_mode = *parse_mode,
      .disable_notification = json.value("disable_notification", false),
      .protect_content = json.value("protect_content", false),
      .disable_link_preview = json.value("disable_link_preview", false)};
  for (const Json& row : json.value("button_rows", Json::array())) {
    std::vector<Button>& buttons = content.button_rows.emplace_back();
    for (const Json& button : row) {
      buttons.push_back({button.at("text").get<std::string>(),
                         button.at("url").get<std::string>()});
    }
  }
  return content;
}

}  // namespace

void Validate(const Content& content, absl::string_view field,
              Violations& violations) {
  const std::string text = Subfield(field, "text");
  const bool good = CheckText(content.text,
                              {.min_length = 1,
                               .max_length = limits::kMaxTextLength,
                               .multiline = true},
                              text, violations);
  if (good) {
    const Checked<std::string> visible =
        VisibleText(content.text, content.parse_mode);
    if (!visible.ok()) {
      violations.Add(text, visible.problem);
    } else if (IsBlank(visible.value)) {
      violations.Add(text,
                     "shows nothing but white space when its markup is gone; "
                     "give it at least one visible character");
    }
  }
  ValidateRows(content.button_rows, Subfield(field, "button_rows"), violations);
}

Checked<std::string> VisibleText(absl::string_view text, ParseMode parse_mode) {
  switch (parse_mode) {
    case ParseMode::kNone:
      break;
    case ParseMode::kHtml:
      return VisibleHtml(text);
    case ParseMode::kMarkdownV2:
      return VisibleMarkdownV2(text);
  }
  return {.value = std::string(text)};
}

std::string ToJson(const Content& content) {
  Json json = {{"text", content.text}};
  if (content.parse_mode != ParseMode::kNone) {
    json["parse_mode"] = std::string(ToText(content.parse_mode));
  }
  for (const std::vector<Button>& row : content.button_rows) {
    Json buttons = Json::array();
    for (const Button& button : row) {
      buttons.push_back({{"text", button.text}, {"url", button.url}});
    }
    json["button_rows"].push_back(std::move(buttons));
  }
  if (content.disable_notification) json["disable_notification"] = true;
  if (content.protect_content) json["protect_content"] = true;
  if (content.disable_link_preview) json["disable_link_preview"] = true;
  // Members are sorted by name. Invalid UTF-8 has been refused; if not, it
  // must not throw here.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Content> FromJson(absl::string_view document) {
  const Json json =
      Json::parse(document.begin(), document.end(), nullptr, false);
  try {
    std::optional<Content> content = Decode(json);
    if (content.has_value()) return *std::move(content);
  } catch (const Json::exception&) {
    return error::Internal();  // not one of ours
  }
  return error::Internal();
}

std::string ContentId(absl::string_view document) {
  return Sha256Hex(document);
}

}  // namespace broadcast
