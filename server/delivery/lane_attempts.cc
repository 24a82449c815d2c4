#include <algorithm>
#include <chrono>
#include <utility>

#include "content/content.h"
#include "delivery/lane.h"

namespace broadcast::delivery {
namespace {

using senders::Report;
using senders::Verdict;
using storage::DeliveryAction;
using storage::DeliveryState;
using storage::OutcomeRecord;
using storage::TakenDelivery;

// What was intended is given back if it cannot begin within this time.
constexpr std::chrono::milliseconds kLongestUnstarted{1000};

constexpr absl::Duration kFirstRest = absl::Minutes(1);
constexpr absl::Duration kLongestRest = absl::Minutes(15);
constexpr int kDoublings = 4;

senders::Action ActionOf(DeliveryAction action) {
  switch (action) {
    case DeliveryAction::kSend:
      return senders::Action::kSend;
    case DeliveryAction::kEdit:
    case DeliveryAction::kTombstone:
      return senders::Action::kEdit;
    case DeliveryAction::kDelete:
      return senders::Action::kDelete;
    case DeliveryAction::kCopy:
      return senders::Action::kCopy;
    case DeliveryAction::kProbe:
      return senders::Action::kProbe;
  }
  return senders::Action::kSend;
}

// What was posted stays where it was posted, though the chat has moved since.
const std::string& AddressOf(const TakenDelivery& delivery) {
  const bool there = !storage::Posts(delivery.action);
  return there && delivery.target_address.has_value() ? *delivery.target_address
                                                      : delivery.address;
}

senders::Attempt AttemptOf(const TakenDelivery& delivery, Content content,
                           absl::Duration timeout) {
  senders::Attempt attempt;
  attempt.delivery_id = delivery.delivery_id;
  attempt.attempt = delivery.attempt;
  attempt.action = ActionOf(delivery.action);
  attempt.address = AddressOf(delivery);
  attempt.content = std::move(content);
  attempt.message_id = delivery.target_platform_message_id.value_or("");
  if (delivery.action == DeliveryAction::kCopy) {
    attempt.source_address = delivery.target_address.value_or("");
  }
  attempt.timeout = timeout;
  return attempt;
}

const char* FailPointOf(const Report& report) {
  switch (report.phase) {
    case senders::Phase::kNotConnected:
      return "after_connect_error";
    case senders::Phase::kRequestUnsent:
      return "request_partly_written";
    case senders::Phase::kRequestSent:
      return "after_request";
    case senders::Phase::kResponseRead:
      return "after_response";
  }
  return "after_response";
}

}  // namespace

SteadyTime Lane::StartDue(SteadyTime now) {
  while (!unstarted_.empty()) {
    now = context_->clock->Steady();
    if (!Sends(now)) {
      GiveBack("lane_not_trusted");
      break;
    }
    const SteadyTime allowed = limits_.account().NextAllowed(now);
    if (allowed > now + kLongestUnstarted) {
      GiveBack("lane_paused");
      break;
    }
    if (allowed > now) return std::min(allowed, trusted_until_);
    const auto flight = flights_.find(unstarted_.front());
    unstarted_.pop_front();
    if (flight != flights_.end()) Start(flight->second, now);
  }
  return SteadyTime::max();
}

void Lane::Start(Flight& flight, SteadyTime now) {
  TakenDelivery& delivery = flight.delivery;
  Content content;
  if (delivery.content.has_value()) {
    absl::StatusOr<Content> read = FromJson(*delivery.content);
    if (!read.ok()) {
      OutcomeRecord record = OutcomeOfUnstarted(delivery, absl::InfinitePast(),
                                                "content_unreadable");
      record.state = DeliveryState::kFailed;
      return End(flight, std::move(record));
    }
    content = *std::move(read);
    delivery.content.reset();
  }
  senders::Attempt attempt =
      AttemptOf(delivery, std::move(content), options_.attempt_timeout);
  flight.stage = Stage::kStarted;
  if (delivery.attempt == 1) {
    const absl::Time due = std::max(delivery.create_time, delivery.not_before);
    context_->metrics->FirstByte(
        options_.platform,
        absl::ToDoubleSeconds(context_->time->At(now) - due));
  }
  PassFailPoint(context_->fail_points, "before_connect");
  limits_.Charge(delivery.channel_id, context_->clock->Steady());
  options_.sender->Start(
      std::move(attempt),
      [this, delivery_id = delivery.delivery_id, fence = delivery.fence,
       mailbox = context_->mailbox](Report report) {
        mailbox->Post([this, delivery_id, fence, report = std::move(report)] {
          Reported(delivery_id, fence, report);
        });
      });
}

void Lane::Reported(const std::string& delivery_id, int64_t fence,
                    const Report& report) {
  PassFailPoint(context_->fail_points, FailPointOf(report));
  context_->metrics->Attempted(options_.platform, report.verdict);
  const auto found = flights_.find(delivery_id);
  if (found == flights_.end() || found->second.delivery.fence != fence ||
      found->second.stage != Stage::kStarted) {
    return;  // abandoned
  }
  Flight& flight = found->second;
  const TakenDelivery& delivery = flight.delivery;
  OutcomeRecord record = OutcomeOf(report, delivery, Circumstances());
  const bool posted =
      record.state == DeliveryState::kSent && storage::Posts(delivery.action);
  if (posted) {
    record.new_message_id = context_->ids->Next();
    if (delivery.entry_id.has_value()) {
      record.follow_up_delivery_id = context_->ids->Next();
    }
  }
  Note(report, record);
  End(flight, std::move(record));
}

// What a report means for the lane, at once; the outcome makes it last.
void Lane::Note(const Report& report, const OutcomeRecord& record) {
  if (report.limit != senders::LimitScope::kNone) {
    context_->metrics->Limited(
        options_.platform, report.limit,
        absl::ToDoubleSeconds(
            report.retry_after.value_or(OutcomeContext().unsaid_pause)));
  }
  if (record.pause_lane_until.has_value()) {
    limits_.account().Pause(context_->time->SteadyAt(*record.pause_lane_until));
  }
  if (report.verdict == Verdict::kDone) account_refusals_ = 0;
  if (report.verdict == Verdict::kAccountStopped) AccountStopped(report);
}

// Those that were under way report the same: they add nothing.
void Lane::AccountStopped(const Report& report) {
  const SteadyTime now = context_->clock->Steady();
  if (now < account_rest_until_) return;
  account_rest_until_ = now + absl::ToChronoNanoseconds(AccountRest(now));
  ++account_refusals_;
  context_->log->Write(Severity::kError, "delivery.account_stopped",
                       {{"account", options_.account},
                        {"lane_id", options_.lane_id},
                        {"reason", report.reason},
                        {"http_status", report.http_status}});
}

absl::Duration Lane::AccountRest(SteadyTime now) const {
  if (now < account_rest_until_) {
    return absl::FromChrono(account_rest_until_ - now);
  }
  return std::min(kLongestRest,
                  kFirstRest * (1 << std::min(account_refusals_, kDoublings)));
}

void Lane::GiveBack(const char* reason) {
  const absl::Time now = context_->time->At(context_->clock->Steady());
  for (const std::string& delivery_id : unstarted_) {
    const auto flight = flights_.find(delivery_id);
    if (flight == flights_.end()) continue;
    End(flight->second,
        OutcomeOfUnstarted(flight->second.delivery, now, reason));
  }
  unstarted_.clear();
}

void Lane::End(Flight& flight, OutcomeRecord record) {
  flight.stage = Stage::kReported;
  outcomes_->Add(std::move(record), {.lane = this,
                                     .channel_id = flight.delivery.channel_id,
                                     .address = flight.delivery.address});
}

OutcomeContext Lane::Circumstances() {
  const SteadyTime now = context_->clock->Steady();
  OutcomeContext circumstances{.now = context_->time->At(now),
                               .random = context_->Random(),
                               .retry = context_->retry};
  circumstances.account_rest = AccountRest(now);
  return circumstances;
}

}  // namespace broadcast::delivery
