// What a method answers, and the errors of the platform in its own words.
// Values and free functions; any thread.
#ifndef BROADCASTD_TELEGRAM_BOT_ANSWER_H_
#define BROADCASTD_TELEGRAM_BOT_ANSWER_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast::telegram {

using Json = nlohmann::json;

struct BotAnswer {
  int code = 200;  // HTTP's, and error_code
  Json result;     // if code is 200
  std::string description;
  int64_t retry_after = 0;  // seconds
  int64_t migrate_to_chat_id = 0;

  bool ok() const { return code == 200; }
};

BotAnswer Success(Json result);

// Each takes what follows its usual prefix ("Bad Request: ").
BotAnswer BadRequest(absl::string_view problem);
BotAnswer Forbidden(absl::string_view problem);

BotAnswer Failure(int code, std::string description);
BotAnswer TooManyRequests(int64_t retry_after);

// The body of the response. Text that is no UTF-8 is mended.
std::string BodyOf(const BotAnswer& answer);

// As compact JSON, with what is no UTF-8 mended.
std::string Compact(const Json& json);

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_BOT_ANSWER_H_
