#include "storage/readers.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/session.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

constexpr Sql kBegin{"BEGIN",
                     "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr Sql kRollback{"ROLLBACK"};

constexpr int kAttempts = 3;

}  // namespace

Readers::Readers(Location location, const Options& options, const Clock* clock,
                 TransactionTime* time, Log* log, StorageMetrics* metrics)
    : location_(std::move(location)),
      options_(options),
      clock_(clock),
      time_(time),
      log_(log),
      metrics_(metrics),
      queue_(options.queue) {}

Readers::~Readers() { Stop(); }

absl::Status Readers::Start() {
  const bool inline_reads = location_.backend == Backend::kSqlite;
  for (int i = 0; inline_reads && i < options_.inline_sessions; ++i) {
    ASSIGN_OR_RETURN(auto session,
                     Session::Open(location_, SessionRole::kReader));
    Return(std::move(session));
    metrics_->sessions.Increment();
  }
  for (int i = 0; i < options_.threads; ++i) {
    ASSIGN_OR_RETURN(auto session,
                     Session::Open(location_, SessionRole::kReader));
    sessions_.push_back(std::move(session));
    metrics_->sessions.Increment();
  }
  for (auto& session : sessions_) {
    threads_.emplace_back([this, &session] { Loop(*session); });
  }
  return absl::OkStatus();
}

void Readers::Read(ReadKind kind, Patience patience, Body body, Done done) {
  if (kind == ReadKind::kPoint && location_.backend == Backend::kSqlite) {
    if (patience.deadline <= clock_->Steady()) {
      return done(error::DeadlineBeforeStart());
    }
    std::unique_ptr<Session> session = Borrow();
    if (session == nullptr) return done(error::ShuttingDown());
    absl::Status status = Run(*session, kind, body);
    Return(std::move(session));
    done(std::move(status));
    return;
  }
  Job job{.body = std::move(body),
          .done = std::move(done),
          .patience = std::move(patience),
          .queued = clock_->Steady(),
          .single = kind == ReadKind::kPoint};
  if (!queue_.Push(job)) {
    job.done(queue_.closed() ? error::ShuttingDown() : error::QueueFull());
  }
}

bool Readers::healthy() {
  if (healthy_) return true;
  if (!asking_.exchange(true)) {
    Read(
        ReadKind::kScan, {}, [](Transaction&) { return absl::OkStatus(); },
        [this](const absl::Status&) { asking_ = false; });
  }
  return healthy_;
}

void Readers::Loop(Session& session) {
  while (true) {
    std::vector<Job> jobs = queue_.Take(1);
    if (jobs.empty()) return;
    Job& job = jobs[0];
    metrics_->read_queue_depth.Set(static_cast<double>(queue_.size()));
    if (job.patience.deadline <= clock_->Steady()) {
      job.done(error::DeadlineBeforeStart());
    } else if (job.patience.cancelled && job.patience.cancelled()) {
      job.done(error::CancelledBeforeStart());
    } else {
      metrics_->busy_sessions.Increment();
      absl::Status status = Run(
          session, job.single ? ReadKind::kPoint : ReadKind::kScan, job.body);
      metrics_->busy_sessions.Decrement();
      job.done(std::move(status));
    }
  }
}

absl::Status Readers::Run(Session& session, ReadKind kind, Body& body) {
  absl::Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    status = RunOnce(session, kind, body);
    switch (FailureOf(status)) {
      case SqlFailure::kStalePlan:
        session.ForgetStatements();
        continue;
      case SqlFailure::kConflict:
        continue;
      case SqlFailure::kConnection:
        metrics_->reconnects.Increment();
        if (session.Reconnect().ok()) continue;
        if (healthy_.exchange(false)) {
          log_->Write(Severity::kError, "storage.connection_lost",
                      {{"code", SqlCodeOf(status)}});
        }
        return status;
      case SqlFailure::kNone:
        healthy_ = true;
        return status;
      default:
        log_->Write(Severity::kError, "storage.read_failed",
                    {{"code", SqlCodeOf(status)}});
        return status;
    }
  }
  return status;
}

absl::Status Readers::RunOnce(Session& session, ReadKind kind, Body& body) {
  if (kind == ReadKind::kPoint) {
    Transaction read(&session, time_, Transaction::Mode::kSingle);
    absl::Status status = body(read);
    return read.doom().ok() ? status : read.doom();
  }
  RETURN_IF_ERROR(session.Run(kBegin));
  Transaction read(&session, time_, Transaction::Mode::kWhole);
  absl::Status status = body(read);
  if (session.InTransaction()) session.Run(kRollback).IgnoreError();
  return read.doom().ok() ? status : read.doom();
}

std::unique_ptr<Session> Readers::Borrow() {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(
      +[](Readers* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mu_) {
        return !self->idle_.empty() || self->stopped_;
      },
      this));
  if (stopped_) return nullptr;
  std::unique_ptr<Session> session = std::move(idle_.back());
  idle_.pop_back();
  return session;
}

void Readers::Return(std::unique_ptr<Session> session) {
  absl::MutexLock lock(&mu_);
  if (!stopped_) idle_.push_back(std::move(session));
}

void Readers::Stop() {
  queue_.Close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  sessions_.clear();
  // Those that are borrowed close when they are returned.
  absl::MutexLock lock(&mu_);
  stopped_ = true;
  idle_.clear();
}

}  // namespace broadcast::storage
