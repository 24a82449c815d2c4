#include "telegram/chat_book.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace broadcast::telegram {
namespace {

// Ids of channels and supergroups are below, those of basic groups above.
constexpr int64_t kLastChannelId = -1'000'000'000'000;
constexpr int64_t kFirstMadeId = -1'009'000'000'000;

constexpr std::pair<Chat::Type, absl::string_view> kTypes[] = {
    {Chat::Type::kPrivate, "private"},
    {Chat::Type::kGroup, "group"},
    {Chat::Type::kSupergroup, "supergroup"},
    {Chat::Type::kChannel, "channel"},
};

constexpr std::pair<Chat::State, absl::string_view> kStates[] = {
    {Chat::State::kActive, "active"},
    {Chat::State::kDeactivated, "deactivated"},
    {Chat::State::kBot, "bot"},
    {Chat::State::kUnknown, "unknown"},
    {Chat::State::kDeleted, "deleted"},
    {Chat::State::kPrivate, "private"},
};

template <typename Key, size_t size>
absl::string_view NameIn(const std::pair<Key, absl::string_view> (&table)[size],
                         Key key) {
  for (const auto& [each, name] : table) {
    if (each == key) return name;
  }
  return "";
}

template <typename Key, size_t size>
std::optional<Key> KeyIn(const std::pair<Key, absl::string_view> (&table)[size],
                         absl::string_view name) {
  for (const auto& [key, each] : table) {
    if (each == name) return key;
  }
  return std::nullopt;
}

std::optional<BotAnswer> CheckPrivate(const Chat& chat, Access access) {
  if (chat.state == Chat::State::kUnknown) {
    return BadRequest("private chat not found");
  }
  if (chat.state == Chat::State::kDeactivated && access != Access::kRead) {
    return Forbidden("user is deactivated");
  }
  return std::nullopt;
}

std::optional<BotAnswer> CheckGroup(const Chat& chat, const Member& member,
                                    Access access) {
  if (chat.migrated_to != 0) {
    if (access != Access::kWrite) return std::nullopt;
    BotAnswer answer =
        BadRequest("group chat was upgraded to a supergroup chat");
    answer.migrate_to_chat_id = chat.migrated_to;
    return answer;
  }
  if (chat.state == Chat::State::kDeleted) {
    if (access != Access::kWrite) return std::nullopt;
    return Forbidden("the group chat was deleted");
  }
  if (access == Access::kRead) return std::nullopt;
  if (member.status == "kicked") {
    return Forbidden("bot was kicked from the group chat");
  }
  if (member.status == "left") {
    return Forbidden("bot is not a member of the group chat");
  }
  return std::nullopt;
}

std::optional<BotAnswer> CheckShared(const Chat& chat, const Member& member,
                                     Access access) {
  const absl::string_view type = NameOf(chat.type);
  if (chat.state == Chat::State::kDeleted) return BadRequest("chat not found");
  if (chat.state == Chat::State::kPrivate) return BadRequest("CHANNEL_PRIVATE");
  if (member.status == "kicked") {
    return Forbidden(absl::StrCat("bot was kicked from the ", type, " chat"));
  }
  const bool open = !chat.username.empty() && access == Access::kRead;
  if (!member.IsIn() && !open) {
    return Forbidden(
        absl::StrCat("bot is not a member of the ", type, " chat"));
  }
  return std::nullopt;
}

}  // namespace

const Member& Chat::MemberOf(const Bot& bot) const {
  const auto found = members.find(bot.id);
  return found == members.end() ? everyone : found->second;
}

bool IsTokenShaped(absl::string_view token) {
  const size_t colon = token.find(':');
  int64_t id = 0;
  return !token.empty() && token[0] != '0' && token.size() <= 80 &&
         colon != token.npos && token.find('/') == token.npos &&
         absl::SimpleAtoi(token.substr(0, colon), &id) && id > 0;
}

Bot* ChatBook::FindBot(const std::string& token) {
  int64_t id = 0;
  if (!IsTokenShaped(token) ||
      !absl::SimpleAtoi(token.substr(0, token.find(':')), &id)) {
    return nullptr;
  }
  Bot* bot = BotOf(id);
  if (bot != nullptr) return bot->token == token ? bot : nullptr;
  return auto_bots_ ? &AddBot(token) : nullptr;
}

Bot* ChatBook::BotOf(int64_t id) {
  const auto found = bots_.find(id);
  return found == bots_.end() ? nullptr : &found->second;
}

Bot& ChatBook::AddBot(const std::string& token) {
  int64_t id = 0;
  if (!absl::SimpleAtoi(token.substr(0, token.find(':')), &id)) id = 1;
  return bots_[id] = {.id = id,
                      .token = token,
                      .name = absl::StrCat("Bot ", id),
                      .username = absl::StrCat("fake_", id, "_bot")};
}

Chat* ChatBook::ChatOf(int64_t id) {
  const auto found = chats_.find(id);
  return found == chats_.end() ? nullptr : &found->second;
}

Chat* ChatBook::FindChat(absl::string_view name) {
  int64_t id = 0;
  absl::string_view username = name;
  if (absl::ConsumePrefix(&username, "@")) {
    const auto found = by_username_.find(absl::AsciiStrToLower(username));
    if (found != by_username_.end()) id = found->second;
  } else if (!absl::SimpleAtoi(name, &id)) {
    return nullptr;
  }
  if (Chat* chat = ChatOf(id)) return chat;
  return auto_chats_ ? MakeChat(name) : nullptr;
}

Chat* ChatBook::MakeChat(absl::string_view name) {
  int64_t id = 0;
  if (absl::ConsumePrefix(&name, "@")) {
    if (name.empty()) return nullptr;
    Chat& chat = AddChat(kFirstMadeId - ++made_, Chat::Type::kChannel);
    SetUsername(chat, std::string(name));
    return &chat;
  }
  if (!absl::SimpleAtoi(name, &id) || id == 0) return nullptr;
  if (id > 0) return &AddChat(id, Chat::Type::kPrivate);
  return &AddChat(
      id, id < kLastChannelId ? Chat::Type::kChannel : Chat::Type::kGroup);
}

Chat& ChatBook::AddChat(int64_t id, Chat::Type type) {
  Chat& chat = chats_[id];
  chat.id = id;
  chat.type = type;
  if (chat.IsPrivate()) chat.everyone.status = "member";
  if (chat.title.empty()) {
    chat.title = absl::StrCat(chat.IsPrivate() ? "User " : "Chat ", id);
  }
  return chat;
}

void ChatBook::SetUsername(Chat& chat, std::string username) {
  by_username_.erase(absl::AsciiStrToLower(chat.username));
  chat.username = std::move(username);
  if (!chat.username.empty()) {
    by_username_[absl::AsciiStrToLower(chat.username)] = chat.id;
  }
}

std::vector<const Chat*> ChatBook::Chats() const {
  std::vector<const Chat*> all;
  all.reserve(chats_.size());
  for (const auto& [id, chat] : chats_) all.push_back(&chat);
  std::sort(all.begin(), all.end(),
            [](const Chat* a, const Chat* b) { return a->id < b->id; });
  return all;
}

absl::string_view NameOf(Chat::Type type) { return NameIn(kTypes, type); }

std::optional<Chat::Type> ChatTypeOf(absl::string_view name) {
  return KeyIn(kTypes, name);
}

absl::string_view NameOf(Chat::State state) { return NameIn(kStates, state); }

std::optional<Chat::State> ChatStateOf(absl::string_view name) {
  return KeyIn(kStates, name);
}

std::optional<BotAnswer> CheckAccess(const Chat& chat, const Bot& bot,
                                     Access access) {
  const Member& member = chat.MemberOf(bot);
  switch (chat.type) {
    case Chat::Type::kPrivate:
      return CheckPrivate(chat, access);
    case Chat::Type::kGroup:
      return CheckGroup(chat, member, access);
    case Chat::Type::kSupergroup:
    case Chat::Type::kChannel:
      return CheckShared(chat, member, access);
  }
  return std::nullopt;
}

std::optional<BotAnswer> CheckSend(const Chat& chat, const Bot& bot) {
  const Member& member = chat.MemberOf(bot);
  if (chat.IsPrivate()) {
    if (chat.state == Chat::State::kBot) {
      return Forbidden("the bot can't send messages to the bot");
    }
    if (member.status == "kicked") {
      return Forbidden("bot was blocked by the user");
    }
    if (member.status == "left") {
      return Forbidden("bot can't initiate conversation with a user");
    }
    return std::nullopt;
  }
  if (chat.IsChannel()) {
    if (member.IsAdmin() && member.can_post) return std::nullopt;
    return BadRequest("need administrator rights in the channel chat");
  }
  if (!member.can_send) {
    return BadRequest("not enough rights to send text messages to the chat");
  }
  return std::nullopt;
}

}  // namespace broadcast::telegram
