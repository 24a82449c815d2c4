// The table of channel pairs. Errors of the database come as sql_error.h makes
// them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_CHANNEL_PAIRS_H_
#define BROADCASTD_STORAGE_CHANNEL_PAIRS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// The pair with its entry, if it has one; nothing if there is none in `scope`.
absl::StatusOr<std::optional<PairWithEntry>> FindPair(
    Transaction& transaction, const Scope& scope,
    const std::string& channel_pair_id);

// What a pair of channels is registered as.
struct RegisteredPair {
  std::string channel_pair_id;
  std::string client_id;
  std::optional<std::string> entry_id;
  absl::Time create_time;
};

// Nothing if there is none in `scope`.
absl::StatusOr<std::optional<RegisteredPair>> FindPairOfChannels(
    Transaction& transaction, const Scope& scope,
    const std::string& open_channel_id, const std::string& closed_channel_id);

// The pair of a client by the addresses of its channels.
struct PairAddresses {
  std::string client_id;
  Platform open_platform = Platform::kLog;
  std::string open_address;
  Platform closed_platform = Platform::kLog;
  std::string closed_address;
};

absl::StatusOr<std::optional<PairWithEntry>> FindPairByAddresses(
    Transaction& transaction, const Scope& scope,
    const PairAddresses& addresses);

// Inserts those whose channels are not a pair yet; answers how many. Only the
// ids of the channels are read.
absl::StatusOr<int64_t> InsertPairs(Transaction& transaction,
                                    const Scope& scope,
                                    absl::Span<const ChannelPair* const> pairs);

// What of a pair was deleted.
struct DeletedPair {
  PairIds ids;  // a channel that another pair uses is still there
  Deleted counts;
};

// Deletes the pair, its entry and its channels that no other pair uses, and
// takes it off the client's count. Nothing if there is none in `scope`.
absl::StatusOr<std::optional<DeletedPair>> DeletePair(
    Transaction& transaction, const Scope& scope,
    const std::string& channel_pair_id);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CHANNEL_PAIRS_H_
