// Posts between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_POST_H_
#define BROADCASTD_RPC_CONVERT_POST_H_

#include <string>

#include "absl/strings/string_view.h"
#include "base/ids.h"
#include "broadcast/v1/feed_service.pb.h"
#include "broadcast/v1/post.pb.h"
#include "content/violations.h"
#include "feeds/close_post.h"
#include "feeds/upsert_posts.h"
#include "storage/feed_records.h"

namespace broadcast::rpc {

void PostToProto(const storage::Post& post, v1::Post& proto);
v1::PostOutcome PostOutcomeToProto(feeds::PostOutcome outcome);

// With a new id; violations of the fields under `field`.
feeds::PostSpec PostSpecFromProto(const v1::PostSpec& proto,
                                  const std::string& field, IdSource& ids,
                                  Violations& violations);

feeds::PostKey PostNameFromProto(const v1::PostName& name,
                                 Violations& violations);
// A violation unless the id is `present`.
feeds::PostKey PostIdFromProto(bool present, const std::string& post_id,
                               Violations& violations);

// The `key` of a request, which has a post_id or a post_name.
template <typename Request>
feeds::PostKey PostKeyFromProto(const Request& request,
                                Violations& violations) {
  if (request.key_case() == Request::kPostName) {
    return PostNameFromProto(request.post_name(), violations);
  }
  return PostIdFromProto(request.key_case() == Request::kPostId,
                         request.post_id(), violations);
}

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_POST_H_
