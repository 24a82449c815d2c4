#include "storage/channel_health.h"

#include <optional>
#include <tuple>
#include <utility>

#include "absl/types/span.h"
#include "storage/answer_json.h"
#include "storage/events.h"

namespace broadcast::storage {
namespace {

const RowsSql kForget({{"channel_id", "uuid"}},
                      "DELETE FROM channel_health "
                      "WHERE channel_id = :channel_id",
                      "DELETE FROM channel_health "
                      "WHERE channel_id = ANY(:channel_id::uuid[])");

#define ON_CONFLICT_COUNT                                                \
  " ON CONFLICT (channel_id) DO UPDATE SET account = excluded.account, " \
  "failures = channel_health.failures + 1, reason = excluded.reason, "   \
  "last_failure_time = excluded.last_failure_time "                      \
  "RETURNING channel_id, failures, first_failure_time"
const RowsSql kCount({{"channel_id", "uuid"},
                      {"account", "text"},
                      {"reason", "text"}},
                     "INSERT INTO channel_health (channel_id, account, "
                     "failures, reason, first_failure_time, last_failure_time) "
                     "VALUES (:channel_id, :account, 1, :reason, :now, "
                     ":now)" ON_CONFLICT_COUNT,
                     "INSERT INTO channel_health (channel_id, account, "
                     "failures, reason, first_failure_time, last_failure_time) "
                     "SELECT x.channel_id, x.account, 1, x.reason, "
                     ":now::bigint, :now::bigint FROM @rows" ON_CONFLICT_COUNT);
#undef ON_CONFLICT_COUNT

constexpr Sql kAlike{R"sql(
    SELECT count(*) FROM channel_health
    WHERE account = :account AND last_failure_time >= :since
      AND reason = :reason)sql"};

// No further than the share can matter.
constexpr Sql kChannelsOf{R"sql(
    SELECT count(*) FROM (SELECT 1 FROM channels
      WHERE account = :account AND state = 'active' LIMIT :most) AS counted)sql"};

constexpr Sql kDisable{R"sql(
    UPDATE channels SET state = 'disabled', state_reason = :reason,
      revision = revision + 1, update_time = :now
    WHERE channel_id = :channel_id AND state = 'active'
    RETURNING client_id)sql"};

// An address that another channel has already is not taken from it.
constexpr Sql kMove{R"sql(
    UPDATE channels SET address = :address, revision = revision + 1,
      update_time = :now
    WHERE channel_id = :channel_id AND address <> :address
      AND NOT EXISTS (SELECT 1 FROM channels o
        WHERE o.platform = 'telegram' AND o.address = :address)
    RETURNING client_id)sql"};

absl::StatusOr<int64_t> Number(Transaction& transaction, const Sql& sql,
                               std::initializer_list<Bind> binds) {
  ASSIGN_OR_RETURN(const auto found,
                   transaction.QueryOne<std::tuple<int64_t>>(sql, binds));
  return std::get<0>(found.value_or(std::tuple<int64_t>(0)));
}

absl::Status Forget(Transaction& transaction,
                    const std::set<std::string>& channel_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(channel_ids.size());
  for (const std::string& id : channel_ids) rows.push_back({id});
  return transaction.ExecuteRows(kForget, rows).status();
}

// Whether so many of the account's channels fail alike that it is not they.
absl::StatusOr<bool> IsIncident(Transaction& transaction,
                                const Suspicion& suspicion,
                                const OutcomePolicy& policy) {
  ASSIGN_OR_RETURN(
      const int64_t alike,
      Number(transaction, kAlike,
             {{"account", suspicion.account},
              {"since", transaction.now() - policy.incident_window},
              {"reason", suspicion.reason}}));
  if (alike < policy.incident_channels || policy.incident_share <= 0) {
    return false;
  }
  const auto most =
      static_cast<int64_t>(static_cast<double>(alike) / policy.incident_share);
  ASSIGN_OR_RETURN(
      const int64_t channels,
      Number(transaction, kChannelsOf,
             {{"account", suspicion.account}, {"most", most + 1}}));
  return channels <= most;
}

absl::Status CountSuspects(Transaction& transaction,
                           const std::map<std::string, Suspicion>& suspects,
                           const OutcomePolicy& policy,
                           std::vector<std::string>* to_probe) {
  std::vector<ValueRow> rows;
  rows.reserve(suspects.size());
  for (const auto& [channel_id, suspicion] : suspects) {
    rows.push_back({channel_id, suspicion.account, suspicion.reason});
  }
  const absl::Time now = transaction.now();
  std::vector<std::string> long_suspect;
  using Counted = std::tuple<std::string, int64_t, absl::Time>;
  RETURN_IF_ERROR(transaction.QueryRows<Counted>(
      kCount, rows, {{"now", now}}, [&](const Counted& counted) {
        const auto& [channel_id, failures, since] = counted;
        if (failures >= policy.suspect_failures &&
            now - since >= policy.suspect_period) {
          long_suspect.push_back(channel_id);
        }
        return absl::OkStatus();
      }));
  for (std::string& channel_id : long_suspect) {
    ASSIGN_OR_RETURN(const bool incident,
                     IsIncident(transaction, suspects.at(channel_id), policy));
    if (!incident) to_probe->push_back(std::move(channel_id));
  }
  return absl::OkStatus();
}

absl::Status Tell(Transaction& transaction, const char* kind,
                  const std::string& client_id, const std::string& channel_id,
                  const std::string& reason) {
  Event event;
  event.client_id = client_id;
  event.kind = kind;
  event.channel_id = channel_id;
  if (!reason.empty()) event.detail = TextsToJson({{"reason", reason}});
  return AppendEvents(transaction, {&event, 1});
}

absl::StatusOr<bool> Disable(Transaction& transaction,
                             const std::string& channel_id,
                             const std::string& reason) {
  RETURN_IF_ERROR(Forget(transaction, {channel_id}));
  ASSIGN_OR_RETURN(const auto client,
                   transaction.QueryOne<std::tuple<std::string>>(
                       kDisable, {{"reason", reason},
                                  {"now", transaction.now()},
                                  {"channel_id", channel_id}}));
  if (!client.has_value()) return false;
  RETURN_IF_ERROR(Tell(transaction, "channel.disabled", std::get<0>(*client),
                       channel_id, reason));
  return true;
}

absl::Status Move(Transaction& transaction, const std::string& channel_id,
                  const std::string& address) {
  ASSIGN_OR_RETURN(const auto client,
                   transaction.QueryOne<std::tuple<std::string>>(
                       kMove, {{"address", address},
                               {"now", transaction.now()},
                               {"channel_id", channel_id}}));
  if (!client.has_value()) return absl::OkStatus();
  return Tell(transaction, "channel.moved", std::get<0>(*client), channel_id,
              "");
}

}  // namespace

absl::Status RecordVerdicts(Transaction& transaction,
                            const ChannelVerdicts& verdicts,
                            const OutcomePolicy& policy,
                            OutcomeSummary* summary) {
  RETURN_IF_ERROR(Forget(transaction, verdicts.healthy));
  RETURN_IF_ERROR(CountSuspects(transaction, verdicts.suspect, policy,
                                &summary->channels_to_probe));
  for (const auto& [channel_id, address] : verdicts.moved) {
    RETURN_IF_ERROR(Move(transaction, channel_id, address));
  }
  for (const auto& [channel_id, reason] : verdicts.gone) {
    ASSIGN_OR_RETURN(const bool disabled,
                     Disable(transaction, channel_id, reason));
    if (disabled) summary->disabled_channels.push_back(channel_id);
  }
  return absl::OkStatus();
}

absl::Status DisableLostChannel(Transaction& transaction,
                                const std::string& channel_id,
                                const std::string& reason) {
  return Disable(transaction, channel_id, reason).status();
}

}  // namespace broadcast::storage
