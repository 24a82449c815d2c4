// The methods of ChannelService about single channels: what is particular to
// each, as rpc/call.h wants it. Pure but for Load and Decide, which run in a
// transaction.
#ifndef BROADCASTD_RPC_CHANNEL_METHODS_H_
#define BROADCASTD_RPC_CHANNEL_METHODS_H_

#include <string>

#include "broadcast/v1/channel_service.pb.h"
#include "channels/change_channel.h"
#include "rpc/call.h"
#include "storage/list.h"

namespace broadcast::rpc {

inline constexpr char kChannelService[] = "broadcast.v1.ChannelService";

struct GetChannelMethod {
  using Request = v1::GetChannelRequest;
  using Response = v1::GetChannelResponse;
  using Command = std::string;  // the channel's id
  using Result = storage::Channel;
  static constexpr RpcName kName{kChannelService, "GetChannel", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kPoint;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct ListChannelsMethod {
  using Request = v1::ListChannelsRequest;
  using Response = v1::ListChannelsResponse;
  using Command = storage::ListPlan;
  using Result = storage::Page<storage::Channel>;
  static constexpr RpcName kName{kChannelService, "ListChannels", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

// What Update, Enable and Disable have in common.
struct ChangeChannelMethod {
  using Result = channels::ChangedChannel;
  static constexpr bool kSingle = false;
  static void Report(const Result&, ReportedIds&);

  template <typename Response>
  static void Answer(const Result& result, const Policy&, Response& response) {
    if (result.channel.has_value()) {
      ChannelInto(*result.channel, *response.mutable_channel());
    }
    response.set_replayed(result.replayed);
  }

 private:
  static void ChannelInto(const storage::Channel&, v1::Channel&);
};

struct UpdateChannelMethod : ChangeChannelMethod {
  using Request = v1::UpdateChannelRequest;
  using Response = v1::UpdateChannelResponse;
  using Command = channels::UpdateChannelCommand;
  static constexpr RpcName kName{kChannelService, "UpdateChannel",
                                 "channel.updated"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

struct EnableChannelMethod : ChangeChannelMethod {
  using Request = v1::EnableChannelRequest;
  using Response = v1::EnableChannelResponse;
  using Command = channels::ChannelKey;
  static constexpr RpcName kName{kChannelService, "EnableChannel",
                                 "channel.enabled"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

struct DisableChannelMethod : ChangeChannelMethod {
  using Request = v1::DisableChannelRequest;
  using Response = v1::DisableChannelResponse;
  using Command = channels::DisableChannelCommand;
  static constexpr RpcName kName{kChannelService, "DisableChannel",
                                 "channel.disabled"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CHANNEL_METHODS_H_
