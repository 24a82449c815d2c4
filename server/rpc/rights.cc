#include "rpc/rights.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/errors.h"

namespace broadcast::rpc {
namespace {

constexpr absl::Duration kLongestCheck = absl::Seconds(15);

absl::Duration TimeoutOf(const storage::Patience& patience,
                         const Clock& clock) {
  if (patience.deadline == SteadyTime::max()) return kLongestCheck;
  return std::clamp(absl::FromChrono(patience.deadline - clock.Steady()),
                    absl::Milliseconds(1), kLongestCheck);
}

absl::StatusOr<Probed> Told(const storage::Channel& channel,
                            const Probed& probed) {
  switch (probed.result) {
    case Probed::Result::kNoAccount:
      return error::AccountUnavailable(channel.account);
    case Probed::Result::kNotAsked:
      return error::ProbeFailed(channel.channel_id, probed.problem);
    case Probed::Result::kAnswered:
      break;
  }
  return probed;
}

}  // namespace

void AskRights(Calls& calls, const storage::Patience& patience,
               const storage::Channel& channel,
               std::function<void(const absl::StatusOr<Probed>&)> done) {
  const Policy& policy = calls.policy();
  if (policy.probe == nullptr) {
    return done(Probed{.result = Probed::Result::kAnswered,
                       .present = true,
                       .may_post = true,
                       .may_edit = true,
                       .may_delete = true});
  }
  if (!calls.BeginCheck()) return done(error::QueueFull());
  policy.probe(channel.account, channel.address,
               TimeoutOf(patience, *policy.clock),
               [&calls, channel, done = std::move(done)](const Probed& probed) {
                 calls.EndCheck();
                 done(Told(channel, probed));
               });
}

absl::Status CheckRights(const Probed& probed, const std::string& channel_id,
                         const Rights& needed) {
  std::vector<absl::string_view> missing;
  const auto check = [&](bool is_needed, bool may, absl::string_view name) {
    if (is_needed && !(probed.present && may)) missing.push_back(name);
  };
  check(needed.post, probed.may_post, "post");
  check(needed.edit, probed.may_edit, "edit");
  check(needed.remove, probed.may_delete, "delete");
  return missing.empty() ? absl::OkStatus()
                         : error::BotRightsMissing(channel_id, missing);
}

}  // namespace broadcast::rpc
