// A call of a bot's method, whichever of the four ways it was sent: GET with a
// query, or POST with a urlencoded, multipart or JSON body. Pure; any thread.
#ifndef BROADCASTD_TELEGRAM_BOT_REQUEST_H_
#define BROADCASTD_TELEGRAM_BOT_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "telegram/bot_answer.h"
#include "telegram/http_message.h"

namespace broadcast::telegram {

// Values are text, as the platform itself reads them; of a JSON body, what is
// no string is its JSON.
class BotParams {
 public:
  void Set(std::string name, std::string value);

  bool Has(absl::string_view name) const;
  // Empty if it is not there.
  const std::string& Text(absl::string_view name) const;
  // 0 if it is not there or no number.
  int64_t Number(absl::string_view name) const;
  bool Flag(absl::string_view name) const;
  // Discarded JSON if it is not there or no JSON.
  Json Parsed(absl::string_view name) const;

 private:
  absl::flat_hash_map<std::string, std::string> values_;
};

struct BotRequest {
  std::string token;
  std::string method;  // in lower case
  BotParams params;
};

// /bot<token>/[test/]<method>; nothing if the path is another.
std::optional<BotRequest> ParseBotPath(absl::string_view target);

// Adds what the query and the body give. Returns what is wrong with the body,
// or nothing.
std::optional<BotAnswer> ParseParams(const HttpRequest& http,
                                     BotParams& params);

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_BOT_REQUEST_H_
