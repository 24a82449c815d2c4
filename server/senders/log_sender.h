// Delivers to the log, for development: one line says that something would
// have been sent, and nothing of what. The environment owns it; any thread may
// call it.
#ifndef BROADCASTD_SENDERS_LOG_SENDER_H_
#define BROADCASTD_SENDERS_LOG_SENDER_H_

#include <functional>
#include <string>

#include "base/ids.h"
#include "base/log.h"
#include "senders/sender.h"

namespace broadcast::senders {

class LogSender final : public Sender {
 public:
  // Both outlive the sender.
  LogSender(Log* log, IdSource* ids) : log_(log), ids_(ids) {}

  const Capabilities& capabilities() const override;
  // Calls `done` before it returns.
  void Start(Attempt attempt, std::function<void(Report)> done) override;
  void Probe(std::string address, absl::Duration timeout,
             std::function<void(ProbeResult)> done) override;

 private:
  // Constant after construction.
  Log* const log_;
  IdSource* const ids_;
};

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_LOG_SENDER_H_
