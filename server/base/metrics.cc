#include "base/metrics.h"

namespace broadcast {
namespace {

using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

// 100 us to 10 s, about three steps a decade.
const Buckets& LatencyBuckets() {
  static const auto& buckets =
      *new Buckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                   0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return buckets;
}

// Finer where a group of a busy disk lies.
const Buckets& CommitBuckets() {
  static const auto& buckets =
      *new Buckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01,
                   0.0125, 0.015,   0.0175, 0.02,  0.025,  0.03,  0.04,   0.05,
                   0.1,    0.25,    0.5,    1,     2.5,    5,     10};
  return buckets;
}

prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name,
                            const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(
      {});
}

prometheus::Counter& AddCounter(prometheus::Registry& registry,
                                const char* name, const char* help) {
  return prometheus::BuildCounter()
      .Name(name)
      .Help(help)
      .Register(registry)
      .Add({});
}

Histogram& AddHistogram(prometheus::Registry& registry, const char* name,
                        const char* help, const Buckets& buckets) {
  return prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(registry)
      .Add({}, buckets);
}

constexpr const char* kCodeNames[RpcMetrics::kCodes] = {"OK",
                                                        "CANCELLED",
                                                        "UNKNOWN",
                                                        "INVALID_ARGUMENT",
                                                        "DEADLINE_EXCEEDED",
                                                        "NOT_FOUND",
                                                        "ALREADY_EXISTS",
                                                        "PERMISSION_DENIED",
                                                        "RESOURCE_EXHAUSTED",
                                                        "FAILED_PRECONDITION",
                                                        "ABORTED",
                                                        "OUT_OF_RANGE",
                                                        "UNIMPLEMENTED",
                                                        "INTERNAL",
                                                        "UNAVAILABLE",
                                                        "DATA_LOSS",
                                                        "UNAUTHENTICATED"};

}  // namespace

StorageMetrics::StorageMetrics(prometheus::Registry& registry)
    : write_queue_depth(AddGauge(registry,
                                 "broadcastd_storage_write_queue_depth",
                                 "Writes that wait for a committer.")),
      read_queue_depth(AddGauge(registry, "broadcastd_storage_read_queue_depth",
                                "Reads that wait for a session.")),
      batch_size(AddHistogram(registry, "broadcastd_storage_batch_size",
                              "Writes committed together.",
                              {1, 2, 4, 8, 16, 32, 64, 128, 256})),
      commit_seconds(
          AddHistogram(registry, "broadcastd_storage_commit_seconds",
                       "Time of one batch, from BEGIN until COMMIT is durable.",
                       CommitBuckets())),
      wait_seconds(AddHistogram(registry, "broadcastd_storage_wait_seconds",
                                "Time a write waited for its batch to begin.",
                                LatencyBuckets())),
      reruns(AddCounter(registry, "broadcastd_storage_reruns_total",
                        "Writes run again after a conflict or a failure.")),
      reconnects(AddCounter(registry, "broadcastd_storage_reconnects_total",
                            "Connections to the database made anew.")),
      checkpoints(AddCounter(registry, "broadcastd_storage_checkpoints_total",
                             "Checkpoints of SQLite's write-ahead log.")),
      wal_bytes(AddGauge(registry, "broadcastd_storage_wal_bytes",
                         "Size of SQLite's write-ahead log in use.")),
      sessions(AddGauge(registry, "broadcastd_storage_sessions",
                        "Connections to the database.")),
      busy_sessions(AddGauge(registry, "broadcastd_storage_busy_sessions",
                             "Connections of the read pool that run a read.")) {
}

AuditMetrics::AuditMetrics(prometheus::Registry& registry)
    : refusals_dropped(
          AddCounter(registry, "broadcastd_audit_refusals_dropped_total",
                     "Refused calls that are missing in the audit trail.")) {}

RegistrationMetrics::RegistrationMetrics(prometheus::Registry& registry)
    : pairs_without_entry(
          AddGauge(registry, "broadcastd_pairs_without_entry",
                   "Channel pairs without an entry, of all replicas.")) {}

SchedulerMetrics::SchedulerMetrics(prometheus::Registry& registry)
    : fired(AddCounter(registry, "broadcastd_scheduler_fired_total",
                       "Entries that the schedule fired.")),
      skipped(prometheus::BuildCounter()
                  .Name("broadcastd_scheduler_skipped_total")
                  .Help("Entries that were due and had nothing to send, by "
                        "reason.")
                  .Register(registry)),
      missed(AddCounter(registry, "broadcastd_scheduler_missed_total",
                        "Times of entries that passed unfired, e.g. while the "
                        "server was down, and are not made up for.")),
      lateness_seconds(
          AddHistogram(registry, "broadcastd_scheduler_lateness_seconds",
                       "Time from when an entry was due until it fired.",
                       {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
                        5, 10, 60, 600, 3600, 86400})),
      looks(AddCounter(registry, "broadcastd_scheduler_looks_total",
                       "How often the scheduler asked what is due next.")),
      failures(AddCounter(registry, "broadcastd_scheduler_failures_total",
                          "How often the database refused the scheduler.")),
      paused(AddGauge(registry, "broadcastd_scheduler_paused",
                      "1 while the scheduler is paused.")) {}

ConnectionMetrics::ConnectionMetrics(prometheus::Registry& registry)
    : open(AddGauge(registry, "broadcastd_connections",
                    "Connections of callers.")),
      refused(AddCounter(registry, "broadcastd_connections_refused_total",
                         "Connections closed at once because there were too "
                         "many.")) {}

RpcMetrics::RpcMetrics(prometheus::Registry& registry,
                       const std::string& service, const std::string& method) {
  auto& calls = prometheus::BuildCounter()
                    .Name("broadcastd_rpc_calls_total")
                    .Help("Calls finished, by status code.")
                    .Register(registry);
  for (int code = 0; code < kCodes; ++code) {
    calls_[code] = &calls.Add(
        {{"service", service}, {"method", method}, {"code", kCodeNames[code]}});
  }
  seconds_ =
      &prometheus::BuildHistogram()
           .Name("broadcastd_rpc_seconds")
           .Help("Time from the arrival of a call to its answer.")
           .Register(registry)
           .Add({{"service", service}, {"method", method}}, LatencyBuckets());
}

void RpcMetrics::Finished(int code, double seconds) const {
  const int known = code >= 0 && code < kCodes ? code : 2;
  calls_[known]->Increment();
  seconds_->Observe(seconds);
}

std::vector<prometheus::MetricFamily> DroppedLines::Collect() const {
  prometheus::ClientMetric lines;
  lines.counter.value = static_cast<double>(log_->dropped());
  return {{.name = "broadcastd_log_lines_dropped_total",
           .help = "Lines of the log dropped because its reader was too slow.",
           .type = prometheus::MetricType::Counter,
           .metric = {lines}}};
}

void ExportBuildInfo(prometheus::Registry& registry, const std::string& version,
                     const std::string& commit, const std::string& backend) {
  prometheus::BuildGauge()
      .Name("broadcastd_build_info")
      .Help("Always 1; the labels name the build.")
      .Register(registry)
      .Add({{"version", version}, {"commit", commit}, {"backend", backend}})
      .Set(1);
}

}  // namespace broadcast
