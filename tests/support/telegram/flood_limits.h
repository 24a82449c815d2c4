// How much the platform takes: of a bot in a second, of a bot in one chat in a
// second, and in one group or channel in a minute. These are the limits that
// the platform publishes, as they are understood; the true ones are told to
// nobody. One thread; the caller brings the time, in microseconds.
#ifndef BROADCASTD_TELEGRAM_FLOOD_LIMITS_H_
#define BROADCASTD_TELEGRAM_FLOOD_LIMITS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "telegram/bot_answer.h"

namespace broadcast::telegram {

struct LimitRules {
  bool enabled = true;
  double hold_seconds = 8;  // wait this long at most, before it says 429
  double bot_per_second = 30;
  double paid_per_second = 1000;
  double chat_per_second = 1;
  double chat_burst = 3;
  double group_per_minute = 20;
  double long_text_weight = 2;  // of more than 500 characters
  double lengthen = 1.5;        // what a violation does to a pause
  double longest_pause_seconds = 300;
  double grace_seconds = 0.1;  // what was on its way is no violation

  // Returns INVALID_ARGUMENT for a field that there is not.
  absl::Status Patch(const Json& json);
  Json ToJson() const;
};

struct LimitAsk {
  int64_t now = 0;
  int64_t received = 0;  // when the request came
  int64_t held = 0;      // for how long it was held, until now
  int64_t bot = 0;
  int64_t chat = 0;
  bool group = false;  // a group or channel
  int items = 1;
  bool long_text = false;
  bool paid = false;
};

struct LimitAnswer {
  enum class Kind { kAccept, kHold, kRefuse };
  Kind kind = Kind::kAccept;
  int64_t hold = 0;         // microseconds; then ask again
  int64_t retry_after = 0;  // seconds
  bool violation = false;
  double stars = 0;  // what it costs
};

enum class PauseScope { kNone, kChat, kBot };

class FloodLimits {
 public:
  LimitRules& rules() { return rules_; }

  // Rules of one bot or chat alone, made of the common ones. A chat's say how
  // long to hold, and all that concerns the chat; a bot's the rest.
  LimitRules& RulesOfBot(int64_t bot);
  LimitRules& RulesOfChat(int64_t chat);

  // Takes what it accepts from what may still be sent.
  LimitAnswer Ask(const LimitAsk& ask);

  // Nothing is accepted for a while. It is known to the client only once
  // PauseTold was called.
  void Pause(PauseScope scope, int64_t bot, int64_t chat, int64_t until);
  // The answer that tells of a pause has gone out.
  void PauseTold(int64_t bot, int64_t chat, int64_t now);

  // Forgets what was sent, and with `rules` all rules, too.
  void Clear(bool rules);

 private:
  using Key = std::pair<int64_t, int64_t>;  // bot, chat
  struct Paused {
    int64_t until = 0;
    int64_t told = 0;  // 0: not yet
  };
  // What was accepted, and when.
  struct Window {
    std::deque<std::pair<int64_t, double>> taken;
    double sum = 0;

    void Forget(int64_t before);
    // How long until there is room for `weight` of `most`.
    int64_t Wait(int64_t now, int64_t width, double weight, double most);
    void Take(int64_t now, double weight);
  };
  struct Bucket {
    double tokens = 0;
    int64_t filled = 0;  // 0: never used
  };

  const LimitRules& ForBot(int64_t bot) const;
  const LimitRules& ForChat(int64_t chat) const;
  // The pause that a request runs into, if any.
  Paused* PauseOf(const LimitAsk& ask);
  LimitAnswer InPause(const LimitAsk& ask, Paused& pause);
  int64_t ChatWait(const LimitAsk& ask, const LimitRules& rules, double weight);
  void Take(const LimitAsk& ask, double weight);

  LimitRules rules_;
  std::map<int64_t, LimitRules> of_bots_;
  std::map<int64_t, LimitRules> of_chats_;
  absl::flat_hash_map<Key, Paused> paused_chats_;
  absl::flat_hash_map<int64_t, Paused> paused_bots_;
  absl::flat_hash_map<int64_t, Window> bots_;
  absl::flat_hash_map<Key, Window> groups_;
  absl::flat_hash_map<Key, Bucket> chats_;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_FLOOD_LIMITS_H_
