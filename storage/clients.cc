#include "storage/clients.h"

#include <tuple>

#include "storage/columns.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

struct CountedRow {
  CountedClient counted;
  std::optional<absl::Time> delete_time;
};

}  // namespace

template <>
struct Columns<CountedRow> {
  template <typename V>
  static void Visit(V& v, CountedRow& row) {
    Client& client = row.counted.client;
    v(client.client_id);
    v(client.display_name);
    v(client.pair_quota);
    v(client.pair_count);
    v(client.default_open_content.content_id);
    v(client.default_closed_content.content_id);
    v(client.labels);
    v(client.revision);
    v(client.create_time);
    v(client.update_time);
    v(row.delete_time);
  }
};

namespace {

constexpr Sql kFind{"SELECT" BROADCASTD_CLIENT_COLUMNS
                    "FROM clients c" BROADCASTD_CLIENT_JOINS
                    "WHERE c.client_id = :client_id AND c.delete_time IS NULL "
                    "AND c.client_id = COALESCE(:scope, c.client_id)"};

constexpr Sql kPresence{
    "SELECT delete_time FROM clients WHERE client_id = :client_id "
    "AND client_id = COALESCE(:scope, client_id)"};

constexpr Sql kInsert{R"sql(
    INSERT INTO clients (client_id, display_name, pair_quota, pair_count,
      default_open_content_id, default_closed_content_id, labels, revision,
      create_time, update_time)
    VALUES (:client_id, :display_name, :pair_quota, 0, :open_content_id,
      :closed_content_id, :labels, :revision, :create_time, :update_time)
    ON CONFLICT DO NOTHING)sql"};

#define RETURNING_COUNTED                                        \
  " RETURNING client_id, display_name, pair_quota, pair_count,"  \
  " default_open_content_id, default_closed_content_id, labels," \
  " revision, create_time, update_time, delete_time"

constexpr Sql kAddPairs{
    "INSERT INTO clients (client_id, display_name, pair_count, labels,"
    " revision, create_time, update_time)"
    " VALUES (:client_id, '', :pairs, '{}', 1, :now, :now)"
    " ON CONFLICT (client_id)"
    " DO UPDATE SET pair_count = clients.pair_count + "
    ":pairs" RETURNING_COUNTED};

constexpr Sql kCountPairs{
    "UPDATE clients SET pair_count = pair_count + :pairs"
    " WHERE client_id = :client_id"
    " AND client_id = COALESCE(:scope, client_id)" RETURNING_COUNTED};

#undef RETURNING_COUNTED

constexpr Sql kUpdate{R"sql(
    UPDATE clients SET display_name = :display_name, pair_quota = :pair_quota,
      default_open_content_id = :open_content_id,
      default_closed_content_id = :closed_content_id, labels = :labels,
      revision = :revision, update_time = :update_time
    WHERE client_id = :client_id AND revision = :revision - 1
      AND client_id = COALESCE(:scope, client_id))sql"};

}  // namespace

absl::StatusOr<std::optional<Client>> FindClient(Transaction& transaction,
                                                 const Scope& scope,
                                                 const std::string& client_id) {
  return transaction.QueryOne<Client>(
      kFind, {{"client_id", client_id}, {"scope", scope.client_id()}});
}

absl::StatusOr<ClientPresence> ClientPresenceOf(Transaction& transaction,
                                                const Scope& scope,
                                                const std::string& client_id) {
  using Found = std::tuple<std::optional<absl::Time>>;
  ASSIGN_OR_RETURN(
      const auto found,
      transaction.QueryOne<Found>(
          kPresence, {{"client_id", client_id}, {"scope", scope.client_id()}}));
  if (!found.has_value()) return ClientPresence::kUnknown;
  return std::get<0>(*found).has_value() ? ClientPresence::kBeingDeleted
                                         : ClientPresence::kPresent;
}

absl::StatusOr<bool> InsertClient(Transaction& transaction, const Scope& scope,
                                  const Client& client) {
  RETURN_IF_ERROR(scope.Admit(client.client_id));
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      transaction.Execute(
          kInsert,
          {{"client_id", client.client_id},
           {"display_name", client.display_name},
           {"pair_quota", client.pair_quota},
           {"open_content_id", client.default_open_content.content_id},
           {"closed_content_id", client.default_closed_content.content_id},
           {"labels", client.labels},
           {"revision", client.revision},
           {"create_time", client.create_time},
           {"update_time", client.update_time}}));
  return inserted == 1;
}

absl::StatusOr<CountedClient> AddPairs(Transaction& transaction,
                                       const Scope& scope,
                                       const std::string& client_id,
                                       int64_t pairs) {
  RETURN_IF_ERROR(scope.Admit(client_id));
  ASSIGN_OR_RETURN(auto row, transaction.QueryOne<CountedRow>(
                                 kAddPairs, {{"client_id", client_id},
                                             {"pairs", pairs},
                                             {"now", transaction.now()}}));
  row->counted.being_deleted = row->delete_time.has_value();
  return std::move(row->counted);
}

absl::StatusOr<std::optional<CountedClient>> AddPairsToKnown(
    Transaction& transaction, const Scope& scope, const std::string& client_id,
    int64_t pairs) {
  ASSIGN_OR_RETURN(auto row, transaction.QueryOne<CountedRow>(
                                 kCountPairs, {{"pairs", pairs},
                                               {"client_id", client_id},
                                               {"scope", scope.client_id()}}));
  if (!row.has_value()) return std::optional<CountedClient>();
  row->counted.being_deleted = row->delete_time.has_value();
  return std::optional<CountedClient>(std::move(row->counted));
}

absl::StatusOr<CountedClient> RemovePairs(Transaction& transaction,
                                          const Scope& scope,
                                          const std::string& client_id,
                                          int64_t pairs) {
  ASSIGN_OR_RETURN(auto counted,
                   AddPairsToKnown(transaction, scope, client_id, -pairs));
  if (!counted.has_value()) return RunAgain();
  return *std::move(counted);
}

absl::StatusOr<bool> UpdateClient(Transaction& transaction, const Scope& scope,
                                  const Client& client) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      transaction.Execute(
          kUpdate,
          {{"display_name", client.display_name},
           {"pair_quota", client.pair_quota},
           {"open_content_id", client.default_open_content.content_id},
           {"closed_content_id", client.default_closed_content.content_id},
           {"labels", client.labels},
           {"revision", client.revision},
           {"update_time", client.update_time},
           {"client_id", client.client_id},
           {"scope", scope.client_id()}}));
  return changed == 1;
}

}  // namespace broadcast::storage
