#include "rpc/convert/sync_plan.h"

#include "sync/plan.h"

namespace broadcast::rpc {
namespace {

v1::SyncAction::Kind KindToProto(sync::Verdict verdict) {
  switch (verdict) {
    case sync::Verdict::kPost:
      return v1::SyncAction::KIND_POST;
    case sync::Verdict::kCopy:
      return v1::SyncAction::KIND_COPY;
    case sync::Verdict::kEdit:
      return v1::SyncAction::KIND_EDIT;
    case sync::Verdict::kDelete:
      return v1::SyncAction::KIND_DELETE;
    case sync::Verdict::kTombstone:
      return v1::SyncAction::KIND_TOMBSTONE;
    case sync::Verdict::kKeep:
    case sync::Verdict::kUndeletable:
    case sync::Verdict::kUnknown:
      break;
  }
  return v1::SyncAction::KIND_UNSPECIFIED;
}

}  // namespace

void WholePlanToProto(const sync::WholePlan& plan, v1::SyncPlan& proto) {
  proto.set_open_post_count(plan.counts.open_posts);
  proto.set_tracked_message_count(plan.counts.tracked);
  proto.set_post_count(plan.actions.posts);
  proto.set_edit_count(plan.actions.edits);
  proto.set_delete_count(plan.actions.deletes);
  proto.set_tombstone_count(plan.actions.tombstones);
  proto.set_undeletable_count(plan.counts.undeletable);
  proto.set_unknown_count(plan.counts.unknown);
  proto.set_kept_count(plan.counts.kept);
  for (const sync::SampleAction& sample : plan.samples) {
    v1::SyncAction& action = *proto.add_sample_actions();
    action.set_kind(KindToProto(sample.verdict));
    action.set_channel_id(sample.channel_id);
    action.set_feed_id(sample.place.feed_id);
    action.set_post_id(sample.place.post_id);
    action.set_external_id(sample.external_id);
    action.set_message_id(sample.message_id);
  }
  proto.set_plan_fingerprint(plan.fingerprint());
  proto.set_probe_count(plan.probes);
}

storage::PlanMode PlanModeFromProto(v1::SyncMode mode, absl::string_view field,
                                    Violations& violations) {
  switch (mode) {
    case v1::SYNC_MODE_UNSPECIFIED:
    case v1::SYNC_MODE_FULL:
      return storage::PlanMode::kFull;
    case v1::SYNC_MODE_POST_ONLY:
      return storage::PlanMode::kPostOnly;
    case v1::SYNC_MODE_DELETE_ONLY:
      return storage::PlanMode::kDeleteOnly;
    default:
      violations.Add(field,
                     "must be one of SYNC_MODE_FULL, SYNC_MODE_POST_ONLY and "
                     "SYNC_MODE_DELETE_ONLY");
      return storage::PlanMode::kFull;
  }
}

std::optional<sync::PlanToken> PlanTokenFromProto(const std::string& text,
                                                  absl::string_view field,
                                                  Violations& violations) {
  if (text.empty()) return std::nullopt;
  auto token = sync::PlanTokenFrom(text);
  if (!token.has_value()) {
    violations.Add(field, "must be the plan_fingerprint of an earlier call");
  }
  return token;
}

}  // namespace broadcast::rpc
