// Channels and pairs between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_CHANNEL_H_
#define BROADCASTD_RPC_CONVERT_CHANNEL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "broadcast/v1/channel.pb.h"
#include "broadcast/v1/channel_pair.pb.h"
#include "channels/register_pairs.h"
#include "content/violations.h"
#include "rpc/policy.h"
#include "storage/records.h"

namespace broadcast::rpc {

v1::Platform PlatformToProto(storage::Platform platform);
void ChannelToProto(const storage::Channel& channel, v1::Channel& proto);
void ChannelPairToProto(const storage::ChannelPair& pair,
                        v1::ChannelPair& proto);

// Reads the two channels of a request into `pair`, whose client_id, new_id and
// index are set. Field violations go to `violations`; what is well formed but
// not to be had here (account, platform) is returned:
// FAILED_PRECONDITION CHANNEL_ACCOUNT_UNKNOWN, CHANNEL_PLATFORM_UNSUPPORTED.
absl::Status PairFromProto(bool has_open, const v1::ChannelSpec& open,
                           bool has_closed, const v1::ChannelSpec& closed,
                           const Policy& policy, channels::PairSpec& pair,
                           Violations& violations);

// One channel of a request with a new id, where it is named by itself.
channels::ChannelSpec ChannelFromProto(const v1::ChannelSpec& proto,
                                       const std::string& field, IdSource& ids,
                                       Violations& violations);

// FAILED_PRECONDITION CHANNEL_PLATFORM_UNSUPPORTED.
absl::Status CheckPlatform(const channels::ChannelSpec& spec,
                           const std::string& field);

// Platform and normalised address; violations of `field`.platform and
// `field`.address.
struct Destination {
  storage::Platform platform = storage::Platform::kLog;
  std::string address;
};
Destination DestinationFromProto(v1::Platform platform,
                                 const std::string& address,
                                 absl::string_view field,
                                 Violations& violations);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_CHANNEL_H_
