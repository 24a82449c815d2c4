// Sends the content of one side of an entry to an address of the caller's
// choice, to see what it looks like there. The transaction's thread.
#ifndef BROADCASTD_ENTRIES_SEND_TEST_H_
#define BROADCASTD_ENTRIES_SEND_TEST_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "entries/firing.h"
#include "storage/delivery_records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::entries {

struct SendTestCommand {
  std::string entry_id;
  storage::Side side = storage::Side::kOpen;  // or kClosed
  std::string address;  // of the platform of that side's channel, as given
  std::string operation_id;
  std::string delivery_id;
};

struct SentTest {
  std::optional<storage::Operation> operation;  // unset in a replay: deleted
  bool replayed = false;
};

// Changes no counter and no cool-down, whatever state the entry and its
// channels are in. A Telegram chat that is another client's channel is not to
// be had.
// Returns NOT_FOUND ENTRY_NOT_FOUND; INVALID_ARGUMENT INVALID_FIELDS for what
// is no address of the platform; ALREADY_EXISTS CHANNEL_TAKEN;
// FAILED_PRECONDITION ENTRY_CONTENT_MISSING or ACCOUNT_UNAVAILABLE; and what
// Once returns.
absl::StatusOr<SentTest> SendTest(storage::Transaction& transaction,
                                  const storage::Scope& scope,
                                  const storage::RequestKey& request,
                                  const FiringPolicy& policy,
                                  const SendTestCommand& command);

}  // namespace broadcast::entries

#endif  // BROADCASTD_ENTRIES_SEND_TEST_H_
