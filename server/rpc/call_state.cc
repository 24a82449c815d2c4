#include "rpc/call_state.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_split.h"
#include "base/error_detail.h"
#include "content/fields.h"
#include "rpc/audit.h"
#include "rpc/status.h"
#include "storage/sql_error.h"

namespace broadcast::rpc {
namespace {

// The trace id of a W3C traceparent header ("00-TRACE-SPAN-FLAGS"), or "".
std::string TraceIdOf(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("traceparent");
  if (found == metadata.end()) return "";
  const absl::string_view header(found->second.data(), found->second.size());
  const std::vector<absl::string_view> parts = absl::StrSplit(header, '-');
  const bool valid = parts.size() >= 4 && parts[1].size() == 32 &&
                     std::all_of(parts[1].begin(), parts[1].end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                     });
  return valid ? std::string(parts[1]) : "";
}

// The call's deadline on the steady clock. gRPC counts it in wall time.
SteadyTime DeadlineOf(const grpc::CallbackServerContext& context,
                      const Clock& clock) {
  const auto deadline = context.deadline();
  const auto far = std::chrono::hours(24 * 365);
  const auto left = deadline - std::chrono::system_clock::now();
  if (deadline == std::chrono::system_clock::time_point::max() || left > far) {
    return SteadyTime::max();
  }
  return clock.Steady() +
         std::chrono::duration_cast<SteadyTime::duration>(left);
}

// A server's own failures are worth a line; a caller's mistakes are counted.
Severity SeverityOf(const absl::Status& status, absl::string_view reason) {
  // What has no reason, the caller is told as INTERNAL.
  if (reason.empty()) return Severity::kError;
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnknown:
      return Severity::kError;
    case absl::StatusCode::kUnavailable:
      return Severity::kWarning;
    case absl::StatusCode::kResourceExhausted:
      // Else it is the caller's own quota.
      return reason == "QUEUE_FULL" || reason == "STORAGE_FULL"
                 ? Severity::kWarning
                 : Severity::kDebug;
    default:
      return Severity::kDebug;
  }
}

}  // namespace

ReportedIds ClientCreated(const std::string& client_id) {
  return {.event = "client.created", .client_id = client_id, .rows = 1};
}

std::string LoggedRequestId(const std::string& request_id) {
  Violations ignored;
  return RequestId(request_id, "request_id", ignored);
}

CallState::CallState(const Method& method, grpc::CallbackServerContext* context,
                     grpc::ServerUnaryReactor* reactor, Admission& admission,
                     const Clock* clock)
    : method_(method),
      context_(context),
      reactor_(reactor),
      start_(clock->Steady()),
      deadline_(DeadlineOf(*context, *clock)),
      verdict_(admission.Admit(*context, method)),
      trace_id_(TraceIdOf(*context)) {}

storage::Patience CallState::Patience() const {
  return {.deadline = deadline_,
          .cancelled = [context = context_] { return context->IsCancelled(); }};
}

storage::AuditEvent CallState::NewAuditEvent(
    IdSource& ids, const std::string& request_id) const {
  return {.audit_event_id = ids.Next(),
          .principal = Recordable(principal().name),
          .client_id = principal().scope.client_id(),
          .method = name().method,
          .event = name().event,
          .peer = context_->peer(),
          .request_id = request_id};
}

double CallState::Seconds(const Clock* clock) const {
  return std::chrono::duration<double>(clock->Steady() - start_).count();
}

void CallState::Report(Log& log, const Clock* clock,
                       const ReportedIds& reported,
                       const std::string& request_id) const {
  log.Write(Severity::kInfo,
            reported.event == nullptr ? name().event : reported.event,
            {{"method", name().method},
             {"principal", principal().name},
             {"request_id", request_id},
             {"trace_id", trace_id_},
             {"client_id", reported.client_id},
             {"channel_pair_id", reported.channel_pair_id},
             {"channel_id", reported.channel_id},
             {"open_channel_id", reported.open_channel_id},
             {"closed_channel_id", reported.closed_channel_id},
             {"entry_id", reported.entry_id},
             {"feed_id", reported.feed_id},
             {"post_id", reported.post_id},
             {"operation_id", reported.operation_id},
             {"delivery_id", reported.delivery_id},
             {"rows", reported.rows},
             {"replayed", int64_t{reported.replayed}},
             {"seconds", Seconds(clock)}});
}

grpc::Status CallState::End(const absl::Status& status, Log& log,
                            const Clock* clock,
                            absl::Span<const ReportedIds> reported,
                            const std::string& request_id) {
  grpc::Status answer = ToGrpcStatus(status);
  method_.metrics.Finished(answer.error_code(), Seconds(clock));
  for (const ReportedIds& ids : reported) Report(log, clock, ids, request_id);
  if (!status.ok()) {
    const std::string reason = ReasonOf(status);
    log.Write(SeverityOf(status, reason), "call.failed",
              {{"method", name().method},
               {"principal", principal().name},
               {"request_id", request_id},
               {"trace_id", trace_id_},
               {"code", absl::StatusCodeToString(status.code())},
               {"reason", reason},
               // The caller is told that the log says how.
               {"cause", reason.empty() ? status.message() : ""},
               {"database_code", storage::SqlCodeOf(status)},
               {"seconds", Seconds(clock)}});
  }
  if (ForbidsRetry(status)) {
    context_->AddTrailingMetadata("grpc-retry-pushback-ms", "-1");
  }
  return answer;
}

grpc::Status CallState::EndCancelled(const Clock* clock) {
  method_.metrics.Finished(grpc::StatusCode::CANCELLED, Seconds(clock));
  return {grpc::StatusCode::CANCELLED, ""};
}

void CallState::Finish(const absl::Status& status, Log& log, const Clock* clock,
                       absl::Span<const ReportedIds> reported,
                       const std::string& request_id) {
  reactor_->Finish(End(status, log, clock, reported, request_id));
}

}  // namespace broadcast::rpc
