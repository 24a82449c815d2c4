#include "storage/writer.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/session.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

constexpr Sql kBegin{"BEGIN IMMEDIATE", "BEGIN"};
constexpr Sql kCommit{"COMMIT"};
constexpr Sql kRollback{"ROLLBACK"};
constexpr Sql kSavepoint{"SAVEPOINT body"};
constexpr Sql kRelease{"RELEASE body"};
constexpr Sql kUndoBody{"ROLLBACK TO body"};
constexpr Sql kXid{"SELECT pg_current_xact_id()::text"};
constexpr Sql kXidStatus{"SELECT pg_xact_status(:xid::xid8)"};

// Groups that take a savepoint for each body after one had to be undone: who
// fails again and again then costs the others little.
constexpr int kWaryGroups = 16;

constexpr int kMostConflicts = 20;
constexpr absl::Duration kShortestPause = absl::Milliseconds(2);
constexpr absl::Duration kLongestPause = absl::Milliseconds(200);

bool Cures(SqlFailure failure) {
  switch (failure) {
    case SqlFailure::kConflict:
    case SqlFailure::kBusy:
    case SqlFailure::kStalePlan:
    case SqlFailure::kConnection:
      return true;
    default:
      return false;
  }
}

// PostgreSQL: nothing on this connection will succeed, whatever the body.
bool ConcernsAll(SqlFailure failure) {
  return Cures(failure) || failure == SqlFailure::kReadOnly;
}

bool IsConstraint(SqlFailure failure) {
  return failure == SqlFailure::kUnique || failure == SqlFailure::kForeignKey ||
         failure == SqlFailure::kConstraint;
}

// A batch that did not fit may fit body by body, and one body's conflict is
// not its neighbours'.
bool Splits(SqlFailure failure) {
  return failure == SqlFailure::kFull || failure == SqlFailure::kNoMemory ||
         failure == SqlFailure::kConflict;
}

absl::StatusOr<std::optional<std::string>> OneText(Session& session,
                                                   const Sql& sql,
                                                   Binds binds) {
  using Answer = std::tuple<std::optional<std::string>>;
  std::optional<std::string> text;
  RETURN_IF_ERROR(session
                      .Run(sql, binds, ColumnTypesOf<Answer>(),
                           [&](Row& row) {
                             row(text);
                             return absl::OkStatus();
                           })
                      .status());
  return text;
}

void Rollback(Session& session) {
  // A failure here means that the connection, and so the transaction, is gone.
  if (session.InTransaction()) session.Run(kRollback).IgnoreError();
}

double Seconds(SteadyTime::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Writer::Writer(Location location, const Options& options, const Clock* clock,
               TransactionTime* time, Log* log, StorageMetrics* metrics,
               Checkpointer* checkpointer, std::function<void()> on_fatal)
    : location_(std::move(location)),
      options_(options),
      clock_(clock),
      time_(time),
      log_(log),
      metrics_(metrics),
      checkpointer_(checkpointer),
      on_fatal_(std::move(on_fatal)),
      queue_(options.queue) {}

Writer::~Writer() { Stop(); }

absl::Status Writer::Start() {
  for (int i = 0; i < options_.sessions; ++i) {
    ASSIGN_OR_RETURN(auto session,
                     Session::Open(location_, SessionRole::kWriter));
    sessions_.push_back(std::move(session));
    metrics_->sessions.Increment();
  }
  if (location_.backend == Backend::kSqlite) answerer_.Start();
  for (auto& session : sessions_) {
    threads_.emplace_back([this, &session] { Loop(*session); });
  }
  return absl::OkStatus();
}

void Writer::Submit(Job job) {
  job.queued = clock_->Steady();
  if (!queue_.Push(job)) {
    job.done(queue_.closed() ? error::ShuttingDown() : error::QueueFull());
  }
}

void Writer::Stop() {
  queue_.Close();
  if (!stopping_.HasBeenNotified()) stopping_.Notify();
  for (std::thread& thread : threads_) thread.join();
  answerer_.Stop();
  threads_.clear();
  sessions_.clear();
}

void Writer::Loop(Session& session) {
  while (true) {
    std::vector<Job> jobs = queue_.Take(options_.group);
    if (jobs.empty()) return;
    metrics_->write_queue_depth.Set(static_cast<double>(queue_.size()));
    jobs = DropImpatient(std::move(jobs));
    if (fatal_) {
      std::vector<absl::Status> failed(jobs.size(), error::StorageFailed());
      Answer(std::move(jobs), std::move(failed));
    } else if (!jobs.empty()) {
      RunGroup(session, std::move(jobs));
    }
    if (checkpointer_ != nullptr && !fatal_) {
      checkpointer_->AfterBatch(session);
    }
  }
}

bool Writer::IsLate(const std::vector<Job>& jobs) const {
  return jobs.size() == 1 && jobs[0].patience.deadline <= clock_->Steady();
}

std::vector<Job> Writer::DropImpatient(std::vector<Job> jobs) {
  const SteadyTime now = clock_->Steady();
  std::vector<Job> patient;
  patient.reserve(jobs.size());
  for (Job& job : jobs) {
    metrics_->wait_seconds.Observe(Seconds(now - job.queued));
    if (job.patience.deadline <= now) {
      job.done(error::DeadlineBeforeStart());
    } else if (job.patience.cancelled && job.patience.cancelled()) {
      job.done(error::CancelledBeforeStart());
    } else {
      patient.push_back(std::move(job));
    }
  }
  return patient;
}

void Writer::RunGroup(Session& session, std::vector<Job> jobs) {
  // Counted from when the last of them came, so that those who waited behind a
  // lost connection do not each wait it out again.
  const SteadyTime give_up =
      jobs.back().queued + absl::ToChronoNanoseconds(options_.patience);
  std::vector<absl::Status> answers;
  for (int attempt = 0;; ++attempt) {
    const SteadyTime begun = clock_->Steady();
    const absl::Status committed = TryGroup(session, jobs, answers);
    if (committed.ok()) {
      metrics_->batch_size.Observe(static_cast<double>(jobs.size()));
      metrics_->commit_seconds.Observe(Seconds(clock_->Steady() - begun));
      Answer(std::move(jobs), std::move(answers));
      return;
    }
    Rollback(session);
    if (Splits(FailureOf(committed)) && jobs.size() > 1) {
      for (Job& job : jobs) {
        std::vector<Job> alone;
        alone.push_back(std::move(job));
        RunGroup(session, std::move(alone));
      }
      return;
    }
    if (IsLate(jobs) || !Recover(session, committed, give_up, attempt)) {
      answers.assign(jobs.size(),
                     jobs[0].unresolved ? error::OutcomeUnknown() : committed);
      Answer(std::move(jobs), std::move(answers));
      return;
    }
    metrics_->reruns.Increment(static_cast<double>(jobs.size()));
  }
}

absl::Status Writer::TryGroup(Session& session, std::vector<Job>& jobs,
                              std::vector<absl::Status>& answers) {
  answers.assign(jobs.size(), absl::OkStatus());
  const bool alone = jobs.size() == 1;
  if (alone && jobs[0].single && location_.backend == Backend::kPostgres) {
    // What never left is not unresolved.
    const bool connected = !session.Broken();
    Transaction transaction(&session, time_, Transaction::Mode::kSingle);
    answers[0] = jobs[0].body(transaction);
    const SqlFailure failure = FailureOf(answers[0]);
    jobs[0].unresolved |= connected && failure == SqlFailure::kConnection;
    if (ConcernsAll(failure)) return answers[0];
    if (!IsConstraint(failure)) {
      if (answers[0].ok()) healthy_ = true;
      return absl::OkStatus();
    }
    jobs[0].single = false;
  }
  RETURN_IF_ERROR(session.Run(kBegin));
  std::string xid;
  if (location_.backend == Backend::kPostgres && !jobs[0].guarded) {
    ASSIGN_OR_RETURN(const auto known, OneText(session, kXid, {}));
    xid = known.value_or("");
  }
  RETURN_IF_ERROR(RunBodies(session, jobs, answers));
  bool changes = false;
  for (size_t i = 0; i < jobs.size(); ++i) {
    changes |= answers[i].ok() && !jobs[i].undo;
  }
  if (!changes) {
    Rollback(session);
    return absl::OkStatus();
  }
  return Commit(session, jobs, xid);
}

// A savepoint makes SQLite copy every page that its body is the first to
// touch. So a group runs without; one body that fails after it has changed
// something spoils the group, which then runs again with savepoints.
absl::Status Writer::RunBodies(Session& session, std::vector<Job>& jobs,
                               std::vector<absl::Status>& answers) {
  const bool alone = jobs.size() == 1;
  const bool wary = !alone && wary_groups_ > 0;
  if (wary) --wary_groups_;
  for (size_t i = 0; i < jobs.size(); ++i) {
    const bool savepoint = wary || (!alone && jobs[i].undo);
    const int64_t before = session.changes();
    RETURN_IF_ERROR(RunBody(session, jobs[i], savepoint, answers[i]));
    if (!alone && !savepoint && !answers[i].ok() &&
        session.changes() != before) {
      Rollback(session);
      wary_groups_ = kWaryGroups;
      RETURN_IF_ERROR(session.Run(kBegin));
      return RunBodies(session, jobs, answers);
    }
  }
  return absl::OkStatus();
}

absl::Status Writer::RunBody(Session& session, Job& job, bool savepoint,
                             absl::Status& answer) {
  if (savepoint) RETURN_IF_ERROR(session.Run(kSavepoint));
  Transaction transaction(&session, time_, Transaction::Mode::kWhole);
  answer = job.body(transaction);
  if (Cures(FailureOf(answer))) return answer;
  if (const absl::Status& doom = transaction.doom(); !doom.ok()) {
    // SQLite has ended the whole batch; PostgreSQL the one body, whose own
    // word stands unless another run could do better.
    if (location_.backend == Backend::kSqlite || ConcernsAll(FailureOf(doom))) {
      return doom;
    }
    if (answer.ok()) answer = doom;
    return absl::OkStatus();
  }
  if (!savepoint) return absl::OkStatus();
  if (!answer.ok() || job.undo) RETURN_IF_ERROR(session.Run(kUndoBody));
  return session.Run(kRelease);
}

absl::Status Writer::Commit(Session& session, std::vector<Job>& jobs,
                            const std::string& xid) {
  absl::Status committed = session.Run(kCommit);
  if (committed.ok()) {
    healthy_ = true;
    return committed;
  }
  const SqlFailure failure = FailureOf(committed);
  if (failure == SqlFailure::kIo && location_.backend == Backend::kSqlite) {
    // After a failed fsync nobody knows what the disk holds.
    Fatal();
    return error::OutcomeUnknown();
  }
  if (failure == SqlFailure::kConnection) {
    if (!jobs[0].guarded) return LearnOutcome(session, xid);
    jobs[0].unresolved = true;
  }
  return committed;
}

absl::Status Writer::LearnOutcome(Session& session, const std::string& xid) {
  const SteadyTime give_up =
      clock_->Steady() + absl::ToChronoNanoseconds(options_.patience);
  do {
    if (session.Broken() && !session.Reconnect().ok()) continue;
    const auto status = OneText(session, kXidStatus, {{"xid", xid}});
    if (!status.ok() || !status->has_value()) continue;
    if (**status == "committed") return absl::OkStatus();
    if (**status == "aborted") {
      return SqlErrorStatus(SqlFailure::kConnection, "lost before commit");
    }
  } while (clock_->Steady() < give_up && Pause(kLongestPause));
  log_->Write(Severity::kError, "storage.commit_outcome_unknown",
              {{"xid", xid}});
  return error::OutcomeUnknown();
}

bool Writer::Recover(Session& session, const absl::Status& failure,
                     SteadyTime give_up, int attempt) {
  const SqlFailure what = FailureOf(failure);
  const absl::Duration pause =
      std::min(kShortestPause * (1 << std::min(attempt, 10)), kLongestPause);
  switch (what) {
    case SqlFailure::kConflict:
      return attempt < kMostConflicts && clock_->Steady() < give_up &&
             Pause(pause);
    case SqlFailure::kBusy:
      return clock_->Steady() < give_up && Pause(pause);
    case SqlFailure::kStalePlan:
      session.ForgetStatements();
      return attempt < kMostConflicts;
    case SqlFailure::kConnection:
      metrics_->reconnects.Increment();
      while (!session.Reconnect().ok()) {
        if (healthy_.exchange(false)) {
          log_->Write(Severity::kError, "storage.connection_lost",
                      {{"code", SqlCodeOf(failure)}});
        }
        if (clock_->Steady() >= give_up || !Pause(kLongestPause)) return false;
      }
      // Who waited out the outage gets a run on what came back.
      return attempt < kMostConflicts;
    default:
      break;
  }
  log_->Write(Severity::kError, "storage.write_failed",
              {{"code", SqlCodeOf(failure)}});
  if (what == SqlFailure::kReadOnly) {
    healthy_ = false;
    // A fail-over may have left us on a standby.
    if (location_.backend == Backend::kPostgres) {
      session.Reconnect().IgnoreError();
    }
  }
  if (what == SqlFailure::kIo && location_.backend == Backend::kSqlite) {
    Fatal();
  }
  return false;
}

void Writer::Answer(std::vector<Job> jobs, std::vector<absl::Status> answers) {
  AnsweredJobs batch{std::move(jobs), std::move(answers)};
  // With nothing to commit next, another thread would only cost its waking.
  if (location_.backend == Backend::kSqlite && queue_.size() > 0) {
    answerer_.HandOver(std::move(batch));
  } else {
    batch.Tell();
  }
}

void Writer::Fatal() {
  healthy_ = false;
  if (fatal_.exchange(true)) return;
  log_->Write(Severity::kError, "storage.disk_failed", {});
  if (checkpointer_ != nullptr) checkpointer_->Abandon();
  on_fatal_();
}

bool Writer::Pause(absl::Duration duration) {
  return !stopping_.WaitForNotificationWithTimeout(duration);
}

}  // namespace broadcast::storage
