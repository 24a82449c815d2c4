#include "rpc/channel_methods.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/mask.h"
#include "storage/channels.h"

namespace broadcast::rpc {
namespace {

using channels::ChannelKey;
using storage::Scope;
using storage::Transaction;

ChannelKey KeyFromProto(const std::string& channel_id, const std::string& etag,
                        absl::string_view field, Violations& violations) {
  return {.channel_id = Uuid(channel_id, field, violations), .etag = etag};
}

}  // namespace

absl::StatusOr<std::string> GetChannelMethod::Parse(const Request& request,
                                                    const Scope&) {
  Violations violations;
  std::string channel_id = Uuid(request.channel_id(), "channel_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return channel_id;
}

absl::StatusOr<storage::Channel> GetChannelMethod::Load(
    Transaction& transaction, const Scope& scope, const Command& channel_id) {
  ASSIGN_OR_RETURN(auto channel,
                   storage::FindChannel(transaction, scope, channel_id));
  if (!channel.has_value()) return error::ChannelNotFound(channel_id);
  return *std::move(channel);
}

void GetChannelMethod::Answer(const Result& channel, const Policy&,
                              Response& response) {
  ChannelToProto(channel, *response.mutable_channel());
}

absl::StatusOr<storage::ListPlan> ListChannelsMethod::Parse(
    const Request& request, const Scope& scope) {
  return storage::PlanChannelList(ListFromProto(request), scope);
}

absl::StatusOr<storage::Page<storage::Channel>> ListChannelsMethod::Load(
    Transaction& transaction, const Scope&, const Command& plan) {
  return storage::ListChannels(transaction, plan);
}

void ListChannelsMethod::Answer(const Result& page, const Policy&,
                                Response& response) {
  for (const storage::Channel& channel : page.rows) {
    ChannelToProto(channel, *response.add_channels());
  }
  response.set_next_page_token(page.next_page_token);
}

void ChangeChannelMethod::ChannelInto(const storage::Channel& channel,
                                      v1::Channel& proto) {
  ChannelToProto(channel, proto);
}

void ChangeChannelMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  if (!result.channel.has_value()) return;
  ids.client_id = result.channel->client_id;
  ids.channel_id = result.channel->channel_id;
  ids.rows = 1;
}

absl::StatusOr<channels::UpdateChannelCommand> UpdateChannelMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  const v1::Channel& channel = request.channel();
  const Mask mask(request, channel, {"title", "account"}, violations);
  Command command{.key = KeyFromProto(channel.channel_id(), channel.etag(),
                                      "channel.channel_id", violations)};
  if (mask.Names("title")) {
    command.title = Title(channel.title(), "channel.title", violations);
  }
  if (mask.Names("account")) {
    command.account =
        AccountName(channel.account(), "channel.account", violations);
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<channels::ChangedChannel> UpdateChannelMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy& policy) {
  return channels::UpdateChannel(transaction, caller.scope, caller.request,
                                 policy.accounts, command);
}

absl::StatusOr<ChannelKey> EnableChannelMethod::Parse(const Request& request,
                                                      const Policy&) {
  Violations violations;
  ChannelKey key = KeyFromProto(request.channel_id(), request.etag(),
                                "channel_id", violations);
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return key;
}

absl::StatusOr<channels::ChangedChannel> EnableChannelMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& key,
    const Policy&) {
  return channels::EnableChannel(transaction, caller.scope, caller.request,
                                 key);
}

absl::StatusOr<channels::DisableChannelCommand> DisableChannelMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  Command command{.key = KeyFromProto(request.channel_id(), request.etag(),
                                      "channel_id", violations),
                  .reason = Reason(request.reason(), "reason", violations)};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<channels::ChangedChannel> DisableChannelMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  return channels::DisableChannel(transaction, caller.scope, caller.request,
                                  command);
}

}  // namespace broadcast::rpc
