#include "telegram/fault_rules.h"

#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace broadcast::telegram {
namespace {

using Action = Fault::Action;

constexpr std::pair<Action, absl::string_view> kActions[] = {
    {Action::kDropBefore, "drop_before"},
    {Action::kDropAfter, "drop_after"},
    {Action::kRestartAfter, "restart_after"},
    {Action::kBadGateway, "bad_gateway"},
    {Action::kFlood, "flood"},
    {Action::kRights, "rights"},
    {Action::kError, "error"},
    {Action::kCutOff, "cut_off"},
    {Action::kSilence, "silence"},
    {Action::kSlow, "slow"},
    {Action::kBlindTrue, "blind_true"},
};

constexpr std::pair<PauseScope, absl::string_view> kScopes[] = {
    {PauseScope::kNone, "none"},
    {PauseScope::kChat, "chat"},
    {PauseScope::kBot, "bot"},
};

template <typename Key, size_t size>
bool ReadName(const std::pair<Key, absl::string_view> (&table)[size],
              const Json& name, Key& key) {
  if (!name.is_string()) return false;
  for (const auto& [each, its_name] : table) {
    if (absl::string_view(name.get_ref<const std::string&>()) == its_name) {
      key = each;
      return true;
    }
  }
  return false;
}

template <typename Number>
bool ReadNumber(const Json& value, Number& number) {
  if (!value.is_number()) return false;
  number = value.get<Number>();
  return true;
}

bool ReadText(const Json& value, std::string& text) {
  if (!value.is_string()) return false;
  text = value.get<std::string>();
  return true;
}

bool ReadField(const std::string& name, const Json& value, Fault& fault) {
  if (name == "method") {
    if (!ReadText(value, fault.method)) return false;
    fault.method =
        fault.method == "*" ? "" : absl::AsciiStrToLower(fault.method);
    return true;
  }
  if (name == "chat") return ReadNumber(value, fault.chat);
  if (name == "bot") return ReadNumber(value, fault.bot);
  if (name == "text") return ReadText(value, fault.text);
  if (name == "skip") return ReadNumber(value, fault.skip);
  if (name == "count") return ReadNumber(value, fault.count);
  if (name == "action") return ReadName(kActions, value, fault.action);
  if (name == "pause") return ReadName(kScopes, value, fault.pause);
  if (name == "code") return ReadNumber(value, fault.code);
  if (name == "description") return ReadText(value, fault.description);
  if (name == "retry_after") return ReadNumber(value, fault.retry_after);
  if (name == "migrate_to_chat_id") {
    return ReadNumber(value, fault.migrate_to_chat_id);
  }
  if (name == "delay_seconds") return ReadNumber(value, fault.delay_seconds);
  if (name == "processed" && value.is_boolean()) {
    fault.processed = value.get<bool>();
    return true;
  }
  return false;
}

absl::Status ReadRule(const Json& json, Fault& fault) {
  if (!json.is_object() || !json.contains("action")) {
    return absl::InvalidArgumentError("a rule is an object with an action");
  }
  for (const auto& [name, value] : json.items()) {
    if (!ReadField(name, value, fault)) {
      return absl::InvalidArgumentError(
          absl::StrCat("rule: ", name, " is no field or has no such value"));
    }
  }
  if (fault.action == Action::kFlood && fault.retry_after <= 0) {
    fault.retry_after = 5;
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view Fault::ActionName() const {
  for (const auto& [each, name] : kActions) {
    if (each == action) return name;
  }
  return "";
}

absl::Status FaultRules::Add(const Json& json) {
  std::vector<Fault> added;
  for (const Json& each : json.is_array() ? json : Json::array({json})) {
    absl::Status read = ReadRule(each, added.emplace_back());
    if (!read.ok()) return read;
  }
  rules_.insert(rules_.end(), std::make_move_iterator(added.begin()),
                std::make_move_iterator(added.end()));
  return absl::OkStatus();
}

Json FaultRules::ToJson() const {
  Json all = Json::array();
  for (const Fault& rule : rules_) {
    all.push_back({{"action", std::string(rule.ActionName())},
                   {"method", rule.method},
                   {"chat", rule.chat},
                   {"bot", rule.bot},
                   {"skip", rule.skip},
                   {"count", rule.count},
                   {"met", rule.met}});
  }
  return all;
}

const Fault* FaultRules::Meet(absl::string_view method, int64_t bot,
                              int64_t chat, bool private_chat,
                              absl::string_view text) {
  for (Fault& rule : rules_) {
    if ((!rule.method.empty() && rule.method != method) ||
        (rule.chat != 0 && rule.chat != chat) ||
        (rule.bot != 0 && rule.bot != bot) ||
        !absl::StrContains(text, rule.text) ||
        (rule.action == Action::kRights && (private_chat || chat == 0)) ||
        (rule.count >= 0 && rule.met >= rule.count)) {
      continue;
    }
    if (rule.skip > 0) {
      --rule.skip;
      continue;
    }
    ++rule.met;
    return &rule;
  }
  return nullptr;
}

}  // namespace broadcast::telegram
