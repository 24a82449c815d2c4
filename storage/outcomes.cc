#include "storage/outcomes.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "storage/channel_health.h"
#include "storage/channel_queue.h"
#include "storage/delivery_facts.h"
#include "storage/enqueue.h"
#include "storage/lane_pauses.h"
#include "storage/post_messages.h"
#include "storage/settlement.h"
#include "storage/tracked_messages.h"

namespace broadcast::storage {
namespace {

// Records the outcomes of one transaction.
class OutcomeBatch {
 public:
  OutcomeBatch(Transaction& transaction,
               absl::Span<const OutcomeRecord> outcomes,
               const OutcomePolicy& policy)
      : transaction_(transaction),
        outcomes_(outcomes),
        policy_(policy),
        settlement_(transaction, policy.disable_threshold),
        post_messages_(transaction) {}

  absl::StatusOr<OutcomeSummary> Record() {
    RETURN_IF_ERROR(Lock());
    for (const OutcomeRecord& outcome : outcomes_) Apply(outcome);
    RETURN_IF_ERROR(Store());
    RETURN_IF_ERROR(
        RecordVerdicts(transaction_, verdicts_, policy_, &summary_));
    RETURN_IF_ERROR(settlement_.Write());
    summary_.finished_operations = settlement_.finished();
    summary_.disabled_entries = settlement_.disabled_entries();
    return std::move(summary_);
  }

 private:
  absl::Status Lock();

  void Apply(const OutcomeRecord& outcome);
  // What the newest try came to, its row being `inflight`.
  void ApplyFresh(const OutcomeRecord& outcome, const DeliveryFacts& facts,
                  const InflightRow& inflight);
  // What an unknown try came to after all.
  void ApplyLate(const OutcomeRecord& outcome, const DeliveryFacts& facts,
                 const ResultRow& unknown);
  // How it really ends, or that it waits again (kRetry).
  DeliveryState Judge(const OutcomeRecord& outcome, const DeliveryFacts& facts,
                      bool earlier_maybe_done) const;
  void WaitAgain(const OutcomeRecord& outcome, const DeliveryFacts& facts,
                 const Try& tried, int64_t sequence);
  void End(const OutcomeRecord& outcome, const DeliveryFacts& facts,
           const Try& tried, DeliveryState state);
  void NoteSent(const OutcomeRecord& outcome, const DeliveryFacts& facts);
  void NoteMessages(const OutcomeRecord& outcome, const DeliveryFacts& facts,
                    DeliveryState state);
  void NoteChannel(const OutcomeRecord& outcome, const DeliveryFacts& facts);

  absl::Status Store();
  absl::Status StoreLosses();
  absl::Status EnqueueFollowUps(
      const std::map<std::string, std::string>& previous);

  Transaction& transaction_;
  const absl::Span<const OutcomeRecord> outcomes_;
  const OutcomePolicy& policy_;
  OutcomeSummary summary_;

  Facts facts_;
  Settlement settlement_;
  PostMessages post_messages_;
  ChannelQueues queues_;
  std::map<std::string, Whereabouts> where_;

  // What is to be written.
  std::vector<std::string> ended_tries_;
  std::vector<std::string> replaced_results_;
  std::map<std::string, ResultRow> results_;
  std::vector<WaitingRow> ready_;
  std::vector<AttemptRow> attempts_;
  std::vector<PostedMessage> posted_;
  std::vector<MessageChange> changed_messages_;
  std::vector<const DeliveryFacts*> losing_;  // whose messages are gone
  std::map<std::string, const OutcomeRecord*> replacing_;
  ChannelVerdicts verdicts_;
};

absl::Status OutcomeBatch::Lock() {
  std::set<std::string> delivery_ids;
  for (const OutcomeRecord& outcome : outcomes_) {
    delivery_ids.insert(outcome.delivery_id);
  }
  ASSIGN_OR_RETURN(facts_, FindFacts(transaction_, delivery_ids));
  // Before anything else is locked, as those who record intents do it.
  RETURN_IF_ERROR(PauseLanesOf(transaction_, outcomes_));
  std::map<std::string, int64_t> endings;
  std::set<std::string> channel_ids;
  for (const auto& [delivery_id, facts] : facts_) {
    ++endings[facts.operation_id];
    channel_ids.insert(facts.channel_id);
  }
  RETURN_IF_ERROR(settlement_.Lock(endings));
  ASSIGN_OR_RETURN(queues_, LockQueues(transaction_, channel_ids));
  ASSIGN_OR_RETURN(where_, FindWhereabouts(transaction_, delivery_ids));
  return absl::OkStatus();
}

void OutcomeBatch::Apply(const OutcomeRecord& outcome) {
  summary_.states.emplace_back();
  const auto facts = facts_.find(outcome.delivery_id);
  if (facts == facts_.end() ||
      settlement_.Find(facts->second.operation_id) == nullptr ||
      !queues_.contains(facts->second.channel_id)) {
    ++summary_.stale;
    return;
  }
  Whereabouts& where = where_[outcome.delivery_id];
  if (where.inflight.has_value() && where.inflight->fence == outcome.fence) {
    const InflightRow inflight = *std::exchange(where.inflight, std::nullopt);
    ApplyFresh(outcome, facts->second, inflight);
    ++summary_.applied;
    return;
  }
  const bool same_try =
      where.result.has_value() && where.result->fence == outcome.fence;
  if (same_try && where.result->state == outcome.state) {
    ++summary_.applied;  // before, by the same call
    summary_.states.back() = outcome.state;
  } else if (same_try && where.result->state == DeliveryState::kUnknown) {
    const ResultRow unknown = *std::exchange(where.result, std::nullopt);
    ApplyLate(outcome, facts->second, unknown);
    ++summary_.settled_late;
  } else {
    ++summary_.stale;
  }
}

DeliveryState OutcomeBatch::Judge(const OutcomeRecord& outcome,
                                  const DeliveryFacts& facts,
                                  bool earlier_maybe_done) const {
  if (outcome.state == DeliveryState::kFailed && earlier_maybe_done &&
      Posts(facts.action)) {
    return DeliveryState::kUnknown;
  }
  if (outcome.state != DeliveryState::kRetry) return outcome.state;
  const bool cancelled = settlement_.IsCancelled(facts.operation_id);
  const bool too_late = transaction_.now() >= facts.deadline ||
                        outcome.retry_time >= facts.deadline;
  if (!cancelled && !too_late) return DeliveryState::kRetry;
  if (outcome.maybe_done || earlier_maybe_done) return DeliveryState::kUnknown;
  return cancelled ? DeliveryState::kCancelled : DeliveryState::kExpired;
}

void OutcomeBatch::ApplyFresh(const OutcomeRecord& outcome,
                              const DeliveryFacts& facts,
                              const InflightRow& inflight) {
  ended_tries_.push_back(facts.delivery_id);
  queues_[facts.channel_id].busy = 0;
  NoteChannel(outcome, facts);
  const DeliveryState state = Judge(outcome, facts, inflight.maybe_done != 0);
  summary_.states.back() = state;
  const Try tried{inflight.fence, inflight.attempts, inflight.intent_time,
                  inflight.maybe_done};
  if (state == DeliveryState::kRetry) {
    WaitAgain(outcome, facts, tried, inflight.sequence);
    return;
  }
  settlement_.End(facts.operation_id, facts.action, state, outcome.reason);
  End(outcome, facts, tried, state);
}

void OutcomeBatch::ApplyLate(const OutcomeRecord& outcome,
                             const DeliveryFacts& facts,
                             const ResultRow& unknown) {
  replaced_results_.push_back(facts.delivery_id);
  results_.erase(facts.delivery_id);
  NoteChannel(outcome, facts);
  const DeliveryState state =
      Judge(outcome, facts, /*earlier_maybe_done=*/false);
  summary_.states.back() = state;
  const Try tried{unknown.fence, unknown.attempts,
                  unknown.intent_time.value_or(transaction_.now())};
  if (state == DeliveryState::kRetry) {
    settlement_.WaitAgain(facts.operation_id, facts.action,
                          DeliveryState::kUnknown);
    post_messages_.WaitAgain(facts.message_id);
    // Its place in the queue is taken by others meanwhile.
    WaitAgain(outcome, facts, tried, ++queues_[facts.channel_id].last_sequence);
    return;
  }
  settlement_.EndOtherwise(facts.operation_id, facts.action,
                           DeliveryState::kUnknown, state, outcome.reason);
  End(outcome, facts, tried, state);
}

void OutcomeBatch::WaitAgain(const OutcomeRecord& outcome,
                             const DeliveryFacts& facts, const Try& tried,
                             int64_t sequence) {
  ++queues_[facts.channel_id].waiting;
  ready_.push_back(
      {.delivery_id = facts.delivery_id,
       .channel_id = facts.channel_id,
       .sequence = sequence,
       .not_before = outcome.retry_time,
       .attempts = tried.attempts - (outcome.burns_attempt ? 0 : 1),
       .fence = tried.fence,
       .maybe_done = outcome.maybe_done ? 1 : tried.maybe_done});
  NoteMessages(outcome, facts, DeliveryState::kRetry);
  // One that was given back before it was tried is none.
  if (!outcome.burns_attempt && outcome.http_status == 0) return;
  attempts_.push_back({.delivery_id = facts.delivery_id,
                       .fence = tried.fence,
                       .attempt = tried.attempts,
                       .intent_time = tried.intent_time,
                       .reason = outcome.reason,
                       .detail = outcome.detail,
                       .http_status = outcome.http_status});
}

void OutcomeBatch::End(const OutcomeRecord& outcome, const DeliveryFacts& facts,
                       const Try& tried, DeliveryState state) {
  ResultRow& result = results_[facts.delivery_id];
  result = {.delivery_id = facts.delivery_id,
            .state = state,
            .reason = outcome.reason,
            .detail = outcome.detail,
            .http_status = outcome.http_status,
            .fence = tried.fence,
            .attempts = tried.attempts,
            .intent_time = tried.intent_time};
  if (!outcome.platform_message_id.empty()) {
    result.platform_message_id = outcome.platform_message_id;
  }
  where_[facts.delivery_id].result = result;
  NoteMessages(outcome, facts, state);
  if (state == DeliveryState::kSent) {
    NoteSent(outcome, facts);
  } else {
    post_messages_.End(facts.message_id, state);
  }
  // What was sent shows in its operation's progress; a rare end is told alone.
  if (state == DeliveryState::kUnknown || state == DeliveryState::kFailed ||
      state == DeliveryState::kExpired) {
    settlement_.Tell(EndEvent(facts, state, outcome.reason));
  }
}

void OutcomeBatch::NoteSent(const OutcomeRecord& outcome,
                            const DeliveryFacts& facts) {
  const Operation& operation = *settlement_.Find(facts.operation_id);
  const bool of_entry =
      facts.entry_id.has_value() && operation.kind != OperationKind::kTest;
  const std::string& here =
      outcome.new_address.empty() ? facts.channel_address : outcome.new_address;
  if (facts.message_id.has_value()) {
    post_messages_.Posted(facts.message_id, facts.address.value_or(here),
                          outcome.platform_message_id);
  } else if (Posts(facts.action) && !outcome.platform_message_id.empty() &&
             !outcome.new_message_id.empty()) {
    posted_.push_back({.facts = &facts,
                       .message_id = outcome.new_message_id,
                       .address = facts.address.value_or(here),
                       .platform_message_id = outcome.platform_message_id,
                       .of_entry = of_entry});
  }
  if (of_entry && facts.action == DeliveryAction::kSend &&
      facts.replaces_previous != 0 && !operation.cancel_time.has_value() &&
      !outcome.follow_up_delivery_id.empty()) {
    replacing_[facts.delivery_id] = &outcome;
  }
}

void OutcomeBatch::NoteMessages(const OutcomeRecord& outcome,
                                const DeliveryFacts& facts,
                                DeliveryState state) {
  auto change =
      TargetChange(facts, state, outcome.reason, outcome.target_undeletable);
  if (change.has_value() && change->lost) {
    losing_.push_back(&facts);
  } else if (change.has_value()) {
    changed_messages_.push_back(*std::move(change));
  }
  if (outcome.target_undeletable && state == DeliveryState::kFailed) {
    settlement_.AddUndeletable(facts.operation_id, 1);
  }
}

void OutcomeBatch::NoteChannel(const OutcomeRecord& outcome,
                               const DeliveryFacts& facts) {
  // What another address answers says nothing of the channel.
  if (facts.address.has_value()) return;
  if (outcome.pause_channel_until.has_value()) {
    absl::Time& until = queues_[facts.channel_id].paused_until;
    until = std::max(until, *outcome.pause_channel_until);
  }
  if (!outcome.new_address.empty()) {
    verdicts_.moved[facts.channel_id] = outcome.new_address;
  }
  switch (outcome.channel) {
    case ChannelVerdict::kNone:
      break;
    case ChannelVerdict::kHealthy:
      verdicts_.healthy.insert(facts.channel_id);
      break;
    case ChannelVerdict::kSuspect:
      verdicts_.suspect[facts.channel_id] = {.account = facts.account,
                                             .reason = outcome.reason};
      break;
    case ChannelVerdict::kGone:
      verdicts_.gone[facts.channel_id] = outcome.reason;
      break;
  }
}

absl::Status OutcomeBatch::Store() {
  std::vector<ResultRow> results;
  results.reserve(results_.size());
  for (auto& [id, result] : results_) results.push_back(std::move(result));
  RETURN_IF_ERROR(DeleteInflight(transaction_, ended_tries_));
  RETURN_IF_ERROR(DeleteResults(transaction_, replaced_results_));
  RETURN_IF_ERROR(InsertResults(transaction_, results));
  RETURN_IF_ERROR(InsertAttempts(transaction_, attempts_));
  RETURN_IF_ERROR(InsertReady(transaction_, ready_));
  RETURN_IF_ERROR(StoreQueues(transaction_, queues_));
  for (const auto& [channel_id, queue] : queues_) {
    summary_.next_waiting |= queue.waiting > 0 && queue.busy == 0;
  }
  // The one before, so before the new one is there.
  std::vector<const PostedMessage*> replacing;
  for (const PostedMessage& message : posted_) {
    if (replacing_.count(message.facts->delivery_id) > 0) {
      replacing.push_back(&message);
    }
  }
  ASSIGN_OR_RETURN(const auto previous,
                   FindPrevious(transaction_, replacing,
                                transaction_.now() - policy_.delete_window));
  RETURN_IF_ERROR(TrackMessages(transaction_, posted_));
  RETURN_IF_ERROR(post_messages_.Write());
  RETURN_IF_ERROR(ChangeMessages(transaction_, changed_messages_));
  RETURN_IF_ERROR(StoreLosses());
  return EnqueueFollowUps(previous);
}

absl::Status OutcomeBatch::StoreLosses() {
  std::set<std::string> ids;
  for (const DeliveryFacts* facts : losing_) {
    ids.insert(*facts->target_message_id);
  }
  ASSIGN_OR_RETURN(auto lost, LoseMessages(transaction_, ids));
  for (const DeliveryFacts* facts : losing_) {
    if (lost.erase(*facts->target_message_id) == 0) continue;
    settlement_.AddLost(facts->operation_id);
    settlement_.Tell(LostEvent(*facts));
  }
  return absl::OkStatus();
}

absl::Status OutcomeBatch::EnqueueFollowUps(
    const std::map<std::string, std::string>& previous) {
  const absl::Time deadline = transaction_.now() + policy_.delete_deadline;
  std::vector<NewDelivery> deliveries;
  std::vector<PlannedDelivery> planned;
  deliveries.reserve(previous.size());
  for (const auto& [delivery_id, message_id] : previous) {
    const DeliveryFacts& facts = facts_.at(delivery_id);
    NewDelivery& deletion = deliveries.emplace_back(
        DeletionBeside(facts, message_id, transaction_.now(), deadline));
    deletion.delivery_id = replacing_.at(delivery_id)->follow_up_delivery_id;
    deletion.lane_id = queues_.at(facts.channel_id).lane_id;
    planned.push_back({&facts.operation_id, &deletion});
    settlement_.Plan(facts.operation_id, deletion.action, deadline);
  }
  summary_.next_waiting |= !planned.empty();
  return EnqueueDeliveries(transaction_, planned);
}

}  // namespace

absl::StatusOr<OutcomeSummary> RecordOutcomes(
    Transaction& transaction, absl::Span<const OutcomeRecord> outcomes,
    const OutcomePolicy& policy) {
  return OutcomeBatch(transaction, outcomes, policy).Record();
}

}  // namespace broadcast::storage
