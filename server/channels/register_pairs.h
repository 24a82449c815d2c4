// Registers channel pairs within the caller's transaction: the client if it is
// unknown, the channels it does not have yet, the pairs themselves, and the
// quota. What CreateEntry, BatchCreateEntries and CreateChannelPair share.
// Free functions; the transaction's thread.
#ifndef BROADCASTD_CHANNELS_REGISTER_PAIRS_H_
#define BROADCASTD_CHANNELS_REGISTER_PAIRS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::channels {

struct RegistrationPolicy {
  bool auto_register_clients = true;
  int64_t default_pair_quota = 10;
};

// One channel as the caller names it. `new_id` becomes its id if it is new.
struct ChannelSpec {
  std::string new_id;
  storage::Platform platform = storage::Platform::kLog;
  std::string address;  // normalised
  std::string account;
  std::string title;
};

struct PairSpec {
  std::string client_id;
  std::string new_id;
  ChannelSpec open;
  ChannelSpec closed;
  // Set within a batch: its place there, for errors.
  std::optional<int> index;

  // "open_channel", or "requests[3].open_channel" within a batch.
  std::string Field(absl::string_view name) const;
};

struct RegisteredPair {
  storage::ChannelPair pair;
  bool existed = false;
  std::optional<std::string> entry_id;  // of a pair that existed
};

struct Registration {
  std::vector<RegisteredPair> pairs;               // in the order of the specs
  std::map<std::string, storage::Client> clients;  // contents: ids only
};

// Registers every pair of `specs`. One that exists already is told as it is,
// counts no quota, and is no error here.
// Returns NOT_FOUND for a client outside `scope`; FAILED_PRECONDITION
// CLIENT_UNKNOWN, CLIENT_BEING_DELETED or CHANNEL_ACCOUNT_MISMATCH;
// ALREADY_EXISTS CHANNEL_TAKEN; RESOURCE_EXHAUSTED CHANNEL_PAIR_LIMIT. Within
// a batch each tells its `request_index`.
absl::StatusOr<Registration> RegisterPairs(storage::Transaction& transaction,
                                           const storage::Scope& scope,
                                           const RegistrationPolicy& policy,
                                           absl::Span<const PairSpec> specs);

// `spec` as a pair of two new channels, without times yet.
storage::ChannelPair NewPair(const PairSpec& spec);

// Gives a new pair and its channels the time they were made.
void SetTimes(storage::ChannelPair& pair, absl::Time now);

// `status` with the place of `spec` in its batch.
absl::Status AtIndex(const absl::Status& status, const PairSpec& spec);

}  // namespace broadcast::channels

#endif  // BROADCASTD_CHANNELS_REGISTER_PAIRS_H_
