#include "rpc/convert/post.h"

#include "base/etag.h"
#include "content/fields.h"
#include "rpc/convert/content.h"
#include "rpc/convert/time.h"

namespace broadcast::rpc {

void PostToProto(const storage::Post& post, v1::Post& proto) {
  proto.set_post_id(post.post_id);
  proto.set_feed_id(post.feed_id);
  proto.set_client_id(post.client_id);
  proto.set_external_id(post.external_id);
  StoredContentToProto(post.content, *proto.mutable_content());
  proto.set_state(post.state == storage::PostState::kOpen
                      ? v1::Post::STATE_OPEN
                      : v1::Post::STATE_CLOSED);
  proto.set_close_reason(post.close_reason);
  if (post.expire_time.has_value()) {
    *proto.mutable_expire_time() = TimeToProto(*post.expire_time);
  }
  LabelsToProto(post.labels, *proto.mutable_labels());
  *proto.mutable_create_time() = TimeToProto(post.create_time);
  *proto.mutable_update_time() = TimeToProto(post.update_time);
  if (post.close_time.has_value()) {
    *proto.mutable_close_time() = TimeToProto(*post.close_time);
  }
  proto.set_etag(EtagOf(post.revision));
}

v1::PostOutcome PostOutcomeToProto(feeds::PostOutcome outcome) {
  switch (outcome) {
    case feeds::PostOutcome::kCreated:
      return v1::POST_OUTCOME_CREATED;
    case feeds::PostOutcome::kUpdated:
      return v1::POST_OUTCOME_UPDATED;
    case feeds::PostOutcome::kUnchanged:
      return v1::POST_OUTCOME_UNCHANGED;
    case feeds::PostOutcome::kReopened:
      return v1::POST_OUTCOME_REOPENED;
  }
  return v1::POST_OUTCOME_UNSPECIFIED;
}

feeds::PostSpec PostSpecFromProto(const v1::PostSpec& proto,
                                  const std::string& field, IdSource& ids,
                                  Violations& violations) {
  feeds::PostSpec spec{.field = field, .new_id = ids.Next()};
  spec.external_id = ExternalId(proto.external_id(),
                                Subfield(field, "external_id"), violations);
  const std::string content_field = Subfield(field, "content");
  if (proto.has_content()) {
    spec.content =
        StoredContentFromProto(proto.content(), content_field, violations);
  } else {
    violations.Add(content_field, "is required");
  }
  if (proto.has_expire_time()) {
    spec.expire_time = TimeFromProto(
        proto.expire_time(), Subfield(field, "expire_time"), violations);
  }
  spec.labels =
      LabelsFromProto(proto.labels(), Subfield(field, "labels"), violations);
  return spec;
}

feeds::PostKey PostNameFromProto(const v1::PostName& name,
                                 Violations& violations) {
  return {.feed_id = Uuid(name.feed_id(), "post_name.feed_id", violations),
          .external_id = ExternalId(name.external_id(), "post_name.external_id",
                                    violations)};
}

feeds::PostKey PostIdFromProto(bool present, const std::string& post_id,
                               Violations& violations) {
  if (present) return {.post_id = Uuid(post_id, "post_id", violations)};
  violations.Add("post_id", "is required, or post_name instead");
  return {};
}

}  // namespace broadcast::rpc
