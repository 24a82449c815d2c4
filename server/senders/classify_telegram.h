// What an exchange with a Bot API server means for what was tried. The one
// place that knows the server's texts. Pure; any thread.
#ifndef BROADCASTD_SENDERS_CLASSIFY_TELEGRAM_H_
#define BROADCASTD_SENDERS_CLASSIFY_TELEGRAM_H_

#include "http/exchange.h"
#include "senders/sender.h"

namespace broadcast::senders {

// Sending and copying may be done only once: when it cannot be known whether
// they were, they are kUnknown. Editing and deleting may be repeated.
Report ClassifyTelegram(const Attempt& attempt, const http::Response& response);

// Of a question, such as getChat: kDone if it was answered, never kUnknown.
Report ClassifyTelegramQuestion(const http::Response& response);

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_CLASSIFY_TELEGRAM_H_
