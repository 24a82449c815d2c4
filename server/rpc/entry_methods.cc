#include "rpc/entry_methods.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/limits.h"
#include "content/fields.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/client.h"
#include "rpc/convert/content.h"
#include "rpc/convert/entry.h"
#include "rpc/convert/mask.h"
#include "rpc/convert/time.h"
#include "storage/entries.h"

namespace broadcast::rpc {
namespace {

using entries::EntryKey;
using entries::EntrySpec;
using storage::Scope;
using storage::Transaction;

// Reads one registration. What is well formed but cannot be had here goes to
// `refusal`, the first one only: field violations are told before it.
EntrySpec SpecFromProto(const v1::CreateEntryRequest& request,
                        std::optional<int> index, const Policy& policy,
                        Violations& violations, absl::Status& refusal) {
  EntrySpec spec{.new_entry_id = policy.ids->Next(),
                 .interval = policy.default_interval};
  channels::PairSpec& pair = spec.pair;
  pair.index = index;
  pair.new_id = policy.ids->Next();
  pair.client_id =
      Uuid(request.client_id(), pair.Field("client_id"), violations);
  absl::Status checked =
      PairFromProto(request.has_open_channel(), request.open_channel(),
                    request.has_closed_channel(), request.closed_channel(),
                    policy, pair, violations);
  if (refusal.ok()) refusal = channels::AtIndex(checked, pair);
  if (request.has_interval()) {
    const std::string field = pair.Field("interval");
    spec.interval =
        Interval(DurationFromProto(request.interval(), field, violations),
                 field, violations);
  }
  if (request.has_start_time()) {
    spec.start_time = TimeFromProto(request.start_time(),
                                    pair.Field("start_time"), violations);
  }
  if (request.has_open_content()) {
    spec.open_content = StoredContentFromProto(
        request.open_content(), pair.Field("open_content"), violations);
  }
  if (request.has_closed_content()) {
    spec.closed_content = StoredContentFromProto(
        request.closed_content(), pair.Field("closed_content"), violations);
  }
  spec.labels =
      LabelsFromProto(request.labels(), pair.Field("labels"), violations);
  return spec;
}

EntryKey KeyFromProto(const std::string& entry_id, const std::string& etag,
                      absl::string_view field, Violations& violations) {
  return {.entry_id = Uuid(entry_id, field, violations), .etag = etag};
}

// In a rehearsal nothing was stored under the new ids: they are not told. The
// items of a batch may share a channel that is new.
void ForgetNewIds(absl::Span<const EntrySpec> specs,
                  absl::Span<storage::Entry> entries) {
  std::set<absl::string_view> made;
  for (const EntrySpec& spec : specs) {
    made.insert(
        {spec.pair.new_id, spec.pair.open.new_id, spec.pair.closed.new_id});
  }
  const auto forget = [&made](std::string& id) {
    if (made.count(id) > 0) id.clear();
  };
  for (storage::Entry& entry : entries) {
    entry.entry_id.clear();
    storage::ChannelPair& pair = entry.channel_pair;
    forget(pair.channel_pair_id);
    forget(pair.open_channel.channel_id);
    forget(pair.closed_channel.channel_id);
  }
}

}  // namespace

absl::StatusOr<EntrySpec> CreateEntryMethod::Parse(const Request& request,
                                                   const Policy& policy) {
  Violations violations;
  absl::Status refusal;
  EntrySpec spec =
      SpecFromProto(request, std::nullopt, policy, violations, refusal);
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  RETURN_IF_ERROR(refusal);
  return spec;
}

absl::StatusOr<entries::CreatedEntry> CreateEntryMethod::Decide(
    Transaction& transaction, const Caller& caller, const EntrySpec& spec,
    const Policy& policy) {
  ASSIGN_OR_RETURN(auto created, entries::CreateEntry(
                                     transaction, caller.scope, caller.request,
                                     policy.registration, spec));
  if (caller.validate_only) {
    ForgetNewIds(absl::MakeSpan(&spec, 1), absl::MakeSpan(&*created.entry, 1));
  }
  return created;
}

void CreateEntryMethod::Answer(const Result& result, const Policy& policy,
                               Response& response) {
  if (result.client.has_value()) {
    ClientToProto(*result.client, *response.mutable_client());
  }
  if (result.entry.has_value()) {
    EntryToProto(*result.entry, policy, *response.mutable_entry());
    *response.mutable_channel_pair() = response.entry().channel_pair();
  }
  response.set_replayed(result.replayed);
}

void CreateEntryMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  if (!result.entry.has_value()) return;
  ids.SetPair(result.entry->channel_pair);
  ids.entry_id = result.entry->entry_id;
  ids.rows = 1;
}

absl::StatusOr<std::vector<EntrySpec>> BatchCreateEntriesMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  absl::Status refusal;
  if (request.requests().empty() ||
      request.requests_size() > limits::kMaxBatchEntries) {
    violations.Add("requests",
                   absl::StrCat("must hold 1 to ", limits::kMaxBatchEntries,
                                " registrations"));
    return violations.ToStatus();
  }
  std::vector<EntrySpec> specs;
  specs.reserve(request.requests_size());
  for (int i = 0; i < request.requests_size(); ++i) {
    const v1::CreateEntryRequest& item = request.requests(i);
    specs.push_back(SpecFromProto(item, i, policy, violations, refusal));
    if (!item.request_id().empty()) {
      violations.Add(specs.back().pair.Field("request_id"),
                     "must be empty: the request_id of the batch counts");
    }
    if (item.validate_only()) {
      violations.Add(specs.back().pair.Field("validate_only"),
                     "must be false: validate_only of the batch counts");
    }
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  RETURN_IF_ERROR(refusal);
  return specs;
}

absl::StatusOr<entries::CreatedEntries> BatchCreateEntriesMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& specs,
    const Policy& policy) {
  ASSIGN_OR_RETURN(auto created, entries::CreateEntries(
                                     transaction, caller.scope, caller.request,
                                     policy.registration, specs));
  if (caller.validate_only) {
    ForgetNewIds(specs, absl::MakeSpan(created.entries));
  }
  return created;
}

void BatchCreateEntriesMethod::Answer(const Result& result,
                                      const Policy& policy,
                                      Response& response) {
  for (const storage::Entry& entry : result.entries) {
    EntryToProto(entry, policy, *response.add_entries());
  }
  response.set_replayed(result.replayed);
}

void BatchCreateEntriesMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  ids.rows = static_cast<int64_t>(result.entries.size());
  if (!result.entries.empty()) {
    ids.client_id = result.entries.front().client_id();
    ids.entry_id = result.entries.front().entry_id;
  }
}

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
  std::string entry_id = command.entry_id;
  if (entry_id.empty()) {
    ASSIGN_OR_RETURN(
        const auto pair,
        storage::FindPairByAddresses(transaction, scope, command.addresses));
    if (!pair.has_value()) {
      return error::PairOfAddressesNotFound(command.addresses.client_id);
    }
    if (!pair->entry_id.has_value()) {
      return error::PairNotConfigured(pair->channel_pair_id);
    }
    entry_id = *pair->entry_id;
  }
  ASSIGN_OR_RETURN(auto entry,
                   storage::FindEntry(transaction, scope, entry_id));
  if (!entry.has_value()) return error::EntryNotFound(entry_id);
  return *std::move(entry);
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
                   "closed_content", "labels"},
                  violations);
  Command command{.key = KeyFromProto(entry.entry_id(), entry.etag(),
                                      "entry.entry_id", violations)};
  if (mask.Names("interval")) {
    command.interval = Interval(
        DurationFromProto(entry.interval(), "entry.interval", violations),
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
  if (!result.pair.has_value()) return;
  ids.SetPair(*result.pair);
}

}  // namespace broadcast::rpc
