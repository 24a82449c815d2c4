#include "sync/start_migrate.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/channels.h"
#include "storage/feeds.h"
#include "storage/once.h"
#include "storage/operations.h"
#include "storage/plan_reads.h"
#include "storage/sql_error.h"
#include "sync/leg.h"
#include "sync/plan_step.h"
#include "sync/start_sync.h"

namespace broadcast::sync {
namespace {

using storage::Channel;
using storage::Scope;
using storage::Transaction;

absl::Status CheckReachable(const Channel& channel,
                            const feeds::FeedPolicy& policy) {
  if (channel.state != storage::ChannelState::kActive) {
    return error::ChannelNotActive(channel.channel_id, ToText(channel.state));
  }
  if (feeds::AccountOf(channel, policy) == nullptr) {
    return error::AccountUnavailable(channel.account);
  }
  return absl::OkStatus();
}

// The target that the caller describes, whether it is there or not.
absl::StatusOr<Channel> DescribedTarget(Transaction& transaction,
                                        const feeds::FeedPolicy& policy,
                                        const std::string& client_id,
                                        const channels::ChannelSpec& spec) {
  if (!channels::HasAccount(*policy.accounts, spec.account, spec.platform,
                            client_id)) {
    return error::ChannelAccountUnknown("target_channel.account", spec.account,
                                        ToText(spec.platform));
  }
  ASSIGN_OR_RETURN(auto found,
                   storage::FindChannelByAddress(transaction, client_id,
                                                 spec.platform, spec.address));
  if (!found.has_value()) {
    return Channel{.client_id = client_id,
                   .platform = spec.platform,
                   .address = spec.address,
                   .account = spec.account,
                   .title = spec.title};
  }
  if (found->client_id != client_id) {
    return error::ChannelTaken("target_channel");
  }
  if (found->account != spec.account) {
    return error::ChannelAccountMismatch("target_channel.account",
                                         found->channel_id);
  }
  return *std::move(found);
}

absl::StatusOr<Channel> FindTarget(Transaction& transaction, const Scope& scope,
                                   const feeds::FeedPolicy& policy,
                                   const MigrateCommand& command,
                                   const Channel& source) {
  if (command.target.has_value()) {
    return DescribedTarget(transaction, policy, source.client_id,
                           *command.target);
  }
  ASSIGN_OR_RETURN(auto found, storage::FindChannel(transaction, scope,
                                                    command.target_channel_id));
  if (!found.has_value() || found->client_id != source.client_id) {
    return error::ChannelNotFound(command.target_channel_id);
  }
  return *std::move(found);
}

// One that has moved before may be asked for again, for what had to stay.
absl::Status CheckFeed(Transaction& transaction, const Scope& scope,
                       const feeds::FeedPolicy& policy,
                       const MigrateCommand& command, const Channel& target) {
  if (!command.feed_id.has_value()) return absl::OkStatus();
  const std::string& id = *command.feed_id;
  ASSIGN_OR_RETURN(const auto feed, storage::FindFeed(transaction, scope, id));
  if (!feed.has_value()) return error::FeedNotFound(id);
  ASSIGN_OR_RETURN(bool there, storage::IsFeedChannel(transaction, scope, id,
                                                      command.channel_id));
  if (!there && !target.channel_id.empty()) {
    ASSIGN_OR_RETURN(there, storage::IsFeedChannel(transaction, scope, id,
                                                   target.channel_id));
  }
  if (!there) return error::FeedChannelNotFound(id, command.channel_id);
  return feeds::Tracks(*feed, policy) ? absl::OkStatus()
                                      : error::TrackingDisabled(id);
}

// The target with its id and times; made now if it is not there.
absl::StatusOr<Channel> MakeTarget(Transaction& transaction, const Scope& scope,
                                   const MigrateCommand& command,
                                   Channel target) {
  if (!target.channel_id.empty()) return target;
  target.channel_id = command.target->new_id;
  target.create_time = transaction.now();
  target.update_time = transaction.now();
  ASSIGN_OR_RETURN(const int64_t made,
                   storage::InsertChannels(transaction, scope, {&target}));
  // Somebody else has registered it since it was looked for.
  if (made == 0) return storage::RunAgain();
  return target;
}

absl::StatusOr<StartedMigration> Start(Transaction& transaction,
                                       const Scope& scope,
                                       const feeds::FeedPolicy& policy,
                                       const MigrateCommand& command,
                                       bool source_readable,
                                       const WholePlan& plan) {
  ASSIGN_OR_RETURN(const Migration migration,
                   FindMigration(transaction, scope, policy, command));
  ASSIGN_OR_RETURN(Channel target,
                   MakeTarget(transaction, scope, command, migration.target));
  RETURN_IF_ERROR(
      ReserveChannels(transaction, {command.channel_id, target.channel_id}));
  const std::string& client_id = migration.source.client_id;
  RETURN_IF_ERROR(
      InsertPlanning(transaction, scope,
                     {.operation_id = command.operation_id,
                      .client_id = client_id,
                      .feed_id = command.feed_id,
                      .kind = storage::OperationKind::kMigrate},
                     {{.operation_id = command.operation_id,
                       .channel_id = command.channel_id,
                       .client_id = client_id,
                       .kind = storage::PlanKind::kMigrate,
                       .feed_id = command.feed_id,
                       .target_channel_id = target.channel_id,
                       .phase = source_readable ? kCopying : kResending,
                       .as_of = plan.as_of,
                       .delete_old = command.delete_old,
                       .next_time = transaction.now()}}));
  StartedMigration started{.target = std::move(target), .plan = plan};
  ASSIGN_OR_RETURN(
      started.operation,
      storage::FindOperation(transaction, scope, command.operation_id));
  return started;
}

std::string Record(const StartedMigration& started) {
  return RecordOf(started.plan, absl::StrCat(started.operation->operation_id,
                                             " ", started.target->channel_id));
}

absl::StatusOr<StartedMigration> Replay(Transaction& transaction,
                                        const Scope& scope,
                                        const std::string& record) {
  ASSIGN_OR_RETURN(Recorded recorded, RecordedFrom(record));
  const std::vector<std::string> ids = absl::StrSplit(recorded.id, ' ');
  if (ids.size() != 2) return error::Internal();
  StartedMigration started{.plan = std::move(recorded.plan)};
  ASSIGN_OR_RETURN(started.operation,
                   storage::FindOperation(transaction, scope, ids[0]));
  ASSIGN_OR_RETURN(started.target,
                   storage::FindChannel(transaction, scope, ids[1]));
  return started;
}

}  // namespace

absl::StatusOr<Migration> FindMigration(Transaction& transaction,
                                        const Scope& scope,
                                        const feeds::FeedPolicy& policy,
                                        const MigrateCommand& command) {
  Migration migration;
  ASSIGN_OR_RETURN(auto source, storage::FindChannel(transaction, scope,
                                                     command.channel_id));
  if (!source.has_value()) return error::ChannelNotFound(command.channel_id);
  migration.source = *std::move(source);
  ASSIGN_OR_RETURN(migration.target, FindTarget(transaction, scope, policy,
                                                command, migration.source));
  if (migration.target.channel_id == command.channel_id) {
    return error::InvalidFields(
        {{.field = command.target.has_value() ? "target_channel"
                                              : "target_channel_id",
          .description = "must be another channel than channel_id"}});
  }
  // What is left need not be reachable, unless it is to be cleared.
  if (command.delete_old) {
    RETURN_IF_ERROR(CheckReachable(migration.source, policy));
  }
  RETURN_IF_ERROR(CheckReachable(migration.target, policy));
  RETURN_IF_ERROR(
      CheckFeed(transaction, scope, policy, command, migration.target));
  return migration;
}

std::vector<Leg> LegsOf(const Migration& migration,
                        const MigrateCommand& command, bool source_readable,
                        absl::Time now) {
  std::vector<Leg> legs = {CopyLeg(migration.source, migration.target,
                                   command.feed_id, source_readable)};
  if (command.delete_old) {
    legs.push_back(RetractLeg(migration.source, command.feed_id, now));
  }
  return legs;
}

absl::StatusOr<StartedMigration> StartMigrate(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request, const feeds::FeedPolicy& policy,
    const MigrateCommand& command, bool source_readable,
    const WholePlan& plan) {
  return storage::Once(
      transaction, request,
      [&] {
        return Start(transaction, scope, policy, command, source_readable,
                     plan);
      },
      Record,
      [&](const std::string& record) {
        return Replay(transaction, scope, record);
      });
}

absl::StatusOr<std::optional<StartedMigration>> FindStartedMigration(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request) {
  if (request.request_id.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const auto recorded,
                   storage::FindAnswer(transaction, request));
  if (!recorded.has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(StartedMigration started,
                   storage::Repeat<StartedMigration>(
                       request, *recorded, [&](const std::string& record) {
                         return Replay(transaction, scope, record);
                       }));
  return started;
}

}  // namespace broadcast::sync
