#include "entries/create_entries.h"

#include <algorithm>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "channels/create_channel_pair.h"
#include "storage/answer_json.h"
#include "storage/clients.h"
#include "storage/contents.h"
#include "storage/entries.h"
#include "storage/once.h"
#include "storage/registration.h"
#include "storage/sql_error.h"

namespace broadcast::entries {
namespace {

using channels::RegisteredPair;
using channels::Registration;
using channels::RegistrationPolicy;
using storage::Client;
using storage::Entry;
using storage::RequestKey;
using storage::Scope;
using storage::SqlFailure;
using storage::Transaction;

struct Made {
  std::vector<Entry> entries;
  std::map<std::string, Client> clients;
};

// The clients that were registered with their entries.
std::vector<std::string> NewClients(const Made& made, absl::Time now) {
  std::map<std::string, int64_t> pairs;
  for (const Entry& entry : made.entries) ++pairs[entry.client_id()];
  std::vector<std::string> ids;
  for (const auto& [id, client] : made.clients) {
    if (channels::ClientIsNew(client, pairs[id], now)) ids.push_back(id);
  }
  return ids;
}

Entry NewEntry(const EntrySpec& spec, storage::ChannelPair pair,
               const Client& client, absl::Time now) {
  return {.entry_id = spec.new_entry_id,
          .channel_pair = std::move(pair),
          .interval = spec.interval,
          .next_send_time = std::max(spec.start_time.value_or(now), now),
          .replace_previous = spec.replace_previous,
          .open_content = spec.open_content,
          .closed_content = spec.closed_content,
          .client_open_content_id = client.default_open_content.content_id,
          .client_closed_content_id = client.default_closed_content.content_id,
          .labels = spec.labels,
          .create_time = now,
          .update_time = now};
}

absl::Status StoreContentsOf(Transaction& transaction,
                             absl::Span<const EntrySpec> specs) {
  std::vector<const storage::StoredContent*> contents;
  for (const EntrySpec& spec : specs) {
    contents.push_back(&spec.open_content);
    contents.push_back(&spec.closed_content);
  }
  return storage::StoreContents(transaction, contents);
}

absl::Status Insert(Transaction& transaction, const Scope& scope,
                    const std::vector<Entry>& entries) {
  std::vector<const Entry*> rows;
  rows.reserve(entries.size());
  for (const Entry& entry : entries) rows.push_back(&entry);
  absl::Status inserted = storage::InsertEntries(transaction, scope, rows);
  // A parallel repair gave one of the pairs its entry.
  if (storage::FailureOf(inserted) == SqlFailure::kUnique) {
    return storage::RunAgain();
  }
  return storage::AgainIfCollected(inserted);
}

absl::StatusOr<Made> Make(Transaction& transaction, const Scope& scope,
                          const RegistrationPolicy& policy,
                          absl::Span<const EntrySpec> specs) {
  std::vector<channels::PairSpec> pairs;
  pairs.reserve(specs.size());
  for (const EntrySpec& spec : specs) pairs.push_back(spec.pair);
  ASSIGN_OR_RETURN(Registration registration,
                   channels::RegisterPairs(transaction, scope, policy, pairs));
  RETURN_IF_ERROR(StoreContentsOf(transaction, specs));
  Made made;
  for (size_t i = 0; i < specs.size(); ++i) {
    RegisteredPair& registered = registration.pairs[i];
    if (registered.entry_id.has_value()) {
      return channels::AtIndex(
          error::ChannelPairExists(registered.pair.channel_pair_id,
                                   *registered.entry_id),
          specs[i].pair);
    }
    made.entries.push_back(NewEntry(
        specs[i], std::move(registered.pair),
        registration.clients.at(specs[i].pair.client_id), transaction.now()));
  }
  RETURN_IF_ERROR(Insert(transaction, scope, made.entries));
  made.clients = std::move(registration.clients);
  return made;
}

// The same in one statement, where that can be.
absl::StatusOr<CreatedEntry> MakeAtOnce(Transaction& transaction,
                                        const Scope& scope,
                                        const RequestKey& key,
                                        const RegistrationPolicy& policy,
                                        const EntrySpec& spec,
                                        const storage::AuditEvent& audit) {
  if (!policy.auto_register_clients || !scope.Contains(spec.pair.client_id)) {
    return storage::NeedsWholeTransaction();
  }
  storage::ChannelPair pair = channels::NewPair(spec.pair);
  Entry entry = NewEntry(spec, std::move(pair), {}, absl::UnixEpoch());
  ASSIGN_OR_RETURN(auto registered,
                   storage::RegisterAtOnce(
                       transaction, scope, entry, spec.start_time,
                       policy.default_pair_quota, key, entry.entry_id, audit));
  channels::SetTimes(entry.channel_pair, registered.now);
  entry.create_time = registered.now;
  entry.update_time = registered.now;
  entry.next_send_time = registered.next_send_time;
  entry.client_open_content_id =
      registered.client.default_open_content.content_id;
  entry.client_closed_content_id =
      registered.client.default_closed_content.content_id;
  const bool is_new =
      channels::ClientIsNew(registered.client, 1, registered.now);
  return CreatedEntry{.client = std::move(registered.client),
                      .entry = std::move(entry),
                      .client_is_new = is_new};
}

absl::StatusOr<CreatedEntry> Find(Transaction& transaction, const Scope& scope,
                                  const std::string& entry_id) {
  CreatedEntry found;
  ASSIGN_OR_RETURN(found.entry,
                   storage::FindEntry(transaction, scope, entry_id));
  if (found.entry.has_value()) {
    ASSIGN_OR_RETURN(
        found.client,
        storage::FindClient(transaction, scope, found.entry->client_id()));
  }
  return found;
}

}  // namespace

absl::StatusOr<CreatedEntry> CreateEntry(Transaction& transaction,
                                         const Scope& scope,
                                         const RequestKey& key,
                                         const RegistrationPolicy& policy,
                                         const EntrySpec& spec,
                                         const storage::AuditEvent& audit) {
  if (transaction.mode() == Transaction::Mode::kSingle) {
    return MakeAtOnce(transaction, scope, key, policy, spec, audit);
  }
  const auto decide = [&]() -> absl::StatusOr<CreatedEntry> {
    ASSIGN_OR_RETURN(
        Made made, Make(transaction, scope, policy, absl::MakeSpan(&spec, 1)));
    CreatedEntry created{.client_is_new =
                             !NewClients(made, transaction.now()).empty()};
    created.entry = std::move(made.entries[0]);
    ASSIGN_OR_RETURN(created.client,
                     channels::CompleteClient(
                         transaction, scope,
                         std::move(made.clients.at(spec.pair.client_id))));
    return created;
  };
  return storage::Once(
      transaction, key, decide,
      [](const CreatedEntry& created) { return created.entry->entry_id; },
      [&](const std::string& entry_id) {
        return Find(transaction, scope, entry_id);
      });
}

absl::StatusOr<CreatedEntries> CreateEntries(
    Transaction& transaction, const Scope& scope, const RequestKey& key,
    const RegistrationPolicy& policy, absl::Span<const EntrySpec> specs) {
  const auto decide = [&]() -> absl::StatusOr<CreatedEntries> {
    ASSIGN_OR_RETURN(Made made, Make(transaction, scope, policy, specs));
    CreatedEntries created{.new_clients = NewClients(made, transaction.now())};
    created.entries = std::move(made.entries);
    return created;
  };
  const auto record = [](const CreatedEntries& created) {
    std::vector<std::string> ids;
    ids.reserve(created.entries.size());
    for (const Entry& entry : created.entries) ids.push_back(entry.entry_id);
    return storage::IdsToJson(ids);
  };
  const auto replay =
      [&](const std::string& recorded) -> absl::StatusOr<CreatedEntries> {
    CreatedEntries found;
    ASSIGN_OR_RETURN(const auto ids, storage::IdsFromJson(recorded));
    for (const std::string& id : ids) {
      ASSIGN_OR_RETURN(auto entry, storage::FindEntry(transaction, scope, id));
      if (entry.has_value()) found.entries.push_back(*std::move(entry));
    }
    return found;
  };
  return storage::Once(transaction, key, decide, record, replay);
}

}  // namespace broadcast::entries
