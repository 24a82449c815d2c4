// An entry of the journal, and what is counted over them. One thread.
#ifndef BROADCASTD_TELEGRAM_JOURNAL_STATS_H_
#define BROADCASTD_TELEGRAM_JOURNAL_STATS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "telegram/bot_answer.h"

namespace broadcast::telegram {

struct JournalEntry {
  int64_t number = 0;
  int64_t received = 0;  // microseconds, by the platform's clock
  int64_t accepted = 0;  // when it took effect; 0: it had none
  int64_t done = 0;      // when its answer went out
  int64_t held = 0;      // how long it waited for the limits, microseconds
  int64_t bot = 0;
  int64_t chat = 0;
  bool shared_chat = false;  // a group or channel
  std::string method;
  std::vector<int32_t> message_ids;
  std::string marker;
  bool posts = false;    // counts against the limits
  bool creates = false;  // makes messages; else edits or deletes
  int items = 0;         // messages that it made or changed
  // What the client saw: "ok", "error", "html", "no_answer".
  std::string outcome;
  int code = 0;
  std::string description;
  int64_t retry_after = 0;
  std::string fault;
  bool violation = false;
};

Json JsonOf(const JournalEntry& entry);

class JournalStats {
 public:
  void Add(const JournalEntry& entry);

  // `violations` are those counted over all requests.
  Json ToJson() const;

 private:
  // Times in a sliding window, and the most that there ever were.
  class Window {
   public:
    void Add(int64_t time, int64_t width);
    int64_t most() const { return most_; }

   private:
    std::deque<int64_t> times_;
    int64_t most_ = 0;
  };

  void CountEffect(const JournalEntry& entry);
  Json Duplicates() const;

  int64_t requests_ = 0;
  int64_t effective_ = 0;  // messages made or edited
  int64_t created_ = 0;
  int64_t unanswered_ = 0;  // took effect, but nobody was told so
  int64_t violations_ = 0;
  int64_t first_ = 0;
  int64_t last_ = 0;
  std::map<std::string, int64_t> outcomes_;
  std::map<std::string, int64_t> methods_;
  std::map<int, int64_t> codes_;
  std::map<std::string, int64_t> faults_;
  std::map<int64_t, Window> seconds_of_bots_;
  absl::flat_hash_map<std::pair<int64_t, int64_t>, Window> minutes_of_groups_;
  absl::flat_hash_map<std::pair<int64_t, int64_t>, Window> seconds_of_chats_;
  absl::flat_hash_map<std::pair<int64_t, std::string>, int64_t> markers_;
  int64_t duplicates_ = 0;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_JOURNAL_STATS_H_
