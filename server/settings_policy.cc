#include "settings_policy.h"

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "content/content.h"
#include "content/violations.h"

namespace broadcast {
namespace {

ParseMode ParseModeOf(Settings::ParseMode mode) {
  switch (mode) {
    case Settings::ParseMode::kNone:
      return ParseMode::kNone;
    case Settings::ParseMode::kHtml:
      return ParseMode::kHtml;
    case Settings::ParseMode::kMarkdownV2:
      return ParseMode::kMarkdownV2;
  }
  return ParseMode::kNone;
}

std::optional<Content> DefaultContent(const std::string& text,
                                      Settings::ParseMode mode,
                                      absl::string_view option,
                                      Violations& violations) {
  if (text.empty()) return std::nullopt;
  Content content{.text = text, .parse_mode = ParseModeOf(mode)};
  Validate(content, option, violations);
  return content;
}

}  // namespace

absl::Status ReadPolicy(const Settings& settings, rpc::Policy& policy) {
  policy.registration = {
      .auto_register_clients = settings.auto_register_clients,
      .default_pair_quota = settings.default_pair_quota};
  for (const AccountSettings& account : settings.accounts) {
    policy.accounts[account.name] = {
        .platform = account.platform,
        .clients = {account.clients.begin(), account.clients.end()},
        .lanes = account.lanes};
  }
  policy.default_interval = settings.default_interval;
  Violations violations;
  policy.default_open_content = DefaultContent(
      settings.default_open_content, settings.default_content_parse_mode,
      "--default_open_content", violations);
  policy.default_closed_content = DefaultContent(
      settings.default_closed_content, settings.default_content_parse_mode,
      "--default_closed_content", violations);
  policy.trigger_cooldown = settings.trigger_cooldown;
  policy.external_scheduler =
      settings.scheduler == Settings::Scheduler::kExternal;
  policy.disable_threshold = settings.disable_threshold;
  policy.default_tracking = settings.tracking;
  policy.results_retention = settings.results_retention;
  policy.operations_retention = settings.operations_retention;
  policy.events_retention = settings.events_retention;
  policy.max_request_bytes = settings.max_request_bytes;
  policy.audit = settings.audit;
  return violations.ToStatus();
}

}  // namespace broadcast
