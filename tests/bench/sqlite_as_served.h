// An SQLite database as the server has it: its pragmas and its checkpoints. One
// thread each.
#ifndef BROADCASTD_BENCH_SQLITE_AS_SERVED_H_
#define BROADCASTD_BENCH_SQLITE_AS_SERVED_H_

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "sqlite.h"
#include "stopwatch.h"

namespace broadcast::bench {

void ConfigureAsServed(Sqlite& database);

// Checkpoints by the server's rule: on another thread from 4 MiB on, by the
// writer itself from 16 MiB on.
class Checkpoints {
 public:
  Checkpoints(Sqlite* writer, const std::string& path);
  ~Checkpoints();
  Checkpoints(const Checkpoints&) = delete;
  Checkpoints& operator=(const Checkpoints&) = delete;

  void AfterCommit();

 private:
  void Loop();

  Sqlite* const writer_;
  int pages_ = 0;
  SteadyTime last_by_writer_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;
  bool stopping_ = false;
  Sqlite other_;
  std::thread thread_;
};

}  // namespace broadcast::bench

#endif  // BROADCASTD_BENCH_SQLITE_AS_SERVED_H_
