#include "entries/trigger_entry.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/answer_json.h"
#include "storage/clients.h"
#include "storage/contents.h"
#include "storage/entries.h"
#include "storage/events.h"
#include "storage/once.h"
#include "storage/operations.h"
#include "storage/schedule.h"
#include "storage/sql_error.h"

namespace broadcast::entries {
namespace {

using storage::ChannelState;
using storage::Entry;
using storage::EntryState;
using storage::Scope;
using storage::Side;
using storage::Transaction;

// The sides to send to, or why the entry as it is cannot be triggered.
absl::StatusOr<std::vector<FiringSide>> SidesToSend(
    const Entry& entry, const FiringPolicy& policy) {
  if (entry.state != EntryState::kActive) {
    return error::EntryNotActive(entry.entry_id, ToText(entry.state));
  }
  const FiringSides sides = SidesOf(entry, policy);
  std::vector<FiringSide> with_content;
  for (const FiringSide& side : sides) {
    if (side.channel_state != ChannelState::kActive) {
      return error::ChannelNotActive(side.channel_id,
                                     ToText(side.channel_state));
    }
    if (side.content_id.has_value()) with_content.push_back(side);
  }
  if (with_content.empty()) {
    return error::EntryContentMissing(entry.entry_id, "both");
  }
  for (const FiringSide& side : with_content) {
    if (AccountOf(side, policy) == nullptr) {
      return error::AccountUnavailable(side.account);
    }
  }
  return with_content;
}

// Why the conditional UPDATE changed nothing.
absl::Status Refusal(Transaction& transaction, const Scope& scope,
                     const std::string& entry_id) {
  ASSIGN_OR_RETURN(const auto entry,
                   storage::FindEntry(transaction, scope, entry_id));
  if (!entry.has_value()) return error::EntryNotFound(entry_id);
  if (entry->state != EntryState::kActive) {
    return error::EntryNotActive(entry_id, ToText(entry->state));
  }
  if (entry->current_operation_id.has_value()) {
    return error::EntryBroadcastRunning(entry_id, *entry->current_operation_id);
  }
  const absl::Time now = transaction.now();
  if (entry->next_trigger_time.has_value() && *entry->next_trigger_time > now) {
    return error::TriggerCooldown(entry_id, *entry->next_trigger_time,
                                  *entry->next_trigger_time - now);
  }
  return storage::RunAgain();  // what refused it is over already
}

absl::Status Send(Transaction& transaction, const Scope& scope,
                  const TriggerPolicy& policy, const TriggerCommand& command,
                  const Entry& entry, const std::vector<FiringSide>& sides) {
  std::vector<const storage::StoredContent*> defaults;
  storage::NewOperation made{
      .operation = {.operation_id = command.ids.operation_id,
                    .client_id = entry.client_id(),
                    .entry_id = entry.entry_id,
                    .occurrence = entry.occurrence_count,
                    .kind = storage::OperationKind::kTrigger,
                    .reason = command.reason}};
  const absl::Time now = transaction.now();
  const Timing timing{.not_before = now,
                      .deadline = now + limits::kTriggerTime};
  for (const FiringSide& side : sides) {
    if (side.is_default) {
      defaults.push_back(&DefaultOf(side.side, policy.firing));
    }
    made.deliveries.push_back(DeliveryOf(
        side, policy.firing, command.ids.DeliveryId(side.side), timing));
  }
  RETURN_IF_ERROR(storage::StoreContents(transaction, defaults));
  // A content may have been collected, or a channel deleted, in between.
  RETURN_IF_ERROR(storage::AgainIfCollected(
      storage::InsertOperations(transaction, scope, absl::MakeSpan(&made, 1))));
  const storage::Event event{.client_id = entry.client_id(),
                             .kind = "entry.triggered",
                             .operation_id = command.ids.operation_id,
                             .entry_id = entry.entry_id};
  return storage::AppendEvents(transaction, absl::MakeSpan(&event, 1));
}

Target TargetOf(const FiringSide& side, const Entry& entry,
                const FiringPolicy& policy) {
  const bool open = side.side == Side::kOpen;
  Target target{.side = side.side,
                .channel = open ? entry.channel_pair.open_channel
                                : entry.channel_pair.closed_channel};
  if (side.is_default) {
    target.content = DefaultOf(side.side, policy);
    target.source = ContentSource::kServer;
    return target;
  }
  target.content = open ? entry.open_content : entry.closed_content;
  if (!target.content.content_id.has_value()) {
    target.source = ContentSource::kClient;
  }
  return target;
}

absl::StatusOr<std::vector<Target>> TargetsOf(
    Transaction& transaction, const Scope& scope, const FiringPolicy& policy,
    const Entry& entry, const std::vector<FiringSide>& sides) {
  std::vector<Target> targets;
  std::optional<storage::Client> client;
  for (const FiringSide& side : sides) {
    Target target = TargetOf(side, entry, policy);
    if (target.source == ContentSource::kClient) {
      if (!client.has_value()) {
        ASSIGN_OR_RETURN(
            client, storage::FindClient(transaction, scope, entry.client_id()));
        if (!client.has_value()) return storage::RunAgain();
      }
      target.content = side.side == Side::kOpen
                           ? client->default_open_content
                           : client->default_closed_content;
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

absl::StatusOr<Triggered> Decide(Transaction& transaction, const Scope& scope,
                                 const TriggerPolicy& policy,
                                 const TriggerCommand& command) {
  ASSIGN_OR_RETURN(auto entry,
                   storage::FindEntry(transaction, scope, command.entry_id));
  if (!entry.has_value()) return error::EntryNotFound(command.entry_id);
  RETURN_IF_ERROR(SidesToSend(*entry, policy.firing).status());
  ASSIGN_OR_RETURN(
      const auto next,
      storage::StartTrigger(transaction, scope, command.entry_id,
                            command.ids.operation_id, policy.cooldown));
  if (!next.has_value()) return Refusal(transaction, scope, command.entry_id);
  // Now the row is ours, and what is read of it stays.
  ASSIGN_OR_RETURN(entry,
                   storage::FindEntry(transaction, scope, command.entry_id));
  if (!entry.has_value()) return storage::RunAgain();
  ASSIGN_OR_RETURN(const auto sides, SidesToSend(*entry, policy.firing));
  RETURN_IF_ERROR(Send(transaction, scope, policy, command, *entry, sides));
  Triggered triggered{.next_trigger_time = *next};
  ASSIGN_OR_RETURN(triggered.targets,
                   TargetsOf(transaction, scope, policy.firing, *entry, sides));
  triggered.entry = std::move(entry);
  ASSIGN_OR_RETURN(
      triggered.operation,
      storage::FindOperation(transaction, scope, command.ids.operation_id));
  return triggered;
}

// What a replay tells again: the operation and the time.
std::string Record(const Triggered& triggered) {
  return storage::IdsToJson(
      {triggered.operation->operation_id,
       absl::StrCat(absl::ToUnixMicros(triggered.next_trigger_time))});
}

absl::StatusOr<Triggered> Replay(Transaction& transaction, const Scope& scope,
                                 const std::string& entry_id,
                                 const std::string& recorded) {
  ASSIGN_OR_RETURN(const auto values, storage::IdsFromJson(recorded));
  int64_t next = 0;
  if (values.size() != 2 || !absl::SimpleAtoi(values[1], &next)) {
    return error::Internal();
  }
  Triggered triggered{.next_trigger_time = absl::FromUnixMicros(next)};
  ASSIGN_OR_RETURN(triggered.operation,
                   storage::FindOperation(transaction, scope, values[0]));
  ASSIGN_OR_RETURN(triggered.entry,
                   storage::FindEntry(transaction, scope, entry_id));
  return triggered;
}

}  // namespace

absl::StatusOr<Triggered> Trigger(Transaction& transaction, const Scope& scope,
                                  const storage::RequestKey& request,
                                  const TriggerPolicy& policy,
                                  const TriggerCommand& command) {
  return storage::Once(
      transaction, request,
      [&] { return Decide(transaction, scope, policy, command); }, Record,
      [&](const std::string& recorded) {
        return Replay(transaction, scope, command.entry_id, recorded);
      });
}

}  // namespace broadcast::entries
