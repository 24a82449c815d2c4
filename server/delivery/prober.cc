#include "delivery/prober.h"

#include <algorithm>
#include <utility>

#include "base/error_detail.h"

namespace broadcast::delivery {
namespace {

using senders::ProbeResult;
using senders::Verdict;

constexpr absl::Duration kPatience = absl::Seconds(30);
// Those beyond are asked about after their next failure.
constexpr size_t kMostWaiting = 100;

// Why the channel is gone, or empty if that is not confirmed.
std::string Confirmed(const ProbeResult& result) {
  switch (result.report.verdict) {
    case Verdict::kDone:
      if (!result.chat.present) return "not_in_the_chat";
      return result.chat.may_post ? "" : "may_not_post";
    case Verdict::kChannelSuspect:
    case Verdict::kChannelGone:
    case Verdict::kRecipientGone:
      return result.report.reason;
    default:
      return "";
  }
}

}  // namespace

Prober::Prober(senders::Sender* sender, Context* context)
    : sender_(sender), context_(context) {}

void Prober::Ask(const std::string& channel_id, const std::string& address) {
  const bool known = std::any_of(
      waiting_.begin(), waiting_.end(),
      [&](const Suspect& other) { return other.channel_id == channel_id; });
  if (known || waiting_.size() >= kMostWaiting) return;
  waiting_.push_back({.channel_id = channel_id, .address = address});
}

SteadyTime Prober::Round(SteadyTime now, RateLimit& account) {
  if (probing_ || waiting_.empty()) return SteadyTime::max();
  const SteadyTime allowed = account.NextAllowed(now);
  if (allowed > now) return allowed;
  account.Charge(now);
  probing_ = true;
  Suspect suspect = std::move(waiting_.front());
  waiting_.pop_front();
  const std::string address = suspect.address;
  sender_->Probe(address, kPatience,
                 [this, mailbox = context_->mailbox,
                  suspect = std::move(suspect)](ProbeResult result) {
                   mailbox->Post([this, suspect, result = std::move(result)] {
                     Probed(suspect, result);
                   });
                 });
  return SteadyTime::max();
}

void Prober::Probed(const Suspect& suspect, const ProbeResult& result) {
  probing_ = false;
  const std::string reason = Confirmed(result);
  context_->log->Write(Severity::kInfo, "delivery.channel_probed",
                       {{"channel_id", suspect.channel_id},
                        {"gone", reason.empty() ? "no" : "yes"},
                        {"reason", reason}});
  if (!reason.empty()) Disable(suspect.channel_id, reason);
}

void Prober::Disable(const std::string& channel_id, const std::string& reason) {
  struct Nothing {};
  AskWrite<Nothing>(
      *context_, {.guarded = true},
      [channel_id, reason](storage::Transaction& transaction, Nothing&) {
        return storage::DisableLostChannel(transaction, channel_id, reason);
      },
      [this, channel_id](const absl::Status& status, Nothing) {
        if (status.ok()) {
          context_->metrics->disabled_channels.Increment();
          return;
        }
        // The channel's next failure has it probed again.
        context_->log->Write(
            Severity::kWarning, "delivery.channel_not_disabled",
            {{"channel_id", channel_id}, {"reason", ReasonOf(status)}});
      });
}

}  // namespace broadcast::delivery
