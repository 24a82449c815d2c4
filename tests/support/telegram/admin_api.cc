#include "telegram/admin_api.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "telegram/form_body.h"
#include "telegram/world_json.h"

namespace broadcast::telegram {
namespace {

HttpReply JsonReply(const Json& json) { return {.body = Compact(json)}; }

HttpReply Refusal(int status, absl::string_view problem) {
  return {.status = status, .body = Compact({{"error", std::string(problem)}})};
}

HttpReply NotThere() { return Refusal(404, "there is no such thing"); }

absl::Status UnknownField(const Json& body, const char* one,
                          const char* other = "") {
  for (const auto& [name, value] : body.items()) {
    if (name != one && name != other) {
      return absl::InvalidArgumentError(absl::StrCat("no field ", name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

HttpReply AdminApi::Handle(const HttpRequest& http) {
  absl::string_view path = http.target;
  absl::ConsumePrefix(&path, "/admin/");
  const size_t mark = path.find('?');
  const absl::string_view query =
      mark == path.npos ? "" : path.substr(mark + 1);
  path = path.substr(0, mark);
  if (http.verb == "GET") return Get(path, query);
  if (http.verb == "DELETE" && path == "rules") {
    parts_.faults.Clear();
    return JsonReply(Json::object());
  }
  if (http.verb != "POST") return NotThere();
  const Json body = http.body.empty() ? Json::object()
                                      : Json::parse(http.body, nullptr, false);
  if (body.is_discarded()) return Refusal(400, "the body is no JSON");
  const absl::StatusOr<Json> done = Post(path, body);
  if (done.ok()) return JsonReply(*done);
  const bool unknown = done.status().code() == absl::StatusCode::kNotFound;
  return Refusal(unknown ? 404 : 400, std::string(done.status().message()));
}

HttpReply AdminApi::Get(absl::string_view path, absl::string_view query) {
  if (path == "health") return JsonReply({{"ok", true}});
  if (path == "journal") {
    int64_t since = 0;
    int64_t most = std::numeric_limits<int64_t>::max();
    for (const auto& [name, value] : ParseUrlEncoded(query)) {
      if ((name != "since" || !absl::SimpleAtoi(value, &since)) &&
          (name != "limit" || !absl::SimpleAtoi(value, &most))) {
        return Refusal(400, "a journal is read by since and limit, numbers");
      }
    }
    return {.content_type = "application/x-ndjson",
            .body = parts_.journal.Lines(since, most)};
  }
  if (path == "stats") {
    Json stats = parts_.journal.stats().ToJson();
    stats["in_flight"] = parts_.flow.in_flight();
    stats["messages"] = parts_.platform.messages.size();
    return JsonReply(stats);
  }
  if (path == "clock") {
    return JsonReply(
        {{"now", parts_.clock.Now()}, {"frozen", parts_.clock.frozen()}});
  }
  if (path == "rules") return JsonReply(parts_.faults.ToJson());
  if (path == "limits") return JsonReply(parts_.limits.rules().ToJson());
  if (path == "chats") {
    Json all = Json::array();
    for (const Chat* chat : parts_.platform.chats.Chats()) {
      all.push_back(ChatState(*chat));
    }
    return JsonReply(all);
  }
  if (absl::ConsumePrefix(&path, "chats/")) return GetChat(path);
  return NotThere();
}

HttpReply AdminApi::GetChat(absl::string_view path) {
  const bool messages = absl::ConsumeSuffix(&path, "/messages");
  int64_t id = 0;
  const Chat* chat = absl::SimpleAtoi(path, &id)
                         ? parts_.platform.chats.ChatOf(id)
                         : parts_.platform.chats.FindChat(path);
  if (chat == nullptr) return NotThere();
  if (!messages) return JsonReply(ChatState(*chat));
  Json all = Json::array();
  for (const Message* message : parts_.platform.messages.List(*chat)) {
    all.push_back(MessageState(*chat, *message));
  }
  return JsonReply(all);
}

absl::StatusOr<Json> AdminApi::Post(absl::string_view path, const Json& body) {
  const auto done = [](const absl::Status& status) -> absl::StatusOr<Json> {
    if (!status.ok()) return status;
    return Json::object();
  };
  ChatBook& chats = parts_.platform.chats;
  if (path == "bot") return done(ApplyBot(body, chats));
  if (path == "chat") return done(ApplyChat(body, chats));
  if (path == "member") return done(ApplyMember(body, chats));
  if (path == "rules") return done(parts_.faults.Add(body));
  if (path == "limits") return done(SetLimits(body));
  if (path == "latency") return done(SetLatency(body));
  if (path == "seed") return done(Seed(body));
  if (path == "clock") return SetClock(body);
  if (path == "message") {
    const auto id = ApplyMessage(body, parts_.platform);
    if (!id.ok()) return id.status();
    return Json{{"message_id", *id}};
  }
  if (path == "reset") {
    absl::Status unknown = UnknownField(body, "keep_chats");
    if (!unknown.ok()) return unknown;
    Reset(body);
    return Json::object();
  }
  return absl::NotFoundError("there is no such thing");
}

absl::Status AdminApi::Seed(const Json& json) {
  if (!json.is_object()) return absl::InvalidArgumentError("no JSON object");
  absl::Status status;
  const auto each = [&](const char* name, const auto& apply) {
    for (const Json& one : json.value(name, Json::array())) {
      if (status.ok()) status = apply(one);
    }
  };
  ChatBook& chats = parts_.platform.chats;
  each("bots", [&](const Json& bot) { return ApplyBot(bot, chats); });
  each("chats", [&](const Json& chat) { return ApplyChat(chat, chats); });
  each("messages", [&](const Json& message) {
    return ApplyMessage(message, parts_.platform).status();
  });
  if (status.ok() && json.contains("rules")) {
    status = parts_.faults.Add(json["rules"]);
  }
  if (status.ok() && json.contains("limits"))
    status = SetLimits(json["limits"]);
  if (status.ok() && json.contains("latency")) {
    status = SetLatency({{"spec", json["latency"]}});
  }
  return status;
}

absl::StatusOr<Json> AdminApi::SetClock(const Json& body) {
  for (const auto& [name, value] : body.items()) {
    if (name == "advance_seconds" && value.is_number()) {
      parts_.clock.Advance(
          static_cast<int64_t>(value.get<double>() * kMicrosPerSecond));
    } else if (name == "set" && value.is_number()) {
      parts_.clock.Advance(
          static_cast<int64_t>(value.get<double>() * kMicrosPerSecond) -
          parts_.clock.Now());
    } else if (name == "frozen" && value.is_boolean()) {
      parts_.clock.Freeze(value.get<bool>());
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("clock: ", name, " is no field or has no such value"));
    }
  }
  parts_.loop.ClockMoved();
  return Json{{"now", parts_.clock.Now()}, {"frozen", parts_.clock.frozen()}};
}

absl::Status AdminApi::SetLimits(const Json& body) {
  if (!body.is_object()) return absl::InvalidArgumentError("no JSON object");
  const Json bot = body.value("bot", Json());
  const Json chat = body.value("chat", Json());
  if (bot.is_number_integer()) {
    return parts_.limits.RulesOfBot(bot.get<int64_t>()).Patch(body);
  }
  if (chat.is_number_integer()) {
    return parts_.limits.RulesOfChat(chat.get<int64_t>()).Patch(body);
  }
  return parts_.limits.rules().Patch(body);
}

absl::Status AdminApi::SetLatency(const Json& body) {
  const Json spec = body.is_object() ? body.value("spec", Json()) : Json();
  if (!spec.is_string()) return absl::InvalidArgumentError("latency: no spec");
  return parts_.latency.Set(spec.get<std::string>());
}

void AdminApi::Reset(const Json& body) {
  parts_.platform.messages.Clear();
  if (!body.value("keep_chats", false)) parts_.platform.chats.Clear();
  parts_.journal.Clear();
  parts_.faults.Clear();
  parts_.limits.Clear(/*rules=*/true);
}

}  // namespace broadcast::telegram
