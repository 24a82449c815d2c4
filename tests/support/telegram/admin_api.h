// What tests ask of the platform behind the bots' backs: see README.md. One
// thread.
#ifndef BROADCASTD_TELEGRAM_ADMIN_API_H_
#define BROADCASTD_TELEGRAM_ADMIN_API_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "telegram/bot_methods.h"
#include "telegram/event_loop.h"
#include "telegram/fault_rules.h"
#include "telegram/flood_limits.h"
#include "telegram/http_message.h"
#include "telegram/latency_model.h"
#include "telegram/request_flow.h"
#include "telegram/request_journal.h"

namespace broadcast::telegram {

class AdminApi {
 public:
  // All of them must outlive it.
  struct Parts {
    Platform platform;
    MovingClock& clock;
    EventLoop& loop;
    FloodLimits& limits;
    FaultRules& faults;
    LatencyModel& latency;
    RequestJournal& journal;
    const RequestFlow& flow;
  };
  explicit AdminApi(Parts parts) : parts_(parts) {}

  // For a target that begins with /admin.
  HttpReply Handle(const HttpRequest& http);

  // {"bots", "chats", "messages", "rules", "limits", "latency"}.
  // Returns INVALID_ARGUMENT for the first that is wrong.
  absl::Status Seed(const Json& json);

 private:
  HttpReply Get(absl::string_view path, absl::string_view query);
  HttpReply GetChat(absl::string_view path);
  absl::StatusOr<Json> Post(absl::string_view path, const Json& body);
  absl::StatusOr<Json> SetClock(const Json& body);
  absl::Status SetLimits(const Json& body);
  absl::Status SetLatency(const Json& body);
  void Reset(const Json& body);

  const Parts parts_;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_ADMIN_API_H_
