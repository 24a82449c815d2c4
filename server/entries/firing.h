// What an entry sends where when it fires: the sides of it, the content that
// each of them comes to, and the deliveries that take it there. What Trigger,
// SendTest and the schedule share. Pure functions and values; any thread.
#ifndef BROADCASTD_ENTRIES_FIRING_H_
#define BROADCASTD_ENTRIES_FIRING_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "channels/accounts.h"
#include "storage/delivery_records.h"
#include "storage/records.h"
#include "storage/schedule.h"

namespace broadcast::entries {

struct FiringPolicy {
  const channels::Accounts* accounts = nullptr;  // outlives this
  // The server's defaults; without an id: none.
  storage::StoredContent default_open_content;
  storage::StoredContent default_closed_content;
};

// The ids of what a firing makes. Brought from outside, so that a body which
// runs again makes the same.
struct FiringIds {
  std::string operation_id;
  std::string open_delivery_id;
  std::string closed_delivery_id;

  const std::string& DeliveryId(storage::Side side) const {
    return side == storage::Side::kOpen ? open_delivery_id : closed_delivery_id;
  }
};

// One side of an entry, as it would be sent now.
struct FiringSide {
  storage::Side side = storage::Side::kNone;
  std::string client_id;
  std::string entry_id;
  std::string channel_id;
  std::string account;
  storage::Platform platform = storage::Platform::kLog;
  storage::ChannelState channel_state = storage::ChannelState::kActive;
  std::optional<std::string> content_id;  // unset: there is none at any level
  bool is_default = false;  // the server's, which may not be stored yet
};

// The open side, then the closed one.
using FiringSides = std::array<FiringSide, 2>;
FiringSides SidesOf(const storage::DueEntry& entry, const FiringPolicy& policy);
FiringSides SidesOf(const storage::Entry& entry, const FiringPolicy& policy);

// Why nothing can be sent to a side, as words for reasons and errors.
inline constexpr absl::string_view kChannelDisabled = "channel_disabled";
inline constexpr absl::string_view kAccountUnavailable = "account_unavailable";
inline constexpr absl::string_view kNoContent = "no_content";

// The first of those that holds, or "".
absl::string_view ProblemOf(const FiringSide& side, const FiringPolicy& policy);

// The account of a side, or null if this server has none that it may use.
const channels::Account* AccountOf(const FiringSide& side,
                                   const FiringPolicy& policy);

// What takes the content of a side without a problem to its channel.
struct Timing {
  absl::Time not_before;
  absl::Time deadline;
};
storage::NewDelivery DeliveryOf(const FiringSide& side,
                                const FiringPolicy& policy,
                                const std::string& delivery_id,
                                const Timing& timing);

// The server's default of a side.
const storage::StoredContent& DefaultOf(storage::Side side,
                                        const FiringPolicy& policy);

}  // namespace broadcast::entries

#endif  // BROADCASTD_ENTRIES_FIRING_H_
