#include "sync/plan_step.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "feeds/default_feed.h"
#include "storage/answer_json.h"
#include "storage/channel_successors.h"
#include "storage/channels.h"
#include "storage/events.h"
#include "storage/feeds.h"
#include "storage/operations.h"
#include "storage/plans.h"
#include "storage/repoint_pairs.h"
#include "storage/sql_error.h"
#include "sync/leg.h"
#include "sync/plan_writer.h"
#include "sync/probe_messages.h"

namespace broadcast::sync {
namespace {

using storage::Channel;
using storage::FeedLock;
using storage::Plan;
using storage::PlanKind;
using storage::Scope;
using storage::Transaction;

// When it is asked again whether all copies or probes have ended.
constexpr absl::Duration kTimePerDelivery = absl::Milliseconds(50);
constexpr absl::Duration kShortestPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Seconds(30);
absl::Duration LongestWait() { return 2 * limits::kPostTime; }

// Feeds with little to do share a step.
constexpr int kFeedsPerStep = 20;

// The cursor of a feed that is through: no post is behind it.
constexpr char kAfterAll[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";

void AddTo(const Counts& counts, storage::PlanCounts& stored) {
  stored.open_posts += counts.open_posts;
  stored.tracked += counts.tracked;
  stored.missing += counts.missing;
  stored.orphaned += counts.orphaned;
  stored.changed += counts.changed;
  stored.undeletable += counts.undeletable;
  stored.unknown += counts.unknown;
  stored.kept += counts.kept;
  stored.tombstones += counts.tombstones;
}

class Step {
 public:
  Step(Transaction& transaction, const feeds::FeedPolicy& policy, Plan plan)
      : transaction_(transaction), policy_(policy), plan_(std::move(plan)) {}

  absl::StatusOr<PlanStep> Run() {
    done_.key = {plan_.operation_id, plan_.channel_id};
    ASSIGN_OR_RETURN(const bool planning,
                     storage::LockPlanning(transaction_, plan_.operation_id));
    if (!planning) {  // somebody has ended it
      plan_.done = true;
      RETURN_IF_ERROR(storage::StorePlan(transaction_, plan_));
      return done_;
    }
    // The next one that waits has its turn.
    plan_.next_time = transaction_.now();
    RETURN_IF_ERROR(DoPhase());
    RETURN_IF_ERROR(storage::StorePlan(transaction_, plan_));
    if (plan_.done) RETURN_IF_ERROR(EndOperation());
    return done_;
  }

 private:
  absl::Status DoPhase() {
    ASSIGN_OR_RETURN(
        const auto channel,
        storage::FindChannel(transaction_, scope_, plan_.channel_id));
    std::optional<Channel> target;
    if (plan_.target_channel_id.has_value()) {
      ASSIGN_OR_RETURN(target, storage::FindChannel(transaction_, scope_,
                                                    *plan_.target_channel_id));
    }
    if (!channel.has_value() ||
        (plan_.kind == PlanKind::kMigrate && !target.has_value())) {
      return storage::RunAgain();  // deleted while we came to its row
    }
    if (plan_.phase == kProbing) return Probe(*channel);
    if (plan_.kind != PlanKind::kMigrate) return Agree(*channel);
    if (plan_.phase == kRepointing) return Repoint();
    if (plan_.phase == kConfirming) return Confirm();
    if (plan_.phase == kRetracting) return Retract(*channel);
    return Copy(*channel, *target);
  }

  Leg AgreeLeg(const Channel& channel) const {
    return {.channel = channel,
            .feed_id = plan_.feed_id,
            .rules = RulesOf(plan_.mode, channel.platform, transaction_.now())};
  }

  absl::Status Agree(const Channel& channel) {
    ASSIGN_OR_RETURN(const Walk walk, WalkOn(AgreeLeg(channel)));
    plan_.done = walk != Walk::kGoesOn;
    return absl::OkStatus();
  }

  // A part at a time, so that posts of meanwhile stand behind few of them. What
  // has not been asked about by the end of the wait stays as it is.
  absl::Status Probe(const Channel& channel) {
    ASSIGN_OR_RETURN(const int64_t waiting,
                     storage::CountWaitingProbes(
                         transaction_, plan_.operation_id, channel.channel_id));
    if (WaitsFor(waiting)) return absl::OkStatus();
    Walk walk = Walk::kThrough;
    if (!IsLate() && feeds::CanProbe(channel.platform)) {
      ASSIGN_OR_RETURN(walk, WalkOn(AgreeLeg(channel)));
    }
    // What it has asked about just now is waited for first.
    if (walk == Walk::kThrough && done_.deliveries == 0) Begin("");
    plan_.done = walk == Walk::kStopped;
    return absl::OkStatus();
  }

  // Nothing moves to a channel that nobody can send to any more.
  absl::Status Copy(const Channel& source, const Channel& target) {
    ASSIGN_OR_RETURN(const Walk walk,
                     WalkOn(CopyLeg(source, target, plan_.feed_id,
                                    plan_.phase == kCopying)));
    if (walk == Walk::kThrough) Begin(kRepointing);
    plan_.done = walk == Walk::kStopped;
    return absl::OkStatus();
  }

  // Feeds leave the old channel, and so do its pairs if all of them do.
  absl::Status Repoint() {
    const std::string& from = plan_.channel_id;
    const std::string& to = *plan_.target_channel_id;
    RETURN_IF_ERROR(LockFeedsOf(from));
    ASSIGN_OR_RETURN(const int64_t moved,
                     storage::MoveFeedChannels(transaction_, scope_, from, to,
                                               plan_.feed_id));
    RETURN_IF_ERROR(RecordSuccessor(from, to));
    storage::RepointedPairs pairs;
    if (!plan_.feed_id.has_value()) {
      ASSIGN_OR_RETURN(pairs,
                       storage::RepointPairs(transaction_, scope_, from, to));
    }
    storage::Event event;
    event.client_id = plan_.client_id;
    event.kind = "channel.migrated";
    event.operation_id = plan_.operation_id;
    event.channel_id = from;
    event.detail = storage::CountsToJson(
        {{"feeds", moved}, {"pairs", pairs.moved}, {"pairs_kept", pairs.kept}});
    RETURN_IF_ERROR(
        storage::AppendEvents(transaction_, absl::MakeSpan(&event, 1)));
    Begin(kConfirming);
    plan_.done = !plan_.delete_old;
    return absl::OkStatus();
  }

  // Where only a feed has moved, the channel stays what it is to all others.
  // But the default feed is set up by the names of its chats.
  absl::Status RecordSuccessor(const std::string& from, const std::string& to) {
    if (plan_.feed_id.has_value()) {
      ASSIGN_OR_RETURN(const auto feed,
                       storage::FindFeed(transaction_, scope_, *plan_.feed_id));
      if (!feed.has_value() || !feeds::IsDefault(*feed)) {
        return absl::OkStatus();
      }
    }
    return storage::RecordSuccessor(transaction_, scope_, from, to);
  }

  absl::Status LockFeedsOf(const std::string& channel_id) {
    const Leg leg{.channel = {.channel_id = channel_id},
                  .feed_id = plan_.feed_id};
    std::string at;
    while (true) {
      ASSIGN_OR_RETURN(const auto next,
                       NextFeed(transaction_, scope_, leg, at));
      if (!next.has_value()) return absl::OkStatus();
      at = *next;
      RETURN_IF_ERROR(
          storage::LockFeed(transaction_, scope_, at, FeedLock::kAlone)
              .status());
    }
  }

  // Only what is confirmed is taken back, so that to wait is a courtesy: a lane
  // that nobody serves does not keep it up for ever.
  absl::Status Confirm() {
    ASSIGN_OR_RETURN(
        const auto operation,
        storage::FindOperation(transaction_, scope_, plan_.operation_id));
    if (!operation.has_value()) return storage::RunAgain();
    if (!WaitsFor(operation->progress.waiting())) Begin(kRetracting);
    return absl::OkStatus();
  }

  bool IsLate() const {
    return transaction_.now() >= plan_.create_time + LongestWait();
  }

  // Whether to look again later if so many deliveries have not ended.
  bool WaitsFor(int64_t waiting) {
    if (waiting == 0 || IsLate()) return false;
    plan_.next_time =
        transaction_.now() +
        std::clamp(waiting * kTimePerDelivery, kShortestPause, kLongestPause);
    return true;
  }

  absl::Status Retract(const Channel& source) {
    Leg leg = RetractLeg(source, plan_.feed_id, transaction_.now());
    leg.moved_to = plan_.target_channel_id;
    ASSIGN_OR_RETURN(const Walk walk, WalkOn(leg));
    plan_.done = walk != Walk::kGoesOn;
    return absl::OkStatus();
  }

  void Begin(const char* phase) {
    plan_.phase = phase;
    plan_.cursor_feed.clear();
    plan_.cursor_post.clear();
  }

  enum class Walk { kGoesOn, kThrough, kStopped };

  // Goes on through the leg as far as a step may. It is stopped if nobody can
  // send to the channel.
  absl::StatusOr<Walk> WalkOn(const Leg& leg) {
    if (!feeds::IsReachable(leg.channel, policy_)) {
      RETURN_IF_ERROR(TellStopped(leg.channel));
      return Walk::kStopped;
    }
    for (int i = 0; i < kFeedsPerStep; ++i) {
      if (plan_.cursor_feed.empty() || plan_.cursor_post == kAfterAll) {
        ASSIGN_OR_RETURN(const auto next, NextFeed(transaction_, scope_, leg,
                                                   plan_.cursor_feed));
        if (!next.has_value()) return Walk::kThrough;
        plan_.cursor_feed = *next;
        plan_.cursor_post.clear();
      }
      ASSIGN_OR_RETURN(const bool more, WalkFeed(leg));
      if (more) return Walk::kGoesOn;
      plan_.cursor_post = kAfterAll;
    }
    return Walk::kGoesOn;
  }

  // Answers whether there is more of the feed, so that the step ends.
  absl::StatusOr<bool> WalkFeed(const Leg& leg) {
    const bool copies = leg.kind == Leg::Kind::kCopy;
    ASSIGN_OR_RETURN(
        const auto turn,
        FindTurn(transaction_, scope_, policy_, leg, plan_.cursor_feed,
                 copies ? FeedLock::kAlone : FeedLock::kShared));
    if (!turn.has_value()) return false;
    if (copies) RETURN_IF_ERROR(PublishTo(*turn, leg.channel));
    if (plan_.phase == kProbing) return ProbeFeed(leg, *turn);
    ASSIGN_OR_RETURN(const FeedPage page,
                     ReadFeedPage(transaction_, scope_, leg, *turn,
                                  plan_.cursor_post, plan_.as_of));
    std::vector<Decision> acts;
    const Merged merged =
        Merge(page.page(), leg.rules, [&](const Decision& decision) {
          if (Acts(decision, leg.rules)) {
            if (done_.deliveries + static_cast<int64_t>(acts.size()) ==
                limits::kChunkRows) {
              return false;
            }
            acts.push_back(decision);
          }
          AddTo(CountsOf(leg, decision), plan_.counts);
          return true;
        });
    ASSIGN_OR_RETURN(const int64_t written,
                     WriteDecisions(transaction_, scope_,
                                    {.leg = leg,
                                     .turn = *turn,
                                     .operation_id = plan_.operation_id,
                                     .policy = policy_},
                                    acts));
    done_.deliveries += written;
    if (merged.last.has_value()) plan_.cursor_post = merged.last->post_id;
    return !merged.done;
  }

  absl::StatusOr<bool> ProbeFeed(const Leg& leg, const Turn& turn) {
    ASSIGN_OR_RETURN(
        const ProbedPart part,
        WriteProbes(transaction_, scope_,
                    {.leg = leg,
                     .turn = turn,
                     .operation_id = plan_.operation_id,
                     .policy = policy_},
                    plan_.cursor_post, limits::kChunkRows - done_.deliveries));
    done_.deliveries += part.deliveries;
    if (!part.last_post_id.empty()) plan_.cursor_post = part.last_post_id;
    return part.more;
  }

  // From here on new posts go to both channels, so that none is forgotten
  // between the copies and the end of planning. That the feed may be in one
  // channel more than it is allowed to ends with its move.
  absl::Status PublishTo(const Turn& turn, const Channel& target) {
    return storage::AddFeedChannels(transaction_, *turn.feed,
                                    {target.channel_id})
        .status();
  }

  absl::Status TellStopped(const Channel& channel) {
    storage::Event event;
    event.client_id = plan_.client_id;
    event.kind = "channel.sync_stopped";
    event.operation_id = plan_.operation_id;
    event.channel_id = channel.channel_id;
    event.detail = storage::TextsToJson(
        {{"reason", channel.state == storage::ChannelState::kActive
                        ? "account_unavailable"
                        : "channel_disabled"}});
    return storage::AppendEvents(transaction_, absl::MakeSpan(&event, 1));
  }

  absl::Status EndOperation() {
    ASSIGN_OR_RETURN(
        const int64_t waiting,
        storage::CountWaitingPlans(transaction_, plan_.operation_id));
    if (waiting > 0) return absl::OkStatus();
    return storage::EndPlanning(transaction_, plan_.operation_id);
  }

  Transaction& transaction_;
  const feeds::FeedPolicy& policy_;
  // Commands have seen to it that their callers may.
  const Scope scope_ = Scope::AllClients();
  Plan plan_;
  PlanStep done_;
};

}  // namespace

absl::StatusOr<PlanStep> StepPlan(Transaction& transaction,
                                  const feeds::FeedPolicy& policy,
                                  PlanKey& key) {
  key = {};
  ASSIGN_OR_RETURN(auto plan, storage::LockPlan(transaction));
  if (!plan.has_value()) return PlanStep();
  key = {plan->operation_id, plan->channel_id};
  return Step(transaction, policy, *std::move(plan)).Run();
}

absl::Status PostponePlan(Transaction& transaction, const PlanKey& key,
                          absl::Time until) {
  ASSIGN_OR_RETURN(auto plan, storage::LockPlan(transaction));
  if (!plan.has_value() ||
      PlanKey{plan->operation_id, plan->channel_id} != key) {
    return absl::OkStatus();
  }
  plan->next_time = until;
  return storage::StorePlan(transaction, *plan);
}

}  // namespace broadcast::sync
