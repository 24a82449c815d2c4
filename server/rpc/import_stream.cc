#include "rpc/import_stream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "content/violations.h"
#include "feeds/import_posts.h"
#include "rpc/audit.h"
#include "rpc/convert/import.h"
#include "rpc/dialogue_stream.h"
#include "storage/audit_events.h"

namespace broadcast::rpc {
namespace {

using Request = v1::ImportPostsRequest;
using Response = v1::ImportPostsResponse;
using storage::ImportState;
using storage::Transaction;

// What begins an import is told of besides its end, which may never come.
constexpr char kStarted[] = "import.started";

absl::Status Wrong(absl::string_view field, absl::string_view description) {
  Violations violations;
  violations.Add(field, description);
  return violations.ToStatus();
}

class ImportStream final : public DialogueStream<Request, Response> {
 public:
  using DialogueStream::DialogueStream;

 private:
  void Received(Request& request) override {
    const bool first = held_.import_id.empty();
    if (first != request.has_settings()) {
      return Fail(Wrong("settings", first ? "is required first"
                                          : "must be the first message"));
    }
    switch (request.step_case()) {
      case Request::kSettings:
        return Open(request);
      case Request::kPosts:
        return Take(request);
      case Request::kCompletion:
        return Complete(request.completion());
      case Request::STEP_NOT_SET:
        return Fail(Wrong("posts", "is required, or completion instead"));
    }
  }

  void HalfClosed() override {
    if (held_.import_id.empty()) {
      return Fail(Wrong("settings", "is required first"));
    }
    Fail(error::ImportIncomplete(held_.import_id, held_.received, -1));
  }

  void Open(Request& request) {
    settings_ = std::move(*request.mutable_settings());
    auto command = OpenImportFromProto(settings_, *policy().ids);
    if (!command.ok()) return Fail(command.status());
    if (!settings_.validate_only() && settings_.import_id().empty()) {
      key_ = RequestKeyOf(settings_, scope(), kImportPosts);
    }
    started_ = NewAudit();
    started_.event = kStarted;
    ended_ = NewAudit();
    calls_.database().Write(
        {.patience = state_.Patience(), .guarded = !key_.request_id.empty()},
        [this, command = *std::move(command)](
            Transaction& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(opened_,
                           feeds::OpenImport(transaction, scope(), key_,
                                             feed_policy(), command));
          if (opened_.replayed) return absl::OkStatus();
          return Audit(transaction, started_, opened_.import);
        },
        [self = Self(), this](const absl::Status& status) {
          status.ok() ? Opened() : Fail(status);
        });
  }

  void Opened() {
    const storage::Import& import = opened_.import;
    held_ = {.import_id = import.import_id,
             .generation = import.generation,
             .received = import.counts.received};
    mode_ = import.mode;
    if (!opened_.replayed && !import.validate_only) {
      ReportedIds line = ReportOf(import);
      line.event = kStarted;
      calls_.Report(state_, line, settings_.request_id());
    }
    // All its posts were there before, and who comes back wants its end.
    if (import.state == ImportState::kClosing) return CloseNext();
    progress_.import = import;
    Tell();
  }

  void Take(Request& request) {
    auto posts = ImportedPostsFromProto(request.posts(), *policy().ids);
    if (!posts.ok()) return Fail(posts.status());
    request.Clear();
    posts_ = *std::move(posts);
    taken_ = 0;
    TakeNext();
  }

  // The next of posts_ that one transaction takes.
  void TakeNext() {
    Write(
        state_.Patience(),
        [this](Transaction& transaction) {
          return feeds::TakePosts(transaction, scope(), feed_policy(), held_,
                                  absl::MakeConstSpan(posts_).subspan(taken_));
        },
        [this] {
          const int64_t received = progress_.import.counts.received;
          taken_ += static_cast<size_t>(received - held_.received);
          held_.received = received;
          if (taken_ < posts_.size()) return TakeNext();
          posts_.clear();
          Tell();
        });
  }

  void Complete(const v1::ImportCompletion& completion) {
    if (!completion.has_expected_count() || completion.expected_count() < 0) {
      return Fail(Wrong("completion.expected_count", "is required, 0 or more"));
    }
    expected_ = completion.expected_count();
    if (expected_ != held_.received) {
      return Fail(
          error::ImportIncomplete(held_.import_id, held_.received, expected_));
    }
    if (mode_ == storage::ImportMode::kMerge) return EndTaking();
    CountNext();
  }

  // Counts what would be closed, before anything is.
  void CountNext() {
    calls_.database().Read(
        storage::ReadKind::kScan, state_.Patience(),
        [this](Transaction& read) -> absl::Status {
          ASSIGN_OR_RETURN(counted_,
                           feeds::CountMissing(read, opened_.import, missing_));
          return absl::OkStatus();
        },
        [self = Self(), this](const absl::Status& status) {
          if (!status.ok()) return Fail(status);
          if (const auto end = EndAsked(); end.has_value()) return Fail(*end);
          missing_ = counted_;
          missing_.done ? CheckMissing() : CountNext();
        });
  }

  void CheckMissing() {
    if (settings_.has_max_closes() &&
        missing_.missing > settings_.max_closes()) {
      return Fail(error::TooManyCloses(held_.import_id, missing_.missing,
                                       settings_.max_closes()));
    }
    EndTaking();
  }

  void EndTaking() {
    Write(
        state_.Patience(),
        [this](Transaction& transaction) {
          return feeds::EndImport(transaction, scope(), held_, expected_,
                                  missing_.missing);
        },
        [this] {
          if (progress_.import.state == ImportState::kClosing) {
            return CloseNext();
          }
          Tell();
        });
  }

  // Whoever has gone since, it is closed now.
  void CloseNext() {
    Write(
        {},
        [this](Transaction& transaction) {
          return feeds::CloseMissing(transaction, scope(), feed_policy(),
                                     held_);
        },
        [this] {
          if (progress_.import.state == ImportState::kClosing) {
            return CloseNext();
          }
          Tell();
        });
  }

  // Runs a step of the import behind the requests of others, then goes on.
  template <typename Step, typename Next>
  void Write(const storage::Patience& patience, Step step, Next next) {
    calls_.database().Write(
        {.patience = patience,
         .priority = storage::Priority::kBackground,
         .guarded = true},
        [this, step](Transaction& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(progress_, step(transaction));
          if (!progress_.completes) return absl::OkStatus();
          return Audit(transaction, ended_, progress_.import);
        },
        [self = Self(), this, next](const absl::Status& status) {
          if (!status.ok()) return Fail(status);
          WakeOthers();
          if (progress_.completes && !progress_.import.validate_only) {
            reported_ = ReportOf(progress_.import);
          }
          if (progress_.import.state != ImportState::kComplete) {
            if (const auto end = EndAsked(); end.has_value()) {
              return Fail(*end);
            }
          }
          next();
        });
  }

  void WakeOthers() {
    if (progress_.sends) policy().wake_dispatcher();
    if (progress_.expires) policy().wake_expirer();
    calls_.watches()->Wake();
  }

  void Tell() {
    response_.Clear();
    ImportToProto(progress_.import, *response_.mutable_progress());
    response_.set_resumed(opened_.replayed);
    Answer(/*last=*/progress_.import.state == ImportState::kComplete);
  }

  grpc::Status Ended(const absl::Status& status) override {
    if (!status.ok()) return calls_.RefuseStream(state_, status, settings_);
    return calls_.EndStream(state_, status, Reported(), settings_.request_id());
  }

  ReportedIds ReportOf(const storage::Import& import) const {
    const storage::ImportCounts& counts = import.counts;
    return {.client_id = import.client_id,
            .feed_id = import.feed_id,
            .rows = counts.created + counts.updated + counts.reopened +
                    counts.closed};
  }

  absl::Span<const ReportedIds> Reported() const {
    if (!reported_.has_value()) return {};
    return {&*reported_, 1};
  }

  storage::AuditEvent NewAudit() const {
    return state_.NewAuditEvent(*policy().ids, settings_.request_id());
  }

  absl::Status Audit(Transaction& transaction, const storage::AuditEvent& event,
                     const storage::Import& import) const {
    if (import.validate_only || !policy().audit) return absl::OkStatus();
    const ReportedIds line = ReportOf(import);
    return storage::RecordAuditEvent(transaction,
                                     WithReported(event, {&line, 1}));
  }

  const Policy& policy() const { return calls_.policy(); }
  feeds::FeedPolicy feed_policy() const { return FeedPolicyOf(policy()); }
  const storage::Scope& scope() const { return state_.principal().scope; }

  // The step's own that is under way.
  v1::ImportSettings settings_;
  storage::RequestKey key_;
  storage::AuditEvent started_;
  storage::AuditEvent ended_;
  feeds::OpenedImport opened_;
  feeds::HeldImport held_;  // empty until the import is open
  storage::ImportMode mode_ = storage::ImportMode::kMerge;
  std::vector<feeds::PostSpec> posts_;  // of the last message
  size_t taken_ = 0;                    // of them
  int64_t expected_ = 0;
  feeds::MissingCount missing_;
  feeds::MissingCount counted_;  // what the read under way makes of it
  feeds::ImportProgress progress_;
  std::optional<ReportedIds> reported_;
};

}  // namespace

grpc::ServerBidiReactor<v1::ImportPostsRequest, v1::ImportPostsResponse>*
ImportPosts(Calls& calls, const Method& method,
            grpc::CallbackServerContext* context) {
  auto stream = std::make_shared<ImportStream>(
      calls, calls.BeginStream(method, context), context);
  stream->Begin(stream);
  return stream.get();
}

}  // namespace broadcast::rpc
