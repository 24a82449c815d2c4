// The stream of one call that watches: what it is told waits here until its
// caller has received what came before. Owns itself from its first breath to
// OnDone. Push and EndWith may be called by any thread, gRPC's functions by
// gRPC's.
#ifndef BROADCASTD_RPC_WATCH_STREAM_H_
#define BROADCASTD_RPC_WATCH_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rpc/call.h"
#include "rpc/watches.h"

namespace broadcast::rpc {

template <typename Response>
class WatchStream : public grpc::ServerWriteReactor<Response> {
 public:
  // Room is told again once half of it has been sent.
  static constexpr size_t kRoom = Watches::kPage;

  WatchStream(Calls& calls, CallState state)
      : calls_(calls), watches_(calls.watches()), state_(std::move(state)) {}

  // Goes on until EndWith. `self` is this.
  void Begin(std::shared_ptr<WatchStream> self) {
    absl::MutexLock lock(&mu_);
    self_ = std::move(self);
  }

  // Ends with `status`; what waits is sent first if that is OK. Later ends and
  // pushes are nothing.
  void EndWith(const absl::Status& status) {
    bool finish = false;
    {
      absl::MutexLock lock(&mu_);
      if (end_.has_value()) return;
      end_ = status;
      if (!status.ok()) DropWaiting();
      finish = TakeFinish();
    }
    if (finish) Finish();
  }

 protected:
  bool MayPush() {
    absl::MutexLock lock(&mu_);
    return waiting_.size() <= kRoom;
  }

  // With `replace`, in the place of what waits and was not begun to be sent.
  void Push(Response response, bool replace = false) {
    const Response* next = nullptr;
    {
      absl::MutexLock lock(&mu_);
      if (end_.has_value()) return;
      if (replace) DropWaiting();
      waiting_.push_back(std::move(response));
      if (!writing_) next = &waiting_.front();
      writing_ = true;
    }
    if (next != nullptr) this->StartWrite(next);
  }

 private:
  void OnWriteDone(bool ok) final {
    const Response* next = nullptr;
    bool finish = false;
    bool room = false;
    {
      absl::MutexLock lock(&mu_);
      writing_ = false;
      waiting_.pop_front();
      // The caller has gone.
      if (!ok) {
        cancelled_ = true;
        DropWaiting();
        if (!end_.has_value()) end_ = absl::OkStatus();
      }
      room = waiting_.size() == kRoom;
      if (!waiting_.empty()) {
        writing_ = true;
        next = &waiting_.front();
      } else {
        finish = TakeFinish();
      }
    }
    if (next != nullptr) this->StartWrite(next);
    if (finish) Finish();
    if (room) watches_->Wake();
  }

  void OnCancel() final {
    {
      absl::MutexLock lock(&mu_);
      cancelled_ = true;
    }
    EndWith(absl::CancelledError());
  }

  void OnDone() final {
    watches_->Remove(AsWatch());
    std::shared_ptr<WatchStream> self;
    {
      absl::MutexLock lock(&mu_);
      self = std::move(self_);
    }
  }

  virtual const Watch* AsWatch() const = 0;

  void DropWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    waiting_.resize(writing_ ? 1 : 0);
  }

  // True for the one who has to finish.
  bool TakeFinish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (!end_.has_value() || writing_ || finished_) return false;
    finished_ = true;
    return true;
  }

  void Finish() {
    grpc::Status status;
    {
      absl::MutexLock lock(&mu_);
      status = cancelled_ ? calls_.EndCancelledStream(state_)
                          : calls_.EndStream(state_, *end_);
    }
    grpc::ServerWriteReactor<Response>::Finish(status);
  }

  Calls& calls_;  // until Finish
  const std::shared_ptr<Watches> watches_;
  CallState state_;

  absl::Mutex mu_;
  std::shared_ptr<WatchStream> self_ ABSL_GUARDED_BY(mu_);
  // The first one is being sent while `writing_`.
  std::deque<Response> waiting_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_WATCH_STREAM_H_
