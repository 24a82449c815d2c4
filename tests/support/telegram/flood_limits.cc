#include "telegram/flood_limits.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "telegram/moving_clock.h"

namespace broadcast::telegram {
namespace {

constexpr int64_t kMinute = 60 * kMicrosPerSecond;
constexpr double kStarsPerMessage = 0.1;
constexpr double kRounding = 1e-6;

int64_t Micros(double seconds) {
  return static_cast<int64_t>(seconds * kMicrosPerSecond);
}

int64_t SecondsUp(int64_t micros) {
  return std::max<int64_t>(1,
                           (micros + kMicrosPerSecond - 1) / kMicrosPerSecond);
}

struct Field {
  const char* name;
  double LimitRules::*value;
};

constexpr Field kFields[] = {
    {"hold_seconds", &LimitRules::hold_seconds},
    {"bot_per_second", &LimitRules::bot_per_second},
    {"paid_per_second", &LimitRules::paid_per_second},
    {"chat_per_second", &LimitRules::chat_per_second},
    {"chat_burst", &LimitRules::chat_burst},
    {"group_per_minute", &LimitRules::group_per_minute},
    {"long_text_weight", &LimitRules::long_text_weight},
    {"lengthen", &LimitRules::lengthen},
    {"longest_pause_seconds", &LimitRules::longest_pause_seconds},
    {"grace_seconds", &LimitRules::grace_seconds},
};

}  // namespace

absl::Status LimitRules::Patch(const Json& json) {
  for (const auto& [name, value] : json.items()) {
    if (name == "bot" || name == "chat") continue;
    if (name == "enabled" && value.is_boolean()) {
      enabled = value.get<bool>();
      continue;
    }
    const auto* field =
        std::find_if(std::begin(kFields), std::end(kFields),
                     [&](const Field& each) { return each.name == name; });
    if (field == std::end(kFields) || !value.is_number() ||
        value.get<double>() < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("limits: ", name, " is no field or has no such value"));
    }
    this->*field->value = value.get<double>();
  }
  return absl::OkStatus();
}

Json LimitRules::ToJson() const {
  Json json = {{"enabled", enabled}};
  for (const Field& field : kFields) json[field.name] = this->*field.value;
  return json;
}

void FloodLimits::Window::Forget(int64_t before) {
  while (!taken.empty() && taken.front().first <= before) {
    sum -= taken.front().second;
    taken.pop_front();
  }
  if (taken.empty()) sum = 0;
}

int64_t FloodLimits::Window::Wait(int64_t now, int64_t width, double weight,
                                  double most) {
  Forget(now - width);
  // What is more than the whole window is let in alone.
  double over = sum + std::min(weight, most) - most;
  if (over <= kRounding) return 0;
  for (const auto& [time, each] : taken) {
    over -= each;
    if (over <= kRounding) return time + width - now;
  }
  return width;
}

void FloodLimits::Window::Take(int64_t now, double weight) {
  taken.emplace_back(now, weight);
  sum += weight;
}

LimitRules& FloodLimits::RulesOfBot(int64_t bot) {
  return of_bots_.try_emplace(bot, rules_).first->second;
}

LimitRules& FloodLimits::RulesOfChat(int64_t chat) {
  return of_chats_.try_emplace(chat, rules_).first->second;
}

const LimitRules& FloodLimits::ForBot(int64_t bot) const {
  const auto found = of_bots_.find(bot);
  return found == of_bots_.end() ? rules_ : found->second;
}

const LimitRules& FloodLimits::ForChat(int64_t chat) const {
  const auto found = of_chats_.find(chat);
  return found == of_chats_.end() ? rules_ : found->second;
}

FloodLimits::Paused* FloodLimits::PauseOf(const LimitAsk& ask) {
  const auto bot = paused_bots_.find(ask.bot);
  if (bot != paused_bots_.end()) {
    if (bot->second.until > ask.now) return &bot->second;
    paused_bots_.erase(bot);
  }
  const auto chat = paused_chats_.find(Key(ask.bot, ask.chat));
  if (chat != paused_chats_.end()) {
    if (chat->second.until > ask.now) return &chat->second;
    paused_chats_.erase(chat);
  }
  return nullptr;
}

LimitAnswer FloodLimits::InPause(const LimitAsk& ask, Paused& pause) {
  const LimitRules& rules = ForBot(ask.bot);
  const bool violation =
      pause.told != 0 &&
      ask.received > pause.told + Micros(rules.grace_seconds);
  if (violation) {
    const auto longer = static_cast<int64_t>(
        static_cast<double>(pause.until - ask.now) * rules.lengthen);
    pause.until = std::max(
        pause.until,
        ask.now + std::min(longer, Micros(rules.longest_pause_seconds)));
  }
  return {.kind = LimitAnswer::Kind::kRefuse,
          .retry_after = SecondsUp(pause.until - ask.now),
          .violation = violation};
}

int64_t FloodLimits::ChatWait(const LimitAsk& ask, const LimitRules& rules,
                              double weight) {
  const Key key(ask.bot, ask.chat);
  int64_t wait = 0;
  Bucket& bucket = chats_[key];
  const double passed =
      static_cast<double>(ask.now - bucket.filled) / kMicrosPerSecond;
  bucket.tokens =
      bucket.filled == 0
          ? rules.chat_burst
          : std::min(rules.chat_burst,
                     bucket.tokens + passed * rules.chat_per_second);
  bucket.filled = ask.now;
  const double lacking = std::min(weight, rules.chat_burst) - bucket.tokens;
  if (lacking > kRounding) {
    wait = Micros(lacking / rules.chat_per_second);
  }
  if (ask.group) {
    wait = std::max(wait, groups_[key].Wait(ask.now, kMinute, weight,
                                            rules.group_per_minute));
  }
  return wait;
}

void FloodLimits::Take(const LimitAsk& ask, double weight) {
  const Key key(ask.bot, ask.chat);
  bots_[ask.bot].Take(ask.now, weight);
  if (const auto bucket = chats_.find(key); bucket != chats_.end()) {
    bucket->second.tokens = std::max(0.0, bucket->second.tokens - weight);
  }
  if (ask.group) groups_[key].Take(ask.now, weight);
}

LimitAnswer FloodLimits::Ask(const LimitAsk& ask) {
  // Pauses that were asked for by hand hold even without limits.
  if (Paused* pause = PauseOf(ask)) return InPause(ask, *pause);
  const LimitRules& of_bot = ForBot(ask.bot);
  const LimitRules& of_chat = ForChat(ask.chat);
  if (!of_bot.enabled && !of_chat.enabled) return {};
  const double weight =
      ask.items * (ask.long_text ? of_bot.long_text_weight : 1);
  Window& window = bots_[ask.bot];
  int64_t bot_wait = 0;
  LimitAnswer answer;
  if (of_bot.enabled) {
    const double most =
        ask.paid ? of_bot.paid_per_second : of_bot.bot_per_second;
    bot_wait = window.Wait(ask.now, kMicrosPerSecond, weight, most);
    if (ask.paid && window.sum + weight > of_bot.bot_per_second) {
      answer.stars = kStarsPerMessage * ask.items;
    }
  }
  const int64_t chat_wait =
      of_chat.enabled ? ChatWait(ask, of_chat, weight) : 0;
  const int64_t wait = std::max(bot_wait, chat_wait);
  if (wait == 0) {
    Take(ask, weight);
    return answer;
  }
  if (ask.held + wait <= Micros(of_chat.hold_seconds)) {
    return {.kind = LimitAnswer::Kind::kHold, .hold = wait};
  }
  const int64_t seconds = SecondsUp(wait);
  Pause(bot_wait > chat_wait ? PauseScope::kBot : PauseScope::kChat, ask.bot,
        ask.chat, ask.now + seconds * kMicrosPerSecond);
  return {.kind = LimitAnswer::Kind::kRefuse, .retry_after = seconds};
}

void FloodLimits::Pause(PauseScope scope, int64_t bot, int64_t chat,
                        int64_t until) {
  if (scope == PauseScope::kBot) paused_bots_[bot] = {.until = until};
  if (scope == PauseScope::kChat) {
    paused_chats_[Key(bot, chat)] = {.until = until};
  }
}

void FloodLimits::PauseTold(int64_t bot, int64_t chat, int64_t now) {
  const auto tell = [now](auto& pauses, const auto& key) {
    const auto found = pauses.find(key);
    if (found != pauses.end() && found->second.told == 0) {
      found->second.told = now;
    }
  };
  tell(paused_bots_, bot);
  tell(paused_chats_, Key(bot, chat));
}

void FloodLimits::Clear(bool rules) {
  paused_chats_.clear();
  paused_bots_.clear();
  bots_.clear();
  groups_.clear();
  chats_.clear();
  if (!rules) return;
  of_bots_.clear();
  of_chats_.clear();
}

}  // namespace broadcast::telegram
