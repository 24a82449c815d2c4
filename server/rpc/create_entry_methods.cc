// What is particular to CreateEntry and BatchCreateEntries.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/limits.h"
#include "content/fields.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/client.h"
#include "rpc/convert/content.h"
#include "rpc/convert/entry.h"
#include "rpc/convert/time.h"
#include "rpc/entry_methods.h"
#include "rpc/new_ids.h"

namespace broadcast::rpc {
namespace {

using entries::EntrySpec;
using storage::Transaction;

// Reads one registration. What is well formed but cannot be had here goes to
// `refusal`, the first one only: field violations are told before it.
EntrySpec SpecFromProto(const v1::CreateEntryRequest& request,
                        std::optional<int> index, const storage::Scope& scope,
                        const Policy& policy, Violations& violations,
                        absl::Status& refusal) {
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
  // In another's name nobody learns which accounts there are.
  if (!scope.Contains(pair.client_id)) {
    checked = error::ClientNotFound(pair.client_id);
  }
  if (refusal.ok()) refusal = channels::AtIndex(checked, pair);
  if (request.has_interval()) {
    const std::string field = pair.Field("interval");
    spec.interval =
        Interval(DurationFromProto(request.interval()), field, violations);
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
  spec.replace_previous = request.replace_previous();
  return spec;
}

// In a rehearsal nothing was stored.
void ForgetNewIds(absl::Span<const EntrySpec> specs,
                  absl::Span<storage::Entry> entries) {
  NewIds ids;
  for (const EntrySpec& spec : specs) ids.Add(spec.pair);
  for (storage::Entry& entry : entries) {
    entry.entry_id.clear();
    ids.Forget(entry.channel_pair);
  }
}

ReportedIds EntryCreated(const storage::Entry& entry) {
  ReportedIds ids{.event = CreateEntryMethod::kName.event,
                  .entry_id = entry.entry_id,
                  .rows = 1};
  ids.SetPair(entry.channel_pair);
  return ids;
}

// Of a registration that finds nothing of it there already.
storage::AuditEvent AllNew(const Caller& caller, const EntrySpec& spec) {
  const channels::PairSpec& pair = spec.pair;
  const ReportedIds ids{.client_id = pair.client_id,
                        .channel_pair_id = pair.new_id,
                        .open_channel_id = pair.open.new_id,
                        .closed_channel_id = pair.closed.new_id,
                        .entry_id = spec.new_entry_id,
                        .rows = 1};
  return WithReported(caller.audit, absl::MakeSpan(&ids, 1));
}

}  // namespace

absl::StatusOr<EntrySpec> CreateEntryMethod::Parse(const Request& request,
                                                   const storage::Scope& scope,
                                                   const Policy& policy) {
  Violations violations;
  absl::Status refusal;
  EntrySpec spec =
      SpecFromProto(request, std::nullopt, scope, policy, violations, refusal);
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  RETURN_IF_ERROR(refusal);
  return spec;
}

absl::StatusOr<entries::CreatedEntry> CreateEntryMethod::Decide(
    Transaction& transaction, const Caller& caller, const EntrySpec& spec,
    const Policy& policy) {
  const bool single = transaction.mode() == Transaction::Mode::kSingle;
  ASSIGN_OR_RETURN(
      auto created,
      entries::CreateEntry(transaction, caller.scope, caller.request,
                           policy.registration, spec,
                           single ? AllNew(caller, spec) : caller.audit));
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
  policy.wake_scheduler();
}

void CreateEntryMethod::Report(const Result& result,
                               std::vector<ReportedIds>& lines) {
  if (result.client_is_new) {
    lines.push_back(ClientCreated(result.client->client_id));
  }
  lines.push_back(result.entry.has_value() ? EntryCreated(*result.entry)
                                           : ReportedIds());
  lines.back().replayed = result.replayed;
}

absl::StatusOr<std::vector<EntrySpec>> BatchCreateEntriesMethod::Parse(
    const Request& request, const storage::Scope& scope, const Policy& policy) {
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
    specs.push_back(SpecFromProto(item, i, scope, policy, violations, refusal));
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
  policy.wake_scheduler();
}

void BatchCreateEntriesMethod::Report(const Result& result,
                                      std::vector<ReportedIds>& lines) {
  for (const std::string& client_id : result.new_clients) {
    lines.push_back(ClientCreated(client_id));
  }
  for (const storage::Entry& entry : result.entries) {
    lines.push_back(EntryCreated(entry));
    lines.back().replayed = result.replayed;
  }
  lines.push_back({.rows = static_cast<int64_t>(result.entries.size()),
                   .replayed = result.replayed});
}

}  // namespace broadcast::rpc
