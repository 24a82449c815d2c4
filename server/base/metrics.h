// The metrics of the process, in Prometheus' text format. The environment owns
// the registry; what is handed out here lives as long as it. Any thread.
//
// A label is never a client's data: methods, codes and backends only.
#ifndef BROADCASTD_BASE_METRICS_H_
#define BROADCASTD_BASE_METRICS_H_

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"

namespace broadcast {

// What the storage layer counts.
struct StorageMetrics {
  explicit StorageMetrics(prometheus::Registry& registry);

  prometheus::Gauge& write_queue_depth;
  prometheus::Gauge& read_queue_depth;
  prometheus::Histogram& batch_size;      // bodies a commit
  prometheus::Histogram& commit_seconds;  // BEGIN to the end of COMMIT
  prometheus::Histogram& wait_seconds;    // queued until its batch began
  prometheus::Counter& reruns;            // bodies run again
  prometheus::Counter& reconnects;
  prometheus::Counter& checkpoints;
  prometheus::Gauge& wal_bytes;
  prometheus::Gauge& sessions;       // connections that are open
  prometheus::Gauge& busy_sessions;  // of the read pool's, those that read
};

// What the audit trail counts.
struct AuditMetrics {
  explicit AuditMetrics(prometheus::Registry& registry);

  prometheus::Counter& refusals_dropped;  // refused calls it does not tell of
};

// What is true of all that is registered.
struct RegistrationMetrics {
  explicit RegistrationMetrics(prometheus::Registry& registry);

  prometheus::Gauge& pairs_without_entry;  // up to a minute old
};

// What the schedule counts.
struct SchedulerMetrics {
  explicit SchedulerMetrics(prometheus::Registry& registry);

  // `reason` is one of a few words.
  prometheus::Counter& Skipped(const std::string& reason) {
    return skipped.Add({{"reason", reason}});
  }

  prometheus::Counter& fired;
  prometheus::Family<prometheus::Counter>& skipped;
  prometheus::Counter& missed;  // times that passed before their entry fired
  prometheus::Histogram& lateness_seconds;
  prometheus::Counter& looks;  // for what is due next
  prometheus::Counter& failures;
  prometheus::Gauge& paused;  // 1 while it is, as last seen
};

// What the listener counts.
struct ConnectionMetrics {
  explicit ConnectionMetrics(prometheus::Registry& registry);

  prometheus::Gauge& open;  // up to 5 s old
  prometheus::Counter& refused;
};

// What one RPC counts.
class RpcMetrics {
 public:
  static constexpr int kCodes = 17;  // gRPC's status codes

  RpcMetrics(prometheus::Registry& registry, const std::string& service,
             const std::string& method);

  void Finished(int code, double seconds) const;

 private:
  std::array<prometheus::Counter*, kCodes> calls_;
  prometheus::Histogram* seconds_;
};

// Counts the lines that `log` dropped, whenever the metrics are collected.
// `log` outlives it.
class DroppedLines : public prometheus::Collectable {
 public:
  explicit DroppedLines(const Log* log) : log_(log) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Log* const log_;
};

// A gauge that is always 1 and names the build.
void ExportBuildInfo(prometheus::Registry& registry, const std::string& version,
                     const std::string& commit, const std::string& backend);

}  // namespace broadcast

#endif  // BROADCASTD_BASE_METRICS_H_
