// The stream of one call that answers each message of its caller, and reads the
// next one only then, so that it costs the memory of one message. One step at a
// time is under way: a read, what its receiver does with the message, or an
// answer; each begins the next, on whichever thread it ends. Only End comes
// from elsewhere. Owns itself from its first breath to OnDone.
#ifndef BROADCASTD_RPC_DIALOGUE_STREAM_H_
#define BROADCASTD_RPC_DIALOGUE_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rpc/call.h"
#include "rpc/sending_streams.h"

namespace broadcast::rpc {

template <typename Request, typename Response>
class DialogueStream : public grpc::ServerBidiReactor<Request, Response>,
                       public SendingStream {
 public:
  DialogueStream(Calls& calls, CallState state,
                 grpc::CallbackServerContext* context)
      : calls_(calls),
        state_(std::move(state)),
        context_(context),
        sending_(calls.sending()) {}

  // `self` is this.
  void Begin(std::shared_ptr<DialogueStream> self) {
    {
      absl::MutexLock lock(&mu_);
      self_ = self;
    }
    absl::Status admitted = state_.refusal();
    if (admitted.ok()) admitted = sending_->Add(std::move(self));
    if (!admitted.ok()) return Fail(admitted);
    Read();
  }

  void End(const absl::Status& status) final {
    {
      absl::MutexLock lock(&mu_);
      if (!end_.has_value()) end_ = status;
      // With the same lock as the look: what is read from here on finds the
      // stream finished, and begins nothing.
      if (!reading_ || finished_) return;
      finished_ = true;
    }
    Finishing(status);
  }

 protected:
  // A message: ends in Answer or Fail.
  virtual void Received(Request& request) = 0;

  // The caller sends no more: ends in Fail.
  virtual void HalfClosed() = 0;

  // Logs and counts the end, and answers what the caller is told.
  virtual grpc::Status Ended(const absl::Status& status) = 0;

  // Sends response_; then reads on, or ends well if it is the `last`.
  void Answer(bool last) {
    last_ = last;
    this->StartWrite(&response_);
  }

  // Ends with an error.
  void Fail(const absl::Status& status) { EndWith(status); }

  // What the stream is to end with, once the step under way permits it.
  std::optional<absl::Status> EndAsked() {
    absl::MutexLock lock(&mu_);
    return end_;
  }

  std::shared_ptr<DialogueStream> Self() {
    absl::MutexLock lock(&mu_);
    return self_;
  }

  Calls& calls_;  // until it has finished
  CallState state_;
  Response response_;  // the step's own that is under way

 private:
  void EndWith(const absl::Status& status) {
    {
      absl::MutexLock lock(&mu_);
      if (finished_) return;
      finished_ = true;
    }
    Finishing(status);
  }

  // Of whoever has set finished_.
  void Finishing(const absl::Status& status) {
    this->Finish(context_->IsCancelled() ? calls_.EndCancelledStream(state_)
                                         : Ended(status));
  }

  // Waits for the next message, unless the stream is to end.
  void Read() {
    // OnDone may come while this still runs.
    const std::shared_ptr<DialogueStream> self = Self();
    if (const auto end = EndAsked(); end.has_value()) return Fail(*end);
    int64_t read = 0;
    {
      absl::MutexLock lock(&mu_);
      read = ++reads_;
    }
    this->StartRead(&request_);
    std::optional<absl::Status> end;
    {
      // From here on End may finish; before, gRPC did not know of the read.
      absl::MutexLock lock(&mu_);
      if (reads_ != read || read_done_ == read) return;
      reading_ = true;
      if (!end_.has_value() || finished_) return;
      finished_ = true;
      end = end_;
    }
    Finishing(*end);
  }

  void OnReadDone(bool ok) final {
    {
      absl::MutexLock lock(&mu_);
      reading_ = false;
      read_done_ = reads_;
      if (finished_) return;
    }
    ok ? Received(request_) : HalfClosed();
  }

  void OnWriteDone(bool ok) final {
    if (ok && !last_) return Read();
    // Who does not take the answer has gone.
    EndWith(ok ? absl::OkStatus() : absl::CancelledError());
  }

  void OnDone() final {
    sending_->Remove(this);
    std::shared_ptr<DialogueStream> self;
    {
      absl::MutexLock lock(&mu_);
      self = std::move(self_);
    }
  }

  grpc::CallbackServerContext* const context_;  // until it has finished
  const std::shared_ptr<SendingStreams> sending_;

  Request request_;    // the step's own that is under way, as is the next
  bool last_ = false;  // the answer

  absl::Mutex mu_;
  std::shared_ptr<DialogueStream> self_ ABSL_GUARDED_BY(mu_);
  int64_t reads_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t read_done_ ABSL_GUARDED_BY(mu_) = 0;
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_DIALOGUE_STREAM_H_
