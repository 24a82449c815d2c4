// The table of channels. Errors of the database come as sql_error.h makes
// them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_CHANNELS_H_
#define BROADCASTD_STORAGE_CHANNELS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Nothing if there is none in `scope`.
absl::StatusOr<std::optional<Channel>> FindChannel(
    Transaction& transaction, const Scope& scope,
    const std::string& channel_id);

// The client's channel of that address or, for Telegram, whoever's it is: the
// one look beyond any scope. Of another client's the caller tells nothing but
// that the address is taken.
absl::StatusOr<std::optional<Channel>> FindChannelByAddress(
    Transaction& transaction, const std::string& client_id, Platform platform,
    const std::string& address);

// Inserts those whose destination is free; answers how many. All of one
// transaction's go in one call, sorted by client, platform and address.
absl::StatusOr<int64_t> InsertChannels(
    Transaction& transaction, const Scope& scope,
    absl::Span<const Channel* const> channels);

// Writes account, title, state, state_reason, revision and update_time, if the
// row still has the revision before. Answers whether it had.
absl::StatusOr<bool> UpdateChannel(Transaction& transaction, const Scope& scope,
                                   const Channel& channel);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CHANNELS_H_
