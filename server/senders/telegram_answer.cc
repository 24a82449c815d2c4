#include "senders/telegram_answer.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace broadcast::senders {
namespace {

using Json = nlohmann::json;

// The member of an object, or null.
const Json& At(const Json& json, const char* name) {
  static const Json kNull;
  if (!json.is_object()) return kNull;
  const auto found = json.find(name);
  return found == json.end() ? kNull : *found;
}

std::optional<int64_t> Number(const Json& json) {
  if (json.is_number_unsigned()) {
    const auto value = json.get<uint64_t>();
    if (value > std::numeric_limits<int64_t>::max()) return std::nullopt;
    return static_cast<int64_t>(value);
  }
  if (json.is_number_integer()) return json.get<int64_t>();
  return std::nullopt;
}

// Of seconds, a number that does not fit is a very long time.
std::optional<int64_t> SecondsOf(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  if (!json.is_number_unsigned() && json < 0) return std::nullopt;
  return Number(json).value_or(std::numeric_limits<int64_t>::max());
}

std::string Text(const Json& json) {
  return json.is_string() ? json.get<std::string>() : "";
}

bool IsTrue(const Json& json) { return json.is_boolean() && json.get<bool>(); }

// The result of an answer that is ok, or null.
Json ResultOf(absl::string_view body) {
  const Json json = Json::parse(body.begin(), body.end(), nullptr, false);
  return IsTrue(At(json, "ok")) ? At(json, "result") : Json();
}

}  // namespace

std::optional<TelegramAnswer> ParseTelegramAnswer(absl::string_view body) {
  const Json json = Json::parse(body.begin(), body.end(), nullptr, false);
  if (!At(json, "ok").is_boolean()) return std::nullopt;
  TelegramAnswer answer = {
      .ok = IsTrue(At(json, "ok")),
      .message_id = Number(At(At(json, "result"), "message_id")),
      .error_code = Number(At(json, "error_code")),
      .description = Text(At(json, "description"))};
  if (answer.message_id.value_or(0) <= 0) answer.message_id.reset();
  const Json& parameters = At(json, "parameters");
  answer.retry_after = SecondsOf(At(parameters, "retry_after"));
  answer.migrate_to_chat_id = Number(At(parameters, "migrate_to_chat_id"));
  if (answer.migrate_to_chat_id == 0) answer.migrate_to_chat_id.reset();
  return answer;
}

std::optional<TelegramChat> ParseTelegramChat(absl::string_view body) {
  const Json chat = ResultOf(body);
  TelegramChat found = {.title = Text(At(chat, "title")),
                        .type = Text(At(chat, "type"))};
  if (found.type.empty()) return std::nullopt;
  if (found.title.empty()) found.title = Text(At(chat, "first_name"));
  return found;
}

std::optional<TelegramMember> ParseTelegramMember(absl::string_view body,
                                                  bool is_channel) {
  const Json member = ResultOf(body);
  const std::string status = Text(At(member, "status"));
  if (status.empty()) return std::nullopt;
  if (status == "left" || status == "kicked") return TelegramMember{};
  if (is_channel) {
    if (status == "creator") return TelegramMember{true, true, true, true};
    const bool posts = IsTrue(At(member, "can_post_messages"));
    return TelegramMember{
        .present = true,
        .may_post = posts,
        .may_edit = posts || IsTrue(At(member, "can_edit_messages")),
        .may_delete = posts || IsTrue(At(member, "can_delete_messages"))};
  }
  if (status != "restricted") return TelegramMember{true, true, true, true};
  const bool present = IsTrue(At(member, "is_member"));
  return TelegramMember{
      .present = present,
      .may_post = present && IsTrue(At(member, "can_send_messages")),
      .may_edit = present,
      .may_delete = present};
}

}  // namespace broadcast::senders
