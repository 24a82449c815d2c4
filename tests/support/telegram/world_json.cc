#include "telegram/world_json.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace broadcast::telegram {
namespace {

absl::Status Bad(absl::string_view what, absl::string_view field) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": ", field, " is no field or has no such value"));
}

bool Read(const Json& json, std::string& value) {
  if (!json.is_string()) return false;
  value = json.get<std::string>();
  return true;
}

bool Read(const Json& json, bool& value) {
  if (!json.is_boolean()) return false;
  value = json.get<bool>();
  return true;
}

template <typename Number>
bool Read(const Json& json, Number& value) {
  if (!json.is_number()) return false;
  value = json.get<Number>();
  return true;
}

struct Right {
  const char* name;
  bool Member::*value;
};

constexpr Right kRights[] = {
    {"can_send", &Member::can_send}, {"can_post", &Member::can_post},
    {"can_edit", &Member::can_edit}, {"can_delete", &Member::can_delete},
    {"can_pin", &Member::can_pin},
};

bool ReadStatus(const Json& json, std::string& status) {
  if (!Read(json, status)) return false;
  if (status == "blocked") status = "kicked";
  if (status == "not_started") status = "left";
  for (const char* known :
       {"creator", "administrator", "member", "restricted", "left", "kicked"}) {
    if (status == known) return true;
  }
  return false;
}

absl::Status PatchMember(const Json& json, Member& member) {
  for (const auto& [name, value] : json.items()) {
    if (name == "chat" || name == "bot") continue;
    bool known = name == "status" && ReadStatus(value, member.status);
    for (const Right& right : kRights) {
      if (name == right.name) known = Read(value, member.*right.value);
    }
    if (!known) return Bad("member", name);
  }
  return absl::OkStatus();
}

absl::Status PatchMembers(const Json& json, Chat& chat) {
  for (const Json& each : json) {
    int64_t bot = 0;
    if (!each.is_object() || !Read(each.value("bot", Json()), bot)) {
      return Bad("member", "bot");
    }
    Member& member = chat.members.try_emplace(bot, chat.everyone).first->second;
    absl::Status patched = PatchMember(each, member);
    if (!patched.ok()) return patched;
  }
  return absl::OkStatus();
}

bool ReadThreads(const Json& json, std::map<int64_t, bool>& threads) {
  if (!json.is_object()) return false;
  for (const auto& [name, closed] : json.items()) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(name, &id) || !closed.is_boolean()) return false;
    threads[id] = closed.get<bool>();
  }
  return true;
}

absl::Status PatchField(const std::string& name, const Json& value,
                        ChatBook& chats, Chat& chat) {
  std::string text;
  if (name == "everyone" && value.is_object()) {
    return PatchMember(value, chat.everyone);
  }
  if (name == "members" && value.is_array()) return PatchMembers(value, chat);
  if (name == "username" && Read(value, text)) {
    chats.SetUsername(chat, text);
    return absl::OkStatus();
  }
  if (name == "state" && Read(value, text)) {
    const auto state = ChatStateOf(text);
    if (!state) return Bad("chat", name);
    chat.state = *state;
    return absl::OkStatus();
  }
  const bool known =
      (name == "title" && Read(value, chat.title)) ||
      (name == "migrated_to" && Read(value, chat.migrated_to)) ||
      (name == "protected_content" && Read(value, chat.protected_content)) ||
      (name == "threads" && ReadThreads(value, chat.threads)) || name == "id" ||
      name == "type";
  return known ? absl::OkStatus() : Bad("chat", name);
}

Chat::Type TypeOfId(int64_t id) {
  if (id > 0) return Chat::Type::kPrivate;
  return id < -1'000'000'000'000 ? Chat::Type::kChannel : Chat::Type::kGroup;
}

Json MemberState(const Member& member) {
  Json json = {{"status", member.status}};
  for (const Right& right : kRights) json[right.name] = member.*right.value;
  return json;
}

// The chat that field "chat" names.
absl::StatusOr<Chat*> ChatNamed(const Json& json, ChatBook& chats) {
  const Json name = json.is_object() ? json.value("chat", Json()) : Json();
  Chat* chat = chats.FindChat(name.is_string() ? name.get<std::string>()
                                               : Compact(name));
  if (chat == nullptr)
    return absl::InvalidArgumentError("there is no such chat");
  return chat;
}

}  // namespace

absl::Status ApplyBot(const Json& json, ChatBook& chats) {
  const Json fields = json.is_string() ? Json{{"token", json}} : json;
  std::string token;
  if (!fields.is_object() || !Read(fields.value("token", Json()), token) ||
      !IsTokenShaped(token)) {
    return Bad("bot", "token");
  }
  Bot& bot = chats.AddBot(token);
  for (const auto& [name, value] : fields.items()) {
    const bool known = name == "token" ||
                       (name == "name" && Read(value, bot.name)) ||
                       (name == "username" && Read(value, bot.username)) ||
                       (name == "stars" && Read(value, bot.stars));
    if (!known) return Bad("bot", name);
  }
  return absl::OkStatus();
}

absl::Status ApplyChat(const Json& json, ChatBook& chats) {
  int64_t id = 0;
  if (!json.is_object() || !Read(json.value("id", Json()), id) || id == 0) {
    return Bad("chat", "id");
  }
  Chat* chat = chats.ChatOf(id);
  if (json.contains("type") || chat == nullptr) {
    std::optional<Chat::Type> type = TypeOfId(id);
    if (json.contains("type")) {
      std::string name;
      type = Read(json["type"], name) ? ChatTypeOf(name) : std::nullopt;
    }
    if (!type) return Bad("chat", "type");
    chat = &chats.AddChat(id, *type);
  }
  for (const auto& [name, value] : json.items()) {
    absl::Status patched = PatchField(name, value, chats, *chat);
    if (!patched.ok()) return patched;
  }
  return absl::OkStatus();
}

absl::Status ApplyMember(const Json& json, ChatBook& chats) {
  const auto chat = ChatNamed(json, chats);
  if (!chat.ok()) return chat.status();
  if (json.contains("bot")) return PatchMembers(Json::array({json}), **chat);
  absl::Status patched = PatchMember(json, (*chat)->everyone);
  for (auto& [bot, member] : (*chat)->members) {
    if (patched.ok()) patched = PatchMember(json, member);
  }
  return patched;
}

absl::StatusOr<int64_t> ApplyMessage(const Json& json, Platform platform) {
  const auto chat = ChatNamed(json, platform.chats);
  if (!chat.ok()) return chat.status();
  int64_t bot = 0;
  bool own = true;
  double age = 0;
  Message message;
  for (const auto& [name, value] : json.items()) {
    const bool known =
        name == "chat" || (name == "bot" && Read(value, bot)) ||
        (name == "own" && Read(value, own)) ||
        (name == "text" && Read(value, message.text)) ||
        (name == "age_seconds" && Read(value, age)) ||
        (name == "service" && Read(value, message.service)) ||
        (name == "protected_content" && Read(value, message.protected_content));
    if (!known) return Bad("message", name);
  }
  message.bot = own ? bot : 0;
  message.time =
      platform.clock.Now() - static_cast<int64_t>(age * kMicrosPerSecond);
  return platform.messages.Add(**chat, bot, std::move(message)).id;
}

absl::StatusOr<Json> ChatOfSpec(const std::string& spec) {
  Json chat = Json::object();
  for (const absl::string_view part : absl::StrSplit(spec, ',')) {
    const std::pair<std::string, std::string> field =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    Json value = field.second;
    int64_t number = 0;
    if (field.first == "id" || field.first == "migrated_to") {
      if (!absl::SimpleAtoi(field.second, &number)) return Bad("chat", part);
      value = number;
    } else if (field.second == "true" || field.second == "false") {
      value = field.second == "true";
    }
    if (field.first == "status" || absl::StartsWith(field.first, "can_")) {
      chat["everyone"][field.first] = value;
    } else {
      chat[field.first] = value;
    }
  }
  return chat;
}

Json ChatState(const Chat& chat) {
  Json json = ChatJson(chat);
  json["title"] = chat.title;
  json["state"] = std::string(NameOf(chat.state));
  json["everyone"] = MemberState(chat.everyone);
  json["members"] = Json::array();
  for (const auto& [bot, member] : chat.members) {
    Json state = MemberState(member);
    state["bot"] = bot;
    json["members"].push_back(std::move(state));
  }
  if (chat.migrated_to != 0) json["migrated_to"] = chat.migrated_to;
  if (chat.protected_content) json["protected_content"] = true;
  return json;
}

Json MessageState(const Chat& chat, const Message& message) {
  Json json = {{"chat", chat.id},
               {"message_id", message.id},
               {"bot", message.bot},
               {"date", message.time / kMicrosPerSecond},
               {"edit_date", message.edit_time / kMicrosPerSecond},
               {"text", message.text},
               {"marker", MarkerOf(message.text)},
               {"pinned", message.pinned},
               {"silent", message.silent},
               {"protected_content", message.protected_content}};
  if (!message.entities.empty()) json["entities"] = message.entities;
  if (!message.reply_markup.empty())
    json["reply_markup"] = message.reply_markup;
  if (!message.link_preview.empty()) {
    json["link_preview_options"] = message.link_preview;
  }
  for (const auto& [bot, reaction] : message.reactions) {
    json["reactions"][std::to_string(bot)] = reaction;
  }
  if (message.thread != 0) json["message_thread_id"] = message.thread;
  if (message.reply_to != 0) json["reply_to"] = message.reply_to;
  return json;
}

}  // namespace broadcast::telegram
