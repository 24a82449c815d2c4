// Takes over messages that another system has posted, so that a sync finds
// them where they are and posts none of them again. The transaction's thread.
#ifndef BROADCASTD_MOVING_IMPORT_MESSAGES_H_
#define BROADCASTD_MOVING_IMPORT_MESSAGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "moving/import_lines.h"
#include "storage/transaction.h"

namespace broadcast::moving {

// What files do not say.
struct ImportPolicy {
  std::string account;  // of channels that are new
  absl::Duration default_interval;
  absl::Duration trigger_cooldown;
};

struct ImportedLines {
  int64_t imported = 0;
  int64_t unchanged = 0;              // were there already
  std::vector<LineProblem> problems;  // lines that cannot be imported
};

// Messages of posts of the default feed, which have been published before. Each
// is taken to say what its post does, and unless its line tells when it was
// posted, to be too old to be deleted. Channels and the feed are made if need
// be; no channel is put on the feed.
absl::StatusOr<ImportedLines> ImportMessages(
    storage::Transaction& transaction, IdSource& ids,
    const ImportPolicy& policy, absl::Span<const MessageLine> lines);

}  // namespace broadcast::moving

#endif  // BROADCASTD_MOVING_IMPORT_MESSAGES_H_
