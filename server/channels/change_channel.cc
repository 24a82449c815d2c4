#include "channels/change_channel.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "base/errors.h"
#include "base/etag.h"
#include "base/status_macros.h"
#include "storage/channels.h"
#include "storage/once.h"
#include "storage/outbox.h"
#include "storage/sql_error.h"

namespace broadcast::channels {
namespace {

using storage::Channel;
using storage::ChannelState;
using storage::Scope;
using storage::Transaction;

// Loads the channel, lets `apply` change it, and writes it.
absl::StatusOr<ChangedChannel> Change(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request, const ChannelKey& key,
    absl::FunctionRef<absl::Status(Channel&)> apply) {
  const auto decide = [&]() -> absl::StatusOr<ChangedChannel> {
    ASSIGN_OR_RETURN(auto channel,
                     storage::FindChannel(transaction, scope, key.channel_id));
    if (!channel.has_value()) return error::ChannelNotFound(key.channel_id);
    if (!EtagAllows(key.etag, channel->revision)) {
      return error::EtagMismatch("channel", key.channel_id,
                                 EtagOf(channel->revision));
    }
    RETURN_IF_ERROR(apply(*channel));
    ++channel->revision;
    channel->update_time = transaction.now();
    ASSIGN_OR_RETURN(const bool written,
                     storage::UpdateChannel(transaction, scope, *channel));
    if (!written) return storage::RunAgain();
    return ChangedChannel{.channel = std::move(channel)};
  };
  return storage::Once(
      transaction, request, decide,
      [&](const ChangedChannel&) { return key.channel_id; },
      [&](const std::string& channel_id) -> absl::StatusOr<ChangedChannel> {
        ASSIGN_OR_RETURN(auto channel,
                         storage::FindChannel(transaction, scope, channel_id));
        return ChangedChannel{.channel = std::move(channel)};
      });
}

}  // namespace

absl::StatusOr<ChangedChannel> UpdateChannel(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request, const Accounts& accounts,
    const UpdateChannelCommand& command) {
  return Change(transaction, scope, request, command.key,
                [&](Channel& channel) -> absl::Status {
                  if (command.title.has_value()) channel.title = *command.title;
                  if (!command.account.has_value()) return absl::OkStatus();
                  if (!HasAccount(accounts, *command.account, channel.platform,
                                  channel.client_id)) {
                    return error::ChannelAccountUnknown(
                        "channel.account", *command.account,
                        ToText(channel.platform));
                  }
                  channel.account = *command.account;
                  // What waits is sent with the new account, so it waits
                  // there. The queue's row comes first: outcomes take the
                  // channel's after it.
                  return storage::MoveChannelQueue(
                      transaction, channel.channel_id,
                      LaneOf(channel.account, accounts.at(channel.account),
                             channel.channel_id));
                });
}

absl::StatusOr<ChangedChannel> EnableChannel(Transaction& transaction,
                                             const Scope& scope,
                                             const storage::RequestKey& request,
                                             const ChannelKey& key) {
  return Change(transaction, scope, request, key,
                [&](Channel& channel) -> absl::Status {
                  if (channel.state == ChannelState::kActive) {
                    return error::ChannelAlreadyActive(key.channel_id);
                  }
                  channel.state = ChannelState::kActive;
                  channel.state_reason.clear();
                  return absl::OkStatus();
                });
}

absl::StatusOr<ChangedChannel> DisableChannel(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request, const DisableChannelCommand& command) {
  return Change(transaction, scope, request, command.key,
                [&](Channel& channel) -> absl::Status {
                  if (channel.state != ChannelState::kActive) {
                    return error::ChannelNotActive(command.key.channel_id,
                                                   ToText(channel.state));
                  }
                  channel.state = ChannelState::kDisabled;
                  channel.state_reason = command.reason;
                  return absl::OkStatus();
                });
}

}  // namespace broadcast::channels
