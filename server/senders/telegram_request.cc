#include "senders/telegram_request.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"

namespace broadcast::senders {
namespace {

using Json = nlohmann::json;

// Text that is no UTF-8 has been refused; if not, it must not throw here.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A number, or a name as it stands.
Json ChatId(const std::string& address) {
  int64_t id = 0;
  return absl::SimpleAtoi(address, &id) ? Json(id) : Json(address);
}

void AddMarkup(const Content& content, Json& json) {
  if (content.button_rows.empty()) return;
  Json rows = Json::array();
  for (const std::vector<Button>& row : content.button_rows) {
    Json buttons = Json::array();
    for (const Button& button : row) {
      buttons.push_back({{"text", button.text}, {"url", button.url}});
    }
    rows.push_back(std::move(buttons));
  }
  json["reply_markup"] = {{"inline_keyboard", std::move(rows)}};
}

void AddText(const Content& content, Json& json) {
  json["text"] = content.text;
  if (content.parse_mode == ParseMode::kHtml) json["parse_mode"] = "HTML";
  if (content.parse_mode == ParseMode::kMarkdownV2) {
    json["parse_mode"] = "MarkdownV2";
  }
  if (content.disable_link_preview) {
    json["link_preview_options"] = {{"is_disabled", true}};
  }
}

void AddManner(const Content& content, Json& json) {
  if (content.disable_notification) json["disable_notification"] = true;
  if (content.protect_content) json["protect_content"] = true;
}

}  // namespace

std::optional<TelegramRequest> TelegramRequestFor(const Attempt& attempt) {
  if (attempt.address.empty()) return std::nullopt;
  Json json = {{"chat_id", ChatId(attempt.address)}};
  if (attempt.action != Action::kSend) {
    int64_t message_id = 0;
    if (!absl::SimpleAtoi(attempt.message_id, &message_id)) {
      return std::nullopt;
    }
    json["message_id"] = message_id;
  }
  switch (attempt.action) {
    case Action::kSend:
      AddText(attempt.content, json);
      AddManner(attempt.content, json);
      AddMarkup(attempt.content, json);
      return TelegramRequest{"sendMessage", Dump(json)};
    case Action::kEdit:
      AddText(attempt.content, json);
      AddMarkup(attempt.content, json);
      return TelegramRequest{"editMessageText", Dump(json)};
    case Action::kDelete:
      return TelegramRequest{"deleteMessage", Dump(json)};
    case Action::kProbe:
      // No bot of ours has set any, so that none is taken away; but the message
      // is looked up first.
      json["reaction"] = Json::array();
      return TelegramRequest{"setMessageReaction", Dump(json)};
    case Action::kCopy:
      if (attempt.source_address.empty()) return std::nullopt;
      json["from_chat_id"] = ChatId(attempt.source_address);
      AddManner(attempt.content, json);
      // Buttons are not copied with their message.
      AddMarkup(attempt.content, json);
      return TelegramRequest{"copyMessage", Dump(json)};
  }
  return std::nullopt;
}

TelegramRequest GetChat(const std::string& address) {
  return {"getChat", Dump({{"chat_id", ChatId(address)}})};
}

TelegramRequest GetChatMember(const std::string& address, int64_t user_id) {
  return {"getChatMember",
          Dump({{"chat_id", ChatId(address)}, {"user_id", user_id}})};
}

TelegramRequest GetMe() { return {"getMe", "{}"}; }

}  // namespace broadcast::senders
