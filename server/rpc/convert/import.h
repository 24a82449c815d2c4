// Imports between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_IMPORT_H_
#define BROADCASTD_RPC_CONVERT_IMPORT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "broadcast/v1/feed_service.pb.h"
#include "broadcast/v1/import.pb.h"
#include "feeds/import_posts.h"
#include "storage/imports.h"

namespace broadcast::rpc {

void ImportToProto(const storage::Import& import, v1::Import& proto);

// Returns INVALID_ARGUMENT INVALID_FIELDS with all violations, whose paths
// start with the field of ImportPostsRequest; here and below.
absl::StatusOr<feeds::OpenImportCommand> OpenImportFromProto(
    const v1::ImportSettings& settings, IdSource& ids);

// With new ids.
absl::StatusOr<std::vector<feeds::PostSpec>> ImportedPostsFromProto(
    const v1::ImportedPosts& posts, IdSource& ids);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_IMPORT_H_
