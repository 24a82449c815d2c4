// The composition root: builds everything that serves from the settings, and
// takes it down in the order that loses nothing. main.cc owns the one
// Environment; one thread starts and drains it.
#ifndef BROADCASTD_ENVIRONMENT_H_
#define BROADCASTD_ENVIRONMENT_H_

#include <prometheus/exposer.h>
#include <prometheus/registry.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "auth/authenticator.h"
#include "auth/key_ring.h"
#include "base/clock.h"
#include "base/fail_points.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/metrics.h"
#include "delivery/dispatcher.h"
#include "feeds/expirer.h"
#include "rpc/admission.h"
#include "rpc/call.h"
#include "rpc/grpc_server.h"
#include "rpc/policy.h"
#include "schedule/scheduler.h"
#include "sender_set.h"
#include "settings/exit_code.h"
#include "settings/settings.h"
#include "storage/database.h"
#include "sync/planner.h"
#include "sync/sync_timer.h"
#include "upkeep/upkeep.h"

namespace broadcast {

class Environment {
 public:
  // Why it could not start, and the process's exit code for that.
  struct Refusal {
    absl::Status status;
    ExitCode code = kExitOk;
  };

  // `on_fatal` is called on some thread once the disk has failed: the process
  // should drain and end with kExitDisk.
  Environment(Settings settings, std::function<void()> on_fatal);
  ~Environment();

  // Opens and migrates the database, then serves. Refusal::status is OK once
  // health answers SERVING.
  Refusal Start();

  // Applies missing migrations and does nothing else: `broadcastd migrate`.
  Refusal MigrateOnly();

  // Takes over what the files hold, and does nothing else: `broadcastd import`.
  // `report` becomes what was done.
  Refusal ImportOnly(const ImportRequest& request, std::string* report);

  // Says NOT_SERVING, waits for load balancers to see it, lets what is being
  // sent and the calls under way end within the grace, makes all that is queued
  // durable, and closes.
  void Drain();

  int port() const { return server_->port(); }
  bool disk_failed() const { return disk_failed_; }
  Log& log() { return log_; }

 private:
  Refusal OpenDatabase(bool migrate);
  absl::Status BuildPolicy();
  Refusal KnowCallers();
  Refusal BuildDelivery();
  void BuildTimers();
  Refusal ServeMetrics();
  Refusal ServeCalls();

  const Settings settings_;
  const std::function<void()> on_fatal_;
  std::atomic<bool> disk_failed_{false};
  absl::Notification shutdown_delay_;

  // In the order in which they start; they stop in the reverse order.
  SystemClock clock_;
  Log log_;
  std::shared_ptr<prometheus::Registry> registry_;
  IdSource ids_;
  rpc::Policy policy_;
  std::unique_ptr<FailPoints> fail_points_;  // null: none
  std::unique_ptr<storage::Database> database_;
  RegistrationMetrics registration_metrics_;
  std::unique_ptr<upkeep::Upkeep> upkeep_;
  std::unique_ptr<SenderSet> senders_;
  std::unique_ptr<delivery::Dispatcher> dispatcher_;
  SchedulerMetrics scheduler_metrics_;
  std::unique_ptr<schedule::Scheduler> scheduler_;  // null: an external one
  std::unique_ptr<feeds::Expirer> expirer_;
  std::unique_ptr<sync::Planner> planner_;
  sync::SyncTimerMetrics sync_timer_metrics_;
  std::unique_ptr<sync::SyncTimer> sync_timer_;  // null: no schedule
  std::shared_ptr<DroppedLines> dropped_lines_;
  std::unique_ptr<prometheus::Exposer> metrics_;
  std::unique_ptr<auth::KeyRing> keys_;                 // null: no tokens
  std::unique_ptr<auth::Authenticator> authenticator_;  // null: all are local
  std::unique_ptr<rpc::Admission> admission_;
  std::unique_ptr<rpc::Calls> calls_;
  std::unique_ptr<rpc::GrpcServer> server_;
};

}  // namespace broadcast

#endif  // BROADCASTD_ENVIRONMENT_H_
