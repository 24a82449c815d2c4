#include "rpc/trigger_methods.h"

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/content.h"
#include "rpc/convert/delivery.h"
#include "rpc/convert/entry.h"
#include "rpc/convert/operation.h"
#include "rpc/convert/time.h"

namespace broadcast::rpc {
namespace {

using storage::Transaction;

v1::ContentSource SourceToProto(entries::ContentSource source) {
  switch (source) {
    case entries::ContentSource::kEntry:
      return v1::CONTENT_SOURCE_ENTRY;
    case entries::ContentSource::kClient:
      return v1::CONTENT_SOURCE_CLIENT;
    case entries::ContentSource::kServer:
      return v1::CONTENT_SOURCE_SERVER;
  }
  return v1::CONTENT_SOURCE_UNSPECIFIED;
}

void TargetToProto(const entries::Target& target, v1::BroadcastPreview& proto) {
  proto.set_side(SideToProto(target.side));
  ChannelToProto(target.channel, *proto.mutable_channel());
  StoredContentToProto(target.content, *proto.mutable_content());
  proto.set_content_source(SourceToProto(target.source));
}

void ReportOperation(const std::optional<storage::Operation>& operation,
                     ReportedIds& ids) {
  if (!operation.has_value()) return;
  ids.client_id = operation->client_id.value_or("");
  ids.entry_id = operation->entry_id.value_or("");
  ids.operation_id = operation->operation_id;
}

}  // namespace

absl::StatusOr<entries::TriggerCommand> TriggerMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  Command command{.entry_id = Uuid(request.entry_id(), "entry_id", violations),
                  .reason = Reason(request.reason(), "reason", violations),
                  .ids = {.operation_id = policy.ids->Next(),
                          .open_delivery_id = policy.ids->Next(),
                          .closed_delivery_id = policy.ids->Next()}};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<entries::Triggered> TriggerMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy& policy) {
  ASSIGN_OR_RETURN(auto triggered,
                   entries::Trigger(transaction, caller.scope, caller.request,
                                    {.cooldown = policy.trigger_cooldown,
                                     .firing = FiringPolicyOf(policy)},
                                    command));
  // In a rehearsal nothing was stored.
  if (caller.validate_only) {
    triggered.operation.reset();
    triggered.entry->current_operation_id.reset();
  }
  if (triggered.operation.has_value() && !triggered.replayed) {
    PassFailPoint(policy.fail_points, "before_enqueue_commit");
  }
  return triggered;
}

void TriggerMethod::Answer(const Result& result, const Policy& policy,
                           Response& response) {
  if (result.operation.has_value()) {
    OperationToProto(*result.operation, *response.mutable_operation());
    policy.wake_dispatcher();
  }
  if (result.entry.has_value()) {
    EntryToProto(*result.entry, policy, *response.mutable_entry());
  }
  *response.mutable_next_trigger_time() = TimeToProto(result.next_trigger_time);
  for (const entries::Target& target : result.targets) {
    TargetToProto(target, *response.add_previews());
  }
  response.set_replayed(result.replayed);
}

void TriggerMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  ids.rows = 1;
  if (result.entry.has_value()) ids.SetPair(result.entry->channel_pair);
  ReportOperation(result.operation, ids);
}

absl::StatusOr<entries::SendTestCommand> SendTestMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  Command command{.entry_id = Uuid(request.entry_id(), "entry_id", violations),
                  .side = SideFromProto(request.side()),
                  .address = request.address(),
                  .operation_id = policy.ids->Next(),
                  .delivery_id = policy.ids->Next()};
  if (command.side == storage::Side::kNone) {
    violations.Add("side", "is required: SIDE_OPEN or SIDE_CLOSED");
  }
  if (command.address.empty()) violations.Add("address", "is required");
  if (command.address.size() > limits::kMaxUrlLength) {
    violations.Add("address", absl::StrCat("must have at most ",
                                           limits::kMaxUrlLength, " bytes"));
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<entries::SentTest> SendTestMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy& policy) {
  return entries::SendTest(transaction, caller.scope, caller.request,
                           FiringPolicyOf(policy), command);
}

void SendTestMethod::Answer(const Result& result, const Policy& policy,
                            Response& response) {
  if (result.operation.has_value()) {
    OperationToProto(*result.operation, *response.mutable_operation());
  }
  response.set_replayed(result.replayed);
  policy.wake_dispatcher();
}

void SendTestMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  ids.rows = 1;
  ReportOperation(result.operation, ids);
}

}  // namespace broadcast::rpc
