#include "sqlite_as_served.h"

#include <chrono>

namespace broadcast::bench {
namespace {

// As in storage/checkpointer.cc.
constexpr int kBackgroundPages = (4 << 20) / 4096;
constexpr int kWriterPages = (16 << 20) / 4096;
constexpr auto kWriterPause = std::chrono::milliseconds(200);

}  // namespace

void ConfigureAsServed(Sqlite& database) {
  // As in storage/session.cc.
  for (const char* pragma :
       {"busy_timeout = 1000", "journal_mode = WAL", "foreign_keys = ON",
        "synchronous = FULL", "temp_store = MEMORY", "secure_delete = OFF",
        "wal_autocheckpoint = 0", "journal_size_limit = 67108864",
        "cache_size = -65536"}) {
    database.Run("PRAGMA " + std::string(pragma));
  }
}

Checkpoints::Checkpoints(Sqlite* writer, const std::string& path)
    : writer_(writer), other_(path), thread_([this] { Loop(); }) {
  ConfigureAsServed(other_);
  sqlite3_wal_hook(
      writer->handle(),
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &pages_);
}

Checkpoints::~Checkpoints() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Checkpoints::AfterCommit() {
  if (pages_ < kBackgroundPages) return;
  const SteadyTime now = SteadyClock::now();
  if (pages_ >= kWriterPages && now - last_by_writer_ >= kWriterPause) {
    last_by_writer_ = now;
    writer_->Run("PRAGMA wal_checkpoint(PASSIVE)");
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_one();
}

void Checkpoints::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return wanted_ || stopping_; });
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    other_.Run("PRAGMA wal_checkpoint(PASSIVE)");
    lock.lock();
  }
}

}  // namespace broadcast::bench
