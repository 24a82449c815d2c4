#include "rpc/backfill.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/time.h"
#include "rpc/entry_methods.h"

namespace broadcast::rpc {
namespace {

using entries::BackfillCommand;
using entries::BackfillReport;
using storage::Transaction;
using Request = v1::BackfillEntriesRequest;
using Response = v1::BackfillEntriesResponse;

absl::Duration Spread(absl::Duration spread, absl::string_view field,
                      Violations& violations) {
  if (spread < absl::ZeroDuration() || spread > limits::kMaxInterval) {
    violations.Add(
        field,
        absl::StrCat("must be 0 to ",
                     absl::ToInt64Seconds(limits::kMaxInterval), " seconds"));
  }
  return spread;
}

void ScopeFromProto(const Request& request, BackfillCommand& command,
                    Violations& violations) {
  switch (request.scope_case()) {
    case Request::kAll:
      break;
    case Request::kClientId:
      command.client_id = Uuid(request.client_id(), "client_id", violations);
      break;
    case Request::kChannelPairId:
      command.channel_pair_id =
          Uuid(request.channel_pair_id(), "channel_pair_id", violations);
      break;
    case Request::SCOPE_NOT_SET:
      violations.Add("all",
                     "is required, or client_id or channel_pair_id instead");
      break;
  }
}

absl::StatusOr<BackfillCommand> Parse(const Request& request,
                                      const Policy& policy) {
  Violations violations;
  BackfillCommand command{.interval = policy.default_interval,
                          .validate_only = request.validate_only()};
  ScopeFromProto(request, command, violations);
  if (request.has_interval()) {
    command.interval =
        Interval(DurationFromProto(request.interval()), "interval", violations);
  }
  command.spread = command.interval;
  if (request.has_spread()) {
    command.spread =
        Spread(DurationFromProto(request.spread()), "spread", violations);
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

void ReportToProto(const BackfillReport& report, Response& proto) {
  proto.set_found_count(report.found());
  proto.set_created_count(report.created);
  proto.set_skipped_count(report.skipped);
  proto.set_failed_count(report.failed);
  for (const std::string& entry_id : report.entry_ids) {
    proto.add_entry_ids(entry_id);
  }
  for (const entries::BackfillFailure& failure : report.failures) {
    v1::BackfillFailure& added = *proto.add_sample_failures();
    added.set_channel_pair_id(failure.channel_pair_id);
    added.set_reason(failure.reason);
    added.set_message(failure.message);
  }
}

// One call. Its callbacks, one at a time, own it together.
class Backfill : public std::enable_shared_from_this<Backfill> {
 public:
  Backfill(Calls& calls, CallState state, BackfillCommand command,
           storage::RequestKey key, const Request* request, Response* response)
      : calls_(calls),
        state_(std::move(state)),
        command_(std::move(command)),
        key_(std::move(key)),
        request_(request),
        response_(response) {}

  // Asks whether the call was made before.
  void Start();

 private:
  void Find();
  void Found(const absl::Status& status);

  // The next chunk of what was found, or what comes after the last one.
  void Configure();
  void Configured(size_t count, const absl::Status& status);
  absl::Status AuditStep(Transaction& transaction,
                         const storage::AuditEvent& audit) const;
  void ReportStep();

  // Ends the call, remembering its answer.
  void Record();
  void Recorded(const absl::Status& status);
  void Finish(const absl::Status& status);

  // The answer of the call that was made before, as JSON.
  absl::StatusOr<std::optional<std::string>> FindAnswer(
      Transaction& transaction) const;
  absl::Status Replay();

  // True if a step failed because of its pairs, so that others may succeed.
  bool IsFaultOfPairs(const absl::Status& status) {
    return status.code() == absl::StatusCode::kInternal &&
           calls_.database().healthy();
  }

  absl::Span<const std::string> Pairs(size_t count) const {
    return absl::MakeSpan(found_.pairs).subspan(at_, count);
  }
  const storage::Scope& scope() const { return state_.principal().scope; }

  // Constant after construction.
  Calls& calls_;
  CallState state_;
  const BackfillCommand command_;
  const storage::RequestKey key_;
  const Request* const request_;
  Response* const response_;

  // What the transaction under way answers; assigned anew in each run.
  std::optional<std::string> answer_;
  entries::BackfillFound found_;
  BackfillReport step_;

  std::optional<storage::WalkCursor> cursor_;
  std::vector<std::string> entry_ids_;  // for found_.pairs
  size_t at_ = 0;                       // of found_.pairs the next
  size_t step_size_ = 0;                // pairs a transaction
  BackfillReport report_;
};

void Backfill::Start() {
  if (key_.request_id.empty()) return Find();
  calls_.database().Read(
      storage::ReadKind::kScan, state_.Patience(),
      [this](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(answer_, FindAnswer(transaction));
        return absl::OkStatus();
      },
      [self = shared_from_this()](const absl::Status& status) {
        if (!status.ok()) return self->Finish(status);
        if (self->answer_.has_value()) return self->Finish(self->Replay());
        self->Find();
      });
}

void Backfill::Find() {
  calls_.database().Read(
      storage::ReadKind::kScan, state_.Patience(),
      [this](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(found_, entries::FindBackfill(transaction, scope(),
                                                       command_, cursor_));
        if (!command_.validate_only) return absl::OkStatus();
        ASSIGN_OR_RETURN(step_,
                         entries::BackfillStep(transaction, scope(), command_,
                                               found_.pairs, {}));
        return absl::OkStatus();
      },
      [self = shared_from_this()](const absl::Status& status) {
        self->Found(status);
      });
}

void Backfill::Found(const absl::Status& status) {
  if (!status.ok()) return Finish(status);
  cursor_ = found_.cursor;
  step_size_ = limits::kChunkRows;
  at_ = 0;
  entry_ids_.clear();
  if (command_.validate_only) {
    report_.Add(step_);
    at_ = found_.pairs.size();
  }
  while (at_ + entry_ids_.size() < found_.pairs.size()) {
    entry_ids_.push_back(calls_.policy().ids->Next());
  }
  Configure();
}

void Backfill::Configure() {
  if (at_ == found_.pairs.size()) return found_.done ? Record() : Find();
  const size_t count = std::min(step_size_, found_.pairs.size() - at_);
  // Repeated after a commit that nobody heard of, it would find its entries
  // but record its audit event a second time: so it is not guarded.
  calls_.database().Write(
      {.patience = state_.Patience(),
       .priority = storage::Priority::kBackground},
      [this, count,
       audit = state_.NewAuditEvent(*calls_.policy().ids, key_.request_id)](
          Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(step_,
                         entries::BackfillStep(
                             transaction, scope(), command_, Pairs(count),
                             absl::MakeSpan(entry_ids_).subspan(at_, count)));
        return AuditStep(transaction, audit);
      },
      [self = shared_from_this(), count](const absl::Status& status) {
        self->Configured(count, status);
      });
}

void Backfill::Configured(size_t count, const absl::Status& status) {
  if (status.ok()) {
    report_.Add(step_);
    ReportStep();
  } else if (!IsFaultOfPairs(status)) {
    return Finish(status);
  } else if (count > 1) {
    // One by one, so that a bad one does not keep the others from theirs.
    step_size_ = 1;
    return Configure();
  } else {
    report_.Add(entries::FailedBackfill(Pairs(count), status));
  }
  at_ += count;
  Configure();
}

// One event for all entries of the step, if it made any.
absl::Status Backfill::AuditStep(Transaction& transaction,
                                 const storage::AuditEvent& audit) const {
  if (step_.made.empty()) return absl::OkStatus();
  std::vector<ReportedIds> reported;
  for (const storage::PairIds& made : step_.made) {
    reported.emplace_back().SetPair(made);
  }
  reported.push_back({.rows = static_cast<int64_t>(step_.made.size())});
  return storage::RecordAuditEvent(transaction, WithReported(audit, reported));
}

void Backfill::ReportStep() {
  for (const storage::PairIds& made : step_.made) {
    ReportedIds ids{.event = CreateEntryMethod::kName.event, .rows = 1};
    ids.SetPair(made);
    calls_.Report(state_, ids, key_.request_id);
  }
}

void Backfill::Record() {
  ReportToProto(report_, *response_);
  if (key_.request_id.empty()) return Finish(absl::OkStatus());
  std::string answer;
  if (!google::protobuf::util::MessageToJsonString(*response_, &answer).ok()) {
    return Finish(error::Internal());
  }
  calls_.database().Write(
      {.patience = state_.Patience(), .guarded = true},
      [this,
       answer = std::move(answer)](Transaction& transaction) -> absl::Status {
        // A call with the same id may have run beside this one.
        ASSIGN_OR_RETURN(answer_, FindAnswer(transaction));
        if (answer_.has_value()) return absl::OkStatus();
        return storage::RecordAnswer(transaction, key_, answer);
      },
      [self = shared_from_this()](const absl::Status& status) {
        self->Recorded(status);
      });
}

void Backfill::Recorded(const absl::Status& status) {
  Finish(status.ok() && answer_.has_value() ? Replay() : status);
}

void Backfill::Finish(const absl::Status& status) {
  if (!status.ok() && report_.created == 0) {
    return calls_.Refuse(state_, status, *request_);
  }
  std::vector<ReportedIds> reported;
  if (report_.created > 0) calls_.policy().wake_scheduler();
  if (!command_.validate_only) {
    reported.push_back(
        {.client_id = command_.client_id.value_or(""),
         .channel_pair_id = command_.channel_pair_id.value_or(""),
         .rows = report_.created,
         .replayed = response_->replayed()});
  }
  calls_.Finish(state_, status, reported, key_.request_id);
}

absl::StatusOr<std::optional<std::string>> Backfill::FindAnswer(
    Transaction& transaction) const {
  ASSIGN_OR_RETURN(auto recorded, storage::FindAnswer(transaction, key_));
  if (!recorded.has_value()) return std::optional<std::string>();
  if (recorded->payload_hash != key_.payload_hash) {
    return error::RequestIdReused(key_.request_id);
  }
  return std::optional<std::string>(std::move(recorded->answer));
}

absl::Status Backfill::Replay() {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // a newer release's
  response_->Clear();
  if (!google::protobuf::util::JsonStringToMessage(*answer_, response_, options)
           .ok()) {
    return error::Internal();
  }
  response_->set_replayed(true);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* BackfillEntries(Calls& calls, const Method& method,
                                          grpc::CallbackServerContext* context,
                                          const Request* request,
                                          Response* response) {
  CallState state = calls.Begin(method, context);
  grpc::ServerUnaryReactor* reactor = state.reactor();
  if (!state.refusal().ok()) {
    calls.Refuse(state, state.refusal(), *request);
    return reactor;
  }
  auto command = Parse(*request, calls.policy());
  if (!command.ok()) {
    calls.Refuse(state, command.status(), *request);
    return reactor;
  }
  storage::RequestKey key;
  if (!request->validate_only()) {
    key = RequestKeyOf(*request, state.principal().scope, kBackfillEntries);
  }
  std::make_shared<Backfill>(calls, std::move(state), *std::move(command),
                             std::move(key), request, response)
      ->Start();
  return reactor;
}

}  // namespace broadcast::rpc
