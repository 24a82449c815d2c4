// Finds a channel by what people know of it. One thread.
#ifndef BROADCASTD_CLI_FIND_CHANNEL_H_
#define BROADCASTD_CLI_FIND_CHANNEL_H_

#include <string>

#include "absl/status/statusor.h"
#include "broadcast/v1/channel.pb.h"
#include "cli/cli_session.h"

namespace broadcast::cli {

// The channel of that address, of `client_id` if that is not empty. Returns
// NOT_FOUND if there is none, and FAILED_PRECONDITION, naming them, if there
// are several.
absl::StatusOr<v1::Channel> FindChannel(Session& session,
                                        const std::string& address,
                                        const std::string& client_id);

absl::StatusOr<v1::Channel> GetChannel(Session& session,
                                       const std::string& channel_id);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_FIND_CHANNEL_H_
