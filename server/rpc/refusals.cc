#include "rpc/refusals.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "storage/audit_events.h"

namespace broadcast::rpc {

void Refusals::Record(storage::AuditEvent refusal) {
  if (pace_.Take(refusal.principal, clock_->Steady()) > absl::ZeroDuration()) {
    metrics_.refusals_dropped.Increment();
    return;
  }
  {
    absl::MutexLock lock(&mu_);
    if (waiting_.size() >= limits::kMaxQueuedRefusals) {
      metrics_.refusals_dropped.Increment();
      return;
    }
    waiting_.push_back(std::move(refusal));
    if (std::exchange(writing_, true)) return;
  }
  Write();
}

void Refusals::Write() {
  auto events = std::make_shared<std::vector<storage::AuditEvent>>();
  {
    absl::MutexLock lock(&mu_);
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(
                               waiting_.size(), limits::kChunkRows));
    std::move(waiting_.begin(), end, std::back_inserter(*events));
    waiting_.erase(waiting_.begin(), end);
    writing_ = !events->empty();
  }
  if (events->empty()) return;
  // Not guarded: run twice it would be told twice.
  database_->Write(
      {.priority = storage::Priority::kBackground},
      [events](storage::Transaction& transaction) {
        return storage::RecordAuditEvents(transaction, *events);
      },
      [self = shared_from_this(), events](const absl::Status& status) {
        if (!status.ok()) {
          self->metrics_.refusals_dropped.Increment(
              static_cast<double>(events->size()));
        }
        self->Write();
      });
}

}  // namespace broadcast::rpc
