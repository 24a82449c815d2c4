// What a Bot API server is asked for. Pure; any thread.
#ifndef BROADCASTD_SENDERS_TELEGRAM_REQUEST_H_
#define BROADCASTD_SENDERS_TELEGRAM_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "senders/sender.h"

namespace broadcast::senders {

struct TelegramRequest {
  absl::string_view method;
  std::string body;  // JSON
};

// Nothing if `attempt` names no chat, or no message where it must.
std::optional<TelegramRequest> TelegramRequestFor(const Attempt& attempt);

TelegramRequest GetChat(const std::string& address);
TelegramRequest GetChatMember(const std::string& address, int64_t user_id);
TelegramRequest GetMe();

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_TELEGRAM_REQUEST_H_
