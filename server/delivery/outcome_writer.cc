#include "delivery/outcome_writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error_detail.h"

namespace broadcast::delivery {
namespace {

using storage::OutcomeSummary;

constexpr size_t kMostRecords = 512;
constexpr std::chrono::milliseconds kFirstPause{20};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr int kDoublings = 8;

// The database is away, or full: the same write may well succeed later.
bool Passing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status) || absl::IsCancelled(status) ||
         absl::IsAborted(status);
}

}  // namespace

OutcomeWriter::OutcomeWriter(Context* context,
                             std::function<void(const Written&)> on_written)
    : context_(context), on_written_(std::move(on_written)) {}

void OutcomeWriter::Add(storage::OutcomeRecord record, OutcomeOrigin origin) {
  if (batches_.empty() || batches_.back()->failures > 0 ||
      batches_.back()->records.size() >= kMostRecords) {
    batches_.push_back(std::make_shared<Batch>());
  }
  batches_.back()->records.push_back(std::move(record));
  batches_.back()->origins.push_back(std::move(origin));
}

SteadyTime OutcomeWriter::Round(SteadyTime now) {
  if (writing_) return SteadyTime::max();
  SteadyTime next = SteadyTime::max();
  for (auto batch = batches_.begin(); batch != batches_.end(); ++batch) {
    if ((*batch)->not_before <= now) {
      std::shared_ptr<Batch> due = std::move(*batch);
      batches_.erase(batch);
      Write(std::move(due));
      return SteadyTime::max();
    }
    next = std::min(next, (*batch)->not_before);
  }
  return next;
}

void OutcomeWriter::Write(std::shared_ptr<Batch> batch) {
  writing_ = true;
  AskWrite<OutcomeSummary>(
      *context_, {.guarded = true},
      [batch, policy = context_->policy, fail_points = context_->fail_points](
          storage::Transaction& transaction,
          OutcomeSummary& summary) -> absl::Status {
        ASSIGN_OR_RETURN(summary, storage::RecordOutcomes(
                                      transaction, batch->records, policy));
        PassFailPoint(fail_points, "outcome_commit");
        return absl::OkStatus();
      },
      [this, batch](const absl::Status& status,
                    const OutcomeSummary& summary) mutable {
        Answered(std::move(batch), status, summary);
      });
}

void OutcomeWriter::Answered(std::shared_ptr<Batch> batch,
                             const absl::Status& status,
                             const OutcomeSummary& summary) {
  writing_ = false;
  if (!status.ok()) return TryAgain(std::move(batch), status);
  failing_ = false;
  PassFailPoint(context_->fail_points, "after_outcome");
  on_written_({.records = batch->records,
               .origins = batch->origins,
               .summary = summary});
}

void OutcomeWriter::TryAgain(std::shared_ptr<Batch> batch,
                             const absl::Status& status) {
  context_->metrics->outcome_reruns.Increment(
      static_cast<double>(batch->records.size()));
  if (!failing_) {
    context_->log->Write(
        Passing(status) ? Severity::kWarning : Severity::kError,
        "delivery.outcomes_not_written",
        {{"reason", ReasonOf(status)},
         {"outcome_count", static_cast<int64_t>(batch->records.size())}});
  }
  failing_ = true;

  const auto pause = std::min<std::chrono::milliseconds>(
      kLongestPause,
      kFirstPause * (1 << std::min(batch->failures, kDoublings)));
  batch->not_before = context_->clock->Steady() + context_->Jittered(pause);
  ++batch->failures;
  // One that the database refuses must not hold the others up.
  if (!Passing(status) && batch->records.size() > 1) {
    const auto half = static_cast<std::ptrdiff_t>(batch->records.size() / 2);
    auto rest = std::make_shared<Batch>();
    rest->records.assign(std::make_move_iterator(batch->records.begin() + half),
                         std::make_move_iterator(batch->records.end()));
    rest->origins.assign(std::make_move_iterator(batch->origins.begin() + half),
                         std::make_move_iterator(batch->origins.end()));
    batch->records.resize(static_cast<size_t>(half));
    batch->origins.resize(static_cast<size_t>(half));
    rest->failures = batch->failures;
    batches_.push_front(std::move(rest));
  }
  batches_.push_front(std::move(batch));
}

}  // namespace broadcast::delivery
