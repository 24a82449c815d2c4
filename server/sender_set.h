// What posts, made from the settings: the transport, and a sender for each
// account. Private to the composition root, which makes one after the log and
// stops it after the dispatcher. Any thread may ask; one makes and stops it.
#ifndef BROADCASTD_SENDER_SET_H_
#define BROADCASTD_SENDER_SET_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "delivery/dispatcher.h"
#include "http/transport.h"
#include "rpc/policy.h"
#include "senders/sender.h"
#include "settings/settings.h"

namespace broadcast {

class SenderSet {
 public:
  // Reads the secret of each account. All pointers outlive the set.
  // Returns INVALID_ARGUMENT, naming the account and the remedy, if one has no
  // secret, or not of the form that its platform wants; UNAVAILABLE if the
  // HTTP client does not start.
  static absl::StatusOr<std::unique_ptr<SenderSet>> Open(
      const Settings& settings, const Clock* clock, IdSource* ids, Log* log);

  // What the dispatcher has to know of each account.
  std::map<std::string, delivery::Dispatcher::Account> Accounts() const;

  // An rpc::ProbeFunction.
  void Probe(const std::string& account, const std::string& address,
             absl::Duration timeout, std::function<void(rpc::Probed)> done);

  // Begins nothing more, and waits up to `grace` for what is under way.
  void Stop(absl::Duration grace);

 private:
  SenderSet(const Settings& settings,
            std::unique_ptr<http::Transport> transport);
  absl::Status Add(const AccountSettings& account, const Clock* clock,
                   IdSource* ids, Log* log);

  // Constant after Open. The transport goes last.
  const Settings& settings_;
  const std::unique_ptr<http::Transport> transport_;
  std::map<std::string, std::unique_ptr<senders::Sender>> senders_;
};

}  // namespace broadcast

#endif  // BROADCASTD_SENDER_SET_H_
