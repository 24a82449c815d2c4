#include "cli/plan_view.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/enum_words.h"
#include "cli/text_table.h"

namespace broadcast::cli {
namespace {

constexpr int kMostActions = 20;

std::string CountsText(const v1::SyncPlan& plan, const Palette& palette) {
  FieldList fields;
  const auto add = [&](absl::string_view name, int64_t count, Color color) {
    fields.Add(name, {absl::StrCat(count), count > 0 ? color : Color::kNone});
  };
  add("open posts", plan.open_post_count(), Color::kNone);
  add("tracked messages", plan.tracked_message_count(), Color::kNone);
  add("will post", plan.post_count(), Color::kGreen);
  add("will edit", plan.edit_count(), Color::kYellow);
  add("will delete", plan.delete_count(), Color::kRed);
  add("tombstones", plan.tombstone_count(), Color::kRed);
  add("undeletable", plan.undeletable_count(), Color::kYellow);
  add("unknown", plan.unknown_count(), Color::kYellow);
  add("kept as they are", plan.kept_count(), Color::kNone);
  if (plan.probe_count() > 0) {
    add("to ask about first", plan.probe_count(), Color::kYellow);
  }
  return fields.Text(palette);
}

}  // namespace

int64_t ActionCount(const v1::SyncPlan& plan) {
  return plan.post_count() + plan.edit_count() + plan.delete_count() +
         plan.tombstone_count();
}

std::string PlanText(const v1::SyncPlan& plan, const Palette& palette) {
  std::string text = CountsText(plan, palette);
  if (plan.sample_actions().empty()) return text;
  TextTable table(
      {{"ACTION"}, {"CHANNEL ID"}, {"FEED ID"}, {"POST"}, {"MESSAGE ID"}});
  const int shown = std::min(kMostActions, plan.sample_actions_size());
  for (int i = 0; i < shown; ++i) {
    const v1::SyncAction& action = plan.sample_actions(i);
    table.Add(
        {WordOf(action.kind()), action.channel_id(), action.feed_id(),
         action.external_id().empty() ? action.post_id() : action.external_id(),
         action.message_id()});
  }
  absl::StrAppend(&text, "\n", table.Text(palette));
  const int64_t hidden = ActionCount(plan) - shown;
  if (hidden > 0) absl::StrAppend(&text, "… and ", hidden, " more.\n");
  return text;
}

std::string ActionsText(const v1::SyncPlan& plan) {
  std::vector<std::string> parts;
  const auto add = [&](absl::string_view before, int64_t count,
                       absl::string_view after) {
    if (count > 0) parts.push_back(absl::StrCat(before, " ", count, after));
  };
  add("ask about", plan.probe_count(), "");
  add("post", plan.post_count(), "");
  add("edit", plan.edit_count(), "");
  add("delete", plan.delete_count(), "");
  add("edit", plan.tombstone_count(), " to a tombstone");
  return absl::StrJoin(parts, ", ");
}

}  // namespace broadcast::cli
