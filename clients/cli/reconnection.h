// How long to go on with a stream whose connection breaks: servers restart, and
// connections have an age. Owned by who holds the stream; one thread.
#ifndef BROADCASTD_CLI_RECONNECTION_H_
#define BROADCASTD_CLI_RECONNECTION_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/cli_session.h"

namespace broadcast::cli {

class Reconnection {
 public:
  explicit Reconnection(Session& session) : session_(session) { Heard(); }

  // The server has answered: patience begins anew with the next break.
  void Heard();

  // Returns whether the stream that ended so may be begun again, after a pause.
  // There is less patience with a server that is not `known` to be there.
  bool Await(const absl::Status& ended, bool known);

  // Why the stream ended for good, in terms of this program.
  absl::Status Explain(const absl::Status& ended) const;

 private:
  Session& session_;
  std::optional<absl::Time> broken_since_;
  absl::Duration pause_;
};

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_RECONNECTION_H_
