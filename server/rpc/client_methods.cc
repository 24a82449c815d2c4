#include "rpc/client_methods.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/client.h"
#include "rpc/convert/content.h"
#include "rpc/convert/mask.h"
#include "rpc/pair_methods.h"
#include "storage/clients.h"

namespace broadcast::rpc {
namespace {

using storage::Scope;
using storage::StoredContent;
using storage::Transaction;

// Nothing, which clears, for content that is not set.
StoredContent ContentOrNone(bool present, const v1::Content& proto,
                            absl::string_view field, Violations& violations) {
  if (!present) return {};
  return StoredContentFromProto(proto, field, violations);
}

// Likewise for the quota of a client that has one.
template <typename Proto>
std::optional<int64_t> QuotaOrNone(const Proto& proto, absl::string_view field,
                                   Violations& violations) {
  if (!proto.has_pair_quota()) return std::nullopt;
  return PairQuota(proto.pair_quota(), field, violations);
}

}  // namespace

void ChangeClientMethod::ClientInto(const storage::Client& client,
                                    v1::Client& proto) {
  ClientToProto(client, proto);
}

void ChangeClientMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  if (!result.client.has_value()) return;
  ids.client_id = result.client->client_id;
  ids.rows = 1;
}

absl::StatusOr<storage::Client> CreateClientMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  storage::Client client{
      .client_id = Uuid(request.client_id(), "client_id", violations),
      .display_name = Title(request.display_name(), "display_name", violations),
      .pair_quota = QuotaOrNone(request, "pair_quota", violations)};
  client.default_open_content = ContentOrNone(
      request.has_default_open_content(), request.default_open_content(),
      "default_open_content", violations);
  client.default_closed_content = ContentOrNone(
      request.has_default_closed_content(), request.default_closed_content(),
      "default_closed_content", violations);
  client.labels = LabelsFromProto(request.labels(), "labels", violations);
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return client;
}

absl::StatusOr<clients::ChangedClient> CreateClientMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& client,
    const Policy&) {
  return clients::CreateClient(transaction, caller.scope, caller.request,
                               client);
}

absl::StatusOr<std::string> GetClientMethod::Parse(const Request& request,
                                                   const Scope&) {
  Violations violations;
  std::string client_id = Uuid(request.client_id(), "client_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return client_id;
}

absl::StatusOr<storage::Client> GetClientMethod::Load(
    Transaction& transaction, const Scope& scope, const Command& client_id) {
  ASSIGN_OR_RETURN(auto client,
                   storage::FindClient(transaction, scope, client_id));
  if (!client.has_value()) return error::ClientNotFound(client_id);
  return *std::move(client);
}

void GetClientMethod::Answer(const Result& client, const Policy&,
                             Response& response) {
  ClientToProto(client, *response.mutable_client());
}

absl::StatusOr<storage::ListPlan> ListClientsMethod::Parse(
    const Request& request, const Scope& scope) {
  return storage::PlanClientList(ListFromProto(request), scope);
}

absl::StatusOr<storage::Page<storage::Client>> ListClientsMethod::Load(
    Transaction& transaction, const Scope&, const Command& plan) {
  return storage::ListClients(transaction, plan);
}

void ListClientsMethod::Answer(const Result& page, const Policy&,
                               Response& response) {
  for (const storage::Client& client : page.rows) {
    ClientToProto(client, *response.add_clients());
  }
  response.set_next_page_token(page.next_page_token);
}

absl::StatusOr<clients::UpdateClientCommand> UpdateClientMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  const v1::Client& client = request.client();
  const Mask mask(request, client,
                  {"display_name", "pair_quota", "default_open_content",
                   "default_closed_content", "labels"},
                  violations);
  Command command{
      .client_id = Uuid(client.client_id(), "client.client_id", violations),
      .etag = client.etag()};
  if (mask.Names("display_name")) {
    command.display_name =
        Title(client.display_name(), "client.display_name", violations);
  }
  if (mask.Names("pair_quota")) {
    command.pair_quota = QuotaOrNone(client, "client.pair_quota", violations);
  }
  if (mask.Names("default_open_content")) {
    command.default_open_content = ContentOrNone(
        client.has_default_open_content(), client.default_open_content(),
        "client.default_open_content", violations);
  }
  if (mask.Names("default_closed_content")) {
    command.default_closed_content = ContentOrNone(
        client.has_default_closed_content(), client.default_closed_content(),
        "client.default_closed_content", violations);
  }
  if (mask.Names("labels")) {
    command.labels =
        LabelsFromProto(client.labels(), "client.labels", violations);
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<clients::ChangedClient> UpdateClientMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  return clients::UpdateClient(transaction, caller.scope, caller.request,
                               command);
}

absl::StatusOr<clients::DeleteClientCommand> DeleteClientMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  Command command{
      .client_id = Uuid(request.client_id(), "client_id", violations),
      .etag = request.etag(),
      .allow_missing = request.allow_missing()};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<DeleteClientMethod::Result> DeleteClientMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  ASSIGN_OR_RETURN(auto deleted,
                   clients::DeleteClient(transaction, caller.scope,
                                         caller.request, command));
  return Result{.client_id = command.client_id, .deleted = std::move(deleted)};
}

void DeleteClientMethod::Answer(const Result& result, const Policy& policy,
                                Response& response) {
  const storage::Deleted& counts = result.deleted.counts;
  response.set_client_count(static_cast<int32_t>(counts.clients));
  response.set_channel_count(static_cast<int32_t>(counts.channels));
  response.set_channel_pair_count(static_cast<int32_t>(counts.channel_pairs));
  response.set_entry_count(static_cast<int32_t>(counts.entries));
  response.set_purging(result.deleted.purging);
  response.set_replayed(result.deleted.replayed);
  // It is durable by now. Woken for a rehearsal, the upkeep finds nothing.
  if (result.deleted.purging) policy.wake_upkeep();
}

void DeleteClientMethod::Report(const Result& result,
                                std::vector<ReportedIds>& lines) {
  for (const storage::PairIds& pair : result.deleted.pairs) {
    ReportedIds& ids = lines.emplace_back();
    ids.event = DeleteChannelPairMethod::kName.event;
    ids.SetPair(pair);
    ids.rows = 1;
  }
  const storage::Deleted& counts = result.deleted.counts;
  lines.push_back({.client_id = result.client_id,
                   .rows = counts.clients + counts.channels +
                           counts.channel_pairs + counts.entries,
                   .replayed = result.deleted.replayed});
}

}  // namespace broadcast::rpc
