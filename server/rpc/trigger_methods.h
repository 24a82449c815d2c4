// BroadcastService.Trigger and SendTest: what is particular to each, as
// rpc/call.h wants it. Pure but for Decide, which runs in a transaction.
#ifndef BROADCASTD_RPC_TRIGGER_METHODS_H_
#define BROADCASTD_RPC_TRIGGER_METHODS_H_

#include "broadcast/v1/broadcast_service.pb.h"
#include "entries/send_test.h"
#include "entries/trigger_entry.h"
#include "rpc/call.h"
#include "rpc/entry_methods.h"

namespace broadcast::rpc {

struct TriggerMethod {
  using Request = v1::TriggerRequest;
  using Response = v1::TriggerResponse;
  using Command = entries::TriggerCommand;
  using Result = entries::Triggered;
  static constexpr RpcName kName{kBroadcastService, "Trigger",
                                 "entry.triggered"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

struct SendTestMethod {
  using Request = v1::SendTestRequest;
  using Response = v1::SendTestResponse;
  using Command = entries::SendTestCommand;
  using Result = entries::SentTest;
  static constexpr RpcName kName{kBroadcastService, "SendTest", "entry.tested"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_TRIGGER_METHODS_H_
