// What was posted, and where. A channel or supergroup numbers its messages
// itself; in private chats and basic groups each bot has a row of numbers and
// a store of its own, as on the platform. One thread.
#ifndef BROADCASTD_TELEGRAM_MESSAGE_SHELF_H_
#define BROADCASTD_TELEGRAM_MESSAGE_SHELF_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "telegram/bot_answer.h"
#include "telegram/chat_book.h"

namespace broadcast::telegram {

struct Message {
  int32_t id = 0;
  int64_t time = 0;       // microseconds; the platform shows seconds
  int64_t edit_time = 0;  // 0: never
  int64_t bot = 0;        // who posted it; 0: no bot
  std::string text;       // as it is seen
  Json entities;          // an array, or null
  Json reply_markup;      // an inline keyboard, or null
  Json link_preview;      // as it was asked for, or null
  std::map<int64_t, Json> reactions;  // by bot; none is empty
  int64_t reply_to = 0;
  int64_t thread = 0;
  bool silent = false;
  bool protected_content = false;
  bool pinned = false;
  bool service = false;  // tells of the chat; can be neither copied nor edited
};

class MessageShelf {
 public:
  // Gives it its id.
  Message& Add(const Chat& chat, int64_t bot, Message message);

  // Nothing if `bot` sees no such message.
  Message* Find(const Chat& chat, int64_t bot, int64_t id);
  void Erase(const Chat& chat, int64_t bot, int64_t id);

  // All of a chat, whichever bot's, in the order of their ids.
  std::vector<const Message*> List(const Chat& chat) const;

  size_t size() const { return size_; }
  void Clear();

 private:
  using Key = std::pair<int64_t, int64_t>;  // bot or 0, chat
  static Key KeyOf(const Chat& chat, int64_t bot);

  // Ordered, so that those of one chat can be listed.
  std::map<Key, std::map<int32_t, Message>> messages_;
  absl::flat_hash_map<Key, int32_t> last_ids_;
  size_t size_ = 0;
};

// As the platform tells of it.
Json MessageJson(const Chat& chat, const Bot& bot, const Message& message);
Json ChatJson(const Chat& chat);
Json BotJson(const Bot& bot);

// What tells one message from another in the journal: what stands between
// [[ and ]] in its text, else the beginning of its text.
std::string MarkerOf(const std::string& text);

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_MESSAGE_SHELF_H_
