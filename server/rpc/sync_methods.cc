#include "rpc/sync_methods.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/operation.h"
#include "rpc/convert/sync_plan.h"
#include "rpc/planned_call.h"
#include "rpc/rights.h"
#include "sync/start_sync.h"

namespace broadcast::rpc {
namespace {

using Request = v1::SyncRequest;
using Response = v1::SyncResponse;

struct SyncCommand {
  sync::PlanQuestion question;
  sync::StartSyncCommand start;
  std::optional<int64_t> max_deletes;
};

void ScopeFromProto(const Request& request, SyncCommand& command,
                    Violations& violations) {
  switch (request.scope_case()) {
    case Request::kChannelId:
      command.question.channel_id =
          Uuid(request.channel_id(), "channel_id", violations);
      break;
    case Request::kFeedId:
      command.question.feed_id = Uuid(request.feed_id(), "feed_id", violations);
      break;
    case Request::kAll:
      if (!request.all()) violations.Add("all", "must be true");
      break;
    case Request::SCOPE_NOT_SET:
      violations.Add("channel_id", "is required, or feed_id or all instead");
      break;
  }
}

absl::StatusOr<SyncCommand> Parse(const Request& request,
                                  const Policy& policy) {
  Violations violations;
  SyncCommand command;
  ScopeFromProto(request, command, violations);
  command.question.mode = PlanModeFromProto(request.mode(), "mode", violations);
  command.question.verify = request.verify();
  if (request.verify() && !request.expected_plan().empty()) {
    violations.Add("expected_plan",
                   "must be empty with verify: what is lost, and so what is "
                   "done, is known only after the messages were asked about");
  } else {
    command.question.expected = PlanTokenFromProto(request.expected_plan(),
                                                   "expected_plan", violations);
  }
  if (request.has_max_deletes()) {
    command.max_deletes = request.max_deletes();
    if (request.max_deletes() < 0) {
      violations.Add("max_deletes", "must be 0 or more");
    }
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  command.start = {.operation_id = policy.ids->Next(),
                   .feed_id = command.question.feed_id,
                   .mode = command.question.mode,
                   .verify = request.verify()};
  return command;
}

class SyncCall final : public PlannedCall<Request> {
 public:
  SyncCall(Calls& calls, CallState state, SyncCommand command,
           const Request* request, Response* response)
      : PlannedCall(calls, std::move(state), kSync, request),
        command_(std::move(command)),
        response_(response) {}

  void Start() {
    Read(
        [this](storage::Transaction& read) -> absl::Status {
          ASSIGN_OR_RETURN(before_, sync::FindStartedSync(read, scope(), key_));
          return absl::OkStatus();
        },
        [this] {
          if (before_.has_value()) return Answer(*before_);
          reader_.emplace(scope(), FeedPolicyOf(policy()), command_.question);
          ReadPlan([this] { Check(); });
        });
  }

 private:
  void Check() {
    std::optional<storage::Channel> channel;
    if (command_.question.channel_id.has_value()) channel = reader_->channel();
    plan_ = reader_->TakePlan();
    const int64_t deletes = plan_.actions.deletes + plan_.actions.tombstones;
    if (command_.max_deletes.has_value() && deletes > *command_.max_deletes) {
      return Refuse(error::TooManyDeletes(deletes, *command_.max_deletes));
    }
    if (!channel.has_value() || plan_.actions.all() + plan_.probes == 0) {
      return Decide();
    }
    AskRights(
        calls_, state_.Patience(), *channel,
        [self = shared_from_this(), this, id = channel->channel_id](
            const absl::StatusOr<Probed>& probed) { CheckProbed(id, probed); });
  }

  void CheckProbed(const std::string& channel_id,
                   const absl::StatusOr<Probed>& probed) {
    // What cannot be asked now can be sent later.
    if (absl::IsUnavailable(probed.status())) return Decide();
    if (!probed.ok()) return Refuse(probed.status());
    const sync::Actions& actions = plan_.actions;
    // What is found to be lost is posted again.
    const bool may_post =
        plan_.probes > 0 &&
        command_.question.mode != storage::PlanMode::kDeleteOnly;
    const absl::Status permitted =
        CheckRights(*probed, channel_id,
                    {.post = actions.posts > 0 || may_post,
                     .edit = actions.edits + actions.tombstones > 0,
                     .remove = actions.deletes > 0});
    if (!permitted.ok()) return Refuse(permitted);
    Decide();
  }

  void Decide() {
    if (request_->validate_only()) {
      WholePlanToProto(plan_, *response_->mutable_plan());
      return Finish();
    }
    Write(
        [this](storage::Transaction& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(started_, sync::StartSync(transaction, scope(), key_,
                                                     command_.start, plan_));
          Report();
          return absl::OkStatus();
        },
        [this] { Answer(started_); });
  }

  // Nothing where nothing was to be done.
  void Report() {
    if (!started_.operation.has_value()) return;
    const storage::Operation& operation = *started_.operation;
    reported_.emplace();
    reported_->client_id = operation.client_id.value_or("");
    reported_->channel_id = command_.question.channel_id.value_or("");
    reported_->feed_id = operation.feed_id.value_or("");
    reported_->operation_id = operation.operation_id;
    reported_->rows = static_cast<int64_t>(plan_.channels.size());
    reported_->replayed = started_.replayed;
  }

  void Answer(const sync::StartedSync& started) {
    if (started.operation.has_value()) {
      OperationToProto(*started.operation, *response_->mutable_operation());
    }
    WholePlanToProto(started.plan, *response_->mutable_plan());
    response_->set_replayed(started.replayed);
    Finish();
  }

  const SyncCommand command_;
  Response* const response_;

  // What the transactions answer.
  std::optional<sync::StartedSync> before_;
  sync::WholePlan plan_;
  sync::StartedSync started_;
};

}  // namespace

grpc::ServerUnaryReactor* Sync(Calls& calls, const Method& method,
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
  std::make_shared<SyncCall>(calls, std::move(state), *std::move(command),
                             request, response)
      ->Start();
  return reactor;
}

}  // namespace broadcast::rpc
