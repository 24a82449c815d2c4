#include "senders/webhook_event.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "content/content.h"

namespace broadcast::senders {
namespace {

using Json = nlohmann::json;

std::string Dump(const char* type, absl::Time now, Json data) {
  const Json event = {{"type", type},
                      {"timestamp", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ",
                                                     now, absl::UTCTimeZone())},
                      {"data", std::move(data)}};
  return event.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json ContentOf(const Attempt& attempt) {
  return Json::parse(ToJson(attempt.content), nullptr, false);
}

}  // namespace

std::optional<std::string> WebhookEvent(const Attempt& attempt,
                                        absl::Time now) {
  if (attempt.action != Action::kSend && attempt.message_id.empty()) {
    return std::nullopt;
  }
  switch (attempt.action) {
    case Action::kSend:
      return Dump("message.send", now,
                  {{"message_id", attempt.delivery_id},
                   {"content", ContentOf(attempt)}});
    case Action::kEdit:
      return Dump("message.edit", now,
                  {{"message_id", attempt.message_id},
                   {"content", ContentOf(attempt)}});
    case Action::kDelete:
      return Dump("message.delete", now, {{"message_id", attempt.message_id}});
    case Action::kCopy:
    case Action::kProbe:
      break;
  }
  return std::nullopt;
}

std::string WebhookPing(absl::Time now) {
  return Dump("ping", now, Json::object());
}

}  // namespace broadcast::senders
