// The methods of a bot. One thread.
#ifndef BROADCASTD_TELEGRAM_BOT_METHODS_H_
#define BROADCASTD_TELEGRAM_BOT_METHODS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "telegram/bot_answer.h"
#include "telegram/bot_request.h"
#include "telegram/chat_book.h"
#include "telegram/message_shelf.h"
#include "telegram/moving_clock.h"

namespace broadcast::telegram {

// What exists.
struct Platform {
  ChatBook& chats;
  MessageShelf& messages;
  const MovingClock& clock;
};

// One call of one method, and what came of it.
struct BotCall {
  Bot* bot = nullptr;
  const BotParams* params = nullptr;
  // Only look whether it can be done.
  bool rehearsal = true;
  // How many messages it may post or change, and how heavy they are; known
  // after the rehearsal.
  int items = 1;
  bool long_text = false;
  // What it did.
  int64_t chat = 0;
  bool changed = false;
  std::vector<int32_t> message_ids;
  std::string marker;
  int64_t wait_seconds = 0;  // getUpdates: before it answers
};

// A name and what it does.
struct BotMethod {
  absl::string_view name;
  BotAnswer (*run)(const Platform&, BotCall&);
  bool posts = false;    // counts against the limits
  bool creates = false;  // makes messages
};

// Nothing if there is none; `name` is in lower case.
const BotMethod* FindMethod(absl::string_view name);

// The chat that parameter `name` gives, if `call`'s bot may do with it what
// `access` says.
struct FoundChat {
  Chat* chat = nullptr;
  std::optional<BotAnswer> refusal;
};
FoundChat RequireChat(const Platform& platform, const BotCall& call,
                      absl::string_view name, Access access);

// The parameter message_ids: 1 to 100 numbers.
struct FoundIds {
  std::vector<int64_t> ids;
  std::optional<BotAnswer> refusal;
};
FoundIds RequireIds(const BotParams& params);

// send_methods.cc
BotAnswer SendMessage(const Platform& platform, BotCall& call);
BotAnswer CopyMessage(const Platform& platform, BotCall& call);
BotAnswer CopyMessages(const Platform& platform, BotCall& call);

// change_methods.cc
BotAnswer EditMessageText(const Platform& platform, BotCall& call);
BotAnswer EditMessageReplyMarkup(const Platform& platform, BotCall& call);
BotAnswer DeleteMessage(const Platform& platform, BotCall& call);
BotAnswer DeleteMessages(const Platform& platform, BotCall& call);
BotAnswer PinChatMessage(const Platform& platform, BotCall& call);
BotAnswer SetMessageReaction(const Platform& platform, BotCall& call);

// look_methods.cc
BotAnswer GetMe(const Platform& platform, BotCall& call);
BotAnswer GetChat(const Platform& platform, BotCall& call);
BotAnswer GetChatMember(const Platform& platform, BotCall& call);
BotAnswer GetChatMemberCount(const Platform& platform, BotCall& call);
BotAnswer GetUpdates(const Platform& platform, BotCall& call);
BotAnswer GetWebhookInfo(const Platform& platform, BotCall& call);
BotAnswer AnswerTrue(const Platform& platform, BotCall& call);

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_BOT_METHODS_H_
