// What may be a keyboard below a message. Pure; any thread.
#ifndef BROADCASTD_TELEGRAM_INLINE_KEYBOARD_H_
#define BROADCASTD_TELEGRAM_INLINE_KEYBOARD_H_

#include <optional>
#include <string>

#include "telegram/bot_answer.h"

namespace broadcast::telegram {

struct Keyboard {
  Json markup;  // null: none
  std::optional<BotAnswer> refusal;
};

// Reads the parameter reply_markup.
Keyboard ReadKeyboard(const std::string& reply_markup);

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_INLINE_KEYBOARD_H_
