// BroadcastService.Migrate, of rpc/sync_methods.h.
#include <memory>
#include <optional>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/operation.h"
#include "rpc/convert/sync_plan.h"
#include "rpc/planned_call.h"
#include "rpc/rights.h"
#include "rpc/sync_methods.h"
#include "sync/start_migrate.h"

namespace broadcast::rpc {
namespace {

using Request = v1::MigrateRequest;
using Response = v1::MigrateResponse;

struct Command {
  sync::MigrateCommand migrate;
  std::optional<sync::PlanToken> expected;
};

absl::Status TargetFromProto(const Request& request, const Policy& policy,
                             sync::MigrateCommand& command,
                             Violations& violations) {
  switch (request.target_case()) {
    case Request::kTargetChannelId:
      command.target_channel_id =
          Uuid(request.target_channel_id(), "target_channel_id", violations);
      if (!command.channel_id.empty() &&
          command.target_channel_id == command.channel_id) {
        violations.Add("target_channel_id",
                       "must be another channel than channel_id");
      }
      return absl::OkStatus();
    case Request::kTargetChannel: {
      const size_t before = violations.kept().size() + violations.omitted();
      command.target = ChannelFromProto(
          request.target_channel(), "target_channel", *policy.ids, violations);
      if (violations.kept().size() + violations.omitted() > before) {
        return absl::OkStatus();
      }
      return CheckPlatform(*command.target, "target_channel");
    }
    case Request::TARGET_NOT_SET:
      violations.Add("target_channel_id",
                     "is required, or target_channel instead");
  }
  return absl::OkStatus();
}

absl::StatusOr<Command> Parse(const Request& request, const Policy& policy) {
  Violations violations;
  Command command;
  sync::MigrateCommand& migrate = command.migrate;
  migrate.channel_id = Uuid(request.channel_id(), "channel_id", violations);
  const absl::Status target =
      TargetFromProto(request, policy, migrate, violations);
  if (!request.feed_id().empty()) {
    migrate.feed_id = Uuid(request.feed_id(), "feed_id", violations);
  }
  migrate.delete_old = request.delete_old();
  migrate.operation_id = policy.ids->Next();
  command.expected =
      PlanTokenFromProto(request.expected_plan(), "expected_plan", violations);
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  RETURN_IF_ERROR(target);
  return command;
}

class MigrateCall final : public PlannedCall<Request> {
 public:
  MigrateCall(Calls& calls, CallState state, Command command,
              const Request* request, Response* response)
      : PlannedCall(calls, std::move(state), kMigrate, request),
        command_(std::move(command)),
        response_(response) {}

  void Start() {
    Read([this](storage::Transaction& read) { return Find(read); },
         [this] {
           if (before_.has_value()) return Answer(*before_);
           AskTarget();
         });
  }

 private:
  absl::Status Find(storage::Transaction& read) {
    ASSIGN_OR_RETURN(before_, sync::FindStartedMigration(read, scope(), key_));
    if (before_.has_value()) return absl::OkStatus();
    as_of_ =
        command_.expected.has_value() ? command_.expected->as_of : read.now();
    ASSIGN_OR_RETURN(migration_,
                     sync::FindMigration(read, scope(), FeedPolicyOf(policy()),
                                         command_.migrate));
    return absl::OkStatus();
  }

  void AskTarget() {
    const storage::Channel& target = migration_.target;
    AskRights(calls_, state_.Patience(), target,
              [self = shared_from_this(),
               this](const absl::StatusOr<Probed>& probed) {
                if (!probed.ok()) return Refuse(probed.status());
                const absl::Status permitted = CheckRights(
                    *probed, migration_.target.channel_id, {.post = true});
                if (!permitted.ok()) return Refuse(permitted);
                AskSource();
              });
  }

  void AskSource() {
    const storage::Channel& source = migration_.source;
    AskRights(calls_, state_.Patience(), source,
              [self = shared_from_this(),
               this](const absl::StatusOr<Probed>& probed) {
                const absl::Status permitted = ReadSource(probed);
                if (!permitted.ok()) return Refuse(permitted);
                PlanIt();
              });
  }

  // A channel that one cannot come into can still be left.
  absl::Status ReadSource(const absl::StatusOr<Probed>& probed) {
    const bool clears = command_.migrate.delete_old;
    if (!probed.ok()) {
      source_readable_ = false;
      return clears || !absl::IsFailedPrecondition(probed.status())
                 ? probed.status()
                 : absl::OkStatus();
    }
    source_readable_ = probed->present;
    return clears ? CheckRights(*probed, command_.migrate.channel_id,
                                {.remove = true})
                  : absl::OkStatus();
  }

  void PlanIt() {
    reader_.emplace(
        scope(), FeedPolicyOf(policy()),
        sync::PlanQuestion{.legs = sync::LegsOf(migration_, command_.migrate,
                                                source_readable_, as_of_),
                           .expected = command_.expected,
                           .as_of = as_of_});
    ReadPlan([this] {
      plan_ = reader_->TakePlan();
      Decide();
    });
  }

  void Decide() {
    if (request_->validate_only()) {
      WholePlanToProto(plan_, *response_->mutable_plan());
      ChannelToProto(migration_.target, *response_->mutable_target_channel());
      return Finish();
    }
    Write(
        [this](storage::Transaction& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(
              started_, sync::StartMigrate(
                            transaction, scope(), key_, FeedPolicyOf(policy()),
                            command_.migrate, source_readable_, plan_));
          Report();
          return absl::OkStatus();
        },
        [this] { Answer(started_); });
  }

  void Report() {
    reported_.emplace();
    reported_->client_id = migration_.source.client_id;
    reported_->channel_id = command_.migrate.channel_id;
    reported_->feed_id = command_.migrate.feed_id.value_or("");
    if (started_.operation.has_value()) {
      reported_->operation_id = started_.operation->operation_id;
    }
    reported_->rows = 1;
    reported_->replayed = started_.replayed;
  }

  void Answer(const sync::StartedMigration& started) {
    if (started.operation.has_value()) {
      OperationToProto(*started.operation, *response_->mutable_operation());
    }
    if (started.target.has_value()) {
      ChannelToProto(*started.target, *response_->mutable_target_channel());
    }
    WholePlanToProto(started.plan, *response_->mutable_plan());
    response_->set_replayed(started.replayed);
    Finish();
  }

  const Command command_;
  Response* const response_;

  // What the transactions and the platform answer.
  std::optional<sync::StartedMigration> before_;
  sync::Migration migration_;
  absl::Time as_of_;
  bool source_readable_ = true;
  sync::WholePlan plan_;
  sync::StartedMigration started_;
};

}  // namespace

grpc::ServerUnaryReactor* Migrate(Calls& calls, const Method& method,
                                  grpc::CallbackServerContext* context,
                                  const Request* request, Response* response) {
  CallState state = calls.Begin(method, context);
  grpc::ServerUnaryReactor* reactor = state.reactor();
  if (!state.refusal().ok()) {
    calls.Refuse(state, state.refusal(), *request);
    return reactor;
  }
  auto command = Parse(*request, calls.policy());
  if (!command.ok()) {
    calls.Refuse(state, command.status(), *request);
    return reactor;
  }
  std::make_shared<MigrateCall>(calls, std::move(state), *std::move(command),
                                request, response)
      ->Start();
  return reactor;
}

}  // namespace broadcast::rpc
