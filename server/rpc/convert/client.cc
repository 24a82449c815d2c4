#include "rpc/convert/client.h"

#include "base/etag.h"
#include "rpc/convert/content.h"
#include "rpc/convert/time.h"

namespace broadcast::rpc {

void ClientToProto(const storage::Client& client, v1::Client& proto) {
  proto.set_client_id(client.client_id);
  proto.set_display_name(client.display_name);
  if (client.pair_quota.has_value()) {
    proto.set_pair_quota(static_cast<int32_t>(*client.pair_quota));
  }
  proto.set_pair_count(static_cast<int32_t>(client.pair_count));
  if (client.default_open_content.body.has_value()) {
    StoredContentToProto(client.default_open_content,
                         *proto.mutable_default_open_content());
  }
  if (client.default_closed_content.body.has_value()) {
    StoredContentToProto(client.default_closed_content,
                         *proto.mutable_default_closed_content());
  }
  LabelsToProto(client.labels, *proto.mutable_labels());
  *proto.mutable_create_time() = TimeToProto(client.create_time);
  *proto.mutable_update_time() = TimeToProto(client.update_time);
  proto.set_etag(EtagOf(client.revision));
}

}  // namespace broadcast::rpc
