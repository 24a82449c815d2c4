// Deletes a channel pair with its entry and the channels that no other pair
// uses. The transaction's thread.
#ifndef BROADCASTD_CHANNELS_DELETE_CHANNEL_PAIR_H_
#define BROADCASTD_CHANNELS_DELETE_CHANNEL_PAIR_H_

#include <string>

#include "absl/status/statusor.h"
#include "storage/records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::channels {

struct DeleteChannelPairCommand {
  std::string channel_pair_id;
  bool allow_missing = false;
};

struct DeletedPair {
  storage::PairIds ids;  // in a replay, or if there was none, the pair's only
  storage::Deleted counts;
  bool replayed = false;
};

// Returns NOT_FOUND CHANNEL_PAIR_NOT_FOUND unless `allow_missing`, and what
// Once returns.
absl::StatusOr<DeletedPair> DeleteChannelPair(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& key, const DeleteChannelPairCommand& command);

}  // namespace broadcast::channels

#endif  // BROADCASTD_CHANNELS_DELETE_CHANNEL_PAIR_H_
