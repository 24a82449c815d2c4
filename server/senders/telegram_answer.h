// What a Bot API server answers. Pure; any thread.
#ifndef BROADCASTD_SENDERS_TELEGRAM_ANSWER_H_
#define BROADCASTD_SENDERS_TELEGRAM_ANSWER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast::senders {

// A member that is missing, of another type or out of range is not set.
struct TelegramAnswer {
  bool ok = false;
  std::optional<int64_t> message_id;  // of the result; above 0
  std::optional<int64_t> error_code;
  std::string description;
  std::optional<int64_t> retry_after;  // seconds; not negative
  std::optional<int64_t> migrate_to_chat_id;
};

// Nothing if `body` is no JSON object that says whether it is `ok`.
std::optional<TelegramAnswer> ParseTelegramAnswer(absl::string_view body);

// Of the result of getChat.
struct TelegramChat {
  std::string title;  // or the person's first name
  std::string type;
};
std::optional<TelegramChat> ParseTelegramChat(absl::string_view body);

// Of the result of getChatMember, in a chat of any type but "private".
struct TelegramMember {
  bool present = false;
  bool may_post = false;
  bool may_edit = false;    // its own messages
  bool may_delete = false;  // its own messages
};
std::optional<TelegramMember> ParseTelegramMember(absl::string_view body,
                                                  bool is_channel);

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_TELEGRAM_ANSWER_H_
