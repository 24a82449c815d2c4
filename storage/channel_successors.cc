#include "storage/channel_successors.h"

#include <set>
#include <utility>

#include "storage/columns.h"

namespace broadcast::storage {
namespace {

constexpr Sql kForget{R"sql(
    DELETE FROM channel_successors
    WHERE (client_id, platform, address) = (
        SELECT t.client_id, t.platform, t.address FROM channels t
        WHERE t.channel_id = :target)
      AND client_id = COALESCE(:scope, client_id))sql"};

constexpr Sql kRecord{R"sql(
    INSERT INTO channel_successors (client_id, platform, address,
      successor_channel_id, create_time)
    SELECT s.client_id, s.platform, s.address, t.channel_id,
      CAST(:now AS bigint)
    FROM channels s JOIN channels t ON t.client_id = s.client_id
    WHERE s.channel_id = :source AND t.channel_id = :target
      AND s.client_id = COALESCE(:scope, s.client_id)
    ON CONFLICT (client_id, platform, address) DO UPDATE SET
      successor_channel_id = excluded.successor_channel_id,
      create_time = excluded.create_time)sql"};

constexpr Sql kFind{"SELECT" BROADCASTD_CHANNEL_COLUMNS(
    "t") "FROM channel_successors n "
         "JOIN channels t ON t.channel_id = n.successor_channel_id "
         "WHERE n.client_id = :client_id AND n.platform = :platform "
         "AND n.address = :address "
         "AND n.client_id = COALESCE(:scope, n.client_id)"};

}  // namespace

absl::Status RecordSuccessor(Transaction& transaction, const Scope& scope,
                             const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(
      transaction
          .Execute(kForget, {{"target", to}, {"scope", scope.client_id()}})
          .status());
  return transaction
      .Execute(kRecord, {{"now", transaction.now()},
                         {"source", from},
                         {"target", to},
                         {"scope", scope.client_id()}})
      .status();
}

absl::StatusOr<std::optional<Channel>> FindSuccessor(
    Transaction& transaction, const Scope& scope, const std::string& client_id,
    Platform platform, const std::string& address) {
  std::optional<Channel> last;
  std::string at = address;
  // A chat may take an address again that another has left.
  std::set<std::string> seen;
  while (seen.insert(at).second) {
    ASSIGN_OR_RETURN(auto next, transaction.QueryOne<Channel>(
                                    kFind, {{"client_id", client_id},
                                            {"platform", ToText(platform)},
                                            {"address", at},
                                            {"scope", scope.client_id()}}));
    if (!next.has_value()) return last;
    platform = next->platform;
    at = next->address;
    last = std::move(next);
  }
  return last;
}

}  // namespace broadcast::storage
