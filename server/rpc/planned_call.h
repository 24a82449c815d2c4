// What Sync and Migrate have in common: a call that reads a plan part by part,
// and then decides in one write, which it records. Its callbacks, one at a
// time, own it together.
#ifndef BROADCASTD_RPC_PLANNED_CALL_H_
#define BROADCASTD_RPC_PLANNED_CALL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "base/fail_points.h"
#include "base/status_macros.h"
#include "rpc/audit.h"
#include "rpc/call.h"
#include "storage/audit_events.h"
#include "sync/read_plan.h"

namespace broadcast::rpc {

// `Request` has a request_id and validate_only.
template <typename Request>
class PlannedCall : public std::enable_shared_from_this<PlannedCall<Request>> {
 public:
  PlannedCall(Calls& calls, CallState state, const RpcName& name,
              const Request* request)
      : calls_(calls), state_(std::move(state)), request_(request) {
    if (request->validate_only()) return;
    key_ = RequestKeyOf(*request, scope(), name);
    audit_ = state_.NewAuditEvent(*calls.policy().ids, request->request_id());
  }
  virtual ~PlannedCall() = default;

  PlannedCall(const PlannedCall&) = delete;
  PlannedCall& operator=(const PlannedCall&) = delete;

 protected:
  using Next = std::function<void()>;

  // Runs a read and goes on, or ends the call with its error.
  void Read(storage::Body body, Next next) {
    calls_.database().Read(
        storage::ReadKind::kScan, state_.Patience(), std::move(body),
        [self = this->shared_from_this(),
         next = std::move(next)](const absl::Status& status) {
          if (!status.ok()) return self->Refuse(status);
          next();
        });
  }

  // Reads the plan to its end.
  void ReadPlan(Next next) {
    Read([this](storage::Transaction& read) { return reader_->Read(read); },
         [this, next = std::move(next)] {
           reader_->Keep();
           if (!reader_->done()) return ReadPlan(next);
           if (absl::Status changed = reader_->Check(); !changed.ok()) {
             return Refuse(changed);
           }
           next();
         });
  }

  // Runs the body that decides, then records what it reports: nothing if it
  // changed nothing.
  using Decide = std::function<absl::Status(storage::Transaction&)>;
  void Write(Decide decide, Next next) {
    calls_.database().Write(
        {.patience = state_.Patience(), .guarded = !key_.request_id.empty()},
        [this, decide = std::move(decide)](
            storage::Transaction& transaction) -> absl::Status {
          reported_.reset();
          RETURN_IF_ERROR(decide(transaction));
          if (!reported_.has_value() || reported_->replayed) {
            return absl::OkStatus();
          }
          PassFailPoint(policy().fail_points, "before_enqueue_commit");
          if (!policy().audit) return absl::OkStatus();
          return storage::RecordAuditEvent(
              transaction, WithReported(audit_, {&*reported_, 1}));
        },
        [self = this->shared_from_this(),
         next = std::move(next)](const absl::Status& status) {
          if (!status.ok()) return self->Refuse(status);
          PassFailPoint(self->policy().fail_points, "after_enqueue");
          self->calls_.watches()->Wake();
          self->policy().wake_planner();
          next();
        });
  }

  void Refuse(const absl::Status& status) {
    calls_.Refuse(state_, status, *request_);
  }

  // Ends the call well.
  void Finish() {
    if (reported_.has_value()) {
      calls_.Finish(state_, absl::OkStatus(), {&*reported_, 1},
                    key_.request_id);
    } else {
      calls_.Finish(state_, absl::OkStatus(), {}, key_.request_id);
    }
  }

  const storage::Scope& scope() const { return state_.principal().scope; }
  const Policy& policy() const { return calls_.policy(); }

  Calls& calls_;
  CallState state_;
  const Request* const request_;
  storage::RequestKey key_;
  std::optional<sync::PlanReader> reader_;
  std::optional<ReportedIds> reported_;

 private:
  storage::AuditEvent audit_;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_PLANNED_CALL_H_
