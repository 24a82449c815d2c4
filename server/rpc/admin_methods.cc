#include "rpc/admin_methods.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/content.h"
#include "rpc/convert/time.h"
#include "rpc/scheduler_methods.h"
#include "storage/clients.h"
#include "storage/page_token.h"

namespace broadcast::rpc {
namespace {

using storage::Scope;
using storage::Transaction;

void LimitsToProto(const Policy& policy, v1::ServerLimits& proto) {
  proto.set_default_pair_quota(
      static_cast<int32_t>(policy.registration.default_pair_quota));
  proto.set_max_pair_quota(limits::kMaxPairQuota);
  proto.set_default_page_size(limits::kDefaultPageSize);
  proto.set_max_page_size(limits::kMaxPageSize);
  proto.set_max_page_rows_examined(limits::kMaxRowsExaminedPerPage);
  proto.set_max_batch_size(limits::kMaxBatchEntries);
  *proto.mutable_default_interval() = DurationToProto(policy.default_interval);
  *proto.mutable_min_interval() = DurationToProto(limits::kMinInterval);
  *proto.mutable_max_interval() = DurationToProto(limits::kMaxInterval);
  *proto.mutable_request_id_retention() =
      DurationToProto(limits::kRequestIdRetention);
  proto.set_max_request_bytes(static_cast<int32_t>(policy.max_request_bytes));
  proto.set_max_filter_bytes(limits::kMaxFilterLength);
  proto.set_max_filter_conditions(limits::kMaxFilterConditions);
  proto.set_max_text_length(limits::kMaxTextLength);
  proto.set_max_button_count(limits::kMaxButtons);
  proto.set_max_row_button_count(limits::kMaxButtonsPerRow);
  proto.set_max_label_count(limits::kMaxLabels);
  *proto.mutable_trigger_cooldown() = DurationToProto(policy.trigger_cooldown);
  proto.set_disable_threshold(policy.disable_threshold);
  *proto.mutable_results_retention() =
      DurationToProto(policy.results_retention);
  *proto.mutable_operations_retention() =
      DurationToProto(policy.operations_retention);
  *proto.mutable_events_retention() = DurationToProto(policy.events_retention);
  proto.set_max_firing_count(limits::kFiringsPerStep);
  proto.set_max_watch_count(limits::kMaxWatches);
  proto.set_max_feed_channel_count(limits::kMaxFeedChannels);
  proto.set_max_batch_post_count(limits::kMaxBatchPosts);
  proto.set_max_batch_message_count(limits::kMaxBatchMessages);
}

// What every page token of one list of accounts begins with.
std::string TokenHead(v1::Platform platform, const Scope& scope) {
  const uint64_t binding = storage::BindingOf(
      {"accounts", v1::Platform_Name(platform), scope.Key()});
  return absl::StrCat(absl::Hex(binding, absl::kZeroPad16), ":");
}

// The account that the page before ended with. Empty for the first page.
absl::StatusOr<std::string> AccountBefore(const std::string& page_token,
                                          absl::string_view head) {
  if (page_token.empty()) return "";
  std::string text;
  Violations violations;
  if (!absl::WebSafeBase64Unescape(page_token, &text) ||
      text.size() <= head.size() ||
      AccountName(text.substr(head.size()), "", violations).empty()) {
    return error::InvalidPageToken(
        "this is no next_page_token of this server; start again without it");
  }
  absl::string_view name = text;
  if (!absl::ConsumePrefix(&name, head)) {
    return error::InvalidPageToken(
        "it belongs to another platform or caller, and only page_size may "
        "change between pages; start again without it");
  }
  return std::string(name);
}

// Those of `wanted`, or of all platforms if it is unset, that the caller may
// know of.
std::map<std::string, v1::Platform> AccountsAfter(const std::string& before,
                                                  v1::Platform wanted,
                                                  const Scope& scope,
                                                  const Policy& policy) {
  std::map<std::string, v1::Platform> accounts;
  for (const auto& [name, account] : policy.accounts) {
    const v1::Platform platform = PlatformToProto(account.platform);
    if (name > before && account.ShowsTo(scope) &&
        (wanted == v1::PLATFORM_UNSPECIFIED || wanted == platform)) {
      accounts[name] = platform;
    }
  }
  return accounts;
}

void FindingToProto(const storage::IntegrityReport& report,
                    storage::FindingKind kind, v1::IntegrityFinding::Kind name,
                    v1::CheckIntegrityResponse& response) {
  const storage::IntegrityFinding& finding = report[kind];
  v1::IntegrityFinding& proto = *response.add_findings();
  proto.set_kind(name);
  proto.set_count(finding.count);
  for (const std::string& id : finding.sample_ids) proto.add_sample_ids(id);
}

}  // namespace

absl::StatusOr<GetServerInfoMethod::Command> GetServerInfoMethod::Parse(
    const Request&, const Scope&) {
  return Command();
}

absl::StatusOr<GetServerInfoMethod::Result> GetServerInfoMethod::Load(
    Transaction& transaction, const Scope&, const Command&) {
  Result result{.now = transaction.now()};
  ASSIGN_OR_RETURN(result.scheduler, storage::FindSchedulerState(transaction));
  return result;
}

void GetServerInfoMethod::Answer(const Result& result, const Policy& policy,
                                 const storage::Database& database,
                                 Response& response) {
  response.set_version(policy.version);
  response.set_commit(policy.commit);
  response.set_schema_version(database.schema().version);
  response.set_oldest_compatible_version(database.schema().oldest_compatible);
  response.set_storage_backend(database.backend() == storage::Backend::kSqlite
                                   ? v1::STORAGE_BACKEND_SQLITE
                                   : v1::STORAGE_BACKEND_POSTGRESQL);
  *response.mutable_start_time() = TimeToProto(policy.start_time);
  *response.mutable_server_time() = TimeToProto(result.now);
  for (const char* capability :
       {"audit", "backfill", "check_channel", "entries", "events", "feeds",
        "integrity", "operations", "scheduler", "statistics", "trigger"}) {
    response.add_capabilities(capability);
  }
  LimitsToProto(policy, *response.mutable_limits());
  response.set_auto_register_clients(policy.registration.auto_register_clients);
  if (policy.default_open_content.has_value()) {
    ContentToProto(*policy.default_open_content,
                   *response.mutable_default_open_content());
  }
  if (policy.default_closed_content.has_value()) {
    ContentToProto(*policy.default_closed_content,
                   *response.mutable_default_closed_content());
  }
  SchedulerStateToProto(result.scheduler, policy,
                        *response.mutable_scheduler_state());
  response.set_default_tracking(policy.default_tracking);
}

absl::Status ListAccountsMethod::Tell(const Request& request,
                                      const Scope& scope, const Policy& policy,
                                      Response& response) {
  Violations violations;
  if (request.page_size() < 0) {
    violations.Add("page_size",
                   absl::StrCat("must be 0, for the default, or 1 to ",
                                limits::kMaxPageSize));
  }
  if (!v1::Platform_IsValid(request.platform())) {
    violations.Add("platform",
                   "must be a Platform, or unset for the accounts of all");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  const std::string head = TokenHead(request.platform(), scope);
  ASSIGN_OR_RETURN(const std::string before,
                   AccountBefore(request.page_token(), head));
  const int most = request.page_size() == 0
                       ? limits::kDefaultPageSize
                       : std::min(request.page_size(), limits::kMaxPageSize);
  for (const auto& [name, platform] :
       AccountsAfter(before, request.platform(), scope, policy)) {
    if (response.accounts_size() == most) {
      const std::string& last = response.accounts(most - 1).name();
      response.set_next_page_token(
          absl::WebSafeBase64Escape(absl::StrCat(head, last)));
      break;
    }
    v1::Account& account = *response.add_accounts();
    account.set_name(name);
    account.set_platform(platform);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> CheckIntegrityMethod::Parse(const Request& request,
                                                        const Scope&) {
  if (request.client_id().empty()) return "";
  Violations violations;
  std::string client_id = Uuid(request.client_id(), "client_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return client_id;
}

absl::StatusOr<storage::IntegrityCheck> CheckIntegrityMethod::LoadNext(
    Transaction& transaction, const Scope& scope, const Command& client_id,
    const Result& check) {
  if (client_id.empty()) {
    return storage::IntegrityStep(transaction, scope, check);
  }
  ASSIGN_OR_RETURN(const auto client,
                   storage::FindClient(transaction, scope, client_id));
  if (!client.has_value()) return error::ClientNotFound(client_id);
  return storage::IntegrityStep(transaction, Scope::OneClient(client_id),
                                check);
}

bool CheckIntegrityMethod::IsComplete(const Result& check) {
  return check.done();
}

void CheckIntegrityMethod::Answer(const Result& check, const Policy&,
                                  Response& response) {
  using Kind = storage::FindingKind;
  using Proto = v1::IntegrityFinding;
  const storage::IntegrityReport& report = check.report();
  FindingToProto(report, Kind::kPairWithoutEntry,
                 Proto::KIND_CHANNEL_PAIR_WITHOUT_ENTRY, response);
  FindingToProto(report, Kind::kEntryWithoutPair,
                 Proto::KIND_ENTRY_WITHOUT_CHANNEL_PAIR, response);
  FindingToProto(report, Kind::kClientWithoutEntry,
                 Proto::KIND_CLIENT_WITHOUT_ENTRY, response);
  FindingToProto(report, Kind::kClientCounterMismatch,
                 Proto::KIND_CLIENT_COUNTER_MISMATCH, response);
  FindingToProto(report, Kind::kEntryCounterMismatch,
                 Proto::KIND_ENTRY_COUNTER_MISMATCH, response);
  FindingToProto(report, Kind::kOperationCounterMismatch,
                 Proto::KIND_OPERATION_COUNT_MISMATCH, response);
  FindingToProto(report, Kind::kDeliveryStateMismatch,
                 Proto::KIND_DELIVERY_STATE_MISMATCH, response);
  FindingToProto(report, Kind::kChannelQueueMismatch,
                 Proto::KIND_CHANNEL_QUEUE_MISMATCH, response);
  FindingToProto(report, Kind::kEntryOperationMismatch,
                 Proto::KIND_ENTRY_OPERATION_MISMATCH, response);
  FindingToProto(report, Kind::kMessageStateMismatch,
                 Proto::KIND_MESSAGE_STATE_MISMATCH, response);
  response.set_clean(report.clean());
  *response.mutable_check_time() = TimeToProto(report.check_time);
  response.set_client_count(report.clients);
  response.set_channel_count(report.channels);
  response.set_channel_pair_count(report.channel_pairs);
  response.set_entry_count(report.entries);
  response.set_operation_count(report.operations);
  response.set_delivery_count(report.deliveries);
}

}  // namespace broadcast::rpc
