// What the configuration says that requests are read and answered by. The
// environment owns it; constant once the server runs, so any thread may read.
#ifndef BROADCASTD_RPC_POLICY_H_
#define BROADCASTD_RPC_POLICY_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fail_points.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "channels/change_channel.h"
#include "channels/register_pairs.h"
#include "content/content.h"
#include "entries/firing.h"
#include "feeds/feed_policy.h"

namespace broadcast::rpc {

// What a platform says of a destination.
struct Probed {
  enum class Result {
    kAnswered,
    kNotAsked,   // it could not be asked: `problem` says why
    kNoAccount,  // nobody sends for the account, or the platform refuses it
  };

  Result result = Result::kNoAccount;
  bool present = false;
  bool may_post = false;
  bool may_edit = false;
  bool may_delete = false;
  std::string title;
  std::string type;
  std::string problem;  // a word; empty: none
};

// Calls the last argument once, on any thread or before it returns, `timeout`
// later at the latest. Never waits.
using ProbeFunction = std::function<void(
    const std::string& account, const std::string& address,
    absl::Duration timeout, std::function<void(Probed)> done)>;

struct Policy {
  const Clock* clock = nullptr;
  IdSource* ids = nullptr;

  channels::RegistrationPolicy registration;
  channels::Accounts accounts;
  absl::Duration default_interval = limits::kDefaultInterval;
  std::optional<Content> default_open_content;
  std::optional<Content> default_closed_content;
  size_t max_request_bytes = limits::kMaxMessageBytes;
  bool audit = true;  // false to measure what it costs

  // Delivery.
  absl::Duration trigger_cooldown = limits::kTriggerCooldown;
  bool external_scheduler = false;
  int64_t disable_threshold = limits::kDisableThreshold;
  absl::Duration results_retention = limits::kResultsRetention;
  absl::Duration operations_retention = limits::kOperationsRetention;
  absl::Duration events_retention = limits::kEventsRetention;
  SchedulerMetrics* scheduler_metrics = nullptr;  // may be null
  FailPoints* fail_points = nullptr;              // may be null

  // Tells the dispatcher that something waits to be sent, and the scheduler
  // that an entry may be due earlier. Never wait.
  std::function<void()> wake_dispatcher = [] {};
  std::function<void()> wake_scheduler = [] {};

  // Feeds.
  bool default_tracking = true;

  // Tells the planner that a plan waits, and the expirer that a post may expire
  // earlier than any before. Never wait.
  std::function<void()> wake_planner = [] {};
  std::function<void()> wake_expirer = [] {};

  // Asks a platform of one of `accounts`; none: there is nobody to ask.
  ProbeFunction probe;

  // Tells the upkeep that a client waits to be purged.
  std::function<void()> wake_upkeep = [] {};

  // What GetServerInfo tells.
  std::string version;
  std::string commit;
  absl::Time start_time;
};

// What `policy`, which stays where it is, says of firing entries.
entries::FiringPolicy FiringPolicyOf(const Policy& policy);

// And of publishing feeds.
feeds::FeedPolicy FeedPolicyOf(const Policy& policy);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_POLICY_H_
