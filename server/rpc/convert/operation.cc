#include "rpc/convert/operation.h"

#include "rpc/convert/time.h"

namespace broadcast::rpc {
namespace {

v1::Operation::Kind KindToProto(storage::OperationKind kind) {
  switch (kind) {
    case storage::OperationKind::kBroadcast:
      return v1::Operation::KIND_BROADCAST;
    case storage::OperationKind::kTrigger:
      return v1::Operation::KIND_TRIGGER;
    case storage::OperationKind::kTest:
      return v1::Operation::KIND_TEST;
    case storage::OperationKind::kPost:
      return v1::Operation::KIND_POST;
    case storage::OperationKind::kFill:
      return v1::Operation::KIND_FILL;
    case storage::OperationKind::kClear:
      return v1::Operation::KIND_CLEAR;
    case storage::OperationKind::kSync:
      return v1::Operation::KIND_SYNC;
    case storage::OperationKind::kMigrate:
      return v1::Operation::KIND_MIGRATE;
    case storage::OperationKind::kImport:
      return v1::Operation::KIND_IMPORT;
  }
  return v1::Operation::KIND_UNSPECIFIED;
}

v1::Operation::State StateToProto(storage::OperationState state) {
  switch (state) {
    case storage::OperationState::kPlanning:
      return v1::Operation::STATE_PLANNING;
    case storage::OperationState::kRunning:
      return v1::Operation::STATE_RUNNING;
    case storage::OperationState::kFinished:
      return v1::Operation::STATE_FINISHED;
  }
  return v1::Operation::STATE_UNSPECIFIED;
}

void ProgressToProto(const storage::Progress& progress,
                     v1::OperationProgress& proto) {
  proto.set_planned_count(progress.planned);
  proto.set_sent_count(progress.sent);
  proto.set_failed_count(progress.failed);
  proto.set_unknown_count(progress.unknown);
  proto.set_expired_count(progress.expired);
  proto.set_cancelled_count(progress.cancelled);
  proto.set_abandoned_count(progress.abandoned);
  proto.set_waiting_count(progress.waiting());
}

// Only what feeds set in motion changes messages of posts.
bool HasSyncResult(storage::OperationKind kind) {
  switch (kind) {
    case storage::OperationKind::kBroadcast:
    case storage::OperationKind::kTrigger:
    case storage::OperationKind::kTest:
      return false;
    case storage::OperationKind::kPost:
    case storage::OperationKind::kFill:
    case storage::OperationKind::kClear:
    case storage::OperationKind::kSync:
    case storage::OperationKind::kMigrate:
    case storage::OperationKind::kImport:
      return true;
  }
  return false;
}

void SyncResultToProto(const storage::Operation& operation,
                       v1::SyncResult& proto) {
  const storage::SentActions& sent = operation.sent_actions;
  proto.set_posted_count(operation.progress.sent - sent.edits - sent.deletes -
                         sent.tombstones - sent.probes);
  proto.set_edited_count(sent.edits);
  proto.set_deleted_count(sent.deletes);
  proto.set_tombstoned_count(sent.tombstones);
  proto.set_undeletable_count(sent.undeletable);
  proto.set_unknown_count(operation.progress.unknown);
  proto.set_failed_count(operation.progress.failed);
  proto.set_probed_count(sent.probes);
  proto.set_lost_count(sent.lost);
}

}  // namespace

void OperationToProto(const storage::Operation& operation,
                      v1::Operation& proto) {
  proto.set_operation_id(operation.operation_id);
  proto.set_client_id(operation.client_id.value_or(""));
  proto.set_entry_id(operation.entry_id.value_or(""));
  proto.set_feed_id(operation.feed_id.value_or(""));
  proto.set_occurrence(operation.occurrence.value_or(0));
  proto.set_kind(KindToProto(operation.kind));
  proto.set_state(StateToProto(operation.state));
  ProgressToProto(operation.progress, *proto.mutable_progress());
  if (HasSyncResult(operation.kind)) {
    SyncResultToProto(operation, *proto.mutable_sync_result());
  }
  proto.set_reason(operation.reason);
  proto.set_last_error(operation.last_error);
  if (operation.cancel_time.has_value()) {
    *proto.mutable_cancel_time() = TimeToProto(*operation.cancel_time);
  }
  *proto.mutable_create_time() = TimeToProto(operation.create_time);
  *proto.mutable_update_time() = TimeToProto(operation.update_time);
  if (operation.finish_time.has_value()) {
    *proto.mutable_finish_time() = TimeToProto(*operation.finish_time);
  }
}

}  // namespace broadcast::rpc
