#include "telegram/message_shelf.h"

#include <algorithm>

#include "telegram/moving_clock.h"

namespace broadcast::telegram {
namespace {

// The first message of a chat tells of its creation.
constexpr int32_t kFirstId = 2;
constexpr size_t kLongestMarker = 200;  // bytes

}  // namespace

MessageShelf::Key MessageShelf::KeyOf(const Chat& chat, int64_t bot) {
  return {chat.HasOwnIds() ? 0 : bot, chat.id};
}

Message& MessageShelf::Add(const Chat& chat, int64_t bot, Message message) {
  const Key ids = chat.HasOwnIds() ? Key{0, chat.id} : Key{bot, 0};
  int32_t& last = last_ids_.try_emplace(ids, kFirstId - 1).first->second;
  message.id = ++last;
  ++size_;
  auto& shelf = messages_[KeyOf(chat, bot)];
  return shelf.emplace_hint(shelf.end(), last, std::move(message))->second;
}

Message* MessageShelf::Find(const Chat& chat, int64_t bot, int64_t id) {
  const auto shelf = messages_.find(KeyOf(chat, bot));
  if (shelf == messages_.end()) return nullptr;
  const auto found = shelf->second.find(static_cast<int32_t>(id));
  const bool same = found != shelf->second.end() && found->first == id;
  return same ? &found->second : nullptr;
}

void MessageShelf::Erase(const Chat& chat, int64_t bot, int64_t id) {
  const auto shelf = messages_.find(KeyOf(chat, bot));
  if (shelf == messages_.end()) return;
  size_ -= shelf->second.erase(static_cast<int32_t>(id));
}

std::vector<const Message*> MessageShelf::List(const Chat& chat) const {
  std::vector<const Message*> all;
  for (const auto& [key, shelf] : messages_) {
    if (key.second != chat.id) continue;
    for (const auto& [id, message] : shelf) all.push_back(&message);
  }
  std::sort(all.begin(), all.end(), [](const Message* a, const Message* b) {
    return std::pair(a->id, a->bot) < std::pair(b->id, b->bot);
  });
  return all;
}

void MessageShelf::Clear() {
  messages_.clear();
  last_ids_.clear();
  size_ = 0;
}

Json BotJson(const Bot& bot) {
  return {{"id", bot.id},
          {"is_bot", true},
          {"first_name", bot.name},
          {"username", bot.username}};
}

Json ChatJson(const Chat& chat) {
  Json json = {{"id", chat.id}, {"type", std::string(NameOf(chat.type))}};
  json[chat.IsPrivate() ? "first_name" : "title"] = chat.title;
  if (!chat.username.empty()) json["username"] = chat.username;
  return json;
}

Json MessageJson(const Chat& chat, const Bot& bot, const Message& message) {
  Json json = {{"message_id", message.id},
               {"date", message.time / kMicrosPerSecond},
               {"chat", ChatJson(chat)},
               {"text", message.text}};
  if (chat.IsChannel()) {
    json["sender_chat"] = json["chat"];
  } else if (message.bot == bot.id) {
    json["from"] = BotJson(bot);
  }
  if (!message.entities.empty()) json["entities"] = message.entities;
  if (!message.reply_markup.empty()) {
    json["reply_markup"] = message.reply_markup;
  }
  if (!message.link_preview.empty()) {
    json["link_preview_options"] = message.link_preview;
  }
  if (message.edit_time != 0) {
    json["edit_date"] = message.edit_time / kMicrosPerSecond;
  }
  if (message.thread != 0) {
    json["message_thread_id"] = message.thread;
    json["is_topic_message"] = true;
  }
  if (message.protected_content) json["has_protected_content"] = true;
  return json;
}

std::string MarkerOf(const std::string& text) {
  const size_t begin = text.find("[[");
  if (begin != std::string::npos) {
    const size_t end = text.find("]]", begin);
    if (end != std::string::npos) {
      return text.substr(begin + 2, end - begin - 2);
    }
  }
  return text.substr(0, kLongestMarker);
}

}  // namespace broadcast::telegram
