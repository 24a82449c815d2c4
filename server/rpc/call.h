// What every RPC goes through, once: the principal and its scope, the trace,
// the deadline, the request id, parsing, the database, the answer, the log and
// the metrics. A method is a struct that says what is particular to it; its
// handler is one line. See ARCHITECTURE.md, "The path of a request".
//
// A method M has
//   Request, Response, Command, Result    the messages and what they become
//   kName                                 an RpcName
//   Answer(result, policy, response)      fills the response
// and to read
//   kKind                                 ReadKind
//   Parse(request, scope)                 -> StatusOr<Command>
//   Load(transaction, scope, command)     -> StatusOr<Result>
// or to write
//   kSingle                               see WriteOptions::single
//   Parse(request, policy)                -> StatusOr<Command>
//   Decide(transaction, caller, command, policy) -> StatusOr<Result>
//   Report(result, ids)                   what to log
// Parse and Answer run on the library's threads and do no I/O.
//
// The environment owns the one Calls; handlers on any thread use it.
#ifndef BROADCASTD_RPC_CALL_H_
#define BROADCASTD_RPC_CALL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "auth/principal.h"
#include "base/clock.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/metrics.h"
#include "rpc/policy.h"
#include "rpc/request_hash.h"
#include "rpc/status.h"
#include "storage/database.h"
#include "storage/request_ids.h"

namespace broadcast::rpc {

struct RpcName {
  const char* service;  // "broadcast.v1.BroadcastService"
  const char* method;   // "CreateEntry"
  const char* event;    // "entry.created"; null for what changes nothing
};

// Who asks, as the layers below see it.
struct Caller {
  storage::Scope scope;
  storage::RequestKey request;
  bool validate_only = false;  // nothing of the decision will be kept
};

// The ids that a mutation touched, for the log.
struct ReportedIds {
  std::string client_id;
  std::string channel_pair_id;
  std::string channel_id;
  std::string entry_id;
  int64_t rows = 0;  // of a batch or a cascade
  bool replayed = false;
};

// One call under way: what is known of it before and beside its messages.
class CallState {
 public:
  CallState(const RpcName& name, grpc::CallbackServerContext* context,
            const Clock* clock);

  const auth::Principal& principal() const { return principal_; }
  const std::string& trace_id() const { return trace_id_; }
  const RpcName& name() const { return name_; }
  SteadyTime start() const { return start_; }

  storage::Patience Patience() const;

  // Logs, counts and ends the call. Nothing of it may be touched afterwards.
  void Finish(const absl::Status& status, Log& log, RpcMetrics& metrics,
              const Clock* clock, const ReportedIds* reported,
              const std::string& request_id);

 private:
  const RpcName& name_;
  grpc::CallbackServerContext* const context_;
  grpc::ServerUnaryReactor* const reactor_;
  const SteadyTime start_;
  const SteadyTime deadline_;
  const auth::Principal principal_;
  std::string trace_id_;

  friend class Calls;
};

class Calls {
 public:
  // All pointers outlive this.
  Calls(storage::Database* database, const Policy* policy, Log* log,
        prometheus::Registry* registry);

  const Policy& policy() const { return *policy_; }
  storage::Database& database() { return *database_; }

  // Answers from memory: M has Tell(request, policy, database, response).
  template <typename M>
  grpc::ServerUnaryReactor* Tell(RpcMetrics& metrics,
                                 grpc::CallbackServerContext* context,
                                 const typename M::Request* request,
                                 typename M::Response* response) {
    CallState state(M::kName, context, policy_->clock);
    grpc::ServerUnaryReactor* reactor = state.reactor_;
    const absl::Status status =
        M::Tell(*request, *policy_, *database_, *response);
    state.Finish(status, *log_, metrics, policy_->clock, nullptr, "");
    return reactor;
  }

  template <typename M>
  grpc::ServerUnaryReactor* Read(RpcMetrics& metrics,
                                 grpc::CallbackServerContext* context,
                                 const typename M::Request* request,
                                 typename M::Response* response);

  template <typename M>
  grpc::ServerUnaryReactor* Write(RpcMetrics& metrics,
                                  grpc::CallbackServerContext* context,
                                  const typename M::Request* request,
                                  typename M::Response* response);

  RpcMetrics MetricsOf(const RpcName& name);

 private:
  template <typename M>
  struct Reading {
    CallState state;
    typename M::Response* response;
    typename M::Command command;
    typename M::Result result;
  };

  template <typename M>
  struct Writing {
    CallState state;
    typename M::Response* response;
    typename M::Command command;
    Caller caller;
    typename M::Result result;
  };

  storage::Database* const database_;
  const Policy* const policy_;
  Log* const log_;
  prometheus::Registry* const registry_;
};

// True for a request that asks only what a mutation would do.
template <typename Request>
bool IsValidateOnly(const Request& request) {
  if constexpr (requires { request.validate_only(); }) {
    return request.validate_only();
  } else {
    return false;
  }
}

template <typename M>
grpc::ServerUnaryReactor* Calls::Read(RpcMetrics& metrics,
                                      grpc::CallbackServerContext* context,
                                      const typename M::Request* request,
                                      typename M::Response* response) {
  CallState state(M::kName, context, policy_->clock);
  grpc::ServerUnaryReactor* reactor = state.reactor_;
  auto command = M::Parse(*request, state.principal().scope);
  if (!command.ok()) {
    state.Finish(command.status(), *log_, metrics, policy_->clock, nullptr, "");
    return reactor;
  }
  storage::Patience patience = state.Patience();
  auto reading = std::make_shared<Reading<M>>(Reading<M>{
      std::move(state), response, *std::move(command), {}});
  database_->Read(
      M::kKind, std::move(patience),
      [reading = reading.get()](storage::Transaction& transaction) {
        auto loaded = M::Load(transaction, reading->state.principal().scope,
                              reading->command);
        if (loaded.ok()) reading->result = *std::move(loaded);
        return loaded.status();
      },
      [this, reading, &metrics](absl::Status status) {
        if (status.ok()) {
          M::Answer(reading->result, *policy_, *reading->response);
        }
        reading->state.Finish(status, *log_, metrics, policy_->clock, nullptr,
                              "");
      });
  return reactor;
}

template <typename M>
grpc::ServerUnaryReactor* Calls::Write(RpcMetrics& metrics,
                                       grpc::CallbackServerContext* context,
                                       const typename M::Request* request,
                                       typename M::Response* response) {
  CallState state(M::kName, context, policy_->clock);
  grpc::ServerUnaryReactor* reactor = state.reactor_;
  auto command = M::Parse(*request, *policy_);
  if (!command.ok()) {
    state.Finish(command.status(), *log_, metrics, policy_->clock, nullptr,
                 request->request_id());
    return reactor;
  }
  Caller caller{.scope = state.principal().scope,
                .validate_only = IsValidateOnly(*request)};
  if (!caller.validate_only && !request->request_id().empty()) {
    caller.request = {.scope = caller.scope.Key(),
                      .method = M::kName.method,
                      .request_id = request->request_id(),
                      .payload_hash = HashWithoutRequestId(*request)};
  }
  const storage::WriteOptions options{
      .patience = state.Patience(),
      .guarded = !caller.request.request_id.empty(),
      .single = M::kSingle,
      .undo = caller.validate_only};
  auto writing = std::make_shared<Writing<M>>(
      Writing<M>{std::move(state), response, *std::move(command),
                 std::move(caller), {}});
  database_->Write(
      options,
      [this, writing = writing.get()](storage::Transaction& transaction) {
        auto decided = M::Decide(transaction, writing->caller,
                                 writing->command, *policy_);
        if (decided.ok()) writing->result = *std::move(decided);
        return decided.status();
      },
      [this, writing, &metrics](absl::Status status) {
        ReportedIds reported;
        if (status.ok()) {
          M::Answer(writing->result, *policy_, *writing->response);
          M::Report(writing->result, reported);
        }
        const bool changed = status.ok() && !writing->caller.validate_only;
        writing->state.Finish(status, *log_, metrics, policy_->clock,
                              changed ? &reported : nullptr,
                              writing->caller.request.request_id);
      });
  return reactor;
}

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CALL_H_
