// What every RPC goes through, once: admission, which knows the principal and
// its scope, the trace, the deadline, the request id, parsing, the database,
// the answer, the log and the metrics. A method is a struct that says what is
// particular to it; its handler is one line. See ARCHITECTURE.md, "The path of
// a write".
//
// A method M has
//   Request, Response, Command, Result    the messages and what they become
//   kName                                 an RpcName
//   Answer(result, policy, response)      fills the response, or
//   Answer(result, policy, database, response)
// and to read
//   kKind                                 ReadKind
//   Parse(request, scope)                 -> StatusOr<Command>
//   Load(transaction, scope, command)     -> StatusOr<Result>
// or, to read more than one snapshot should take, instead of Load
//   LoadNext(transaction, scope, command, result so far) -> StatusOr<Result>
//   IsComplete(result)                    false to go on, in a new read
// or to write
//   kSingle                               see WriteOptions::single
//   Parse(request, policy)                -> StatusOr<Command>, or
//   Parse(request, scope, policy)         if who asks makes a difference
//   Decide(transaction, caller, command, policy) -> StatusOr<Result>
//   Report(result, ids)                   what to log and audit: a line, or
//   Report(result, lines)                 several, the last about all of it
//   HasChanged(result)                    optional; false: there is nothing to
//                                         log and audit
// Parse and Answer run on the library's threads and do no I/O. One that answers
// from memory has Request, Response, kName and
//   Tell(request, scope, policy, response) -> Status
// What fits none of this makes its own CallState, and ends with Calls::Finish
// or Calls::Refuse: see rpc/backfill.cc.
//
// A write that changes something records one audit event in its transaction,
// after Decide; one that is refused for its caller's mistake is recorded later.
//
// The environment owns the one Calls; handlers on any thread use it.
#ifndef BROADCASTD_RPC_CALL_H_
#define BROADCASTD_RPC_CALL_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/metrics.h"
#include "rpc/admission.h"
#include "rpc/audit.h"
#include "rpc/call_state.h"
#include "rpc/caller.h"
#include "rpc/method.h"
#include "rpc/policy.h"
#include "rpc/refusals.h"
#include "rpc/sending_streams.h"
#include "rpc/watches.h"
#include "storage/audit_events.h"
#include "storage/database.h"
#include "storage/request_ids.h"

namespace broadcast::rpc {

class Calls {
 public:
  // All pointers outlive this.
  Calls(storage::Database* database, const Policy* policy, Admission* admission,
        Log* log, prometheus::Registry* registry);
  ~Calls();

  const Policy& policy() const { return *policy_; }
  storage::Database& database() { return *database_; }

  // Answers from memory.
  template <typename M>
  grpc::ServerUnaryReactor* Tell(const Method& method,
                                 grpc::CallbackServerContext* context,
                                 const typename M::Request* request,
                                 typename M::Response* response) {
    CallState state = Begin(method, context);
    grpc::ServerUnaryReactor* reactor = state.reactor();
    absl::Status status = state.refusal();
    if (status.ok()) {
      status = M::Tell(*request, state.principal().scope, *policy_, *response);
    }
    Finish(state, status, {}, "");
    return reactor;
  }

  template <typename M>
  grpc::ServerUnaryReactor* Read(const Method& method,
                                 grpc::CallbackServerContext* context,
                                 const typename M::Request* request,
                                 typename M::Response* response);

  template <typename M>
  grpc::ServerUnaryReactor* Write(const Method& method,
                                  grpc::CallbackServerContext* context,
                                  const typename M::Request* request,
                                  typename M::Response* response);

  // For a handler, before the first call.
  Method MethodOf(const RpcName& name);

  // Returns FAILED_PRECONDITION, naming it, if a method's contract has no
  // required_scope.
  absl::Status CheckMethods() const;

  // Begins a call, which must end with Finish.
  CallState Begin(const Method& method, grpc::CallbackServerContext* context) {
    return CallState(method, context, context->DefaultReactor(), *admission_,
                     policy_->clock);
  }

  // Begins a stream, which its owner ends with what EndStream answers.
  CallState BeginStream(const Method& method,
                        grpc::CallbackServerContext* context) {
    return CallState(method, context, nullptr, *admission_, policy_->clock);
  }
  grpc::Status EndStream(CallState& state, const absl::Status& status,
                         absl::Span<const ReportedIds> reported = {},
                         const std::string& request_id = "") {
    return state.End(status, *log_, policy_->clock, reported, request_id);
  }
  grpc::Status EndCancelledStream(CallState& state) {
    return state.EndCancelled(policy_->clock);
  }

  const std::shared_ptr<Watches>& watches() { return watches_; }
  const std::shared_ptr<SendingStreams>& sending() { return sending_; }

  // False, and nothing to end, if limits::kMaxChecks are under way already.
  bool BeginCheck();
  void EndCheck() { --checks_; }

  // As CallState::Report and Finish.
  void Report(const CallState& state, const ReportedIds& reported,
              const std::string& request_id) {
    state.Report(*log_, policy_->clock, reported, request_id);
  }
  void Finish(CallState& state, const absl::Status& status,
              absl::Span<const ReportedIds> reported,
              const std::string& request_id) {
    state.Finish(status, *log_, policy_->clock, reported, request_id);
  }

  // As Finish, for a mutation that failed. If its caller is refused something
  // (IsRefusal), the audit trail tells that, once the call is answered.
  template <typename Request>
  void Refuse(CallState& state, const absl::Status& status,
              const Request& request);

  // As EndStream, of a stream that mutates; `request` says what it is about.
  template <typename Request>
  grpc::Status RefuseStream(CallState& state, const absl::Status& status,
                            const Request& request);

 private:
  template <typename M>
  struct Reading {
    CallState state;
    typename M::Response* response;
    typename M::Command command;
    typename M::Result result;
    typename M::Result next;  // what the read under way makes of it
  };

  template <typename M>
  void Load(const std::shared_ptr<Reading<M>>& reading);

  template <typename M>
  void AnswerWith(const typename M::Result& result,
                  typename M::Response& response) {
    if constexpr (requires {
                    M::Answer(result, *policy_, *database_, response);
                  }) {
      M::Answer(result, *policy_, *database_, response);
    } else {
      M::Answer(result, *policy_, response);
    }
  }

  template <typename M>
  static std::vector<ReportedIds> ReportsOf(const typename M::Result& result) {
    std::vector<ReportedIds> reported;
    if constexpr (requires { M::Report(result, reported); }) {
      M::Report(result, reported);
    } else {
      M::Report(result, reported.emplace_back());
    }
    return reported;
  }

  template <typename M>
  absl::StatusOr<typename M::Command> ParseWrite(
      const typename M::Request& request, const storage::Scope& scope) const {
    if constexpr (requires { M::Parse(request, scope, *policy_); }) {
      return M::Parse(request, scope, *policy_);
    } else {
      return M::Parse(request, *policy_);
    }
  }

  template <typename M>
  struct Writing {
    CallState state;
    typename M::Response* response;
    typename M::Command command;
    Caller caller;
    typename M::Result result;
    std::vector<ReportedIds> reported;  // of the result; none of a rehearsal
  };

  // Decides, and records the audit event of what that changed.
  template <typename M>
  absl::Status Decide(storage::Transaction& transaction, Writing<M>& writing);

  storage::Database* const database_;
  const Policy* const policy_;
  Admission* const admission_;
  Log* const log_;
  prometheus::Registry* const registry_;
  std::vector<std::string> undeclared_;  // methods without a required scope
  const std::shared_ptr<Refusals> refusals_;
  const std::shared_ptr<Watches> watches_;
  const std::shared_ptr<SendingStreams> sending_;
  std::atomic<int> checks_{0};  // of channels, under way
};

template <typename M>
grpc::ServerUnaryReactor* Calls::Read(const Method& method,
                                      grpc::CallbackServerContext* context,
                                      const typename M::Request* request,
                                      typename M::Response* response) {
  CallState state = Begin(method, context);
  grpc::ServerUnaryReactor* reactor = state.reactor();
  if (!state.refusal().ok()) {
    Finish(state, state.refusal(), {}, "");
    return reactor;
  }
  auto command = M::Parse(*request, state.principal().scope);
  if (!command.ok()) {
    Finish(state, command.status(), {}, "");
    return reactor;
  }
  Load<M>(std::make_shared<Reading<M>>(
      Reading<M>{std::move(state), response, *std::move(command), {}, {}}));
  return reactor;
}

// Reads once or, where M reads in steps, until it is complete. A step follows
// another through the queue, so that they neither nest nor keep others out.
template <typename M>
void Calls::Load(const std::shared_ptr<Reading<M>>& reading) {
  constexpr bool kInSteps = requires { M::IsComplete(reading->result); };
  static_assert(!kInSteps || M::kKind == storage::ReadKind::kScan);
  storage::Patience patience = reading->state.Patience();
  database_->Read(
      M::kKind, std::move(patience),
      [reading = reading.get()](storage::Transaction& transaction) {
        const storage::Scope& scope = reading->state.principal().scope;
        absl::StatusOr<typename M::Result> loaded;
        if constexpr (kInSteps) {
          loaded = M::LoadNext(transaction, scope, reading->command,
                               reading->result);
        } else {
          loaded = M::Load(transaction, scope, reading->command);
        }
        if (!loaded.ok()) return loaded.status();
        reading->next = *std::move(loaded);
        return absl::OkStatus();
      },
      [this, reading](const absl::Status& status) {
        if (status.ok()) reading->result = std::move(reading->next);
        if constexpr (kInSteps) {
          if (status.ok() && !M::IsComplete(reading->result)) {
            return Load<M>(reading);
          }
        }
        if (status.ok()) AnswerWith<M>(reading->result, *reading->response);
        Finish(reading->state, status, {}, "");
      });
}

template <typename Request>
void Calls::Refuse(CallState& state, const absl::Status& status,
                   const Request& request) {
  const std::string request_id = LoggedRequestId(RequestIdOf(request));
  // Once the last call is finished, this may go.
  const std::shared_ptr<Refusals> refusals = refusals_;
  std::optional<storage::AuditEvent> refusal;
  if (policy_->audit && IsRefusal(status) && !IsValidateOnly(request)) {
    refusal = WithRefusal(state.NewAuditEvent(*policy_->ids, request_id),
                          status, ClientNamedBy(request));
  }
  Finish(state, status, {}, request_id);
  if (refusal.has_value()) refusals->Record(*std::move(refusal));
}

template <typename Request>
grpc::Status Calls::RefuseStream(CallState& state, const absl::Status& status,
                                 const Request& request) {
  const std::string request_id = LoggedRequestId(RequestIdOf(request));
  if (policy_->audit && IsRefusal(status) && !IsValidateOnly(request)) {
    refusals_->Record(
        WithRefusal(state.NewAuditEvent(*policy_->ids, request_id), status,
                    ClientNamedBy(request)));
  }
  return EndStream(state, status, {}, request_id);
}

template <typename M>
absl::Status Calls::Decide(storage::Transaction& transaction,
                           Writing<M>& writing) {
  const Caller& caller = writing.caller;
  auto decided = M::Decide(transaction, caller, writing.command, *policy_);
  if (!decided.ok()) return decided.status();
  writing.result = *std::move(decided);
  if (caller.validate_only) return absl::OkStatus();
  if constexpr (requires { M::HasChanged(writing.result); }) {
    if (!M::HasChanged(writing.result)) return absl::OkStatus();
  }
  writing.reported = ReportsOf<M>(writing.result);
  // What is one statement has recorded it by itself.
  if (writing.reported.back().replayed || !policy_->audit ||
      transaction.mode() == storage::Transaction::Mode::kSingle) {
    return absl::OkStatus();
  }
  return storage::RecordAuditEvent(
      transaction, WithReported(caller.audit, writing.reported));
}

template <typename M>
grpc::ServerUnaryReactor* Calls::Write(const Method& method,
                                       grpc::CallbackServerContext* context,
                                       const typename M::Request* request,
                                       typename M::Response* response) {
  CallState state = Begin(method, context);
  grpc::ServerUnaryReactor* reactor = state.reactor();
  if (!state.refusal().ok()) {
    Refuse(state, state.refusal(), *request);
    return reactor;
  }
  auto command = ParseWrite<M>(*request, state.principal().scope);
  if (!command.ok()) {
    Refuse(state, command.status(), *request);
    return reactor;
  }
  Caller caller{.scope = state.principal().scope,
                .validate_only = IsValidateOnly(*request)};
  if (!caller.validate_only) {
    caller.request = RequestKeyOf(*request, caller.scope, M::kName);
    caller.audit = state.NewAuditEvent(*policy_->ids, RequestIdOf(*request));
  }
  const storage::WriteOptions options{
      .patience = state.Patience(),
      .guarded = !caller.request.request_id.empty(),
      .single = M::kSingle,
      .undo = caller.validate_only};
  auto writing = std::make_shared<Writing<M>>(Writing<M>{std::move(state),
                                                         response,
                                                         *std::move(command),
                                                         std::move(caller),
                                                         {},
                                                         {}});
  database_->Write(
      options,
      [this, writing = writing.get()](storage::Transaction& transaction) {
        return Decide<M>(transaction, *writing);
      },
      [this, writing, request](const absl::Status& status) {
        if (!status.ok()) return Refuse(writing->state, status, *request);
        AnswerWith<M>(writing->result, *writing->response);
        watches_->Wake();
        Finish(writing->state, status, writing->reported,
               writing->caller.request.request_id);
      });
  return reactor;
}

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CALL_H_
