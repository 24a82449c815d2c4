// Request ids: what a mutation answered, kept beside its effect so that a
// repetition gets the same answer. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_REQUEST_IDS_H_
#define BROADCASTD_STORAGE_REQUEST_IDS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct RequestKey {
  std::string scope;         // Scope::Key() of the caller
  std::string method;        // "CreateEntry"
  std::string request_id;    // empty: the caller gave none
  std::string payload_hash;  // of the request without its request_id
};

struct RecordedAnswer {
  std::string payload_hash;
  std::string answer;  // JSON: ids and decided values
};

// Nothing if the key was not used, or has expired.
absl::StatusOr<std::optional<RecordedAnswer>> FindAnswer(
    Transaction& transaction, const RequestKey& key);

// Records what the transaction decided, for limits::kRequestIdRetention.
// Asks for another run if a parallel transaction used the key first.
absl::Status RecordAnswer(Transaction& transaction, const RequestKey& key,
                          const std::string& answer);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_REQUEST_IDS_H_
