#include "feeds/expirer.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "feeds/expire_posts.h"
#include "storage/posts.h"

namespace broadcast::feeds {

Expirer::Expirer(Options options)
    : options_(std::move(options)),
      thread_(
          {.clock = options_.clock,
           .log = options_.log,
           .name = "expirer",
           .alone = options_.database->backend() == storage::Backend::kSqlite,
           .round = [this] { return Round(); }}) {}

absl::StatusOr<absl::Duration> Expirer::Round() {
  ASSIGN_OR_RETURN(const absl::Duration until, Look());
  if (until > absl::ZeroDuration()) return until;
  ExpiredPosts expired;
  RETURN_IF_ERROR(options_.database->Write(
      {.priority = storage::Priority::kBackground},
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(expired, ExpirePosts(transaction, options_.policy));
        return absl::OkStatus();
      }));
  if (expired.operations > 0) options_.on_expired();
  return expired.posts > 0 ? absl::ZeroDuration() : DueThread::kLeaveToOthers;
}

absl::StatusOr<absl::Duration> Expirer::Look() {
  absl::Duration until = thread_.longest_sleep();
  RETURN_IF_ERROR(options_.database->Read(
      storage::ReadKind::kPoint,
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(const auto next, storage::NextExpiry(transaction));
        if (next.has_value()) {
          until = std::clamp(*next - transaction.now(), absl::ZeroDuration(),
                             thread_.longest_sleep());
        }
        return absl::OkStatus();
      }));
  return until;
}

}  // namespace broadcast::feeds
