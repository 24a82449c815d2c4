// The bots and chats that exist, who is in which, and what that allows.
// One thread.
#ifndef BROADCASTD_TELEGRAM_CHAT_BOOK_H_
#define BROADCASTD_TELEGRAM_CHAT_BOOK_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "telegram/bot_answer.h"

namespace broadcast::telegram {

struct Bot {
  int64_t id = 0;  // the number before the colon of its token
  std::string token;
  std::string name;
  std::string username;
  double stars = 0;  // what paid broadcasts spend
};

// What a bot is in a chat. In a private chat: "member", "kicked" (it was
// blocked) or "left" (the user has not started it).
struct Member {
  std::string status = "administrator";
  bool can_send = true;  // groups: text messages
  bool can_post = true;  // channels
  bool can_edit = true;  // channels: messages of others
  bool can_delete = true;
  bool can_pin = true;  // groups

  bool IsIn() const { return status != "left" && status != "kicked"; }
  bool IsAdmin() const {
    return status == "administrator" || status == "creator";
  }
};

struct Chat {
  enum class Type { kPrivate, kGroup, kSupergroup, kChannel };
  // kDeactivated, kBot and kUnknown are users; the last one's id is known to
  // nobody.
  enum class State {
    kActive,
    kDeactivated,
    kBot,
    kUnknown,
    kDeleted,
    kPrivate
  };

  int64_t id = 0;
  Type type = Type::kChannel;
  State state = State::kActive;
  std::string title;  // of a private chat: the user's first name
  std::string username;
  int64_t migrated_to = 0;            // a basic group
  bool protected_content = false;     // may not be copied
  std::map<int64_t, bool> threads;    // id, and whether it is closed
  Member everyone;                    // what a bot is that `members` lacks
  std::map<int64_t, Member> members;  // by bot

  bool IsPrivate() const { return type == Type::kPrivate; }
  bool IsGroup() const { return type == Type::kGroup; }
  bool IsChannel() const { return type == Type::kChannel; }
  // Its messages have ids of their own, the same for every bot.
  bool HasOwnIds() const {
    return type == Type::kSupergroup || type == Type::kChannel;
  }
  const Member& MemberOf(const Bot& bot) const;
};

enum class Access { kRead, kEdit, kWrite };

class ChatBook {
 public:
  // `auto_bots`: any well-formed token is a bot's. `auto_chats`: any chat that
  // is asked for is there.
  ChatBook(bool auto_bots, bool auto_chats)
      : auto_bots_(auto_bots), auto_chats_(auto_chats) {}

  // Nothing if the token is no bot's.
  Bot* FindBot(const std::string& token);
  Bot* BotOf(int64_t id);
  // The token must be well-formed.
  Bot& AddBot(const std::string& token);

  // `name` is an id or @username; nothing if there is none.
  Chat* FindChat(absl::string_view name);
  Chat* ChatOf(int64_t id);
  Chat& AddChat(int64_t id, Chat::Type type);
  // To be called when it changed.
  void SetUsername(Chat& chat, std::string username);
  std::vector<const Chat*> Chats() const;

  void Clear() {
    chats_.clear();
    by_username_.clear();
  }

 private:
  Chat* MakeChat(absl::string_view name);

  const bool auto_bots_;
  const bool auto_chats_;
  std::map<int64_t, Bot> bots_;
  absl::node_hash_map<int64_t, Chat> chats_;
  absl::flat_hash_map<std::string, int64_t> by_username_;
  int64_t made_ = 0;
};

// Whether `token` has the shape of one: digits, colon, secret.
bool IsTokenShaped(absl::string_view token);

absl::string_view NameOf(Chat::Type type);
std::optional<Chat::Type> ChatTypeOf(absl::string_view name);
absl::string_view NameOf(Chat::State state);
std::optional<Chat::State> ChatStateOf(absl::string_view name);

// Why `bot` may not look into, edit or write in `chat` at all.
std::optional<BotAnswer> CheckAccess(const Chat& chat, const Bot& bot,
                                     Access access);

// Why `bot`, which has access, may not send a text message to `chat`.
std::optional<BotAnswer> CheckSend(const Chat& chat, const Bot& bot);

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_CHAT_BOOK_H_
