// What came of what was sent, recorded in one transaction with all that follows
// from it: the message, the operation's counts, the entry's counters, the
// channel's health, events. Errors of the database come as sql_error.h makes
// them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_OUTCOMES_H_
#define BROADCASTD_STORAGE_OUTCOMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/delivery_records.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// What an answer says of the channel, beyond the delivery.
enum class ChannelVerdict { kNone, kHealthy, kSuspect, kGone };

struct OutcomeRecord {
  std::string delivery_id;
  int64_t fence = 0;  // of the try; another one's outcome is stale

  // kSent, kFailed, kUnknown, kExpired; or kRetry: waits again, until
  // `retry_time`. Past its deadline a retry ends as expired.
  DeliveryState state = DeliveryState::kSent;
  bool burns_attempt = true;  // kRetry: false for a limit, or a shutdown
  absl::Time retry_time;
  // kRetry: it may have been done all the same. Unless a later try is confirmed
  // it ends as unknown, however long it waits: not as expired, cancelled or (of
  // what posts) failed.
  bool maybe_done = false;

  std::string reason;
  std::string detail;  // redacted, at most 512 bytes
  int64_t http_status = 0;
  std::string platform_message_id;  // kSent of a send or copy
  std::string new_message_id;       // the id to track that message by
  std::string new_address;          // the chat has moved: the channel follows
  ChannelVerdict channel = ChannelVerdict::kNone;
  std::optional<absl::Time> pause_channel_until;
  std::optional<absl::Time> pause_lane_until;
  std::string follow_up_delivery_id;  // for replace_previous, if it is needed
  // What the target of a kDelete has become.
  bool target_undeletable = false;
};

struct OutcomePolicy {
  int64_t disable_threshold = 5;  // failures in a row; 0: never
  // A suspect channel is disabled after `suspect_failures` over
  // `suspect_period`, unless `incident_share` of the account's channels that
  // failed lately did so alike within `incident_window`, and no fewer than
  // `incident_channels` of them. Whether a probe
  // confirms it is asked by the dispatcher before kGone is recorded.
  int64_t suspect_failures = 3;
  absl::Duration suspect_period = absl::Minutes(30);
  absl::Duration incident_window = absl::Minutes(10);
  double incident_share = 0.2;
  int64_t incident_channels = 3;
  absl::Duration delete_window = absl::Hours(48);
  absl::Duration delete_deadline = absl::Hours(1);  // of a replaced message
};

struct OutcomeSummary {
  int64_t applied = 0;       // those recorded before by the same call included
  int64_t settled_late = 0;  // an unknown one was settled by its own fence
  int64_t stale = 0;         // dropped: the fence is an earlier one
  // What each outcome really came to, in their order: a retry may have expired
  // or have been cancelled. Nothing for a stale one.
  std::vector<std::optional<DeliveryState>> states;
  int64_t finished_operations = 0;
  std::vector<std::string> disabled_entries;
  std::vector<std::string> disabled_channels;
  // Suspect for long enough: the dispatcher probes them before they go.
  std::vector<std::string> channels_to_probe;
  bool next_waiting = false;  // some channel has a next head
};

// Records all, each once, whatever the order; rows are touched in the order of
// their keys, shared rows once. A fence that is not the newest changes nothing,
// but for one that settles its own unknown delivery. When a side of an entry
// with replace_previous is sent, the message before it is deleted by a new
// delivery of the same operation, within `policy.delete_window`.
absl::StatusOr<OutcomeSummary> RecordOutcomes(
    Transaction& transaction, absl::Span<const OutcomeRecord> outcomes,
    const OutcomePolicy& policy);

// Disables a channel, after a probe has confirmed that it is gone. Entries
// that use it stay; their deliveries fail until somebody enables it.
absl::Status DisableLostChannel(Transaction& transaction,
                                const std::string& channel_id,
                                const std::string& reason);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_OUTCOMES_H_
