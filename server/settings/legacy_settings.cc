#include "settings/legacy_settings.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "settings/option_values.h"
#include "settings/options.h"
#include "settings/settings_text.h"

namespace broadcast {
namespace {

constexpr absl::string_view kTokenVariable = "GROUP_BOT_TOKEN";
constexpr absl::string_view kChatsVariable = "AGGREGATOR_CHANNEL_IDS";
constexpr absl::string_view kChatVariable = "AGGREGATOR_CHANNEL_ID";

// An old name and the option that it sets.
struct LegacyOption {
  absl::string_view variable;
  absl::string_view option;
};

constexpr LegacyOption kOptions[] = {
    {"ENABLE_BROADCAST_TRACKING", "tracking"},
    {"BROADCAST_SYNC_ON_STARTUP", "sync_on_startup"},
    {"BROADCAST_AUTO_INTERVAL", "default_interval"},
    {"BROADCAST_MANUAL_INTERVAL", "trigger_cooldown"},
};

absl::Status Refused(absl::string_view text, absl::string_view remedy) {
  return absl::InvalidArgumentError(
      absl::StrCat(QuoteForMessage(text), " is refused; ", remedy));
}

// As the old system wrote switches: in any case, and by several words.
absl::Status ReadSwitch(const SwitchValue& value, absl::string_view text,
                        Settings& settings) {
  const std::string word = absl::AsciiStrToLower(text);
  for (const absl::string_view on : {"true", "1", "yes", "on"}) {
    if (word == on) {
      settings.*value.member = true;
      return absl::OkStatus();
    }
  }
  for (const absl::string_view off : {"false", "0", "no", "off"}) {
    if (word == off) {
      settings.*value.member = false;
      return absl::OkStatus();
    }
  }
  return Refused(text, "write true or false");
}

// Hours, with a fraction, as whole seconds.
absl::Status ReadHours(const DurationValue& value, absl::string_view text,
                       Settings& settings) {
  double hours = 0;
  const bool number = absl::SimpleAtod(text, &hours) && std::isfinite(hours);
  const absl::Duration duration =
      number ? absl::Seconds(std::round(hours * 3600)) : absl::ZeroDuration();
  if (!number || hours < 0 || duration < value.min || duration > value.max) {
    return Refused(
        text, absl::StrCat("write a number of hours, like 24 or 0.5, which "
                           "comes to ",
                           absl::ToInt64Seconds(value.min), " to ",
                           absl::ToInt64Seconds(value.max), " seconds"));
  }
  settings.*value.member = duration;
  return absl::OkStatus();
}

absl::Status ReadOld(const Option& option, absl::string_view text,
                     Settings& settings) {
  if (const auto* value = std::get_if<SwitchValue>(&option.value)) {
    return ReadSwitch(*value, text, settings);
  }
  if (const auto* value = std::get_if<DurationValue>(&option.value)) {
    return ReadHours(*value, text, settings);
  }
  return ReadValue(option, text, settings);
}

// The value, or nothing: empty is as good as not set, as it was.
std::optional<std::string> ValueOf(const EnvironmentReader& environment,
                                   absl::string_view variable) {
  const auto value = environment(variable);
  if (!value.has_value()) return std::nullopt;
  const absl::string_view text = absl::StripAsciiWhitespace(*value);
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

absl::StatusOr<std::string> ReadChat(absl::string_view text) {
  int64_t chat = 0;
  if (!absl::SimpleAtoi(text, &chat) || chat == 0) {
    return Refused(text,
                   "write the id of a Telegram chat, like -1001234567890");
  }
  return absl::StrCat(chat);
}

// A JSON array of chat ids, each a number or a string that holds one.
absl::StatusOr<std::vector<std::string>> ReadChats(absl::string_view text) {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, "[") || !absl::ConsumeSuffix(&rest, "]")) {
    return Refused(text,
                   "write a JSON array of Telegram chat ids, like "
                   "[-1001234567890, -1009876543210]");
  }
  std::vector<std::string> chats;
  if (absl::StripAsciiWhitespace(rest).empty()) return chats;
  for (absl::string_view item : absl::StrSplit(rest, ',')) {
    item = absl::StripAsciiWhitespace(item);
    if (absl::ConsumePrefix(&item, "\"") && !absl::ConsumeSuffix(&item, "\"")) {
      return Refused(item, "close the string of the JSON array");
    }
    ASSIGN_OR_RETURN(std::string chat, ReadChat(item));
    if (std::find(chats.begin(), chats.end(), chat) == chats.end()) {
      chats.push_back(std::move(chat));
    }
  }
  if (chats.size() > limits::kMaxFeedChannels) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", chats.size(), " chats; a feed has at most ",
                     limits::kMaxFeedChannels,
                     ", publish others with "
                     "FeedService.AddFeedChannel"));
  }
  return chats;
}

void ReadDefaultFeed(const EnvironmentReader& environment, Settings& settings,
                     std::vector<std::string>& problems) {
  const auto many = ValueOf(environment, kChatsVariable);
  const auto one = ValueOf(environment, kChatVariable);
  const bool token = ValueOf(environment, kTokenVariable).has_value();
  if (!many.has_value() && !one.has_value() && !token) return;
  settings.default_feed.emplace();
  settings.default_feed->account = kGroupBotAccount;
  if (!many.has_value() && !one.has_value()) return;
  absl::string_view origin = many.has_value() ? kChatsVariable : kChatVariable;
  settings.default_feed->origin = std::string(origin);
  absl::StatusOr<std::vector<std::string>> chats;
  if (many.has_value()) {
    chats = ReadChats(*many);
    if (one.has_value()) {
      settings.outranked.push_back(
          {std::string(kChatVariable), std::string(kChatsVariable)});
    }
  } else if (auto chat = ReadChat(*one); chat.ok()) {
    chats = std::vector<std::string>{*std::move(chat)};
  } else {
    chats = chat.status();
  }
  if (chats.ok()) {
    settings.default_feed->chats = *std::move(chats);
  } else {
    problems.push_back(absl::StrCat(origin, ": ", chats.status().message()));
  }
}

}  // namespace

void ReadLegacyVariables(const EnvironmentReader& environment,
                         std::map<std::string, std::string>& origins,
                         Settings& settings,
                         std::vector<std::string>& problems) {
  for (const LegacyOption& legacy : kOptions) {
    const auto text = ValueOf(environment, legacy.variable);
    if (!text.has_value()) continue;
    const std::string variable(legacy.variable);
    const std::string option(legacy.option);
    const auto native = origins.find(option);
    if (native != origins.end()) {
      settings.outranked.push_back({variable, native->second});
      continue;
    }
    origins[option] = variable;
    const absl::Status read = ReadOld(*FindOption(option), *text, settings);
    if (!read.ok()) {
      problems.push_back(absl::StrCat(variable, ": ", read.message()));
    }
  }
  ReadDefaultFeed(environment, settings, problems);
}

void AddGroupBot(const EnvironmentReader& environment, Settings& settings,
                 Accounts& accounts, std::vector<std::string>& problems) {
  const bool token = ValueOf(environment, kTokenVariable).has_value();
  const auto native = accounts.find(kGroupBotAccount);
  if (native != accounts.end()) {
    if (token) {
      settings.outranked.push_back(
          {std::string(kTokenVariable),
           absl::StrCat(native->second.origin, ": account ",
                        kGroupBotAccount)});
    }
    if (settings.default_feed.has_value() &&
        native->second.platform != storage::Platform::kTelegram) {
      problems.push_back(absl::StrCat(
          native->second.origin, ": the account ", kGroupBotAccount,
          " posts the default feed to Telegram; give it that platform, or "
          "remove it and set ",
          kTokenVariable));
    }
    return;
  }
  if (token) {
    accounts.emplace(
        kGroupBotAccount,
        AccountSettings{.name = kGroupBotAccount,
                        .platform = storage::Platform::kTelegram,
                        .secret = {SecretSource::Kind::kEnvironment,
                                   std::string(kTokenVariable)},
                        .origin = std::string(kTokenVariable)});
    return;
  }
  if (settings.default_feed.has_value() &&
      !settings.default_feed->chats.empty()) {
    problems.push_back(
        absl::StrCat(settings.default_feed->origin,
                     ": needs the token of the bot that posts there; set ",
                     kTokenVariable, " too"));
  }
}

}  // namespace broadcast
