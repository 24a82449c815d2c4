#include "rpc/watch_methods.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/event.h"
#include "rpc/convert/operation.h"
#include "rpc/request_hash.h"
#include "rpc/watch_stream.h"

namespace broadcast::rpc {
namespace {

constexpr char kVersionPrefix[] = "o";
constexpr size_t kVersionDigits = 32;

class EventStream final : public WatchStream<v1::WatchEventsResponse>,
                          public EventWatch {
 public:
  EventStream(Calls& calls, CallState state, Wanted wanted)
      : WatchStream(calls, std::move(state)),
        EventWatch(wanted),
        begin_(std::move(wanted.token)) {}

  bool HasRoom() override { return MayPush(); }
  void End(const absl::Status& status) override { EndWith(status); }

  void Tell(const std::vector<storage::Event>& events,
            const std::string& token) override {
    if (!begun_ || events.empty()) {
      v1::WatchEventsResponse response;
      // What is told at first is behind where it began.
      response.set_resume_token(begun_ || begin_.empty() ? token : begin_);
      Push(std::move(response));
    }
    begun_ = true;
    for (const storage::Event& event : events) {
      v1::WatchEventsResponse response;
      EventToProto(event, *response.mutable_event());
      response.set_resume_token(event.token);
      Push(std::move(response));
    }
  }

 private:
  const Watch* AsWatch() const override { return this; }

  const std::string begin_;
  bool begun_ = false;  // of the thread that tells
};

// Names one state of an operation.
std::string VersionOf(const v1::Operation& operation) {
  return absl::StrCat(kVersionPrefix,
                      HashOf(operation).substr(0, kVersionDigits));
}

bool IsVersion(absl::string_view text) {
  return text.size() == kVersionDigits + 1 &&
         absl::StartsWith(text, kVersionPrefix) &&
         std::all_of(text.begin() + 1, text.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

class OperationStream final : public WatchStream<v1::WatchOperationResponse>,
                              public OperationWatch {
 public:
  OperationStream(Calls& calls, CallState state, storage::Scope scope,
                  std::string operation_id, std::string known)
      : WatchStream(calls, std::move(state)),
        OperationWatch(std::move(scope), std::move(operation_id)),
        known_(std::move(known)) {}

  bool HasRoom() override { return true; }
  void End(const absl::Status& status) override { EndWith(status); }

  void Tell(const storage::Operation& operation) override {
    v1::WatchOperationResponse response;
    OperationToProto(operation, *response.mutable_operation());
    const std::string version = VersionOf(response.operation());
    if (version != known_) {
      known_ = version;
      response.set_resume_token(version);
      // Of what it has not received the caller wants the latest alone.
      Push(std::move(response), /*replace=*/true);
    }
    if (operation.state == storage::OperationState::kFinished) {
      EndWith(absl::OkStatus());
    }
  }

 private:
  const Watch* AsWatch() const override { return this; }

  std::string known_;  // of the thread that tells
};

absl::StatusOr<EventWatch::Wanted> WantedFromProto(
    const v1::WatchEventsRequest& request, const storage::Scope& scope) {
  Violations violations;
  EventWatch::Wanted wanted{.scope = scope, .token = request.resume_token()};
  if (!request.operation_id().empty()) {
    wanted.filter.operation_id =
        Uuid(request.operation_id(), "operation_id", violations);
  }
  if (!request.entry_id().empty()) {
    wanted.filter.entry_id = Uuid(request.entry_id(), "entry_id", violations);
  }
  if (request.kinds_size() > limits::kMaxWatchKinds) {
    violations.Add("kinds", absl::StrCat("must hold at most ",
                                         limits::kMaxWatchKinds, " kinds"));
  }
  for (int i = 0; i < std::min(request.kinds_size(), limits::kMaxWatchKinds);
       ++i) {
    const std::string& kind = request.kinds(i);
    if (kind.empty() || kind.size() > limits::kMaxEventKindLength ||
        !std::all_of(kind.begin(), kind.end(), absl::ascii_isgraph)) {
      violations.Add(absl::StrCat("kinds[", i, "]"),
                     "must be a kind of event, like operation.finished");
    }
    wanted.kinds.insert(kind);
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return wanted;
}

absl::StatusOr<std::string> OperationIdFromProto(
    const v1::WatchOperationRequest& request) {
  Violations violations;
  std::string operation_id =
      Uuid(request.operation_id(), "operation_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  if (!request.resume_token().empty() && !IsVersion(request.resume_token())) {
    return error::InvalidResumeToken(
        "it is no token of a watch of an operation; watch anew without it");
  }
  return operation_id;
}

// A stream that ends before it has begun.
template <typename Response>
class RefusedStream final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit RefusedStream(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

template <typename Stream, typename Response>
grpc::ServerWriteReactor<Response>* Started(
    Calls& calls, const std::shared_ptr<Stream>& stream) {
  stream->Begin(stream);
  if (absl::Status added = calls.watches()->Add(stream); !added.ok()) {
    stream->EndWith(added);
  }
  return stream.get();
}

}  // namespace

grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(
    Calls& calls, const Method& method, grpc::CallbackServerContext* context,
    const v1::WatchEventsRequest& request) {
  using Response = v1::WatchEventsResponse;
  CallState state = calls.BeginStream(method, context);
  if (!state.refusal().ok()) {
    return new RefusedStream<Response>(calls.EndStream(state, state.refusal()));
  }
  auto wanted = WantedFromProto(request, state.principal().scope);
  if (!wanted.ok()) {
    return new RefusedStream<Response>(calls.EndStream(state, wanted.status()));
  }
  return Started<EventStream, Response>(
      calls, std::make_shared<EventStream>(calls, std::move(state),
                                           *std::move(wanted)));
}

grpc::ServerWriteReactor<v1::WatchOperationResponse>* WatchOperation(
    Calls& calls, const Method& method, grpc::CallbackServerContext* context,
    const v1::WatchOperationRequest& request) {
  using Response = v1::WatchOperationResponse;
  CallState state = calls.BeginStream(method, context);
  if (!state.refusal().ok()) {
    return new RefusedStream<Response>(calls.EndStream(state, state.refusal()));
  }
  auto operation_id = OperationIdFromProto(request);
  if (!operation_id.ok()) {
    return new RefusedStream<Response>(
        calls.EndStream(state, operation_id.status()));
  }
  const storage::Scope scope = state.principal().scope;
  return Started<OperationStream, Response>(
      calls, std::make_shared<OperationStream>(calls, std::move(state), scope,
                                               *std::move(operation_id),
                                               request.resume_token()));
}

}  // namespace broadcast::rpc
