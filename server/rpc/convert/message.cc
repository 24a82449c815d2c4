#include "rpc/convert/message.h"

#include "rpc/convert/content.h"
#include "rpc/convert/time.h"

namespace broadcast::rpc {
namespace {

v1::Message::State StateToProto(storage::MessageState state) {
  switch (state) {
    case storage::MessageState::kPending:
      return v1::Message::STATE_PENDING;
    case storage::MessageState::kLive:
      return v1::Message::STATE_LIVE;
    case storage::MessageState::kUnknown:
      return v1::Message::STATE_UNKNOWN;
    case storage::MessageState::kDeleted:
      return v1::Message::STATE_DELETED;
    case storage::MessageState::kTombstoned:
      return v1::Message::STATE_TOMBSTONED;
    case storage::MessageState::kUndeletable:
      return v1::Message::STATE_UNDELETABLE;
    case storage::MessageState::kLost:
      return v1::Message::STATE_LOST;
  }
  return v1::Message::STATE_UNSPECIFIED;
}

}  // namespace

void MessageToProto(const storage::Message& message, v1::Message& proto) {
  proto.set_message_id(message.message_id);
  proto.set_client_id(message.client_id);
  proto.set_channel_id(message.channel_id);
  proto.set_feed_id(message.feed_id.value_or(""));
  proto.set_post_id(message.post_id.value_or(""));
  proto.set_entry_id(message.entry_id.value_or(""));
  proto.set_operation_id(message.operation_id.value_or(""));
  proto.set_platform_message_id(message.platform_message_id.value_or(""));
  StoredContentToProto(
      {.content_id = message.content_id, .body = message.content},
      *proto.mutable_content());
  proto.set_state(StateToProto(message.state));
  *proto.mutable_post_time() = TimeToProto(message.post_time);
  *proto.mutable_update_time() = TimeToProto(message.update_time);
}

}  // namespace broadcast::rpc
