#include "telegram/inline_keyboard.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "telegram/formatted_text.h"

namespace broadcast::telegram {
namespace {

constexpr size_t kMostButtons = 100;
constexpr size_t kMostCallbackBytes = 64;

BotAnswer BadButton(absl::string_view problem) {
  return BadRequest(
      absl::StrCat("can't parse inline keyboard button: ", problem));
}

std::string TextOf(const Json& button, const char* name) {
  const auto found = button.find(name);
  return found != button.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

std::optional<BotAnswer> CheckUrl(const std::string& url) {
  if (CheckedLink(url)) return std::nullopt;
  return BadRequest(absl::StrCat("inline keyboard button URL '", url,
                                 "' is invalid: Wrong HTTP URL"));
}

// What a button may do; it does the first one that it has.
constexpr const char* kActions[] = {"url",
                                    "callback_data",
                                    "web_app",
                                    "login_url",
                                    "switch_inline_query",
                                    "switch_inline_query_current_chat",
                                    "switch_inline_query_chosen_chat",
                                    "copy_text",
                                    "callback_game",
                                    "pay"};

// Empty text is no action, but for the queries.
bool Does(const Json& button, const char* action) {
  const auto found = button.find(action);
  if (found == button.end() || found->is_null()) return false;
  return *found != "" || absl::StartsWith(action, "switch");
}

Json WithoutRest(const Json& button) {
  Json kept = {{"text", button["text"]}};
  for (const char* look : {"style", "icon_custom_emoji_id"}) {
    if (button.contains(look) && button[look] != "") kept[look] = button[look];
  }
  for (const char* action : kActions) {
    if (!Does(button, action)) continue;
    kept[action] = button[action];
    break;
  }
  return kept;
}

std::optional<BotAnswer> CheckButton(const Json& button) {
  if (!button.is_object()) return BadButton("Object expected");
  const auto text = button.find("text");
  if (text == button.end()) return BadButton("Can't find field \"text\"");
  if (!text->is_string()) {
    return BadButton("Field \"text\" must be of type String");
  }
  if (text->get<std::string>().empty()) {
    return BadRequest("inline keyboard button text must be non-empty");
  }
  if (const std::string url = TextOf(button, "url"); !url.empty()) {
    return CheckUrl(url);
  }
  if (const std::string data = TextOf(button, "callback_data"); !data.empty()) {
    if (data.size() <= kMostCallbackBytes) return std::nullopt;
    return BadRequest("BUTTON_DATA_INVALID");
  }
  for (const char* action : kActions) {
    if (Does(button, action)) return std::nullopt;
  }
  return BadButton("Text buttons are unallowed in the inline keyboard");
}

}  // namespace

Keyboard ReadKeyboard(const std::string& reply_markup) {
  if (reply_markup.empty()) return {};
  Json markup = Json::parse(reply_markup, nullptr, false);
  if (markup.is_discarded()) {
    return {.refusal =
                BadRequest("can't parse reply keyboard markup JSON object")};
  }
  if (!markup.is_object()) {
    return {.refusal = BadRequest("object expected as reply markup")};
  }
  const auto rows = markup.find("inline_keyboard");
  if (rows == markup.end()) return {};  // a keyboard of the user's
  if (!rows->is_array()) {
    return {.refusal = BadRequest(
                "field \"inline_keyboard\" of the InlineKeyboardMarkup must be "
                "an Array")};
  }
  size_t buttons = 0;
  Json kept = Json::array();
  for (const Json& row : *rows) {
    if (!row.is_array()) {
      return {.refusal = BadRequest(
                  "field \"inline_keyboard\" of the InlineKeyboardMarkup must "
                  "be an Array of Arrays")};
    }
    Json line = Json::array();
    for (const Json& button : row) {
      if (auto refusal = CheckButton(button)) return {.refusal = refusal};
      line.push_back(WithoutRest(button));
    }
    buttons += row.size();
    if (!line.empty()) kept.push_back(std::move(line));
  }
  if (buttons > kMostButtons) {
    return {.refusal = BadRequest("reply markup is too long")};
  }
  if (kept.empty()) return {};
  return {.markup = {{"inline_keyboard", std::move(kept)}}};
}

}  // namespace broadcast::telegram
