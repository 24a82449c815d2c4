#include "telegram/bot_methods.h"

#include "absl/strings/match.h"

namespace broadcast::telegram {
namespace {

constexpr BotMethod kMethods[] = {
    {"sendMessage", SendMessage, true, true},
    {"editMessageText", EditMessageText, true},
    {"editMessageReplyMarkup", EditMessageReplyMarkup, true},
    {"copyMessage", CopyMessage, true, true},
    {"copyMessages", CopyMessages, true, true},
    {"deleteMessage", DeleteMessage},
    {"deleteMessages", DeleteMessages},
    {"pinChatMessage", PinChatMessage},
    {"setMessageReaction", SetMessageReaction, true},
    {"getMe", GetMe},
    {"getChat", GetChat},
    {"getChatMember", GetChatMember},
    {"getChatMemberCount", GetChatMemberCount},
    {"getUpdates", GetUpdates},
    {"setWebhook", AnswerTrue},
    {"deleteWebhook", AnswerTrue},
    {"getWebhookInfo", GetWebhookInfo},
    {"setMyCommands", AnswerTrue},
    {"deleteMyCommands", AnswerTrue},
    {"logOut", AnswerTrue},
    {"close", AnswerTrue},
};

constexpr size_t kMostIds = 100;

}  // namespace

const BotMethod* FindMethod(absl::string_view name) {
  for (const BotMethod& method : kMethods) {
    if (absl::EqualsIgnoreCase(method.name, name)) return &method;
  }
  return nullptr;
}

FoundChat RequireChat(const Platform& platform, const BotCall& call,
                      absl::string_view name, Access access) {
  const std::string& value = call.params->Text(name);
  if (value.empty()) return {.refusal = BadRequest("chat_id is empty")};
  Chat* chat = platform.chats.FindChat(value);
  if (chat == nullptr) return {.refusal = BadRequest("chat not found")};
  return {chat, CheckAccess(*chat, *call.bot, access)};
}

FoundIds RequireIds(const BotParams& params) {
  if (!params.Has("message_ids")) {
    return {.refusal = BadRequest("message identifiers are not specified")};
  }
  const Json list = params.Parsed("message_ids");
  if (list.is_discarded()) {
    return {.refusal =
                BadRequest("can't parse message identifiers JSON array")};
  }
  if (!list.is_array()) {
    return {.refusal = BadRequest("expected an Array of message identifiers")};
  }
  if (list.empty()) {
    return {.refusal = BadRequest("message identifiers are not specified")};
  }
  if (list.size() > kMostIds) {
    return {.refusal = BadRequest("too many message identifiers specified")};
  }
  FoundIds found;
  for (const Json& id : list) {
    if (!id.is_number_integer() || id.get<int64_t>() <= 0) {
      return {.refusal = BadRequest("invalid message identifier specified")};
    }
    found.ids.push_back(id.get<int64_t>());
  }
  return found;
}

}  // namespace broadcast::telegram
