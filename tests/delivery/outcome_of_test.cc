// What each report means, row by row.
#include "delivery/outcome_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace broadcast::delivery {
namespace {

using senders::LimitScope;
using senders::Phase;
using senders::Report;
using senders::Verdict;
using storage::ChannelVerdict;
using storage::DeliveryAction;
using storage::DeliveryState;
using storage::OnUnknown;
using storage::OutcomeRecord;
using storage::TakenDelivery;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

OutcomeContext Context() { return {.now = kNow, .random = 0.5}; }

TakenDelivery Delivery(int64_t attempt = 1) {
  TakenDelivery delivery;
  delivery.delivery_id = "d";
  delivery.fence = 7;
  delivery.attempt = attempt;
  return delivery;
}

struct Row {
  std::string name;
  Report report;
  DeliveryState state;
  bool burns_attempt = true;
  absl::Duration retry_after = absl::ZeroDuration();
  ChannelVerdict channel = ChannelVerdict::kNone;
  absl::Duration channel_pause = absl::ZeroDuration();
  absl::Duration lane_pause = absl::ZeroDuration();
  int64_t attempt = 1;
};

std::vector<Row> Rows() {
  const absl::Duration asked = absl::Milliseconds(35'500);
  return {
      {.name = "done",
       .report = {.verdict = Verdict::kDone, .message_id = "41"},
       .state = DeliveryState::kSent,
       .channel = ChannelVerdict::kHealthy},
      {.name = "not connected",
       .report = {.verdict = Verdict::kRetry, .reason = "connect_failed"},
       .state = DeliveryState::kRetry,
       .retry_after = absl::Seconds(4),
       .attempt = 3},
      {.name = "unavailable, and says until when",
       .report = {.verdict = Verdict::kRetry,
                  .reason = "unavailable",
                  .retry_after = absl::Seconds(35)},
       .state = DeliveryState::kRetry,
       .retry_after = asked},
      {.name = "unavailable, sooner than the back-off",
       .report = {.verdict = Verdict::kRetry,
                  .reason = "unavailable",
                  .retry_after = absl::ZeroDuration()},
       .state = DeliveryState::kRetry,
       .retry_after = absl::Seconds(8),
       .attempt = 4},
      {.name = "cancelled",
       .report = {.verdict = Verdict::kRetry, .reason = "cancelled"},
       .state = DeliveryState::kRetry,
       .burns_attempt = false},
      {.name = "the chat is limited",
       .report = {.verdict = Verdict::kRetry,
                  .reason = "too_many_requests",
                  .retry_after = absl::Seconds(35),
                  .limit = LimitScope::kChat},
       .state = DeliveryState::kRetry,
       .burns_attempt = false,
       .retry_after = asked,
       .channel_pause = asked},
      {.name = "the account is limited",
       .report = {.verdict = Verdict::kRetry,
                  .reason = "too_many_requests",
                  .retry_after = absl::Seconds(35),
                  .limit = LimitScope::kAccount},
       .state = DeliveryState::kRetry,
       .burns_attempt = false,
       .retry_after = asked,
       .lane_pause = asked},
      {.name = "limited, nobody says for how long",
       .report = {.verdict = Verdict::kRetry,
                  .reason = "too_many_requests",
                  .limit = LimitScope::kAccount},
       .state = DeliveryState::kRetry,
       .burns_attempt = false,
       .retry_after = absl::Milliseconds(5'500),
       .lane_pause = absl::Milliseconds(5'500)},
      {.name = "rejected",
       .report = {.verdict = Verdict::kRejected, .reason = "bad_markup"},
       .state = DeliveryState::kFailed},
      {.name = "the recipient is gone",
       .report = {.verdict = Verdict::kRecipientGone, .reason = "blocked"},
       .state = DeliveryState::kFailed,
       .channel = ChannelVerdict::kGone},
      {.name = "the channel is gone",
       .report = {.verdict = Verdict::kChannelGone, .reason = "gone"},
       .state = DeliveryState::kFailed,
       .channel = ChannelVerdict::kGone},
      {.name = "the channel is suspect",
       .report = {.verdict = Verdict::kChannelSuspect, .reason = "kicked"},
       .state = DeliveryState::kFailed,
       .channel = ChannelVerdict::kSuspect},
      {.name = "the account is stopped",
       .report = {.verdict = Verdict::kAccountStopped, .reason = "token"},
       .state = DeliveryState::kRetry,
       .burns_attempt = false,
       .retry_after = absl::Minutes(1),
       .lane_pause = absl::Minutes(1)},
      {.name = "moved",
       .report = {.verdict = Verdict::kMoved,
                  .reason = "migrated",
                  .new_address = "-100"},
       .state = DeliveryState::kRetry},
      {.name = "moved, and moved again",
       .report = {.verdict = Verdict::kMoved,
                  .reason = "migrated",
                  .new_address = "-100"},
       .state = DeliveryState::kRetry,
       .retry_after = absl::Seconds(2),
       .attempt = 3},
      {.name = "undeletable",
       .report = {.verdict = Verdict::kUndeletable, .reason = "too_old"},
       .state = DeliveryState::kFailed},
      {.name = "unknown",
       .report = {.verdict = Verdict::kUnknown,
                  .phase = Phase::kRequestSent,
                  .reason = "timed_out"},
       .state = DeliveryState::kUnknown},
  };
}

TEST(OutcomeOfTest, EachReportMeansOneThing) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.name);
    const OutcomeRecord record =
        OutcomeOf(row.report, Delivery(row.attempt), Context());
    EXPECT_EQ(record.delivery_id, "d");
    EXPECT_EQ(record.fence, 7);
    EXPECT_EQ(record.state, row.state);
    EXPECT_EQ(record.reason, row.report.reason);
    EXPECT_EQ(record.channel, row.channel);
    EXPECT_EQ(record.platform_message_id, row.report.message_id);
    EXPECT_EQ(record.new_address, row.report.new_address);
    EXPECT_EQ(record.target_undeletable,
              row.report.verdict == Verdict::kUndeletable);
    if (row.state == DeliveryState::kRetry) {
      EXPECT_EQ(record.burns_attempt, row.burns_attempt);
      EXPECT_EQ(record.retry_time, kNow + row.retry_after);
    }
    const auto pause = [](absl::Duration length) -> std::optional<absl::Time> {
      if (length == absl::ZeroDuration()) return std::nullopt;
      return kNow + length;
    };
    EXPECT_EQ(record.pause_channel_until, pause(row.channel_pause));
    EXPECT_EQ(record.pause_lane_until, pause(row.lane_pause));
  }
}

TEST(OutcomeOfTest, WhatMayBeRepeatedIsNeverUnknown) {
  const Report report{.verdict = Verdict::kUnknown,
                      .phase = Phase::kRequestSent,
                      .reason = "timed_out"};
  TakenDelivery resend = Delivery();
  resend.on_unknown = OnUnknown::kResend;
  TakenDelivery edit = Delivery();
  edit.action = DeliveryAction::kEdit;
  TakenDelivery deletion = Delivery();
  deletion.action = DeliveryAction::kDelete;
  TakenDelivery probe = Delivery();
  probe.action = DeliveryAction::kProbe;
  for (const TakenDelivery& delivery : {resend, edit, deletion, probe}) {
    const OutcomeRecord record = OutcomeOf(report, delivery, Context());
    EXPECT_EQ(record.state, DeliveryState::kRetry);
    // What only asks has done nothing that could come out later.
    EXPECT_EQ(record.maybe_done, delivery.action != DeliveryAction::kProbe);
    EXPECT_TRUE(record.burns_attempt);
    EXPECT_EQ(record.retry_time, kNow + absl::Seconds(1));
    EXPECT_EQ(OutcomeOfAbandoned(delivery, Context()).state,
              DeliveryState::kRetry);
  }
  TakenDelivery copy = Delivery();
  copy.action = DeliveryAction::kCopy;
  EXPECT_EQ(OutcomeOf(report, copy, Context()).state, DeliveryState::kUnknown);
  EXPECT_EQ(OutcomeOfAbandoned(copy, Context()).state, DeliveryState::kUnknown);
}

TEST(OutcomeOfTest, WhatIsRepeatedForWantOfAnAnswerMayBeDone) {
  const auto may_be_done = [](DeliveryAction action, Report report) {
    TakenDelivery delivery = Delivery();
    delivery.action = action;
    report.verdict = Verdict::kRetry;
    return OutcomeOf(report, delivery, Context()).maybe_done;
  };
  for (const DeliveryAction action :
       {DeliveryAction::kEdit, DeliveryAction::kDelete,
        DeliveryAction::kTombstone}) {
    EXPECT_TRUE(may_be_done(action, {.phase = Phase::kRequestSent}));
    EXPECT_TRUE(may_be_done(
        action, {.phase = Phase::kRequestSent, .reason = "cancelled"}));
    EXPECT_TRUE(may_be_done(action, {.phase = Phase::kResponseRead}));
    EXPECT_FALSE(may_be_done(action, {.phase = Phase::kRequestUnsent}));
    EXPECT_FALSE(may_be_done(action, {.phase = Phase::kResponseRead,
                                      .retry_after = absl::Seconds(3)}));
    EXPECT_FALSE(may_be_done(
        action, {.phase = Phase::kResponseRead, .limit = LimitScope::kChat}));
  }
  EXPECT_FALSE(
      may_be_done(DeliveryAction::kSend, {.phase = Phase::kRequestSent}));
}

TEST(OutcomeOfTest, AProbeIsSentWhateverItFindsAndSaysNothingOfItsChannel) {
  TakenDelivery probe = Delivery();
  probe.action = DeliveryAction::kProbe;
  for (const char* reason : {"", "message_not_found"}) {
    const OutcomeRecord record = OutcomeOf(
        {.verdict = Verdict::kDone, .reason = reason}, probe, Context());
    EXPECT_EQ(record.state, DeliveryState::kSent);
    EXPECT_EQ(record.reason, reason);
    EXPECT_EQ(record.channel, storage::ChannelVerdict::kNone);
  }
}

TEST(OutcomeOfTest, WhatWasNotBegunWaitsAgainAndBurnsNothing) {
  const OutcomeRecord record = OutcomeOfUnstarted(Delivery(), kNow, "lost");
  EXPECT_EQ(record.state, DeliveryState::kRetry);
  EXPECT_FALSE(record.burns_attempt);
  EXPECT_EQ(record.retry_time, kNow);
  EXPECT_EQ(record.fence, 7);
}

TEST(OutcomeOfTest, KeepsWhatWasSaidWithinBounds) {
  const Report report{.verdict = Verdict::kRejected,
                      .reason = "other",
                      .http_status = 400,
                      .detail = std::string(600, 'x')};
  const OutcomeRecord record = OutcomeOf(report, Delivery(), Context());
  EXPECT_EQ(record.detail.size(), 512);
  EXPECT_EQ(record.http_status, 400);
}

}  // namespace
}  // namespace broadcast::delivery
