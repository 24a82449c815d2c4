// The log: one JSON object a line, under stable event names. The environment
// owns it; any thread may write, and no writer ever waits for the sink: when
// its queue is full the oldest lines are dropped and counted.
//
// Secrets, bodies, tokens and addresses never belong in a field.
#ifndef BROADCASTD_BASE_LOG_H_
#define BROADCASTD_BASE_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace spdlog {
class async_logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace broadcast {

enum class Severity { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" or "error"; nothing for other text.
std::optional<Severity> ParseSeverity(absl::string_view text);

struct LogField {
  absl::string_view key;
  std::variant<absl::string_view, int64_t, double> value;

  LogField(absl::string_view key, absl::string_view value)
      : key(key), value(value) {}
  LogField(absl::string_view key, const char* value)
      : key(key), value(absl::string_view(value)) {}
  LogField(absl::string_view key, const std::string& value)
      : key(key), value(absl::string_view(value)) {}
  LogField(absl::string_view key, int value)
      : key(key), value(static_cast<int64_t>(value)) {}
  LogField(absl::string_view key, int64_t value) : key(key), value(value) {}
  LogField(absl::string_view key, double value) : key(key), value(value) {}
};

class Log {
 public:
  // Writes to standard error. `clock` outlives the log.
  Log(const Clock* clock, Severity threshold);
  ~Log();

  // `event` is a stable dotted name, e.g. "entry.created". Empty text fields
  // are left out.
  void Write(Severity severity, absl::string_view event,
             std::initializer_list<LogField> fields);

  bool Enabled(Severity severity) const { return severity >= threshold_; }

  // Lines dropped because the sink was too slow, since the start.
  // broadcastd_log_lines_dropped_total.
  int64_t dropped() const;

 private:
  const Clock* const clock_;
  const Severity threshold_;
  std::shared_ptr<spdlog::details::thread_pool> thread_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace broadcast

#endif  // BROADCASTD_BASE_LOG_H_
