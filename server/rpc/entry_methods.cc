#include "rpc/entry_methods.h"

#include <utility>

#include "content/fields.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/content.h"
#include "rpc/convert/entry.h"
#include "rpc/convert/mask.h"
#include "rpc/convert/time.h"
#include "storage/entries.h"

namespace broadcast::rpc {
namespace {

using entries::EntryKey;
using storage::Scope;
using storage::Transaction;

EntryKey KeyFromProto(const std::string& entry_id, const std::string& etag,
                      absl::string_view field, Violations& violations) {
  return {.entry_id = Uuid(entry_id, field, violations), .etag = etag};
}

}  // namespace

absl::StatusOr<GetEntryMethod::Command> GetEntryMethod::Parse(
    const Request& request, const Scope&) {
  Violations violations;
  Command command;
  switch (request.key_case()) {
    case Request::kEntryId:
      command.entry_id = Uuid(request.entry_id(), "entry_id", violations);
      break;
    case Request::kChannelPairAddresses: {
      const auto& addresses = request.channel_pair_addresses();
      constexpr absl::string_view kField = "channel_pair_addresses";
      command.addresses.client_id = Uuid(
          addresses.client_id(), Subfield(kField, "client_id"), violations);
      auto open =
          DestinationFromProto(addresses.open_channel().platform(),
                               addresses.open_channel().address(),
                               Subfield(kField, "open_channel"), violations);
      auto closed =
          DestinationFromProto(addresses.closed_channel().platform(),
                               addresses.closed_channel().address(),
                               Subfield(kField, "closed_channel"), violations);
      command.addresses.open_platform = open.platform;
      command.addresses.open_address = std::move(open.address);
      command.addresses.closed_platform = closed.platform;
      command.addresses.closed_address = std::move(closed.address);
      break;
    }
    case Request::KEY_NOT_SET:
      violations.Add("entry_id",
                     "is required, or channel_pair_addresses instead");
      break;
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<storage::Entry> GetEntryMethod::Load(Transaction& transaction,
                                                    const Scope& scope,
                                                    const Command& command) {
  if (!command.entry_id.empty()) {
    ASSIGN_OR_RETURN(auto entry,
                     storage::FindEntry(transaction, scope, command.entry_id));
    if (!entry.has_value()) return error::EntryNotFound(command.entry_id);
    return *std::move(entry);
  }
  ASSIGN_OR_RETURN(auto pair, storage::FindPairByAddresses(transaction, scope,
                                                           command.addresses));
  if (!pair.has_value()) {
    return error::PairOfAddressesNotFound(command.addresses.client_id);
  }
  if (!pair->entry.has_value()) {
    return error::PairNotConfigured(pair->channel_pair.channel_pair_id);
  }
  return *std::move(pair->entry);
}

void GetEntryMethod::Answer(const Result& entry, const Policy& policy,
                            Response& response) {
  EntryToProto(entry, policy, *response.mutable_entry());
}

absl::StatusOr<storage::ListPlan> ListEntriesMethod::Parse(
    const Request& request, const Scope& scope) {
  return storage::PlanEntryList(ListFromProto(request), scope);
}

absl::StatusOr<storage::Page<storage::Entry>> ListEntriesMethod::Load(
    Transaction& transaction, const Scope&, const Command& plan) {
  return storage::ListEntries(transaction, plan);
}

void ListEntriesMethod::Answer(const Result& page, const Policy& policy,
                               Response& response) {
  for (const storage::Entry& entry : page.rows) {
    EntryToProto(entry, policy, *response.add_entries());
  }
  response.set_next_page_token(page.next_page_token);
}

void ChangeEntryMethod::EntryInto(const storage::Entry& entry,
                                  const Policy& policy, v1::Entry& proto) {
  EntryToProto(entry, policy, proto);
}

void ChangeEntryMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  if (!result.entry.has_value()) return;
  ids.SetPair(result.entry->channel_pair);
  ids.entry_id = result.entry->entry_id;
  ids.rows = 1;
}

absl::StatusOr<entries::UpdateEntryCommand> UpdateEntryMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  const v1::Entry& entry = request.entry();
  const Mask mask(request, entry,
                  {"interval", "next_send_time", "open_content",
                   "closed_content", "labels", "replace_previous"},
                  violations);
  Command command{.key = KeyFromProto(entry.entry_id(), entry.etag(),
                                      "entry.entry_id", violations)};
  if (mask.Names("interval")) {
    command.interval = Interval(DurationFromProto(entry.interval()),
                                "entry.interval", violations);
  }
  if (mask.Names("next_send_time")) {
    if (!entry.has_next_send_time()) {
      violations.Add("entry.next_send_time", "is required by update_mask");
    }
    command.next_send_time = TimeFromProto(entry.next_send_time(),
                                           "entry.next_send_time", violations);
  }
  if (mask.Names("open_content")) {
    command.open_content.emplace();
    if (entry.has_open_content()) {
      command.open_content = StoredContentFromProto(
          entry.open_content(), "entry.open_content", violations);
    }
  }
  if (mask.Names("closed_content")) {
    command.closed_content.emplace();
    if (entry.has_closed_content()) {
      command.closed_content = StoredContentFromProto(
          entry.closed_content(), "entry.closed_content", violations);
    }
  }
  if (mask.Names("labels")) {
    command.labels =
        LabelsFromProto(entry.labels(), "entry.labels", violations);
  }
  if (mask.Names("replace_previous")) {
    command.replace_previous = entry.replace_previous();
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<entries::ChangedEntry> UpdateEntryMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  return entries::UpdateEntry(transaction, caller.scope, caller.request,
                              command);
}

absl::StatusOr<entries::PauseEntryCommand> PauseEntryMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  Command command{.key = KeyFromProto(request.entry_id(), request.etag(),
                                      "entry_id", violations),
                  .reason = Reason(request.reason(), "reason", violations)};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<entries::ChangedEntry> PauseEntryMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  return entries::PauseEntry(transaction, caller.scope, caller.request,
                             command);
}

absl::StatusOr<EntryKey> ResumeEntryMethod::Parse(const Request& request,
                                                  const Policy&) {
  Violations violations;
  EntryKey key =
      KeyFromProto(request.entry_id(), request.etag(), "entry_id", violations);
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return key;
}

absl::StatusOr<entries::ChangedEntry> ResumeEntryMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& key,
    const Policy&) {
  return entries::ResumeEntry(transaction, caller.scope, caller.request, key);
}

absl::StatusOr<entries::DeleteEntryCommand> DeleteEntryMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  Command command{.key = KeyFromProto(request.entry_id(), request.etag(),
                                      "entry_id", violations),
                  .allow_missing = request.allow_missing()};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<entries::DeletedEntry> DeleteEntryMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  return entries::DeleteEntry(transaction, caller.scope, caller.request,
                              command);
}

void DeleteEntryMethod::Answer(const Result& result, const Policy&,
                               Response& response) {
  if (result.pair.has_value()) {
    ChannelPairToProto(*result.pair, *response.mutable_channel_pair());
  }
  response.set_entry_count(static_cast<int32_t>(result.entry_count));
  response.set_replayed(result.replayed);
}

void DeleteEntryMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  ids.rows = result.entry_count;
  ids.entry_id = result.entry_id;
  if (!result.pair.has_value()) return;
  ids.SetPair(*result.pair);
}

}  // namespace broadcast::rpc
