// Runs a decision once a request id: the first time it is made and recorded in
// the same transaction, later its record is told again. Used within one
// transaction, by its thread.
#ifndef BROADCASTD_STORAGE_ONCE_H_
#define BROADCASTD_STORAGE_ONCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/errors.h"
#include "storage/request_ids.h"
#include "storage/sql_error.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Tells a recorded answer again.
template <typename Result, typename Replay>
absl::StatusOr<Result> Repeat(const RequestKey& key,
                              const RecordedAnswer& recorded, Replay replay) {
  if (recorded.payload_hash != key.payload_hash) {
    return error::RequestIdReused(key.request_id);
  }
  ASSIGN_OR_RETURN(Result result, replay(recorded.answer));
  result.replayed = true;
  return result;
}

// `decide()` answers StatusOr<Result>; `record(result)` the JSON to keep of
// it; `replay(json)` the StatusOr<Result> to repeat, with resources as they
// are now. Result has a member `replayed`.
// Returns INVALID_ARGUMENT if the id was used for another payload; else what
// `decide` or `replay` return.
template <typename Decide, typename Record, typename Replay>
auto Once(Transaction& transaction, const RequestKey& key, Decide decide,
          Record record, Replay replay) -> decltype(decide()) {
  using Result = typename decltype(decide())::value_type;
  if (key.request_id.empty()) return decide();
  ASSIGN_OR_RETURN(const auto recorded, FindAnswer(transaction, key));
  if (recorded.has_value()) return Repeat<Result>(key, *recorded, replay);
  auto result = decide();
  if (result.ok()) {
    RETURN_IF_ERROR(RecordAnswer(transaction, key, record(*result)));
  } else if (FailureOf(result.status()) == SqlFailure::kNone) {
    // What refuses us may be the effect of the same request, which was made
    // in parallel and committed while we waited for it.
    ASSIGN_OR_RETURN(const auto meanwhile, FindAnswer(transaction, key));
    if (meanwhile.has_value()) return Repeat<Result>(key, *meanwhile, replay);
  }
  return result;
}

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_ONCE_H_
