#include "rpc/sending_streams.h"

#include <utility>

#include "base/errors.h"
#include "base/limits.h"

namespace broadcast::rpc {

absl::Status SendingStreams::Add(std::shared_ptr<SendingStream> stream) {
  absl::MutexLock lock(&mu_);
  if (draining_) return error::ShuttingDown();
  if (streams_.size() >= limits::kMaxImportStreams) return error::QueueFull();
  const SendingStream* key = stream.get();
  streams_.emplace(key, std::move(stream));
  return absl::OkStatus();
}

void SendingStreams::Remove(const SendingStream* stream) {
  absl::MutexLock lock(&mu_);
  streams_.erase(stream);
}

void SendingStreams::Drain() {
  std::map<const SendingStream*, std::shared_ptr<SendingStream>> streams;
  {
    absl::MutexLock lock(&mu_);
    draining_ = true;
    streams = streams_;
  }
  for (const auto& [key, stream] : streams) stream->End(error::ShuttingDown());
}

}  // namespace broadcast::rpc
