#include "rpc/operation_methods.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/delivery.h"
#include "rpc/convert/mask.h"
#include "rpc/convert/operation.h"
#include "storage/filter.h"
#include "storage/operations.h"
#include "storage/page_token.h"

namespace broadcast::rpc {
namespace {

using storage::DeliveryState;
using storage::Scope;
using storage::Transaction;

// Of a request that names an operation and nothing else that can be wrong.
absl::StatusOr<std::string> OperationIdFromProto(
    const std::string& operation_id, const std::string& request_id) {
  Violations violations;
  std::string id = Uuid(operation_id, "operation_id", violations);
  RequestId(request_id, "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return id;
}

void Report(const std::optional<storage::Operation>& operation,
            ReportedIds& ids) {
  if (!operation.has_value()) return;
  ids.client_id = operation->client_id.value_or("");
  ids.entry_id = operation->entry_id.value_or("");
  ids.operation_id = operation->operation_id;
}

// The filter's one condition, if it has one.
absl::StatusOr<std::optional<DeliveryState>> StateFromFilter(
    const std::string& filter) {
  ASSIGN_OR_RETURN(const auto conditions, storage::ParseFilter(filter));
  if (conditions.empty()) return std::nullopt;
  const storage::FilterCondition& condition = conditions[0];
  if (condition.field != "state") {
    return storage::FilterProblem(condition.position,
                                  "the only field here is state");
  }
  if (condition.op != storage::FilterOperator::kEqual) {
    return storage::FilterProblem(condition.position,
                                  "state is compared with = only");
  }
  DeliveryState state;
  // Stored words are the names in lower case.
  if (condition.value != absl::AsciiStrToUpper(condition.value) ||
      !storage::FromText(absl::AsciiStrToLower(condition.value), &state)) {
    return storage::FilterProblem(
        condition.position,
        "a state is one of PENDING, SENDING, RETRY, SENT, FAILED, UNKNOWN, "
        "EXPIRED, CANCELLED, ABANDONED");
  }
  if (conditions.size() > 1) {
    return storage::FilterProblem(conditions[1].position,
                                  "one condition is all that is allowed here");
  }
  return state;
}

// The delivery that the page before ended with. Empty for the first page.
absl::StatusOr<std::string> DeliveryBefore(const std::string& page_token,
                                           absl::string_view head) {
  if (page_token.empty()) return "";
  std::string text;
  if (!absl::WebSafeBase64Unescape(page_token, &text) ||
      text.size() <= head.size() || !IsUuid(text.substr(head.size()))) {
    return error::InvalidPageToken(
        "this is no next_page_token of this server; start again without it");
  }
  absl::string_view id = text;
  if (!absl::ConsumePrefix(&id, head)) {
    return error::InvalidPageToken(
        "it belongs to another operation, filter or caller; start again "
        "without it");
  }
  return std::string(id);
}

int64_t MostOf(const v1::ListDeliveriesRequest& request) {
  const int most = request.with_attempts() ? limits::kMaxAttemptPageSize
                                           : limits::kMaxPageSize;
  return request.page_size() == 0 ? limits::kDefaultPageSize
                                  : std::min(request.page_size(), most);
}

// Up to 64 printable ASCII characters, and only of what was sent.
std::optional<std::string> MessageIdFromProto(
    const v1::ResolveDeliveryRequest& request, Violations& violations) {
  const std::string& id = request.platform_message_id();
  if (id.empty()) return std::nullopt;
  if (request.resolution() != v1::DELIVERY_RESOLUTION_SENT) {
    violations.Add("platform_message_id",
                   "must be empty unless resolution is SENT");
  } else if (id.size() > limits::kMaxPlatformMessageIdLength ||
             !std::all_of(id.begin(), id.end(), absl::ascii_isgraph)) {
    violations.Add(
        "platform_message_id",
        absl::StrCat("must have up to ", limits::kMaxPlatformMessageIdLength,
                     " printable ASCII characters without blanks"));
  }
  return id;
}

}  // namespace

absl::StatusOr<std::string> GetOperationMethod::Parse(const Request& request,
                                                      const Scope&) {
  return OperationIdFromProto(request.operation_id(), "");
}

absl::StatusOr<storage::Operation> GetOperationMethod::Load(
    Transaction& transaction, const Scope& scope, const Command& id) {
  ASSIGN_OR_RETURN(auto operation,
                   storage::FindOperation(transaction, scope, id));
  if (!operation.has_value()) return error::OperationNotFound(id);
  return *std::move(operation);
}

void GetOperationMethod::Answer(const Result& operation, const Policy&,
                                Response& response) {
  OperationToProto(operation, *response.mutable_operation());
}

absl::StatusOr<storage::ListPlan> ListOperationsMethod::Parse(
    const Request& request, const Scope& scope) {
  return storage::PlanOperationList(ListFromProto(request), scope);
}

absl::StatusOr<storage::Page<storage::Operation>> ListOperationsMethod::Load(
    Transaction& transaction, const Scope&, const Command& plan) {
  return storage::ListOperations(transaction, plan);
}

void ListOperationsMethod::Answer(const Result& page, const Policy&,
                                  Response& response) {
  for (const storage::Operation& operation : page.rows) {
    OperationToProto(operation, *response.add_operations());
  }
  response.set_next_page_token(page.next_page_token);
}

absl::StatusOr<ListDeliveriesMethod::Command> ListDeliveriesMethod::Parse(
    const Request& request, const Scope& scope) {
  Violations violations;
  Command command{
      .operation_id = Uuid(request.operation_id(), "operation_id", violations),
      .most = MostOf(request),
      .with_attempts = request.with_attempts()};
  if (request.page_size() < 0) {
    violations.Add("page_size",
                   absl::StrCat("must be 0, for the default, or 1 to ",
                                limits::kMaxPageSize));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(command.state, StateFromFilter(request.filter()));
  const uint64_t binding = storage::BindingOf(
      {"deliveries", command.operation_id,
       command.state.has_value() ? storage::ToText(*command.state) : "",
       scope.Key()});
  command.token_head = absl::StrCat(absl::Hex(binding, absl::kZeroPad16), ":");
  ASSIGN_OR_RETURN(command.after,
                   DeliveryBefore(request.page_token(), command.token_head));
  return command;
}

absl::StatusOr<ListDeliveriesMethod::Result> ListDeliveriesMethod::Load(
    Transaction& transaction, const Scope& scope, const Command& command) {
  ASSIGN_OR_RETURN(
      const auto operation,
      storage::FindOperation(transaction, scope, command.operation_id));
  if (!operation.has_value()) {
    return error::OperationNotFound(command.operation_id);
  }
  Result result;
  ASSIGN_OR_RETURN(
      result.page,
      storage::ListDeliveries(transaction, scope, command.operation_id,
                              command.after, command.state, command.most));
  if (!result.page.next.empty()) {
    result.next_page_token = absl::WebSafeBase64Escape(
        absl::StrCat(command.token_head, result.page.next));
  }
  if (!command.with_attempts) return result;
  for (const storage::Delivery& delivery : result.page.rows) {
    ASSIGN_OR_RETURN(result.attempts.emplace_back(),
                     storage::FindAttempts(transaction, delivery.delivery_id));
  }
  return result;
}

void ListDeliveriesMethod::Answer(const Result& result, const Policy&,
                                  Response& response) {
  for (const storage::Delivery& delivery : result.page.rows) {
    DeliveryToProto(delivery, *response.add_deliveries());
  }
  for (size_t i = 0; i < result.attempts.size(); ++i) {
    v1::Delivery& delivery = *response.mutable_deliveries(static_cast<int>(i));
    for (const storage::DeliveryAttempt& attempt : result.attempts[i]) {
      AttemptToProto(attempt, *delivery.add_attempts());
    }
  }
  response.set_next_page_token(result.next_page_token);
}

absl::StatusOr<std::string> CancelOperationMethod::Parse(const Request& request,
                                                         const Policy&) {
  return OperationIdFromProto(request.operation_id(), request.request_id());
}

absl::StatusOr<operations::CancelledOperation> CancelOperationMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& id,
    const Policy&) {
  return operations::CancelOperation(transaction, caller.scope, caller.request,
                                     id);
}

void CancelOperationMethod::Answer(const Result& result, const Policy& policy,
                                   Response& response) {
  if (result.operation.has_value()) {
    OperationToProto(*result.operation, *response.mutable_operation());
  }
  response.set_cancelled_count(result.counts.cancelled);
  response.set_sending_count(result.counts.sending);
  response.set_replayed(result.replayed);
  if (result.counts.more) policy.wake_upkeep();
}

void CancelOperationMethod::Report(const Result& result, ReportedIds& ids) {
  rpc::Report(result.operation, ids);
  ids.rows = result.counts.cancelled;
  ids.replayed = result.replayed;
}

absl::StatusOr<std::string> RetryDeliveriesMethod::Parse(const Request& request,
                                                         const Policy&) {
  return OperationIdFromProto(request.operation_id(), request.request_id());
}

absl::StatusOr<operations::RetriedDeliveries> RetryDeliveriesMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& id,
    const Policy&) {
  return operations::RetryDeliveries(transaction, caller.scope, caller.request,
                                     id);
}

void RetryDeliveriesMethod::Answer(const Result& result, const Policy& policy,
                                   Response& response) {
  if (result.operation.has_value()) {
    OperationToProto(*result.operation, *response.mutable_operation());
  }
  response.set_delivery_count(result.retried);
  response.set_replayed(result.replayed);
  policy.wake_dispatcher();
}

void RetryDeliveriesMethod::Report(const Result& result, ReportedIds& ids) {
  rpc::Report(result.operation, ids);
  ids.rows = result.retried;
  ids.replayed = result.replayed;
}

absl::StatusOr<operations::ResolveDeliveryCommand> ResolveDeliveryMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  Command command{
      .delivery_id = Uuid(request.delivery_id(), "delivery_id", violations),
      .platform_message_id = MessageIdFromProto(request, violations),
      .new_message_id = policy.ids->Next()};
  switch (request.resolution()) {
    case v1::DELIVERY_RESOLUTION_SENT:
      command.resolution = storage::Resolution::kSent;
      break;
    case v1::DELIVERY_RESOLUTION_NOT_SENT:
      command.resolution = storage::Resolution::kNotSent;
      break;
    case v1::DELIVERY_RESOLUTION_ABANDONED:
      command.resolution = storage::Resolution::kAbandoned;
      break;
    default:
      violations.Add("resolution",
                     "is required: DELIVERY_RESOLUTION_SENT, "
                     "DELIVERY_RESOLUTION_NOT_SENT or "
                     "DELIVERY_RESOLUTION_ABANDONED");
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<operations::ResolvedDelivery> ResolveDeliveryMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  return operations::ResolveDelivery(transaction, caller.scope, caller.request,
                                     command);
}

void ResolveDeliveryMethod::Answer(const Result& result, const Policy& policy,
                                   Response& response) {
  if (result.delivery.has_value()) {
    DeliveryToProto(*result.delivery, *response.mutable_delivery());
  }
  if (result.operation.has_value()) {
    OperationToProto(*result.operation, *response.mutable_operation());
  }
  response.set_replayed(result.replayed);
  policy.wake_dispatcher();
}

void ResolveDeliveryMethod::Report(const Result& result, ReportedIds& ids) {
  rpc::Report(result.operation, ids);
  if (result.delivery.has_value()) {
    ids.client_id = result.delivery->client_id;
    ids.channel_id = result.delivery->channel_id;
    ids.delivery_id = result.delivery->delivery_id;
  }
  ids.rows = 1;
  ids.replayed = result.replayed;
}

}  // namespace broadcast::rpc
