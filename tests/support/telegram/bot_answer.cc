#include "telegram/bot_answer.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace broadcast::telegram {

BotAnswer Success(Json result) { return {.result = std::move(result)}; }

BotAnswer BadRequest(absl::string_view problem) {
  return Failure(400, absl::StrCat("Bad Request: ", problem));
}

BotAnswer Forbidden(absl::string_view problem) {
  return Failure(403, absl::StrCat("Forbidden: ", problem));
}

BotAnswer Failure(int code, std::string description) {
  return {.code = code, .description = std::move(description)};
}

BotAnswer TooManyRequests(int64_t retry_after) {
  BotAnswer answer = Failure(
      429, absl::StrCat("Too Many Requests: retry after ", retry_after));
  answer.retry_after = retry_after;
  return answer;
}

std::string BodyOf(const BotAnswer& answer) {
  if (answer.ok()) return Compact({{"ok", true}, {"result", answer.result}});
  Json body = {{"ok", false},
               {"error_code", answer.code},
               {"description", answer.description}};
  if (answer.retry_after > 0) {
    body["parameters"]["retry_after"] = answer.retry_after;
  }
  if (answer.migrate_to_chat_id != 0) {
    body["parameters"]["migrate_to_chat_id"] = answer.migrate_to_chat_id;
  }
  return Compact(body);
}

std::string Compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace broadcast::telegram
