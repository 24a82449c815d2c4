// What changes or removes what is there: edits, deletions, pins.
#include <string>
#include <utility>

#include "telegram/bot_methods.h"
#include "telegram/formatted_text.h"
#include "telegram/inline_keyboard.h"

namespace broadcast::telegram {
namespace {

constexpr size_t kMostCharacters = 4096;
// A bot deletes nothing that is older, whatever its rights.
constexpr int64_t kDeletable = 48 * 3600 * kMicrosPerSecond;

constexpr absl::string_view kNotModified =
    "message is not modified: specified new message content and reply markup "
    "are exactly the same as a current content and reply markup of the "
    "message";

// A message that the bot may edit.
struct Editable {
  Chat* chat = nullptr;
  Message* message = nullptr;
  std::optional<BotAnswer> refusal;
};

bool MayEdit(const Chat& chat, const Bot& bot, const Message& message) {
  if (message.service) return false;
  if (!chat.IsChannel()) return message.bot == bot.id;
  const Member& member = chat.MemberOf(bot);
  if (!member.IsAdmin()) return false;
  return member.can_edit || (message.bot == bot.id && member.can_post);
}

Editable RequireEditable(const Platform& platform, BotCall& call) {
  if (call.params->Number("message_id") <= 0) {
    return {.refusal = BadRequest("message identifier is not specified")};
  }
  const FoundChat found = RequireChat(platform, call, "chat_id", Access::kEdit);
  if (found.chat != nullptr) call.chat = found.chat->id;
  if (found.refusal) return {.refusal = found.refusal};
  Message* message = platform.messages.Find(*found.chat, call.bot->id,
                                            call.params->Number("message_id"));
  if (message == nullptr) {
    return {.refusal = BadRequest("message to edit not found")};
  }
  call.message_ids = {message->id};
  if (!MayEdit(*found.chat, *call.bot, *message)) {
    return {.refusal = BadRequest("message can't be edited")};
  }
  return {found.chat, message, std::nullopt};
}

BotAnswer Edited(const Platform& platform, BotCall& call,
                 const Editable& edited) {
  edited.message->edit_time = platform.clock.Now();
  call.changed = true;
  return Success(MessageJson(*edited.chat, *call.bot, *edited.message));
}

bool MayDelete(const Chat& chat, const Bot& bot, const Message& message) {
  const bool own = message.bot == bot.id;
  const Member& member = chat.MemberOf(bot);
  switch (chat.type) {
    case Chat::Type::kPrivate:
      return true;
    case Chat::Type::kGroup:
    case Chat::Type::kSupergroup:
      return own || (member.IsAdmin() && member.can_delete);
    case Chat::Type::kChannel:
      return member.IsAdmin() &&
             (member.can_delete || (own && member.can_post));
  }
  return false;
}

// Why a message that is there stays. Its age is looked at before any right.
std::optional<BotAnswer> CheckDelete(const Platform& platform, const Chat& chat,
                                     const Bot& bot, const Message& message) {
  const bool young = platform.clock.Now() < message.time + kDeletable;
  if (young && message.id > 1 && MayDelete(chat, bot, message)) {
    return std::nullopt;
  }
  return BadRequest(chat.HasOwnIds() ? "message can't be deleted"
                                     : "message can't be deleted for everyone");
}

// Of a list of reactions; nothing if it is good.
std::optional<BotAnswer> CheckReactions(const Json& list) {
  if (list.is_discarded()) {
    return BadRequest("can't parse reaction types JSON object");
  }
  if (!list.is_array()) {
    return BadRequest("expected an Array of ReactionType");
  }
  for (const Json& one : list) {
    if (!one.is_object()) {
      return BadRequest("can't parse ReactionType: expected an Object");
    }
    if (one.value("type", Json()) != "emoji" ||
        !one.value("emoji", Json()).is_string()) {
      return BadRequest(
          "can't parse ReactionType: invalid reaction type specified");
    }
  }
  return std::nullopt;
}

void Erase(const Platform& platform, BotCall& call, const Chat& chat,
           int64_t id) {
  platform.messages.Erase(chat, call.bot->id, id);
  call.changed = true;
}

}  // namespace

BotAnswer EditMessageText(const Platform& platform, BotCall& call) {
  const BotParams& params = *call.params;
  const Json entities =
      params.Has("entities") ? params.Parsed("entities") : Json();
  FormattedText text = ReadText(params.Text("text"), params.Text("parse_mode"),
                                entities, kMostCharacters);
  if (!text.problem.empty()) return Failure(400, text.problem);
  Keyboard keyboard = ReadKeyboard(params.Text("reply_markup"));
  if (keyboard.refusal) return *keyboard.refusal;
  call.marker = MarkerOf(text.text);
  const Editable found = RequireEditable(platform, call);
  if (found.refusal) return *found.refusal;
  Message& message = *found.message;
  if (message.text == text.text && message.entities == text.entities &&
      message.reply_markup == keyboard.markup) {
    return BadRequest(kNotModified);
  }
  if (call.rehearsal) return Success(nullptr);
  message.text = std::move(text.text);
  message.entities = std::move(text.entities);
  message.reply_markup = std::move(keyboard.markup);
  const Json preview = params.Parsed("link_preview_options");
  message.link_preview = preview.is_object() ? preview : Json();
  return Edited(platform, call, found);
}

BotAnswer EditMessageReplyMarkup(const Platform& platform, BotCall& call) {
  Keyboard keyboard = ReadKeyboard(call.params->Text("reply_markup"));
  if (keyboard.refusal) return *keyboard.refusal;
  const Editable found = RequireEditable(platform, call);
  if (found.refusal) return *found.refusal;
  call.marker = MarkerOf(found.message->text);
  if (found.message->reply_markup == keyboard.markup) {
    return BadRequest(kNotModified);
  }
  if (call.rehearsal) return Success(nullptr);
  found.message->reply_markup = std::move(keyboard.markup);
  return Edited(platform, call, found);
}

BotAnswer DeleteMessage(const Platform& platform, BotCall& call) {
  const FoundChat found =
      RequireChat(platform, call, "chat_id", Access::kWrite);
  if (found.chat != nullptr) call.chat = found.chat->id;
  if (found.refusal) return *found.refusal;
  const Message* message = platform.messages.Find(
      *found.chat, call.bot->id, call.params->Number("message_id"));
  if (message == nullptr) return BadRequest("message to delete not found");
  call.message_ids = {message->id};
  call.marker = MarkerOf(message->text);
  if (auto refusal = CheckDelete(platform, *found.chat, *call.bot, *message)) {
    return *refusal;
  }
  if (!call.rehearsal) Erase(platform, call, *found.chat, message->id);
  return Success(true);
}

// What is not there is passed over; one that must stay keeps all the others.
BotAnswer DeleteMessages(const Platform& platform, BotCall& call) {
  const FoundIds wanted = RequireIds(*call.params);
  if (wanted.refusal) return *wanted.refusal;
  const FoundChat found =
      RequireChat(platform, call, "chat_id", Access::kWrite);
  if (found.chat != nullptr) call.chat = found.chat->id;
  if (found.refusal) return *found.refusal;
  call.message_ids.clear();
  for (const int64_t id : wanted.ids) {
    const Message* message =
        platform.messages.Find(*found.chat, call.bot->id, id);
    if (message == nullptr) continue;
    if (auto refusal =
            CheckDelete(platform, *found.chat, *call.bot, *message)) {
      return *refusal;
    }
    call.message_ids.push_back(message->id);
  }
  if (call.rehearsal) return Success(true);
  for (const int32_t id : call.message_ids) {
    Erase(platform, call, *found.chat, id);
  }
  return Success(true);
}

// To look is enough, so that of a public chat that it is not in a bot is told
// of no message. Bots set one reaction at most.
BotAnswer SetMessageReaction(const Platform& platform, BotCall& call) {
  const Json list = call.params->Text("reaction").empty()
                        ? Json::array()
                        : call.params->Parsed("reaction");
  if (auto refusal = CheckReactions(list)) return *refusal;
  const FoundChat found = RequireChat(platform, call, "chat_id", Access::kRead);
  if (found.chat != nullptr) call.chat = found.chat->id;
  if (found.refusal) return *found.refusal;
  const bool blind =
      found.chat->HasOwnIds() && !found.chat->MemberOf(*call.bot).IsIn();
  Message* message =
      blind ? nullptr
            : platform.messages.Find(*found.chat, call.bot->id,
                                     call.params->Number("message_id"));
  if (message == nullptr) return BadRequest("message to react not found");
  if (message->service) return BadRequest("REACTION_INVALID");
  if (list.size() > 1) return BadRequest("REACTIONS_TOO_MANY");
  call.message_ids = {message->id};
  call.marker = MarkerOf(message->text);
  Json& mine = message->reactions[call.bot->id];
  const bool changes = list.empty() ? !mine.is_null() : mine != list;
  if (!call.rehearsal && changes) {
    mine = list;
    call.changed = true;
  }
  if (mine.empty()) message->reactions.erase(call.bot->id);
  return Success(true);
}

BotAnswer PinChatMessage(const Platform& platform, BotCall& call) {
  const FoundChat found =
      RequireChat(platform, call, "chat_id", Access::kWrite);
  if (found.chat != nullptr) call.chat = found.chat->id;
  if (found.refusal) return *found.refusal;
  Message* message = platform.messages.Find(*found.chat, call.bot->id,
                                            call.params->Number("message_id"));
  if (message == nullptr) return BadRequest("message to pin not found");
  const Member& member = found.chat->MemberOf(*call.bot);
  const bool may = found.chat->IsChannel() ? member.IsAdmin() && member.can_edit
                                           : member.IsAdmin() && member.can_pin;
  if (!may && !found.chat->IsPrivate()) {
    return BadRequest(
        "not enough rights to manage pinned messages in the chat");
  }
  call.message_ids = {message->id};
  if (call.rehearsal) return Success(true);
  message->pinned = true;
  call.changed = true;
  return Success(true);
}

}  // namespace broadcast::telegram
