#include "environment.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "callers.h"
#include "channels/accounts.h"
#include "import_command.h"
#include "settings_policy.h"
#include "startup_feed.h"

namespace broadcast {
namespace {

constexpr char kVersion[] = BROADCASTD_VERSION;
constexpr char kCommit[] = BROADCASTD_COMMIT;

// What calls under way are left when sending has used up the grace.
constexpr absl::Duration kCallsGrace = absl::Seconds(1);

// The seed of ids: nothing that another process could repeat.
uint64_t RandomSeed() {
  std::random_device random;
  return (uint64_t{random()} << 32) | random();
}

const char* BackendName(storage::Backend backend) {
  return backend == storage::Backend::kSqlite ? "sqlite" : "postgresql";
}

}  // namespace

Environment::Environment(Settings settings, std::function<void()> on_fatal)
    : settings_(std::move(settings)),
      on_fatal_(std::move(on_fatal)),
      log_(&clock_, settings_.log_level),
      registry_(std::make_shared<prometheus::Registry>()),
      ids_(&clock_, RandomSeed()),
      registration_metrics_(*registry_),
      scheduler_metrics_(*registry_),
      sync_timer_metrics_(*registry_) {}

Environment::~Environment() { Drain(); }

Environment::Refusal Environment::Start() {
  if (!settings_.fail_point.empty()) {
    auto parsed = FailPoints::Parse(settings_.fail_point);
    if (!parsed.ok()) return {parsed.status(), kExitUsage};
    fail_points_ = *std::move(parsed);
  }
  if (absl::Status built = BuildPolicy(); !built.ok()) {
    return {built, kExitUsage};
  }
  if (Refusal refused = KnowCallers(); !refused.status.ok()) return refused;
  if (Refusal refused =
          OpenDatabase(settings_.migrate == Settings::Migrate::kAuto);
      !refused.status.ok()) {
    return refused;
  }
  WarnOfOutranked(settings_, log_);
  absl::Status set_up = SetUpStartupFeed(settings_, *database_, ids_, log_);
  if (!set_up.ok()) {
    return {set_up,
            absl::IsInvalidArgument(set_up) ? kExitUsage : kExitDatabase};
  }
  upkeep_ = std::make_unique<upkeep::Upkeep>(
      database_.get(), &log_, upkeep::Upkeep::kPeriod,
      settings_.audit_retention,
      upkeep::Options{
          .results = settings_.results_retention,
          .operations = settings_.operations_retention,
          .events = settings_.events_retention,
          .disable_threshold = settings_.disable_threshold,
          .pairs_without_entry = &registration_metrics_.pairs_without_entry});
  upkeep_->Start();
  policy_.wake_upkeep = [this] { upkeep_->Wake(); };
  if (Refusal refused = BuildDelivery(); !refused.status.ok()) return refused;
  BuildTimers();
  if (Refusal refused = ServeMetrics(); !refused.status.ok()) return refused;
  if (Refusal refused = ServeCalls(); !refused.status.ok()) return refused;
  // Last: who refuses to start has sent nothing.
  dispatcher_->Start();
  expirer_->Start();
  planner_->Start();
  if (settings_.sync_on_startup) {
    SyncStartupFeed(rpc::FeedPolicyOf(policy_), *database_, ids_, log_);
    planner_->Wake();
  }
  if (sync_timer_ != nullptr) sync_timer_->Start();
  if (scheduler_ != nullptr) scheduler_->Start();
  return {};
}

Environment::Refusal Environment::MigrateOnly() {
  Refusal refused = OpenDatabase(/*migrate=*/true);
  if (refused.status.ok()) {
    log_.Write(Severity::kInfo, "database.migrated",
               {{"schema", database_->schema().version},
                {"backend", BackendName(database_->backend())}});
  }
  return refused;
}

Environment::Refusal Environment::ImportOnly(const ImportRequest& request,
                                             std::string* report) {
  if (Refusal refused =
          OpenDatabase(settings_.migrate == Settings::Migrate::kAuto);
      !refused.status.ok()) {
    return refused;
  }
  absl::StatusOr<std::string> done =
      RunImport(settings_, request, *database_, ids_);
  if (!done.ok()) {
    const bool wrong = absl::IsInvalidArgument(done.status());
    return {done.status(), wrong ? kExitUsage : kExitDatabase};
  }
  *report = *std::move(done);
  return {};
}

absl::Status Environment::BuildPolicy() {
  policy_.clock = &clock_;
  policy_.ids = &ids_;
  policy_.scheduler_metrics = &scheduler_metrics_;
  policy_.fail_points = fail_points_.get();
  policy_.version = kVersion;
  policy_.commit = kCommit;
  policy_.start_time = clock_.Now();
  return ReadPolicy(settings_, policy_);
}

Environment::Refusal Environment::OpenDatabase(bool migrate) {
  auto location = DatabaseLocation(settings_);
  if (!location.ok()) return {location.status(), kExitUsage};
  auto opened = storage::Database::Open(
      {.location = *std::move(location),
       .clock = &clock_,
       .log = &log_,
       .registry = registry_.get(),
       .migrate = migrate,
       .group_commit = settings_.group_commit,
       .postgres_sessions = settings_.database_sessions,
       .write_queue = static_cast<size_t>(settings_.write_queue),
       .read_queue = static_cast<size_t>(settings_.read_queue),
       .on_fatal = [this] {
         disk_failed_ = true;
         on_fatal_();
       }});
  if (!opened.ok()) {
    const bool schema =
        opened.status().code() == absl::StatusCode::kFailedPrecondition;
    return {opened.status(), schema ? kExitSchema : kExitDatabase};
  }
  database_ = *std::move(opened);
  ExportBuildInfo(*registry_, kVersion, kCommit,
                  BackendName(database_->backend()));
  return {};
}

Environment::Refusal Environment::KnowCallers() {
  if (settings_.authenticates()) {
    auto keys = OpenKeys(settings_, &clock_, &log_);
    if (!keys.ok()) return {keys.status(), kExitUsage};
    keys_ = *std::move(keys);
    if (keys_ != nullptr) keys_->Start();
    authenticator_ = std::make_unique<auth::Authenticator>(
        keys_.get(), TokenPolicyOf(settings_), IdentitiesOf(settings_),
        &clock_);
  }
  admission_ = std::make_unique<rpc::Admission>(
      authenticator_.get(),
      rpc::Admission::Options{.principal_rate = settings_.principal_rate,
                              .address_rate = settings_.address_rate},
      &clock_);
  return {};
}

Environment::Refusal Environment::BuildDelivery() {
  auto senders = SenderSet::Open(settings_, &clock_, &ids_, &log_);
  if (!senders.ok()) return {senders.status(), kExitUsage};
  senders_ = *std::move(senders);
  policy_.probe = [this](const std::string& account, const std::string& address,
                         absl::Duration timeout, auto done) {
    senders_->Probe(account, address, timeout, std::move(done));
  };
  dispatcher_ =
      std::make_unique<delivery::Dispatcher>(delivery::Dispatcher::Options{
          .database = database_.get(),
          .clock = &clock_,
          .log = &log_,
          .registry = registry_.get(),
          .ids = &ids_,
          .fail_points = fail_points_.get(),
          .owner = ids_.Next(),
          .seed = RandomSeed(),
          .accounts = senders_->Accounts(),
          .lane_of =
              [accounts = policy_.accounts](
                  const std::string& account,
                  const std::string& channel_id) -> std::optional<std::string> {
            const auto found = accounts.find(account);
            if (found == accounts.end()) return std::nullopt;
            return channels::LaneOf(account, found->second, channel_id);
          },
          .policy = {.disable_threshold = settings_.disable_threshold},
          // Alone with its file, a process has nobody to leave lanes to.
          .lease = database_->backend() == storage::Backend::kSqlite
                       ? absl::ZeroDuration()
                       : settings_.lane_lease});
  policy_.wake_dispatcher = [this] {
    PassFailPoint(fail_points_.get(), "after_enqueue");
    dispatcher_->Wake();
  };
  return {};
}

void Environment::BuildTimers() {
  expirer_ = std::make_unique<feeds::Expirer>(
      feeds::Expirer::Options{.database = database_.get(),
                              .clock = &clock_,
                              .log = &log_,
                              .policy = rpc::FeedPolicyOf(policy_),
                              .on_expired = policy_.wake_dispatcher});
  policy_.wake_expirer = [this] { expirer_->Wake(); };
  planner_ = std::make_unique<sync::Planner>(
      sync::Planner::Options{.database = database_.get(),
                             .clock = &clock_,
                             .log = &log_,
                             .fail_points = fail_points_.get(),
                             .policy = rpc::FeedPolicyOf(policy_),
                             .on_planned = policy_.wake_dispatcher});
  policy_.wake_planner = [this] { planner_->Wake(); };
  if (settings_.sync_interval > absl::ZeroDuration()) {
    sync_timer_ = std::make_unique<sync::SyncTimer>(
        sync::SyncTimer::Options{.database = database_.get(),
                                 .clock = &clock_,
                                 .log = &log_,
                                 .metrics = &sync_timer_metrics_,
                                 .policy = rpc::FeedPolicyOf(policy_),
                                 .interval = settings_.sync_interval,
                                 .on_started = policy_.wake_planner});
  }
  if (settings_.scheduler == Settings::Scheduler::kExternal) return;
  scheduler_ = std::make_unique<schedule::Scheduler>(
      schedule::Scheduler::Options{.database = database_.get(),
                                   .clock = &clock_,
                                   .ids = &ids_,
                                   .log = &log_,
                                   .metrics = &scheduler_metrics_,
                                   .policy = rpc::FiringPolicyOf(policy_),
                                   .on_fired = policy_.wake_dispatcher});
  policy_.wake_scheduler = [this] { scheduler_->Wake(); };
}

Environment::Refusal Environment::ServeMetrics() {
  if (settings_.metrics_listen.empty()) return {};
  try {
    metrics_ =
        std::make_unique<prometheus::Exposer>(settings_.metrics_listen, 1);
  } catch (const std::exception&) {
    return {absl::UnavailableError(absl::StrCat(
                "cannot listen on ", settings_.metrics_listen,
                " for metrics; give another address in --metrics_listen, or "
                "an empty one to serve none")),
            kExitListen};
  }
  metrics_->RegisterCollectable(registry_);
  dropped_lines_ = std::make_shared<DroppedLines>(&log_);
  metrics_->RegisterCollectable(dropped_lines_);
  return {};
}

Environment::Refusal Environment::ServeCalls() {
  calls_ = std::make_unique<rpc::Calls>(
      database_.get(), &policy_, admission_.get(), &log_, registry_.get());
  auto server = rpc::GrpcServer::Start(
      {.listen = settings_.listen,
       .reflection = settings_.serves_reflection(),
       .tls = {.certificate_file = settings_.tls_certificate,
               .key_file = settings_.tls_key,
               .client_ca_file = settings_.tls_client_ca,
               .client_certificate_required =
                   settings_.tls_client_certificates ==
                   Settings::ClientCertificates::kRequired,
               .reload_interval = settings_.reload_interval},
       .clock = &clock_,
       .log = &log_,
       .registry = registry_.get(),
       .max_connections = settings_.max_connections,
       .max_request_bytes = settings_.max_request_bytes,
       .max_metadata_bytes = settings_.max_metadata_bytes,
       .max_concurrent_streams = settings_.max_concurrent_streams,
       .max_connection_age = settings_.max_connection_age,
       .max_connection_age_grace = settings_.max_connection_age_grace,
       .max_connection_idle = settings_.max_connection_idle,
       .keepalive_time = settings_.keepalive_time,
       .keepalive_timeout = settings_.keepalive_timeout,
       .min_ping_interval = settings_.min_ping_interval,
       .healthy = [this] { return database_->healthy(); }},
      calls_.get());
  if (!server.ok()) {
    return {server.status(),
            absl::IsUnavailable(server.status()) ? kExitListen : kExitUsage};
  }
  server_ = *std::move(server);
  if (!settings_.audit) {
    log_.Write(Severity::kWarning, "audit.off", {});
  }
  log_.Write(Severity::kInfo, "server.serving",
             {{"version", kVersion},
              {"listen", settings_.listen},
              {"port", server_->port()},
              {"tls", int64_t{!settings_.tls_certificate.empty()}},
              {"authentication", int64_t{settings_.authenticates()}},
              {"backend", BackendName(database_->backend())},
              {"schema", database_->schema().version}});
  return {};
}

void Environment::Drain() {
  if (server_ != nullptr) {
    log_.Write(Severity::kInfo, "server.draining", {});
    server_->StopServing();
    // Nobody notifies it: this waits the delay out.
    shutdown_delay_.WaitForNotificationWithTimeout(settings_.shutdown_delay);
  }
  const SteadyTime deadline =
      clock_.Steady() + absl::ToChronoNanoseconds(settings_.drain_grace);
  if (server_ != nullptr) {
    if (scheduler_ != nullptr) scheduler_->Stop();
    if (sync_timer_ != nullptr) sync_timer_->Stop();
    expirer_->Stop();
    planner_->Stop();
    dispatcher_->Drain(deadline);
    // Whoever watches keeps a call open for as long as it may.
    server_->Drain(
        std::max(absl::FromChrono(deadline - clock_.Steady()), kCallsGrace));
    server_.reset();
  }
  calls_.reset();
  sync_timer_.reset();
  planner_.reset();
  expirer_.reset();
  scheduler_.reset();
  if (senders_ != nullptr) senders_->Stop(absl::ZeroDuration());
  dispatcher_.reset();
  senders_.reset();
  metrics_.reset();
  if (upkeep_ != nullptr) upkeep_->Stop();
  upkeep_.reset();
  if (database_ != nullptr) {
    database_->Stop();
    database_.reset();
    log_.Write(Severity::kInfo, "server.stopped", {});
  }
  // Last, because it may wait for a provider of keys; nothing is lost by that.
  if (keys_ != nullptr) keys_->Stop();
}

}  // namespace broadcast
