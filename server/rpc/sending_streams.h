// The streams of callers who send: they would last as long as their callers
// wish, so they are counted, and ended when the server drains. Calls own it
// together with the streams under way. Any thread.
#ifndef BROADCASTD_RPC_SENDING_STREAMS_H_
#define BROADCASTD_RPC_SENDING_STREAMS_H_

#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace broadcast::rpc {

class SendingStream {
 public:
  virtual ~SendingStream() = default;

  // Ends it, at the latest after the step that is under way. Any thread; may
  // not block.
  virtual void End(const absl::Status& status) = 0;
};

class SendingStreams {
 public:
  // Until Remove, `stream` is ended by Drain. Returns RESOURCE_EXHAUSTED
  // (QUEUE_FULL) if limits::kMaxImportStreams are there already, UNAVAILABLE
  // (SHUTTING_DOWN) while draining.
  absl::Status Add(std::shared_ptr<SendingStream> stream);
  void Remove(const SendingStream* stream);

  // Ends all with UNAVAILABLE (SHUTTING_DOWN) and takes no more.
  void Drain();

 private:
  absl::Mutex mu_;
  std::map<const SendingStream*, std::shared_ptr<SendingStream>> streams_
      ABSL_GUARDED_BY(mu_);
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_SENDING_STREAMS_H_
