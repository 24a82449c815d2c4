// What truly happened, request by request, whatever the clients were told.
// An entry is in the file before its answer goes out. One thread.
#ifndef BROADCASTD_TELEGRAM_REQUEST_JOURNAL_H_
#define BROADCASTD_TELEGRAM_REQUEST_JOURNAL_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "telegram/bot_answer.h"
#include "telegram/journal_stats.h"

namespace broadcast::telegram {

class RequestJournal {
 public:
  RequestJournal() = default;
  ~RequestJournal();
  RequestJournal(const RequestJournal&) = delete;
  RequestJournal& operator=(const RequestJournal&) = delete;

  // Appends to `path`, too, from now on.
  // Returns UNAVAILABLE if that cannot be opened.
  absl::Status Open(const std::string& path);

  // Numbers it, and writes it.
  void Add(JournalEntry entry);

  // One JSON object a line: what comes after number `since`, `most` at most.
  std::string Lines(int64_t since, int64_t most) const;

  JournalStats& stats() { return stats_; }
  // Forgets all but what is in the file; the numbers go on.
  void Clear();

 private:
  std::deque<JournalEntry> entries_;  // the youngest
  JournalStats stats_;
  int64_t last_ = 0;
  int file_ = -1;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_REQUEST_JOURNAL_H_
