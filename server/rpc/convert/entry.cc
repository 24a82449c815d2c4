#include "rpc/convert/entry.h"

#include "base/etag.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/content.h"
#include "rpc/convert/time.h"

namespace broadcast::rpc {
namespace {

using storage::Entry;

v1::Entry::State StateToProto(storage::EntryState state) {
  switch (state) {
    case storage::EntryState::kActive:
      return v1::Entry::STATE_ACTIVE;
    case storage::EntryState::kPaused:
      return v1::Entry::STATE_PAUSED;
    case storage::EntryState::kDisabled:
      return v1::Entry::STATE_DISABLED;
  }
  return v1::Entry::STATE_UNSPECIFIED;
}

v1::Entry::Outcome OutcomeToProto(storage::Outcome outcome) {
  switch (outcome) {
    case storage::Outcome::kPending:
      return v1::Entry::OUTCOME_PENDING;
    case storage::Outcome::kSending:
      return v1::Entry::OUTCOME_SENDING;
    case storage::Outcome::kSent:
      return v1::Entry::OUTCOME_SENT;
    case storage::Outcome::kPartial:
      return v1::Entry::OUTCOME_PARTIAL;
    case storage::Outcome::kFailed:
      return v1::Entry::OUTCOME_FAILED;
  }
  return v1::Entry::OUTCOME_UNSPECIFIED;
}

// The first of entry, client and server that has content.
v1::ContentSource SourceOf(const storage::StoredContent& own,
                           const std::optional<std::string>& of_client,
                           bool of_server) {
  if (own.content_id.has_value()) return v1::CONTENT_SOURCE_ENTRY;
  if (of_client.has_value()) return v1::CONTENT_SOURCE_CLIENT;
  return of_server ? v1::CONTENT_SOURCE_SERVER : v1::CONTENT_SOURCE_UNSPECIFIED;
}

void TimesToProto(const Entry& entry, v1::Entry& proto) {
  *proto.mutable_interval() = DurationToProto(entry.interval);
  *proto.mutable_next_send_time() = TimeToProto(entry.next_send_time);
  if (entry.last_send_time.has_value()) {
    *proto.mutable_last_send_time() = TimeToProto(*entry.last_send_time);
  }
  if (entry.last_trigger_time.has_value()) {
    *proto.mutable_last_trigger_time() = TimeToProto(*entry.last_trigger_time);
  }
  if (entry.next_trigger_time.has_value()) {
    *proto.mutable_next_trigger_time() = TimeToProto(*entry.next_trigger_time);
  }
  if (entry.last_error_time.has_value()) {
    *proto.mutable_last_error_time() = TimeToProto(*entry.last_error_time);
  }
  *proto.mutable_create_time() = TimeToProto(entry.create_time);
  *proto.mutable_update_time() = TimeToProto(entry.update_time);
}

void CountsToProto(const Entry& entry, v1::Entry& proto) {
  proto.set_broadcast_count(entry.broadcast_count);
  proto.set_success_count(entry.success_count);
  proto.set_partial_count(entry.partial_count);
  proto.set_failure_count(entry.failure_count);
  proto.set_consecutive_failure_count(entry.consecutive_failure_count);
  proto.set_manual_trigger_count(entry.manual_trigger_count);
  if (entry.broadcast_count > 0) {
    proto.set_success_rate(static_cast<double>(entry.success_count) /
                           static_cast<double>(entry.broadcast_count));
  }
}

void ContentsToProto(const Entry& entry, const Policy& policy,
                     v1::Entry& proto) {
  if (entry.open_content.body.has_value()) {
    StoredContentToProto(entry.open_content, *proto.mutable_open_content());
  }
  if (entry.closed_content.body.has_value()) {
    StoredContentToProto(entry.closed_content, *proto.mutable_closed_content());
  }
  proto.set_open_content_source(
      SourceOf(entry.open_content, entry.client_open_content_id,
               policy.default_open_content.has_value()));
  proto.set_closed_content_source(
      SourceOf(entry.closed_content, entry.client_closed_content_id,
               policy.default_closed_content.has_value()));
}

}  // namespace

void EntryToProto(const Entry& entry, const Policy& policy, v1::Entry& proto) {
  proto.set_entry_id(entry.entry_id);
  proto.set_client_id(entry.client_id());
  ChannelPairToProto(entry.channel_pair, *proto.mutable_channel_pair());
  proto.set_state(StateToProto(entry.state));
  proto.set_state_reason(entry.state_reason);
  proto.set_last_outcome(OutcomeToProto(entry.last_outcome));
  proto.set_current_operation_id(entry.current_operation_id.value_or(""));
  TimesToProto(entry, proto);
  CountsToProto(entry, proto);
  proto.set_last_error(entry.last_error);
  ContentsToProto(entry, policy, proto);
  LabelsToProto(entry.labels, *proto.mutable_labels());
  proto.set_etag(EtagOf(entry.revision));
  proto.set_occurrence_count(entry.occurrence_count);
  proto.set_replace_previous(entry.replace_previous);
}

}  // namespace broadcast::rpc
