#include "base/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <nlohmann/json.hpp>

#include "absl/time/time.h"

namespace broadcast {
namespace {

constexpr size_t kQueuedLines = 8192;
constexpr std::array<absl::string_view, 4> kNames = {"debug", "info", "warning",
                                                     "error"};

}  // namespace

std::optional<Severity> ParseSeverity(absl::string_view text) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

Log::Log(const Clock* clock, Severity threshold)
    : clock_(clock),
      threshold_(threshold),
      thread_(std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1)),
      logger_(std::make_shared<spdlog::async_logger>(
          "broadcastd", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
          thread_, spdlog::async_overflow_policy::overrun_oldest)) {
  logger_->set_pattern("%v");
  logger_->set_level(spdlog::level::trace);
}

Log::~Log() { logger_->flush(); }

void Log::Write(Severity severity, absl::string_view event,
                std::initializer_list<LogField> fields) {
  if (!Enabled(severity)) return;
  nlohmann::ordered_json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", clock_->Now(),
                                  absl::UTCTimeZone());
  line["severity"] = std::string(kNames[static_cast<size_t>(severity)]);
  line["event"] = std::string(event);
  for (const LogField& field : fields) {
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>,
                                       absl::string_view>) {
            if (!value.empty())
              line[std::string(field.key)] = std::string(value);
          } else {
            line[std::string(field.key)] = value;
          }
        },
        field.value);
  }
  logger_->log(spdlog::level::info,
               line.dump(-1, ' ', false,
                         nlohmann::ordered_json::error_handler_t::replace));
}

int64_t Log::dropped() const {
  return static_cast<int64_t>(thread_->overrun_counter());
}

}  // namespace broadcast
