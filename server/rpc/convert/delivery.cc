#include "rpc/convert/delivery.h"

#include "rpc/convert/time.h"

namespace broadcast::rpc {
namespace {

v1::Delivery::State StateToProto(storage::DeliveryState state) {
  switch (state) {
    case storage::DeliveryState::kPending:
      return v1::Delivery::STATE_PENDING;
    case storage::DeliveryState::kSending:
      return v1::Delivery::STATE_SENDING;
    case storage::DeliveryState::kRetry:
      return v1::Delivery::STATE_RETRY;
    case storage::DeliveryState::kSent:
      return v1::Delivery::STATE_SENT;
    case storage::DeliveryState::kFailed:
      return v1::Delivery::STATE_FAILED;
    case storage::DeliveryState::kUnknown:
      return v1::Delivery::STATE_UNKNOWN;
    case storage::DeliveryState::kExpired:
      return v1::Delivery::STATE_EXPIRED;
    case storage::DeliveryState::kCancelled:
      return v1::Delivery::STATE_CANCELLED;
    case storage::DeliveryState::kAbandoned:
      return v1::Delivery::STATE_ABANDONED;
  }
  return v1::Delivery::STATE_UNSPECIFIED;
}

v1::Delivery::Action ActionToProto(storage::DeliveryAction action) {
  switch (action) {
    case storage::DeliveryAction::kSend:
      return v1::Delivery::ACTION_SEND;
    case storage::DeliveryAction::kEdit:
      return v1::Delivery::ACTION_EDIT;
    case storage::DeliveryAction::kDelete:
      return v1::Delivery::ACTION_DELETE;
    case storage::DeliveryAction::kCopy:
      return v1::Delivery::ACTION_COPY;
    case storage::DeliveryAction::kTombstone:
      return v1::Delivery::ACTION_TOMBSTONE;
    case storage::DeliveryAction::kProbe:
      return v1::Delivery::ACTION_PROBE;
  }
  return v1::Delivery::ACTION_UNSPECIFIED;
}

}  // namespace

v1::Side SideToProto(storage::Side side) {
  switch (side) {
    case storage::Side::kNone:
      return v1::SIDE_UNSPECIFIED;
    case storage::Side::kOpen:
      return v1::SIDE_OPEN;
    case storage::Side::kClosed:
      return v1::SIDE_CLOSED;
  }
  return v1::SIDE_UNSPECIFIED;
}

storage::Side SideFromProto(v1::Side side) {
  switch (side) {
    case v1::SIDE_OPEN:
      return storage::Side::kOpen;
    case v1::SIDE_CLOSED:
      return storage::Side::kClosed;
    default:
      return storage::Side::kNone;
  }
}

void DeliveryToProto(const storage::Delivery& delivery, v1::Delivery& proto) {
  proto.set_delivery_id(delivery.delivery_id);
  proto.set_operation_id(delivery.operation_id);
  proto.set_client_id(delivery.client_id);
  proto.set_channel_id(delivery.channel_id);
  proto.set_entry_id(delivery.entry_id.value_or(""));
  proto.set_side(SideToProto(delivery.side));
  proto.set_action(ActionToProto(delivery.action));
  proto.set_state(StateToProto(delivery.state));
  proto.set_attempt_count(delivery.attempts);
  proto.set_reason(delivery.reason);
  proto.set_detail(delivery.detail);
  proto.set_http_status(static_cast<int32_t>(delivery.http_status));
  proto.set_platform_message_id(delivery.platform_message_id.value_or(""));
  proto.set_message_id(delivery.message_id.value_or(""));
  if (delivery.not_before.has_value()) {
    *proto.mutable_next_attempt_time() = TimeToProto(*delivery.not_before);
  }
  *proto.mutable_expire_time() = TimeToProto(delivery.deadline);
  *proto.mutable_create_time() = TimeToProto(delivery.create_time);
  if (delivery.finish_time.has_value()) {
    *proto.mutable_finish_time() = TimeToProto(*delivery.finish_time);
  }
}

void AttemptToProto(const storage::DeliveryAttempt& attempt,
                    v1::DeliveryAttempt& proto) {
  proto.set_attempt(attempt.attempt);
  *proto.mutable_start_time() = TimeToProto(attempt.intent_time);
  *proto.mutable_finish_time() = TimeToProto(attempt.finish_time);
  proto.set_reason(attempt.reason);
  proto.set_detail(attempt.detail);
  proto.set_http_status(static_cast<int32_t>(attempt.http_status));
}

}  // namespace broadcast::rpc
