// What the configuration says that requests are read and answered by. The
// environment owns it; constant once the server runs, so any thread may read.
#ifndef BROADCASTD_RPC_POLICY_H_
#define BROADCASTD_RPC_POLICY_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/limits.h"
#include "channels/change_channel.h"
#include "channels/register_pairs.h"
#include "content/content.h"

namespace broadcast::rpc {

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

  // Tells the upkeep that a client waits to be purged.
  std::function<void()> wake_upkeep = [] {};

  // What GetServerInfo tells.
  std::string version;
  std::string commit;
  absl::Time start_time;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_POLICY_H_
