// One call under way: who makes it and whether they may, its trace, its
// deadline, its log and its end. Owned by the call; one thread at a time.
#ifndef BROADCASTD_RPC_CALL_STATE_H_
#define BROADCASTD_RPC_CALL_STATE_H_

#include <grpcpp/grpcpp.h>

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "auth/principal.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "rpc/admission.h"
#include "rpc/method.h"
#include "rpc/reported_ids.h"
#include "storage/queue.h"
#include "storage/records.h"

namespace broadcast::rpc {

// For the log of a call that a new client came with.
ReportedIds ClientCreated(const std::string& client_id);

// `request_id`, or nothing for one that no method accepts: it could be
// anything, of any length.
std::string LoggedRequestId(const std::string& request_id);

class CallState {
 public:
  // `admission` decides whether the call goes on: see refusal(). `reactor` is
  // what ends it; null for a stream, whose owner ends it with what End answers.
  CallState(const Method& method, grpc::CallbackServerContext* context,
            grpc::ServerUnaryReactor* reactor, Admission& admission,
            const Clock* clock);

  // Why the call may not be made; OK if it may.
  const absl::Status& refusal() const { return verdict_.status; }
  const auth::Principal& principal() const { return *verdict_.principal; }
  const std::string& trace_id() const { return trace_id_; }
  const RpcName& name() const { return method_.name; }
  SteadyTime start() const { return start_; }
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  storage::Patience Patience() const;

  // What of the call's audit event is known from its start.
  storage::AuditEvent NewAuditEvent(IdSource& ids,
                                    const std::string& request_id) const;

  // Logs something that the call changed.
  void Report(Log& log, const Clock* clock, const ReportedIds& reported,
              const std::string& request_id) const;

  // Logs and counts the call, and answers what it ends with. `reported` is what
  // it changed, even if it failed then.
  grpc::Status End(const absl::Status& status, Log& log, const Clock* clock,
                   absl::Span<const ReportedIds> reported,
                   const std::string& request_id);

  // As End, of a call whose caller has gone or has waited long enough.
  grpc::Status EndCancelled(const Clock* clock);

  // As End, and ends the call. Nothing of it may be touched afterwards.
  void Finish(const absl::Status& status, Log& log, const Clock* clock,
              absl::Span<const ReportedIds> reported,
              const std::string& request_id);

 private:
  double Seconds(const Clock* clock) const;

  const Method& method_;
  grpc::CallbackServerContext* const context_;
  grpc::ServerUnaryReactor* const reactor_;
  const SteadyTime start_;
  const SteadyTime deadline_;
  Admission::Verdict verdict_;
  std::string trace_id_;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CALL_STATE_H_
