// What the lines of files to be imported say, and what is wrong with them:
// docs/moving.md lists the columns. Pure; any thread.
#ifndef BROADCASTD_MOVING_IMPORT_LINES_H_
#define BROADCASTD_MOVING_IMPORT_LINES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace broadcast::moving {

// A message of a post of the default feed.
struct MessageLine {
  int64_t number = 0;  // in its file
  std::string chat;    // normalised
  std::string message_id;
  std::string external_id;
  std::optional<absl::Time> post_time;
};

// A pair of Telegram chats, its schedule and what has come of that.
struct PairLine {
  int64_t number = 0;
  std::string client_id;
  std::string open_chat;
  std::string closed_chat;
  bool active = true;
  std::optional<absl::Duration> interval;
  std::optional<absl::Time> next_send_time;
  std::optional<absl::Time> last_send_time;
  std::optional<absl::Time> last_trigger_time;
  int64_t success_count = 0;
  int64_t partial_count = 0;
  int64_t failure_count = 0;
  int64_t consecutive_failure_count = 0;
  int64_t manual_trigger_count = 0;
};

// What is wrong, and where; how to put it right.
struct LineProblem {
  int64_t number = 0;
  std::string column;  // empty: the line as a whole
  std::string text;
};

// The lines without those that say what another says; these are counted.
// Only if `problems` is empty all lines are there.
template <typename Line>
struct ReadLines {
  std::vector<Line> lines;
  int64_t repeated = 0;
  std::vector<LineProblem> problems;
};

ReadLines<MessageLine> ReadMessageLines(absl::string_view text);
ReadLines<PairLine> ReadPairLines(absl::string_view text);

}  // namespace broadcast::moving

#endif  // BROADCASTD_MOVING_IMPORT_LINES_H_
