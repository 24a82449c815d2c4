#include "sync/start_sync.h"

#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/answer_json.h"
#include "storage/contents.h"
#include "storage/once.h"
#include "storage/operations.h"
#include "storage/plan_reads.h"
#include "storage/plans.h"
#include "sync/plan_step.h"

namespace broadcast::sync {
namespace {

using storage::Plan;
using storage::Scope;
using storage::Transaction;

// The numbers of a plan, in the order in which they are recorded.
std::array<int64_t*, 14> NumbersOf(WholePlan& plan) {
  Counts& counts = plan.counts;
  Actions& actions = plan.actions;
  return {&counts.open_posts,  &counts.tracked,    &counts.missing,
          &counts.orphaned,    &counts.tombstones, &counts.changed,
          &counts.undeletable, &counts.unknown,    &counts.kept,
          &actions.posts,      &actions.edits,     &actions.deletes,
          &actions.tombstones, &plan.probes};
}

// Whose operation it is; nobody's if of several.
std::optional<std::string> ClientOf(const WholePlan& plan) {
  const std::string& first = plan.channels[0].client_id;
  for (const PlannedChannel& channel : plan.channels) {
    if (channel.client_id != first) return std::nullopt;
  }
  return first;
}

absl::StatusOr<StartedSync> Start(Transaction& transaction, const Scope& scope,
                                  const StartSyncCommand& command,
                                  const WholePlan& plan) {
  StartedSync started{.plan = plan};
  if (plan.channels.empty()) return started;
  std::vector<std::string> channel_ids;
  std::vector<Plan> plans;
  for (const PlannedChannel& channel : plan.channels) {
    channel_ids.push_back(channel.channel_id);
    plans.push_back({.operation_id = command.operation_id,
                     .channel_id = channel.channel_id,
                     .client_id = channel.client_id,
                     .kind = storage::PlanKind::kSync,
                     .feed_id = command.feed_id,
                     .mode = command.mode,
                     .phase = command.verify ? kProbing : "",
                     .as_of = plan.as_of,
                     .next_time = transaction.now()});
  }
  RETURN_IF_ERROR(ReserveChannels(transaction, channel_ids));
  RETURN_IF_ERROR(InsertPlanning(transaction, scope,
                                 {.operation_id = command.operation_id,
                                  .client_id = ClientOf(plan),
                                  .feed_id = command.feed_id,
                                  .kind = storage::OperationKind::kSync},
                                 plans));
  ASSIGN_OR_RETURN(
      started.operation,
      storage::FindOperation(transaction, scope, command.operation_id));
  return started;
}

absl::StatusOr<StartedSync> Replay(Transaction& transaction, const Scope& scope,
                                   const std::string& record) {
  ASSIGN_OR_RETURN(Recorded recorded, RecordedFrom(record));
  StartedSync started{.plan = std::move(recorded.plan)};
  if (!recorded.id.empty()) {
    ASSIGN_OR_RETURN(started.operation,
                     storage::FindOperation(transaction, scope, recorded.id));
  }
  return started;
}

}  // namespace

absl::Status ReserveChannels(Transaction& transaction,
                             const std::vector<std::string>& channel_ids) {
  RETURN_IF_ERROR(storage::LockPlanStarts(transaction));
  ASSIGN_OR_RETURN(const auto unfinished,
                   storage::UnfinishedPlans(transaction, channel_ids));
  return unfinished.empty() ? absl::OkStatus()
                            : error::SyncRunning(unfinished[0].channel_id,
                                                 unfinished[0].operation_id);
}

absl::Status InsertPlanning(Transaction& transaction, const Scope& scope,
                            const storage::Operation& operation,
                            const std::vector<Plan>& plans) {
  storage::NewOperation made{.operation = operation};
  made.operation.state = storage::OperationState::kPlanning;
  RETURN_IF_ERROR(
      storage::InsertOperations(transaction, scope, absl::MakeSpan(&made, 1)));
  // A channel may have been deleted in between.
  return storage::AgainIfCollected(
      storage::InsertPlans(transaction, scope, plans));
}

std::string RecordOf(const WholePlan& plan, const std::string& id) {
  WholePlan copy{
      .counts = plan.counts, .actions = plan.actions, .probes = plan.probes};
  std::vector<std::string> values = {
      id, absl::StrCat(absl::ToUnixMicros(plan.as_of)), plan.hash};
  for (const int64_t* number : NumbersOf(copy)) {
    values.push_back(absl::StrCat(*number));
  }
  return storage::IdsToJson(values);
}

absl::StatusOr<Recorded> RecordedFrom(const std::string& record) {
  ASSIGN_OR_RETURN(const auto values, storage::IdsFromJson(record));
  Recorded recorded;
  const auto numbers = NumbersOf(recorded.plan);
  int64_t as_of = 0;
  if (values.size() != numbers.size() + 3 ||
      !absl::SimpleAtoi(values[1], &as_of)) {
    return error::Internal();
  }
  recorded.id = values[0];
  recorded.plan.as_of = absl::FromUnixMicros(as_of);
  recorded.plan.hash = values[2];
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!absl::SimpleAtoi(values[i + 3], numbers[i])) return error::Internal();
  }
  return recorded;
}

absl::StatusOr<StartedSync> StartSync(Transaction& transaction,
                                      const Scope& scope,
                                      const storage::RequestKey& request,
                                      const StartSyncCommand& command,
                                      const WholePlan& plan) {
  return storage::Once(
      transaction, request,
      [&] { return Start(transaction, scope, command, plan); },
      [](const StartedSync& started) {
        return RecordOf(started.plan, started.operation.has_value()
                                          ? started.operation->operation_id
                                          : std::string());
      },
      [&](const std::string& record) {
        return Replay(transaction, scope, record);
      });
}

absl::StatusOr<std::optional<StartedSync>> FindStartedSync(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request) {
  if (request.request_id.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const auto recorded,
                   storage::FindAnswer(transaction, request));
  if (!recorded.has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(StartedSync started,
                   storage::Repeat<StartedSync>(
                       request, *recorded, [&](const std::string& record) {
                         return Replay(transaction, scope, record);
                       }));
  return started;
}

}  // namespace broadcast::sync
