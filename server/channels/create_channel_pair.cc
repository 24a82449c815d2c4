#include "channels/create_channel_pair.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/channel_pairs.h"
#include "storage/clients.h"
#include "storage/once.h"

namespace broadcast::channels {
namespace {

using storage::Client;
using storage::Scope;
using storage::Transaction;

absl::StatusOr<CreatedPair> Decide(Transaction& transaction, const Scope& scope,
                                   const RegistrationPolicy& policy,
                                   const PairSpec& spec) {
  ASSIGN_OR_RETURN(
      Registration registration,
      RegisterPairs(transaction, scope, policy, absl::MakeSpan(&spec, 1)));
  RegisteredPair& registered = registration.pairs[0];
  if (registered.existed) {
    return error::ChannelPairExists(registered.pair.channel_pair_id,
                                    registered.entry_id.value_or(""));
  }
  CreatedPair created{.pair = std::move(registered.pair)};
  Client& client = registration.clients.at(spec.client_id);
  created.client_is_new = ClientIsNew(client, 1, transaction.now());
  ASSIGN_OR_RETURN(created.client,
                   CompleteClient(transaction, scope, std::move(client)));
  return created;
}

absl::StatusOr<CreatedPair> Replay(Transaction& transaction, const Scope& scope,
                                   const std::string& channel_pair_id) {
  CreatedPair created;
  ASSIGN_OR_RETURN(auto found,
                   storage::FindPair(transaction, scope, channel_pair_id));
  if (!found.has_value()) return created;
  ASSIGN_OR_RETURN(
      created.client,
      storage::FindClient(transaction, scope, found->channel_pair.client_id));
  created.pair = std::move(found->channel_pair);
  return created;
}

}  // namespace

bool ClientIsNew(const Client& client, int64_t pairs, absl::Time now) {
  return client.create_time == now && client.pair_count == pairs &&
         client.revision == 1;
}

absl::StatusOr<std::optional<Client>> CompleteClient(Transaction& transaction,
                                                     const Scope& scope,
                                                     Client client) {
  const bool complete = !client.default_open_content.content_id.has_value() &&
                        !client.default_closed_content.content_id.has_value();
  if (complete) return std::optional<Client>(std::move(client));
  return storage::FindClient(transaction, scope, client.client_id);
}

absl::StatusOr<CreatedPair> CreateChannelPair(Transaction& transaction,
                                              const Scope& scope,
                                              const storage::RequestKey& key,
                                              const RegistrationPolicy& policy,
                                              const PairSpec& spec) {
  return storage::Once(
      transaction, key,
      [&] { return Decide(transaction, scope, policy, spec); },
      [](const CreatedPair& created) { return created.pair->channel_pair_id; },
      [&](const std::string& channel_pair_id) {
        return Replay(transaction, scope, channel_pair_id);
      });
}

}  // namespace broadcast::channels
