// What has happened, in an order that a watcher can resume in. On PostgreSQL
// sequence values commit out of order, so a token is (xid, sequence) and only
// events below the oldest running transaction are read. Errors of the database
// come as sql_error.h makes them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_EVENTS_H_
#define BROADCASTD_STORAGE_EVENTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/delivery_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

absl::Status AppendEvents(Transaction& transaction,
                          absl::Span<const Event> events);

struct EventPage {
  std::vector<Event> rows;
  std::string token;  // go on behind it
  bool more = false;  // there may be more to read at once
};

struct EventFilter {
  std::optional<std::string> operation_id;
  std::optional<std::string> entry_id;
};

// Where a watch of what is to come in `scope` begins.
absl::StatusOr<std::string> NewestEventToken(Transaction& transaction,
                                             const Scope& scope);

// Events behind `token` in `scope`, at most `most`; those that do not fit the
// filter move the token on. Examines at most limits::kMaxRowsExaminedPerPage.
// Returns OUT_OF_RANGE (error WATCH_EXPIRED) if events behind `token` are gone
// already, INVALID_ARGUMENT (INVALID_RESUME_TOKEN) if it is none, or one of
// another scope.
absl::StatusOr<EventPage> ReadEvents(Transaction& transaction,
                                     const Scope& scope,
                                     const std::string& token,
                                     const EventFilter& filter, int64_t most);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_EVENTS_H_
