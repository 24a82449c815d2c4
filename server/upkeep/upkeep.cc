#include "upkeep/upkeep.h"

#include <utility>

#include "base/error_detail.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/client_deletion.h"
#include "storage/delivery_retention.h"
#include "storage/feeds.h"
#include "storage/operations.h"
#include "storage/retention.h"
#include "storage/sql_error.h"
#include "storage/unconfigured_pairs.h"

namespace broadcast::upkeep {

using storage::Transaction;

namespace {

// Quiet rounds between two counts, which read an index of each pair.
constexpr int kCountEvery = 6;

}  // namespace

Upkeep::Upkeep(storage::Database* database, Log* log,
               std::chrono::nanoseconds period, absl::Duration audit_retention,
               Options options)
    : database_(database),
      log_(log),
      period_(period),
      audit_retention_(audit_retention),
      options_(options) {}

Upkeep::~Upkeep() { Stop(); }

void Upkeep::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Upkeep::Wake() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    woken_ = true;
  }
  changed_.notify_one();
}

void Upkeep::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Upkeep::Loop() {
  bool more = true;
  while (Pause(more)) {
    absl::StatusOr<bool> round = Round();
    more = round.ok() && *round;
    if (round.ok() && !more && quiet_rounds_++ % kCountEvery == 0) {
      if (absl::Status counted = CountPairs(); !counted.ok()) round = counted;
    }
    if (!more) Report();
    if (!round.ok() && !failing_) {
      log_->Write(Severity::kWarning, "upkeep.failed",
                  {{"reason", ReasonOf(round.status())}});
    }
    failing_ = !round.ok();
  }
  Report();
}

absl::StatusOr<bool> Upkeep::Round() {
  storage::PurgedRows purged;
  RETURN_IF_ERROR(Step([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(purged, storage::PurgeStep(transaction));
    return absl::OkStatus();
  }));
  if (purged.rows > 0) {
    log_->Write(Severity::kInfo, "upkeep.purged",
                {{"client_id", purged.client_id}, {"row_count", purged.rows}});
  }

  int64_t expired = 0;
  RETURN_IF_ERROR(Step([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(expired, storage::DeleteExpiredRequestIds(
                                  transaction, limits::kChunkRows));
    return absl::OkStatus();
  }));
  done_.request_ids += expired;

  storage::ContentSweep sweep;
  const auto collect = [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(sweep,
                     storage::CollectContents(transaction, content_cursor_,
                                              limits::kChunkRows));
    return absl::OkStatus();
  };
  absl::Status collected = Step(collect);
  // PostgreSQL: a content was referred to again while the step ran. The next
  // look sees that.
  if (storage::FailureOf(collected) == storage::SqlFailure::kForeignKey) {
    collected = Step(collect);
  }
  RETURN_IF_ERROR(collected);
  done_.contents += sweep.collected;
  content_cursor_ = std::move(sweep.cursor);

  ASSIGN_OR_RETURN(const bool more_feeds, PurgeFeeds());
  ASSIGN_OR_RETURN(const bool more_is_overdue, EndWaiting());
  ASSIGN_OR_RETURN(const bool more_is_old, ExpireOld());

  // The walk over the contents hurries only where it finds something.
  return purged.rows > 0 || expired == limits::kChunkRows || more_feeds ||
         more_is_overdue || more_is_old ||
         (sweep.collected > 0 && !content_cursor_.empty());
}

absl::StatusOr<bool> Upkeep::PurgeFeeds() {
  int64_t purged = 0;
  RETURN_IF_ERROR(Step([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(purged,
                     storage::PurgeFeeds(transaction, limits::kChunkRows));
    return absl::OkStatus();
  }));
  done_.feeds += purged;
  return purged == limits::kChunkRows;
}

absl::StatusOr<bool> Upkeep::EndWaiting() {
  storage::EndedOverdue done;
  RETURN_IF_ERROR(Step([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(
        done, storage::EndOverdue(transaction,
                                  transaction.now() - limits::kOverdueGrace,
                                  options_.disable_threshold, overdue_place_));
    return absl::OkStatus();
  }));
  done_.overdue += done.ended;
  overdue_place_ = std::move(done.next);
  return !overdue_place_.AtBeginning();
}

absl::StatusOr<bool> Upkeep::ExpireOld() {
  ASSIGN_OR_RETURN(
      const bool audit_events,
      ExpireOlderThan(audit_retention_, storage::DeleteExpiredAuditEvents,
                      done_.audit_events));
  ASSIGN_OR_RETURN(
      const bool deliveries,
      ExpireOlderThan(options_.results, storage::DeleteExpiredDeliveries,
                      done_.deliveries));
  ASSIGN_OR_RETURN(
      const bool operations,
      ExpireOlderThan(options_.operations, storage::DeleteExpiredOperations,
                      done_.operations));
  ASSIGN_OR_RETURN(const bool events,
                   ExpireOlderThan(options_.events,
                                   storage::DeleteExpiredEvents, done_.events));
  return audit_events || deliveries || operations || events;
}

absl::StatusOr<bool> Upkeep::ExpireOlderThan(absl::Duration age, Expire expire,
                                             int64_t& done) {
  int64_t expired = 0;
  RETURN_IF_ERROR(Step([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(expired, expire(transaction, transaction.now() - age,
                                     limits::kChunkRows));
    return absl::OkStatus();
  }));
  done += expired;
  return expired == limits::kChunkRows;
}

absl::Status Upkeep::Step(storage::Body body) {
  // Every step may be repeated: what it deleted is not there to delete again.
  return database_->Write(
      {.priority = storage::Priority::kBackground, .guarded = true},
      std::move(body));
}

absl::Status Upkeep::CountPairs() {
  if (options_.pairs_without_entry == nullptr) return absl::OkStatus();
  int64_t count = 0;
  RETURN_IF_ERROR(database_->Read(
      storage::ReadKind::kScan, [&](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(count, storage::CountUnconfiguredPairs(transaction));
        return absl::OkStatus();
      }));
  options_.pairs_without_entry->Set(static_cast<double>(count));
  return absl::OkStatus();
}

void Upkeep::Report() {
  const auto tell = [this](absl::string_view event, absl::string_view what,
                           int64_t count) {
    if (count > 0) log_->Write(Severity::kInfo, event, {{what, count}});
  };
  tell("upkeep.request_ids_expired", "request_id_count", done_.request_ids);
  tell("upkeep.contents_collected", "content_count", done_.contents);
  tell("upkeep.feeds_purged", "feed_row_count", done_.feeds);
  tell("upkeep.audit_events_expired", "audit_event_count", done_.audit_events);
  tell("upkeep.deliveries_overdue", "delivery_count", done_.overdue);
  tell("upkeep.deliveries_expired", "delivery_count", done_.deliveries);
  tell("upkeep.operations_expired", "operation_row_count", done_.operations);
  tell("upkeep.events_expired", "event_count", done_.events);
  done_ = {};
}

bool Upkeep::Pause(bool more) {
  std::unique_lock<std::mutex> lock(mu_);
  if (!more) {
    changed_.wait_for(lock, period_, [this] { return woken_ || stopping_; });
  }
  woken_ = false;
  return !stopping_;
}

}  // namespace broadcast::upkeep
