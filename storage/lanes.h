// Which replica sends what: the lanes, their owners and epochs. Leases are
// compared with the transaction's time only. Errors of the database come as
// sql_error.h makes them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_LANES_H_
#define BROADCASTD_STORAGE_LANES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// The right to send what is in a lane. Whoever has taken it over since has a
// higher epoch, and every statement of the outbox compares it.
struct LaneClaim {
  std::string lane_id;
  std::string owner;
  int64_t epoch = 0;
};

struct Lane {
  std::string lane_id;
  std::string account;
  std::optional<std::string> owner;
  int64_t epoch = 0;
  absl::Time lease_until;   // meaningful with an owner
  absl::Time paused_until;  // past: not paused
  std::string pause_reason;
};

struct NewLane {
  std::string lane_id;
  std::string account;
};

// Adds those that are not there.
absl::Status EnsureLanes(Transaction& transaction,
                         absl::Span<const NewLane> lanes);

// By id.
absl::StatusOr<std::vector<Lane>> ListLanes(Transaction& transaction);

// Takes a lane that nobody owns, or whose lease has ended, or that `owner`
// itself owns (whose COMMIT it never heard of), or any if `forced` (SQLite,
// where the process that has the file owns all). Raises the epoch. Nothing if
// another owns it.
absl::StatusOr<std::optional<LaneClaim>> TakeLane(Transaction& transaction,
                                                  const std::string& lane_id,
                                                  const std::string& owner,
                                                  absl::Duration lease,
                                                  bool forced);

// Renews those of `claims` that still hold; answers their lane ids.
absl::StatusOr<std::vector<std::string>> RenewLanes(
    Transaction& transaction, absl::Span<const LaneClaim> claims,
    absl::Duration lease);

// Gives a lane back, if it is still held.
absl::Status ReleaseLane(Transaction& transaction, const LaneClaim& claim);

// Whether a claim holds, and its lease; if so, until the end of the
// transaction: who takes the lane over waits for that.
absl::StatusOr<bool> HoldsLane(Transaction& transaction,
                               const LaneClaim& claim);

// Pauses a lane until then, if it is not paused for longer.
absl::Status PauseLane(Transaction& transaction, const std::string& lane_id,
                       absl::Time until, const std::string& reason);

// A replica that owns nothing yet says that it is there, for as long as a
// lease, so that others leave it its share; or that it goes.
absl::Status AnnounceOwner(Transaction& transaction, const std::string& owner,
                           absl::Duration lease);
absl::Status ForgetOwner(Transaction& transaction, const std::string& owner);

// Replicas that renewed a lane or said that they are there lately share lanes
// evenly: how many different owners hold a live lease or said so.
absl::StatusOr<int64_t> CountOwners(Transaction& transaction);

// How often each channel was tried, by this or another owner, since `since`:
// what a new owner seeds its limits with. At most `most` of the latest.
struct RecentSend {
  std::string channel_id;
  absl::Time intent_time;
};
absl::StatusOr<std::vector<RecentSend>> RecentSends(Transaction& transaction,
                                                    const std::string& lane_id,
                                                    absl::Time since,
                                                    int64_t most);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_LANES_H_
