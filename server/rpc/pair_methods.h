// The methods of ChannelService about channel pairs: what is particular to
// each, as rpc/call.h wants it. Pure but for Load and Decide, which run in a
// transaction.
#ifndef BROADCASTD_RPC_PAIR_METHODS_H_
#define BROADCASTD_RPC_PAIR_METHODS_H_

#include <string>

#include "broadcast/v1/channel_service.pb.h"
#include "channels/create_channel_pair.h"
#include "channels/delete_channel_pair.h"
#include "rpc/call.h"
#include "rpc/channel_methods.h"
#include "storage/list.h"

namespace broadcast::rpc {

struct CreateChannelPairMethod {
  using Request = v1::CreateChannelPairRequest;
  using Response = v1::CreateChannelPairResponse;
  using Command = channels::PairSpec;
  using Result = channels::CreatedPair;
  static constexpr RpcName kName{kChannelService, "CreateChannelPair",
                                 "channel_pair.created"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&,
                                       const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, std::vector<ReportedIds>&);
};

struct GetChannelPairMethod {
  using Request = v1::GetChannelPairRequest;
  using Response = v1::GetChannelPairResponse;
  using Command = std::string;  // the pair's id
  using Result = storage::PairWithEntry;
  static constexpr RpcName kName{kChannelService, "GetChannelPair", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kPoint;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct ListChannelPairsMethod {
  using Request = v1::ListChannelPairsRequest;
  using Response = v1::ListChannelPairsResponse;
  using Command = storage::ListPlan;
  using Result = storage::Page<storage::PairWithEntry>;
  static constexpr RpcName kName{kChannelService, "ListChannelPairs", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct DeleteChannelPairMethod {
  using Request = v1::DeleteChannelPairRequest;
  using Response = v1::DeleteChannelPairResponse;
  using Command = channels::DeleteChannelPairCommand;
  using Result = channels::DeletedPair;
  static constexpr RpcName kName{kChannelService, "DeleteChannelPair",
                                 "channel_pair.deleted"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_PAIR_METHODS_H_
