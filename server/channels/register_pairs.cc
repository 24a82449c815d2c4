#include "channels/register_pairs.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_detail.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/channel_pairs.h"
#include "storage/channels.h"
#include "storage/clients.h"
#include "storage/sql_error.h"

namespace broadcast::channels {
namespace {

using storage::Channel;
using storage::ChannelPair;
using storage::Client;
using storage::Scope;
using storage::Transaction;

// Destinations and pairs are kept in the order of their keys, and so inserted
// in it: two transactions never wait for each other crosswise.
using ChannelKey = std::tuple<std::string, storage::Platform, std::string>;
using PairKey = std::pair<std::string, std::string>;

ChannelKey KeyOf(const PairSpec& spec, const ChannelSpec& channel) {
  return {spec.client_id, channel.platform, channel.address};
}

class Registrar {
 public:
  Registrar(Transaction& transaction, const Scope& scope,
            const RegistrationPolicy& policy, absl::Span<const PairSpec> specs)
      : transaction_(transaction),
        scope_(scope),
        policy_(policy),
        specs_(specs) {}

  absl::StatusOr<Registration> Run() {
    RETURN_IF_ERROR(CountPairs());
    RETURN_IF_ERROR(PlaceChannels());
    RETURN_IF_ERROR(PlacePairs());
    RETURN_IF_ERROR(CheckQuotas());
    return std::move(registration_);
  }

 private:
  // Counts every pair as new first: that takes the client's row, which all who
  // change its pairs take before anything else.
  absl::Status CountPairs() {
    std::map<std::string, std::vector<const PairSpec*>> by_client;
    for (const PairSpec& spec : specs_)
      by_client[spec.client_id].push_back(&spec);
    for (const auto& [client_id, its] : by_client) {
      if (!scope_.Contains(client_id)) {
        return AtIndex(error::ClientNotFound(client_id), *its.front());
      }
      ASSIGN_OR_RETURN(auto found,
                       Count(client_id, static_cast<int64_t>(its.size())));
      if (!found.has_value()) {
        return AtIndex(error::ClientUnknown(client_id), *its.front());
      }
      storage::CountedClient& counted = *found;
      if (counted.being_deleted) {
        return AtIndex(error::ClientBeingDeleted(client_id), *its.front());
      }
      registration_.clients[client_id] = std::move(counted.client);
    }
    return absl::OkStatus();
  }

  // Nothing for a client that is unknown and must not be made.
  absl::StatusOr<std::optional<storage::CountedClient>> Count(
      const std::string& client_id, int64_t pairs) {
    if (!policy_.auto_register_clients) {
      return storage::AddPairsToKnown(transaction_, scope_, client_id, pairs);
    }
    ASSIGN_OR_RETURN(auto counted,
                     storage::AddPairs(transaction_, scope_, client_id, pairs));
    return std::optional<storage::CountedClient>(std::move(counted));
  }

  absl::Status PlaceChannels() {
    for (const PairSpec& spec : specs_) {
      ChannelPair pair = NewPair(spec);
      SetTimes(pair, transaction_.now());
      channels_.try_emplace(KeyOf(spec, spec.open),
                            std::move(pair.open_channel));
      channels_.try_emplace(KeyOf(spec, spec.closed),
                            std::move(pair.closed_channel));
    }
    std::vector<const Channel*> rows;
    rows.reserve(channels_.size());
    for (const auto& [key, channel] : channels_) rows.push_back(&channel);
    ASSIGN_OR_RETURN(const int64_t inserted,
                     storage::InsertChannels(transaction_, scope_, rows));
    if (inserted < static_cast<int64_t>(rows.size())) {
      RETURN_IF_ERROR(FindPlacedChannels());
    }
    for (const PairSpec& spec : specs_) {
      RETURN_IF_ERROR(CheckChannel(spec, spec.open, "open_channel"));
      RETURN_IF_ERROR(CheckChannel(spec, spec.closed, "closed_channel"));
    }
    return absl::OkStatus();
  }

  absl::Status FindPlacedChannels() {
    for (auto& [key, channel] : channels_) {
      ASSIGN_OR_RETURN(auto found, storage::FindChannelByAddress(
                                       transaction_, channel.client_id,
                                       channel.platform, channel.address));
      // Whoever held the address has let it go since.
      if (!found.has_value()) return storage::RunAgain();
      channel = *std::move(found);
    }
    return absl::OkStatus();
  }

  absl::Status CheckChannel(const PairSpec& spec, const ChannelSpec& wanted,
                            absl::string_view field) const {
    const Channel& placed = channels_.at(KeyOf(spec, wanted));
    if (placed.client_id != spec.client_id) {
      return AtIndex(error::ChannelTaken(spec.Field(field)), spec);
    }
    if (placed.account != wanted.account) {
      return AtIndex(
          error::ChannelAccountMismatch(
              absl::StrCat(spec.Field(field), ".account"), placed.channel_id),
          spec);
    }
    return absl::OkStatus();
  }

  absl::Status PlacePairs() {
    std::map<PairKey, ChannelPair> placed;
    for (const PairSpec& spec : specs_) {
      ChannelPair pair = NewPair(spec);
      pair.open_channel = channels_.at(KeyOf(spec, spec.open));
      pair.closed_channel = channels_.at(KeyOf(spec, spec.closed));
      pair.create_time = transaction_.now();
      const PairKey key{pair.open_channel.channel_id,
                        pair.closed_channel.channel_id};
      if (!placed.try_emplace(key, pair).second) {
        return AtIndex(error::ChannelPairTwice(spec.Field("open_channel")),
                       spec);
      }
      registration_.pairs.push_back({.pair = std::move(pair)});
    }
    std::vector<const ChannelPair*> rows;
    rows.reserve(placed.size());
    for (const auto& [key, pair] : placed) rows.push_back(&pair);
    ASSIGN_OR_RETURN(const int64_t inserted,
                     storage::InsertPairs(transaction_, scope_, rows));
    if (inserted == static_cast<int64_t>(rows.size())) return absl::OkStatus();
    return FindPlacedPairs();
  }

  absl::Status FindPlacedPairs() {
    for (RegisteredPair& registered : registration_.pairs) {
      ChannelPair& pair = registered.pair;
      ASSIGN_OR_RETURN(auto found,
                       storage::FindPairOfChannels(
                           transaction_, scope_, pair.open_channel.channel_id,
                           pair.closed_channel.channel_id));
      if (!found.has_value() ||
          found->channel_pair_id == pair.channel_pair_id) {
        continue;
      }
      pair.channel_pair_id = found->channel_pair_id;
      pair.create_time = found->create_time;
      registered.existed = true;
      registered.entry_id = std::move(found->entry_id);
      ++existing_[pair.client_id];
    }
    for (const auto& [client_id, pairs] : existing_) {
      ASSIGN_OR_RETURN(auto counted, storage::RemovePairs(transaction_, scope_,
                                                          client_id, pairs));
      registration_.clients[client_id] = std::move(counted.client);
    }
    return absl::OkStatus();
  }

  absl::Status CheckQuotas() const {
    for (const PairSpec& spec : specs_) {
      const Client& client = registration_.clients.at(spec.client_id);
      const int64_t quota =
          client.pair_quota.value_or(policy_.default_pair_quota);
      const auto existing = existing_.find(spec.client_id);
      const int64_t added =
          PairsOf(spec.client_id) -
          (existing == existing_.end() ? 0 : existing->second);
      // A quota lowered below what there is refuses new pairs, not repairs.
      if (added > 0 && client.pair_count > quota) {
        return AtIndex(error::ChannelPairLimit(spec.client_id, quota), spec);
      }
    }
    return absl::OkStatus();
  }

  int64_t PairsOf(const std::string& client_id) const {
    int64_t pairs = 0;
    for (const PairSpec& spec : specs_) pairs += spec.client_id == client_id;
    return pairs;
  }

  Transaction& transaction_;
  const Scope& scope_;
  const RegistrationPolicy& policy_;
  const absl::Span<const PairSpec> specs_;

  std::map<ChannelKey, Channel> channels_;
  std::map<std::string, int64_t> existing_;  // pairs that existed, by client
  Registration registration_;
};

Channel NewChannel(const PairSpec& spec, const ChannelSpec& wanted) {
  return {.channel_id = wanted.new_id,
          .client_id = spec.client_id,
          .platform = wanted.platform,
          .address = wanted.address,
          .account = wanted.account,
          .title = wanted.title};
}

}  // namespace

ChannelPair NewPair(const PairSpec& spec) {
  return {.channel_pair_id = spec.new_id,
          .client_id = spec.client_id,
          .open_channel = NewChannel(spec, spec.open),
          .closed_channel = NewChannel(spec, spec.closed)};
}

void SetTimes(ChannelPair& pair, absl::Time now) {
  pair.create_time = now;
  for (Channel* channel : {&pair.open_channel, &pair.closed_channel}) {
    channel->create_time = now;
    channel->update_time = now;
  }
}

std::string PairSpec::Field(absl::string_view name) const {
  return index.has_value() ? absl::StrCat("requests[", *index, "].", name)
                           : std::string(name);
}

absl::Status AtIndex(const absl::Status& status, const PairSpec& spec) {
  if (!spec.index.has_value()) return status;
  return WithMetadata(status, "request_index", absl::StrCat(*spec.index));
}

absl::StatusOr<Registration> RegisterPairs(Transaction& transaction,
                                           const Scope& scope,
                                           const RegistrationPolicy& policy,
                                           absl::Span<const PairSpec> specs) {
  return Registrar(transaction, scope, policy, specs).Run();
}

}  // namespace broadcast::channels
