#include "storage/checkpointer.h"

#include <tuple>
#include <utility>

#include "base/status_macros.h"
#include "storage/session.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

constexpr int kPageBytes = 4096;
constexpr int kBackgroundPages = (4 << 20) / kPageBytes;
constexpr int kWriterPages = (16 << 20) / kPageBytes;
constexpr auto kWriterPause = std::chrono::milliseconds(200);

constexpr Sql kPassive{"PRAGMA wal_checkpoint(PASSIVE)"};
constexpr Sql kTruncate{"PRAGMA wal_checkpoint(TRUNCATE)"};

}  // namespace

Checkpointer::Checkpointer(Location location, const Clock* clock, Log* log,
                           StorageMetrics* metrics)
    : location_(std::move(location)),
      clock_(clock),
      log_(log),
      metrics_(metrics) {}

Checkpointer::~Checkpointer() { Stop(); }

absl::Status Checkpointer::Start() {
  ASSIGN_OR_RETURN(session_,
                   Session::Open(location_, SessionRole::kMaintenance));
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

void Checkpointer::AfterBatch(Session& writer) {
  const int pages = writer.wal_pages();
  metrics_->wal_bytes.Set(static_cast<double>(pages) * kPageBytes);
  if (pages < kBackgroundPages) return;
  const SteadyTime now = clock_->Steady();
  if (pages >= kWriterPages && now - last_by_writer_ >= kWriterPause) {
    // The thread may be at it: the next batch tries again, and the thread is
    // not asked meanwhile. It can never finish while the writer goes on.
    if (Checkpoint(writer, kPassive)) last_by_writer_ = now;
    return;
  }
  absl::MutexLock lock(&mu_);
  wanted_ = true;
}

bool Checkpointer::Checkpoint(Session& session, const Sql& pragma) {
  int64_t busy = 0;
  const auto done = session.Run(
      pragma, {}, ColumnTypesOf<std::tuple<int64_t, int64_t, int64_t>>(),
      [&busy](Row& row) {
        row(busy);
        return absl::OkStatus();
      });
  if (!done.ok()) {
    log_->Write(Severity::kWarning, "storage.checkpoint_failed",
                {{"code", SqlCodeOf(done.status())}});
    return false;
  }
  if (busy != 0) return false;
  metrics_->checkpoints.Increment();
  return true;
}

void Checkpointer::Loop() {
  while (true) {
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(
          +[](Checkpointer* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mu_) {
            return self->wanted_ || self->stopping_;
          },
          this));
      if (stopping_) return;
      wanted_ = false;
      if (abandoned_) continue;
    }
    Checkpoint(*session_, kPassive);
  }
}

void Checkpointer::Abandon() {
  absl::MutexLock lock(&mu_);
  abandoned_ = true;
}

void Checkpointer::Stop() {
  if (!thread_.joinable()) return;
  bool abandoned;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    abandoned = abandoned_;
  }
  thread_.join();
  if (!abandoned) Checkpoint(*session_, kTruncate);
  session_.reset();
}

}  // namespace broadcast::storage
