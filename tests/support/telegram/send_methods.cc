// What posts: sendMessage, copyMessage, copyMessages.
#include <string>
#include <utility>

#include "telegram/bot_methods.h"
#include "telegram/formatted_text.h"
#include "telegram/inline_keyboard.h"

namespace broadcast::telegram {
namespace {

constexpr size_t kMostCharacters = 4096;
constexpr size_t kLongText = 500;  // characters; heavier than others

Json Entities(const BotParams& params) {
  return params.Has("entities") ? params.Parsed("entities") : Json();
}

// A topic of a forum that may be written in.
std::optional<BotAnswer> CheckThread(const Chat& chat, int64_t thread) {
  if (thread == 0) return std::nullopt;
  const auto found = chat.threads.find(thread);
  if (found == chat.threads.end()) {
    return BadRequest("message thread not found");
  }
  if (found->second) return BadRequest("TOPIC_CLOSED");
  return std::nullopt;
}

// What is replied to: 0 if nothing.
int64_t RepliedTo(const BotParams& params, bool& required) {
  const Json reply = params.Parsed("reply_parameters");
  if (reply.is_object()) {
    required = !reply.value("allow_sending_without_reply", false);
    return reply.value("message_id", int64_t{0});
  }
  required = !params.Flag("allow_sending_without_reply");
  return params.Number("reply_to_message_id");
}

std::optional<BotAnswer> CheckReply(const Platform& platform,
                                    const BotCall& call, const Chat& chat,
                                    Message& message) {
  bool required = true;
  message.reply_to = RepliedTo(*call.params, required);
  if (message.reply_to == 0 ||
      platform.messages.Find(chat, call.bot->id, message.reply_to)) {
    return std::nullopt;
  }
  message.reply_to = 0;
  if (!required) return std::nullopt;
  return BadRequest("message to be replied not found");
}

// Where to, and whether it may be.
FoundChat RequireTarget(const Platform& platform, BotCall& call,
                        Message& message) {
  FoundChat found = RequireChat(platform, call, "chat_id", Access::kWrite);
  if (found.chat != nullptr) call.chat = found.chat->id;
  if (found.refusal) return found;
  message.thread = call.params->Number("message_thread_id");
  found.refusal = CheckSend(*found.chat, *call.bot);
  if (!found.refusal) found.refusal = CheckThread(*found.chat, message.thread);
  if (!found.refusal) {
    found.refusal = CheckReply(platform, call, *found.chat, message);
  }
  return found;
}

const Message& Post(const Platform& platform, BotCall& call, const Chat& chat,
                    Message message) {
  message.time = platform.clock.Now();
  message.bot = call.bot->id;
  message.silent = call.params->Flag("disable_notification");
  message.protected_content = call.params->Flag("protect_content");
  const Message& posted =
      platform.messages.Add(chat, call.bot->id, std::move(message));
  call.changed = true;
  call.message_ids.push_back(posted.id);
  return posted;
}

// Why `source` may not be copied.
std::optional<BotAnswer> CheckCopy(const Chat& from, const Message* source) {
  if (source == nullptr) return BadRequest("message to copy not found");
  if (source->protected_content || from.protected_content) {
    return BadRequest("message has protected content and can't be forwarded");
  }
  if (source->service) return BadRequest("the message can't be copied");
  return std::nullopt;
}

// What of a message its copy has; its keyboard stays behind.
Message CopyOf(const Message& source, Message target) {
  target.text = source.text;
  target.entities = source.entities;
  target.link_preview = source.link_preview;
  return target;
}

}  // namespace

BotAnswer SendMessage(const Platform& platform, BotCall& call) {
  const BotParams& params = *call.params;
  FormattedText text = ReadText(params.Text("text"), params.Text("parse_mode"),
                                Entities(params), kMostCharacters);
  if (!text.problem.empty()) return Failure(400, text.problem);
  Keyboard keyboard = ReadKeyboard(params.Text("reply_markup"));
  if (keyboard.refusal) return *keyboard.refusal;
  Message message;
  const FoundChat target = RequireTarget(platform, call, message);
  call.marker = MarkerOf(text.text);
  call.long_text = CodePoints(text.text) > kLongText;
  if (target.refusal) return *target.refusal;
  if (call.rehearsal) return Success(nullptr);
  message.text = std::move(text.text);
  message.entities = std::move(text.entities);
  message.reply_markup = std::move(keyboard.markup);
  if (const Json preview = params.Parsed("link_preview_options");
      preview.is_object()) {
    message.link_preview = preview;
  }
  const Message& posted =
      Post(platform, call, *target.chat, std::move(message));
  return Success(MessageJson(*target.chat, *call.bot, posted));
}

BotAnswer CopyMessage(const Platform& platform, BotCall& call) {
  Keyboard keyboard = ReadKeyboard(call.params->Text("reply_markup"));
  if (keyboard.refusal) return *keyboard.refusal;
  Message message;
  const FoundChat target = RequireTarget(platform, call, message);
  if (target.refusal) return *target.refusal;
  const FoundChat from =
      RequireChat(platform, call, "from_chat_id", Access::kRead);
  if (from.refusal) return *from.refusal;
  const Message* source = platform.messages.Find(
      *from.chat, call.bot->id, call.params->Number("message_id"));
  if (auto refusal = CheckCopy(*from.chat, source)) return *refusal;
  call.marker = MarkerOf(source->text);
  call.long_text = CodePoints(source->text) > kLongText;
  if (call.rehearsal) return Success(nullptr);
  message = CopyOf(*source, std::move(message));
  message.reply_markup = std::move(keyboard.markup);
  const Message& posted =
      Post(platform, call, *target.chat, std::move(message));
  return Success({{"message_id", posted.id}});
}

// What cannot be copied is left out, and nobody is told what that was.
BotAnswer CopyMessages(const Platform& platform, BotCall& call) {
  const FoundIds wanted = RequireIds(*call.params);
  if (wanted.refusal) return *wanted.refusal;
  for (size_t i = 1; i < wanted.ids.size(); ++i) {
    if (wanted.ids[i] <= wanted.ids[i - 1]) {
      return BadRequest(
          "message identifiers must be in a strictly increasing order");
    }
  }
  Message message;
  const FoundChat target = RequireTarget(platform, call, message);
  if (target.refusal) return *target.refusal;
  const FoundChat from =
      RequireChat(platform, call, "from_chat_id", Access::kRead);
  if (from.refusal) return *from.refusal;
  Json copies = Json::array();
  int items = 0;
  for (const int64_t id : wanted.ids) {
    const Message* source =
        platform.messages.Find(*from.chat, call.bot->id, id);
    if (CheckCopy(*from.chat, source)) continue;
    ++items;
    if (call.marker.empty()) call.marker = MarkerOf(source->text);
    if (call.rehearsal) continue;
    const Message& posted =
        Post(platform, call, *target.chat, CopyOf(*source, message));
    copies.push_back({{"message_id", posted.id}});
  }
  if (items == 0) return BadRequest("there are no messages to copy");
  call.items = items;
  return Success(std::move(copies));
}

}  // namespace broadcast::telegram
