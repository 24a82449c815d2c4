#include "rpc/convert/import.h"

#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/post.h"
#include "rpc/convert/time.h"

namespace broadcast::rpc {
namespace {

using storage::ImportMode;
using storage::ImportState;

v1::Import::State StateToProto(ImportState state) {
  switch (state) {
    case ImportState::kRunning:
      return v1::Import::STATE_RUNNING;
    case ImportState::kClosing:
      return v1::Import::STATE_CLOSING;
    case ImportState::kComplete:
      return v1::Import::STATE_COMPLETE;
    case ImportState::kAbandoned:
      return v1::Import::STATE_ABANDONED;
  }
  return v1::Import::STATE_UNSPECIFIED;
}

ImportMode ModeFromProto(v1::ImportMode mode, Violations& violations) {
  switch (mode) {
    case v1::IMPORT_MODE_MERGE:
      return ImportMode::kMerge;
    case v1::IMPORT_MODE_SNAPSHOT:
      return ImportMode::kSnapshot;
    default:
      violations.Add("settings.mode",
                     "must be IMPORT_MODE_MERGE or IMPORT_MODE_SNAPSHOT");
      return ImportMode::kMerge;
  }
}

}  // namespace

void ImportToProto(const storage::Import& import, v1::Import& proto) {
  proto.set_import_id(import.import_id);
  proto.set_feed_id(import.feed_id);
  proto.set_client_id(import.client_id);
  proto.set_mode(import.mode == ImportMode::kMerge ? v1::IMPORT_MODE_MERGE
                                                   : v1::IMPORT_MODE_SNAPSHOT);
  proto.set_validate_only(import.validate_only);
  proto.set_state(StateToProto(import.state));
  proto.set_received_count(import.counts.received);
  proto.set_created_count(import.counts.created);
  proto.set_updated_count(import.counts.updated);
  proto.set_unchanged_count(import.counts.unchanged);
  proto.set_reopened_count(import.counts.reopened);
  proto.set_closed_count(import.counts.closed);
  *proto.mutable_create_time() = TimeToProto(import.create_time);
  *proto.mutable_update_time() = TimeToProto(import.update_time);
}

absl::StatusOr<feeds::OpenImportCommand> OpenImportFromProto(
    const v1::ImportSettings& settings, IdSource& ids) {
  Violations violations;
  feeds::OpenImportCommand command{
      .feed_id = Uuid(settings.feed_id(), "settings.feed_id", violations),
      .new_id = ids.Next(),
      .mode = ModeFromProto(settings.mode(), violations),
      .validate_only = settings.validate_only(),
      .replace_running = settings.replace_running()};
  if (!settings.import_id().empty()) {
    command.import_id =
        Uuid(settings.import_id(), "settings.import_id", violations);
  }
  if (settings.has_max_closes() && settings.max_closes() < 0) {
    violations.Add("settings.max_closes", "must be 0 or more");
  }
  RequestId(settings.request_id(), "settings.request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<std::vector<feeds::PostSpec>> ImportedPostsFromProto(
    const v1::ImportedPosts& posts, IdSource& ids) {
  constexpr absl::string_view kField = "posts.posts";
  Violations violations;
  std::vector<feeds::PostSpec> specs;
  if (posts.posts().empty() || posts.posts_size() > limits::kMaxImportedPosts) {
    violations.Add(kField, absl::StrCat("must have 1 to ",
                                        limits::kMaxImportedPosts, " posts"));
    return violations.ToStatus();
  }
  specs.reserve(static_cast<size_t>(posts.posts_size()));
  std::set<absl::string_view> names;
  for (int i = 0; i < posts.posts_size(); ++i) {
    const v1::PostSpec& proto = posts.posts(i);
    const std::string field = Element(kField, static_cast<size_t>(i));
    specs.push_back(PostSpecFromProto(proto, field, ids, violations));
    if (!proto.external_id().empty() &&
        !names.insert(proto.external_id()).second) {
      violations.Add(Subfield(field, "external_id"),
                     "is that of a post before it");
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return specs;
}

}  // namespace broadcast::rpc
