// FeedService.ListMessages, as rpc/call.h wants it. Pure but for Load, which
// runs in a transaction.
#ifndef BROADCASTD_RPC_MESSAGE_METHODS_H_
#define BROADCASTD_RPC_MESSAGE_METHODS_H_

#include "rpc/feed_methods.h"

namespace broadcast::rpc {

struct ListMessagesMethod {
  using Request = v1::ListMessagesRequest;
  using Response = v1::ListMessagesResponse;
  using Command = storage::ListPlan;
  using Result = storage::Page<storage::Message>;
  static constexpr RpcName kName{kFeedService, "ListMessages", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_MESSAGE_METHODS_H_
