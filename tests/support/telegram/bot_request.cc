#include "telegram/bot_request.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "telegram/form_body.h"

namespace broadcast::telegram {
namespace {

void SetAll(FormFields fields, BotParams& params) {
  for (auto& [name, value] : fields) {
    params.Set(std::move(name), std::move(value));
  }
}

std::optional<BotAnswer> SetFromJson(const std::string& body,
                                     BotParams& params) {
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return BadRequest("can't parse the body as a JSON object");
  }
  for (const auto& [name, value] : json.items()) {
    if (value.is_null()) continue;
    params.Set(name,
               value.is_string() ? value.get<std::string>() : Compact(value));
  }
  return std::nullopt;
}

}  // namespace

void BotParams::Set(std::string name, std::string value) {
  values_[std::move(name)] = std::move(value);
}

bool BotParams::Has(absl::string_view name) const {
  return !Text(name).empty();
}

const std::string& BotParams::Text(absl::string_view name) const {
  static const std::string& none = *new std::string;
  const auto found = values_.find(name);
  return found == values_.end() ? none : found->second;
}

int64_t BotParams::Number(absl::string_view name) const {
  int64_t number = 0;
  return absl::SimpleAtoi(Text(name), &number) ? number : 0;
}

bool BotParams::Flag(absl::string_view name) const {
  const std::string value = absl::AsciiStrToLower(Text(name));
  return value == "true" || value == "yes" || value == "1";
}

Json BotParams::Parsed(absl::string_view name) const {
  return Json::parse(Text(name), nullptr, /*allow_exceptions=*/false);
}

std::optional<BotRequest> ParseBotPath(absl::string_view target) {
  target = target.substr(0, target.find('?'));
  if (!absl::ConsumePrefix(&target, "/bot")) return std::nullopt;
  const size_t slash = target.find('/');
  if (slash == target.npos) return std::nullopt;
  BotRequest request{.token = std::string(target.substr(0, slash))};
  // Some clients escape the colon.
  for (auto& [name, value] : ParseUrlEncoded(request.token)) {
    request.token = name;
  }
  target.remove_prefix(slash + 1);
  absl::ConsumePrefix(&target, "test/");
  request.method = absl::AsciiStrToLower(target);
  return request;
}

std::optional<BotAnswer> ParseParams(const HttpRequest& http,
                                     BotParams& params) {
  const size_t query = http.target.find('?');
  if (query != std::string::npos) {
    SetAll(ParseUrlEncoded(absl::string_view(http.target).substr(query + 1)),
           params);
  }
  if (http.body.empty()) return std::nullopt;
  const std::string type = absl::AsciiStrToLower(http.content_type);
  if (absl::StartsWith(type, "application/json")) {
    return SetFromJson(http.body, params);
  }
  if (absl::StartsWith(type, "multipart/form-data")) {
    SetAll(ParseMultipart(http.content_type, http.body), params);
  } else if (absl::StartsWith(type, "application/x-www-form-urlencoded")) {
    SetAll(ParseUrlEncoded(http.body), params);
  }
  return std::nullopt;
}

}  // namespace broadcast::telegram
