// Arranges bots, chats and messages as JSON says, from a file or by the admin
// API. One thread.
//
// Every function returns INVALID_ARGUMENT, which says what is wrong, for a
// field that there is not, or that has no such value; what came before it in
// the same object may have been applied.
#ifndef BROADCASTD_TELEGRAM_WORLD_JSON_H_
#define BROADCASTD_TELEGRAM_WORLD_JSON_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "telegram/bot_answer.h"
#include "telegram/bot_methods.h"

namespace broadcast::telegram {

// "123:abc", or {"token", "name", "username", "stars"}.
absl::Status ApplyBot(const Json& json, ChatBook& chats);

// {"id", "type", "title", "username", "state", "migrated_to",
// "protected_content", "threads", "everyone", "members"}: makes the chat, or
// changes what is named. Without a type a new chat has the one that its id
// tells.
absl::Status ApplyChat(const Json& json, ChatBook& chats);

// {"chat", "bot", "status", "can_send", "can_post", "can_edit", "can_delete",
// "can_pin"}; without a bot, all bots.
absl::Status ApplyMember(const Json& json, ChatBook& chats);

// {"chat", "bot", "own", "text", "age_seconds", "service",
// "protected_content"}: posts a message past all limits; its id.
absl::StatusOr<int64_t> ApplyMessage(const Json& json, Platform platform);

// "id=-1001,type=channel,username=name,status=left": a chat of ApplyChat, in
// which all bots are what `status` and `can_…` say.
absl::StatusOr<Json> ChatOfSpec(const std::string& spec);

Json ChatState(const Chat& chat);
Json MessageState(const Chat& chat, const Message& message);

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_WORLD_JSON_H_
