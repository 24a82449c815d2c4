#include "cli/reconnection.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/call_failure.h"

namespace broadcast::cli {
namespace {

// A server that restarts is back by then.
constexpr absl::Duration kPatience = absl::Minutes(1);
// Before it has said anything, it is probably not there at all.
constexpr absl::Duration kPatienceAtFirst = absl::Seconds(3);
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(5);

// A connection ends when its age has come or the server is replaced: that is no
// end of the stream.
bool MayPass(const absl::Status& ended) {
  return ended.code() == absl::StatusCode::kUnavailable || IsBrokenOff(ended) ||
         (ended.code() == absl::StatusCode::kResourceExhausted &&
          DetailOf(ended).retry_after.has_value());
}

}  // namespace

void Reconnection::Heard() {
  broken_since_.reset();
  pause_ = kFirstPause;
}

bool Reconnection::Await(const absl::Status& ended, bool known) {
  ServiceConnection& connection = session_.connection();
  const absl::Time now = absl::Now();
  if (!broken_since_.has_value()) broken_since_ = now;
  if (connection.interruption().caught() || !MayPass(ended) ||
      now - *broken_since_ > (known ? kPatience : kPatienceAtFirst)) {
    return false;
  }
  session_.console().ShowStatus("the connection broke; trying again");
  connection.Pause(std::max(
      pause_, DetailOf(ended).retry_after.value_or(absl::ZeroDuration())));
  pause_ = std::min(2 * pause_, kLongestPause);
  return true;
}

absl::Status Reconnection::Explain(const absl::Status& ended) const {
  if (session_.connection().interruption().caught()) {
    return absl::CancelledError("interrupted");
  }
  if (!IsBrokenOff(ended)) return ended;
  return absl::UnavailableError(absl::StrCat("there is no connection to ",
                                             session_.connection().address(),
                                             ": ", ended.message()));
}

}  // namespace broadcast::cli
