// Changes one channel: its title and account, and whether it is active. The
// transaction's thread.
#ifndef BROADCASTD_CHANNELS_CHANGE_CHANNEL_H_
#define BROADCASTD_CHANNELS_CHANGE_CHANNEL_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "channels/accounts.h"
#include "storage/records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::channels {

struct ChannelKey {
  std::string channel_id;
  std::string etag;  // empty: any
};

struct UpdateChannelCommand {
  ChannelKey key;
  std::optional<std::string> title;
  std::optional<std::string> account;
};

struct DisableChannelCommand {
  ChannelKey key;
  std::string reason;
};

struct ChangedChannel {
  std::optional<storage::Channel> channel;  // unset in a replay: deleted since
  bool replayed = false;
};

// Each returns NOT_FOUND CHANNEL_NOT_FOUND, ABORTED ETAG_MISMATCH, and what
// Once returns. Besides, FAILED_PRECONDITION:

// CHANNEL_ACCOUNT_UNKNOWN if `accounts` has none of that name and platform
// for the client.
absl::StatusOr<ChangedChannel> UpdateChannel(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request, const Accounts& accounts,
    const UpdateChannelCommand& command);

// CHANNEL_ALREADY_ACTIVE.
absl::StatusOr<ChangedChannel> EnableChannel(storage::Transaction& transaction,
                                             const storage::Scope& scope,
                                             const storage::RequestKey& request,
                                             const ChannelKey& key);

// CHANNEL_NOT_ACTIVE.
absl::StatusOr<ChangedChannel> DisableChannel(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request, const DisableChannelCommand& command);

}  // namespace broadcast::channels

#endif  // BROADCASTD_CHANNELS_CHANGE_CHANNEL_H_
