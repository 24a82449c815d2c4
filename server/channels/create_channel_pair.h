// Registers a channel pair without an entry, for legacy imports. The
// transaction's thread.
#ifndef BROADCASTD_CHANNELS_CREATE_CHANNEL_PAIR_H_
#define BROADCASTD_CHANNELS_CREATE_CHANNEL_PAIR_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "channels/register_pairs.h"
#include "storage/request_ids.h"

namespace broadcast::channels {

struct CreatedPair {
  std::optional<storage::Client> client;  // unset in a replay: deleted since
  std::optional<storage::ChannelPair> pair;
  bool client_is_new = false;  // registered with the pair
  bool replayed = false;
};

// Returns ALREADY_EXISTS CHANNEL_PAIR_EXISTS, what RegisterPairs returns, and
// what Once returns.
absl::StatusOr<CreatedPair> CreateChannelPair(storage::Transaction& transaction,
                                              const storage::Scope& scope,
                                              const storage::RequestKey& key,
                                              const RegistrationPolicy& policy,
                                              const PairSpec& spec);

// True if `pairs` pairs that were registered at `now` made the client too.
bool ClientIsNew(const storage::Client& client, int64_t pairs, absl::Time now);

// The client as it is, with the contents that RegisterPairs leaves out.
absl::StatusOr<std::optional<storage::Client>> CompleteClient(
    storage::Transaction& transaction, const storage::Scope& scope,
    storage::Client client);

}  // namespace broadcast::channels

#endif  // BROADCASTD_CHANNELS_CREATE_CHANNEL_PAIR_H_
