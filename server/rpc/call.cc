#include "rpc/call.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_split.h"
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
Severity SeverityOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnknown:
      return Severity::kError;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return Severity::kWarning;
    default:
      return Severity::kDebug;
  }
}

}  // namespace

CallState::CallState(const RpcName& name, grpc::CallbackServerContext* context,
                     const Clock* clock)
    : name_(name),
      context_(context),
      reactor_(context->DefaultReactor()),
      start_(clock->Steady()),
      deadline_(DeadlineOf(*context, *clock)),
      principal_(auth::Principal::Local()),
      trace_id_(TraceIdOf(*context)) {}

storage::Patience CallState::Patience() const {
  return {.deadline = deadline_,
          .cancelled = [context = context_] { return context->IsCancelled(); }};
}

void CallState::Finish(const absl::Status& status, Log& log,
                       RpcMetrics& metrics, const Clock* clock,
                       const ReportedIds* reported,
                       const std::string& request_id) {
  const grpc::Status answer = ToGrpcStatus(status);
  const double seconds =
      std::chrono::duration<double>(clock->Steady() - start_).count();
  metrics.Finished(answer.error_code(), seconds);
  if (reported != nullptr) {
    log.Write(Severity::kInfo, name_.event,
              {{"method", name_.method},
               {"principal", principal_.name},
               {"request_id", request_id},
               {"trace_id", trace_id_},
               {"client_id", reported->client_id},
               {"channel_pair_id", reported->channel_pair_id},
               {"channel_id", reported->channel_id},
               {"open_channel_id", reported->open_channel_id},
               {"closed_channel_id", reported->closed_channel_id},
               {"entry_id", reported->entry_id},
               {"rows", reported->rows},
               {"replayed", int64_t{reported->replayed}},
               {"seconds", seconds}});
  }
  if (!status.ok() && log.Enabled(SeverityOf(status.code()))) {
    log.Write(SeverityOf(status.code()), "call.failed",
              {{"method", name_.method},
               {"principal", principal_.name},
               {"request_id", request_id},
               {"trace_id", trace_id_},
               {"code", absl::StatusCodeToString(status.code())},
               {"reason", ReasonOf(status)},
               {"database_code", storage::SqlCodeOf(status)},
               {"seconds", seconds}});
  }
  reactor_->Finish(answer);
}

Calls::Calls(storage::Database* database, const Policy* policy, Log* log,
             prometheus::Registry* registry)
    : database_(database), policy_(policy), log_(log), registry_(registry) {}

RpcMetrics Calls::MetricsOf(const RpcName& name) {
  return RpcMetrics(*registry_, name.service, name.method);
}

}  // namespace broadcast::rpc
