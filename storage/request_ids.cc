#include "storage/request_ids.h"

#include "base/limits.h"
#include "storage/sql_error.h"

namespace broadcast::storage {

template <>
struct Columns<RecordedAnswer> {
  template <typename V>
  static void Visit(V& v, RecordedAnswer& recorded) {
    v(recorded.payload_hash);
    v(recorded.answer);
  }
};

namespace {

constexpr Sql kFind{R"sql(
    SELECT payload_hash, answer FROM request_ids
    WHERE scope = :scope AND method = :method AND request_id = :request_id
      AND expire_time > :now)sql"};

// An expired row may still be there: it gives way.
constexpr Sql kRecord{R"sql(
    INSERT INTO request_ids (scope, method, request_id, payload_hash, answer,
      expire_time)
    VALUES (:scope, :method, :request_id, :payload_hash, :answer, :expire_time)
    ON CONFLICT (scope, method, request_id) DO UPDATE SET
      payload_hash = excluded.payload_hash, answer = excluded.answer,
      expire_time = excluded.expire_time
    WHERE request_ids.expire_time <= :now)sql"};

}  // namespace

absl::StatusOr<std::optional<RecordedAnswer>> FindAnswer(
    Transaction& transaction, const RequestKey& key) {
  return transaction.QueryOne<RecordedAnswer>(kFind,
                                              {{"scope", key.scope},
                                               {"method", key.method},
                                               {"request_id", key.request_id},
                                               {"now", transaction.now()}});
}

absl::Status RecordAnswer(Transaction& transaction, const RequestKey& key,
                          const std::string& answer) {
  ASSIGN_OR_RETURN(
      const int64_t recorded,
      transaction.Execute(
          kRecord,
          {{"scope", key.scope},
           {"method", key.method},
           {"request_id", key.request_id},
           {"payload_hash", key.payload_hash},
           {"answer", answer},
           {"expire_time", transaction.now() + limits::kRequestIdRetention},
           {"now", transaction.now()}}));
  return recorded == 1 ? absl::OkStatus() : RunAgain();
}

}  // namespace broadcast::storage
