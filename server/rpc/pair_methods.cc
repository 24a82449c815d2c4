#include "rpc/pair_methods.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/client.h"
#include "rpc/convert/entry.h"
#include "rpc/convert/mask.h"
#include "rpc/new_ids.h"
#include "storage/channel_pairs.h"

namespace broadcast::rpc {
namespace {

using channels::PairSpec;
using storage::Scope;
using storage::Transaction;

// Pair, and entry if there is one, into an answer or an item of a list.
template <typename Proto>
void PairWithEntryToProto(const storage::PairWithEntry& pair,
                          const Policy& policy, Proto& proto) {
  ChannelPairToProto(pair.channel_pair, *proto.mutable_channel_pair());
  if (pair.entry.has_value()) {
    EntryToProto(*pair.entry, policy, *proto.mutable_entry());
  }
}

}  // namespace

absl::StatusOr<PairSpec> CreateChannelPairMethod::Parse(const Request& request,
                                                        const Scope& scope,
                                                        const Policy& policy) {
  Violations violations;
  PairSpec spec{.client_id = Uuid(request.client_id(), "client_id", violations),
                .new_id = policy.ids->Next()};
  const absl::Status refusal =
      PairFromProto(request.has_open_channel(), request.open_channel(),
                    request.has_closed_channel(), request.closed_channel(),
                    policy, spec, violations);
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  // In another's name nobody learns which accounts there are.
  if (!scope.Contains(spec.client_id)) {
    return error::ClientNotFound(spec.client_id);
  }
  RETURN_IF_ERROR(refusal);
  return spec;
}

absl::StatusOr<channels::CreatedPair> CreateChannelPairMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& spec,
    const Policy& policy) {
  ASSIGN_OR_RETURN(auto created, channels::CreateChannelPair(
                                     transaction, caller.scope, caller.request,
                                     policy.registration, spec));
  if (caller.validate_only) {
    // Nothing was stored.
    NewIds ids;
    ids.Add(spec);
    ids.Forget(*created.pair);
  }
  return created;
}

void CreateChannelPairMethod::Answer(const Result& result, const Policy&,
                                     Response& response) {
  if (result.client.has_value()) {
    ClientToProto(*result.client, *response.mutable_client());
  }
  if (result.pair.has_value()) {
    ChannelPairToProto(*result.pair, *response.mutable_channel_pair());
  }
  response.set_replayed(result.replayed);
}

void CreateChannelPairMethod::Report(const Result& result,
                                     std::vector<ReportedIds>& lines) {
  if (result.client_is_new) {
    lines.push_back(ClientCreated(result.client->client_id));
  }
  ReportedIds& ids = lines.emplace_back();
  ids.replayed = result.replayed;
  if (!result.pair.has_value()) return;
  ids.SetPair(*result.pair);
  ids.rows = 1;
}

absl::StatusOr<std::string> GetChannelPairMethod::Parse(const Request& request,
                                                        const Scope&) {
  Violations violations;
  std::string channel_pair_id =
      Uuid(request.channel_pair_id(), "channel_pair_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return channel_pair_id;
}

absl::StatusOr<storage::PairWithEntry> GetChannelPairMethod::Load(
    Transaction& transaction, const Scope& scope,
    const Command& channel_pair_id) {
  ASSIGN_OR_RETURN(auto pair,
                   storage::FindPair(transaction, scope, channel_pair_id));
  if (!pair.has_value()) return error::ChannelPairNotFound(channel_pair_id);
  return *std::move(pair);
}

void GetChannelPairMethod::Answer(const Result& pair, const Policy& policy,
                                  Response& response) {
  PairWithEntryToProto(pair, policy, response);
}

absl::StatusOr<storage::ListPlan> ListChannelPairsMethod::Parse(
    const Request& request, const Scope& scope) {
  return storage::PlanPairList(ListFromProto(request), scope);
}

absl::StatusOr<storage::Page<storage::PairWithEntry>>
ListChannelPairsMethod::Load(Transaction& transaction, const Scope&,
                             const Command& plan) {
  return storage::ListPairs(transaction, plan);
}

void ListChannelPairsMethod::Answer(const Result& page, const Policy& policy,
                                    Response& response) {
  for (const storage::PairWithEntry& pair : page.rows) {
    PairWithEntryToProto(pair, policy, *response.add_items());
  }
  response.set_next_page_token(page.next_page_token);
}

absl::StatusOr<channels::DeleteChannelPairCommand>
DeleteChannelPairMethod::Parse(const Request& request, const Policy&) {
  Violations violations;
  Command command{.channel_pair_id = Uuid(request.channel_pair_id(),
                                          "channel_pair_id", violations),
                  .allow_missing = request.allow_missing()};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<channels::DeletedPair> DeleteChannelPairMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  return channels::DeleteChannelPair(transaction, caller.scope, caller.request,
                                     command);
}

void DeleteChannelPairMethod::Answer(const Result& result, const Policy&,
                                     Response& response) {
  const storage::Deleted& counts = result.counts;
  response.set_channel_pair_count(static_cast<int32_t>(counts.channel_pairs));
  response.set_channel_count(static_cast<int32_t>(counts.channels));
  response.set_entry_count(static_cast<int32_t>(counts.entries));
  response.set_replayed(result.replayed);
}

void DeleteChannelPairMethod::Report(const Result& result, ReportedIds& ids) {
  const storage::Deleted& counts = result.counts;
  ids.SetPair(result.ids);
  ids.rows = counts.channel_pairs + counts.channels + counts.entries;
  ids.replayed = result.replayed;
}

}  // namespace broadcast::rpc
