// What goes wrong on purpose. A rule fits some requests and says what becomes
// of them; the first one that fits and is not spent does. One thread.
#ifndef BROADCASTD_TELEGRAM_FAULT_RULES_H_
#define BROADCASTD_TELEGRAM_FAULT_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "telegram/bot_answer.h"
#include "telegram/flood_limits.h"

namespace broadcast::telegram {

struct Fault {
  enum class Action {
    kDropBefore,    // the connection is reset, nothing was done
    kDropAfter,     // likewise, but it was done
    kRestartAfter,  // it was done, and the answer is 500 restart
    kBadGateway,    // 502 and a page of HTML
    kFlood,         // 429, and a pause
    kRights,        // 400 not enough rights, in every chat but a private one
    kError,         // any error
    kCutOff,        // half of the answer
    kSilence,       // no answer, ever
    kSlow,          // the answer comes late
    kBlindTrue,     // deleteMessages: true, and nothing was deleted
  };

  // Which requests; 0 or empty fits all.
  std::string method;  // in lower case
  int64_t chat = 0;
  int64_t bot = 0;
  std::string text;   // a part of the text
  int64_t skip = 0;   // how many that fit are spared first
  int64_t count = 1;  // then how many are met; below 0: all

  Action action = Action::kDropAfter;
  bool processed =
      false;  // kBadGateway, kError, kCutOff, kSilence: do it first
  int code = 400;
  std::string description;
  int64_t retry_after = 0;
  int64_t migrate_to_chat_id = 0;
  double delay_seconds = 0;
  PauseScope pause = PauseScope::kChat;

  int64_t met = 0;

  absl::string_view ActionName() const;
};

class FaultRules {
 public:
  // `json` is a rule or an array of them.
  // Returns INVALID_ARGUMENT, and adds nothing, if one is no rule.
  absl::Status Add(const Json& json);
  void Clear() { rules_.clear(); }
  Json ToJson() const;

  // The rule that this request meets, or nothing. Counts it.
  const Fault* Meet(absl::string_view method, int64_t bot, int64_t chat,
                    bool private_chat, absl::string_view text);

 private:
  std::vector<Fault> rules_;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_FAULT_RULES_H_
