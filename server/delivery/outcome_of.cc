#include "delivery/outcome_of.h"

#include <algorithm>

namespace broadcast::delivery {
namespace {

using senders::LimitScope;
using senders::Report;
using senders::Verdict;
using storage::ChannelVerdict;
using storage::DeliveryAction;
using storage::DeliveryState;
using storage::OutcomeRecord;
using storage::TakenDelivery;

constexpr size_t kMaxDetailBytes = 512;

OutcomeRecord RecordOf(const Report& report, const TakenDelivery& delivery) {
  OutcomeRecord record;
  record.delivery_id = delivery.delivery_id;
  record.fence = delivery.fence;
  record.reason = report.reason;
  record.detail = report.detail.substr(0, kMaxDetailBytes);
  record.http_status = report.http_status;
  return record;
}

void RetryAt(OutcomeRecord& record, absl::Time time, bool burns_attempt) {
  record.state = DeliveryState::kRetry;
  record.retry_time = time;
  record.burns_attempt = burns_attempt;
}

void Limited(OutcomeRecord& record, const Report& report,
             const OutcomeContext& context) {
  const absl::Time until =
      context.now +
      context.retry.AfterAsked(
          report.retry_after.value_or(context.unsaid_pause), context.random);
  RetryAt(record, until, /*burns_attempt=*/false);
  if (report.limit == LimitScope::kChat) {
    record.pause_channel_until = until;
  } else {
    record.pause_lane_until = until;
  }
}

// To edit or delete twice is to do it once.
bool Repeatable(DeliveryAction action) {
  return action == DeliveryAction::kEdit || action == DeliveryAction::kDelete ||
         action == DeliveryAction::kTombstone;
}

// A retry that was not asked for: what does no harm twice is tried again also
// if its answer was lost.
bool MayBeDone(const Report& report, const TakenDelivery& delivery) {
  return Repeatable(delivery.action) &&
         report.phase >= senders::Phase::kRequestSent &&
         report.limit == LimitScope::kNone && !report.retry_after.has_value();
}

void RetryLater(OutcomeRecord& record, const Report& report,
                const TakenDelivery& delivery, const OutcomeContext& context) {
  if (report.limit != LimitScope::kNone) {
    return Limited(record, report, context);
  }
  if (report.reason == "cancelled") {
    return RetryAt(record, context.now, /*burns_attempt=*/false);
  }
  absl::Duration delay = context.retry.After(delivery.attempt, context.random);
  if (report.retry_after.has_value()) {
    delay = std::max(
        delay, context.retry.AfterAsked(*report.retry_after, context.random));
  }
  RetryAt(record, context.now + delay, /*burns_attempt=*/true);
}

void Unknown(OutcomeRecord& record, const TakenDelivery& delivery,
             const OutcomeContext& context) {
  // To edit, delete or ask twice is to do it once.
  const bool harmless = !storage::Posts(delivery.action) ||
                        delivery.on_unknown == storage::OnUnknown::kResend;
  if (!harmless) {
    record.state = DeliveryState::kUnknown;
    return;
  }
  RetryAt(record,
          context.now + context.retry.After(delivery.attempt, context.random),
          /*burns_attempt=*/true);
  record.maybe_done = delivery.action != DeliveryAction::kProbe;
}

// The chat's new address is tried at once; a chat that moves on and on is
// tried less and less often.
void Moved(OutcomeRecord& record, const Report& report,
           const TakenDelivery& delivery, const OutcomeContext& context) {
  record.new_address = report.new_address;
  const absl::Duration delay =
      delivery.attempt <= 1
          ? absl::ZeroDuration()
          : context.retry.After(delivery.attempt - 1, context.random);
  RetryAt(record, context.now + delay, /*burns_attempt=*/true);
}

void Failed(OutcomeRecord& record, ChannelVerdict channel) {
  record.state = DeliveryState::kFailed;
  record.channel = channel;
}

}  // namespace

OutcomeRecord OutcomeOf(const Report& report, const TakenDelivery& delivery,
                        const OutcomeContext& context) {
  OutcomeRecord record = RecordOf(report, delivery);
  switch (report.verdict) {
    case Verdict::kDone:
      record.state = DeliveryState::kSent;
      record.platform_message_id = report.message_id;
      // Who may ask may not post, for all we know.
      record.channel = delivery.action == DeliveryAction::kProbe
                           ? ChannelVerdict::kNone
                           : ChannelVerdict::kHealthy;
      break;
    case Verdict::kRetry:
      RetryLater(record, report, delivery, context);
      record.maybe_done = MayBeDone(report, delivery);
      break;
    case Verdict::kRejected:
      Failed(record, ChannelVerdict::kNone);
      break;
    case Verdict::kRecipientGone:
    case Verdict::kChannelGone:
      Failed(record, ChannelVerdict::kGone);
      break;
    case Verdict::kChannelSuspect:
      Failed(record, ChannelVerdict::kSuspect);
      break;
    case Verdict::kAccountStopped:
      RetryAt(record, context.now + context.account_rest,
              /*burns_attempt=*/false);
      record.pause_lane_until = record.retry_time;
      break;
    case Verdict::kMoved:
      Moved(record, report, delivery, context);
      break;
    case Verdict::kUndeletable:
      Failed(record, ChannelVerdict::kNone);
      record.target_undeletable = true;
      break;
    case Verdict::kUnknown:
      Unknown(record, delivery, context);
      break;
  }
  return record;
}

OutcomeRecord OutcomeOfUnstarted(const TakenDelivery& delivery, absl::Time now,
                                 const char* reason) {
  OutcomeRecord record;
  record.delivery_id = delivery.delivery_id;
  record.fence = delivery.fence;
  record.reason = reason;
  RetryAt(record, now, /*burns_attempt=*/false);
  return record;
}

OutcomeRecord OutcomeOfAbandoned(const TakenDelivery& delivery,
                                 const OutcomeContext& context) {
  OutcomeRecord record;
  record.delivery_id = delivery.delivery_id;
  record.fence = delivery.fence;
  record.reason = "abandoned_at_shutdown";
  Unknown(record, delivery, context);
  return record;
}

}  // namespace broadcast::delivery
