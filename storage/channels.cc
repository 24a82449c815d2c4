#include "storage/channels.h"

#include "storage/columns.h"

namespace broadcast::storage {
namespace {

constexpr Sql kFind{"SELECT" BROADCASTD_CHANNEL_COLUMNS(
    "t") "FROM channels t JOIN clients c ON c.client_id = t.client_id "
         "WHERE t.channel_id = :channel_id AND c.delete_time IS NULL "
         "AND t.client_id = COALESCE(:scope, t.client_id)"};

constexpr Sql kFindOwn{"SELECT" BROADCASTD_CHANNEL_COLUMNS(
    "t") "FROM channels t WHERE t.client_id = :client_id "
         "AND t.platform = :platform AND t.address = :address"};

constexpr Sql kFindTelegram{"SELECT" BROADCASTD_CHANNEL_COLUMNS(
    "t") "FROM channels t WHERE t.platform = 'telegram' AND t.address = "
         ":address"};

const InsertInto kInsert("channels",
                         {{"channel_id", "uuid"},
                          {"client_id", "uuid"},
                          {"platform", "text"},
                          {"address", "text"},
                          {"account", "text"},
                          {"title", "text"},
                          {"state", "text"},
                          {"state_reason", "text"},
                          {"revision", "bigint"},
                          {"create_time", "bigint"},
                          {"update_time", "bigint"}},
                         "ON CONFLICT DO NOTHING");

constexpr Sql kUpdate{R"sql(
    UPDATE channels SET account = :account, title = :title, state = :state,
      state_reason = :state_reason, revision = :revision,
      update_time = :update_time
    WHERE channel_id = :channel_id AND revision = :revision - 1
      AND client_id = COALESCE(:scope, client_id))sql"};

}  // namespace

absl::StatusOr<std::optional<Channel>> FindChannel(
    Transaction& transaction, const Scope& scope,
    const std::string& channel_id) {
  return transaction.QueryOne<Channel>(
      kFind, {{"channel_id", channel_id}, {"scope", scope.client_id()}});
}

absl::StatusOr<std::optional<Channel>> FindChannelByAddress(
    Transaction& transaction, const std::string& client_id, Platform platform,
    const std::string& address) {
  if (platform == Platform::kTelegram) {
    return transaction.QueryOne<Channel>(kFindTelegram, {{"address", address}});
  }
  return transaction.QueryOne<Channel>(kFindOwn,
                                       {{"client_id", client_id},
                                        {"platform", ToText(platform)},
                                        {"address", address}});
}

absl::StatusOr<int64_t> InsertChannels(
    Transaction& transaction, const Scope& scope,
    absl::Span<const Channel* const> channels) {
  std::vector<ValueRow> rows;
  rows.reserve(channels.size());
  for (const Channel* channel : channels) {
    RETURN_IF_ERROR(scope.Admit(channel->client_id));
    rows.push_back({channel->channel_id, channel->client_id,
                    ToText(channel->platform), channel->address,
                    channel->account, channel->title, ToText(channel->state),
                    channel->state_reason, channel->revision,
                    channel->create_time, channel->update_time});
  }
  return transaction.InsertRows(kInsert, rows);
}

absl::StatusOr<bool> UpdateChannel(Transaction& transaction, const Scope& scope,
                                   const Channel& channel) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      transaction.Execute(kUpdate, {{"account", channel.account},
                                    {"title", channel.title},
                                    {"state", ToText(channel.state)},
                                    {"state_reason", channel.state_reason},
                                    {"revision", channel.revision},
                                    {"update_time", channel.update_time},
                                    {"channel_id", channel.channel_id},
                                    {"scope", scope.client_id()}}));
  return changed == 1;
}

}  // namespace broadcast::storage
