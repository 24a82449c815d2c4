// Concurrent clients that register entries with request ids and remember what
// the server said to each. The test owns it; one thread starts, stops and asks
// it, while the library's threads run the calls.
#ifndef BROADCASTD_FAULTS_CRASH_LOAD_H_
#define BROADCASTD_FAULTS_CRASH_LOAD_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"

namespace broadcast::test {

// Request number `number`: always the same.
v1::CreateEntryRequest NumberedRequest(int64_t number);

// A stub with a connection of its own.
std::unique_ptr<v1::BroadcastService::Stub> Connect(const std::string& address);

class CrashLoad {
 public:
  static constexpr int kClients = 64;

  // Starts the clients. Their requests count from `first_request`.
  CrashLoad(const std::string& address, int64_t first_request);
  // Stops and waits for them.
  ~CrashLoad() { Stop(); }

  // Begins no more calls and waits for those under way.
  void Stop();

  int64_t acknowledged_count() const { return acknowledged_count_; }

  // Once stopped: the entry of every request that was acknowledged, and the
  // requests whose fate the clients do not know, with an empty id.
  std::map<int64_t, std::string> Outcomes();
  // Once stopped: the request that the next load may begin with.
  int64_t next_request() const { return next_; }

 private:
  struct Pending;

  // Makes the next call of a client.
  void Begin();
  void End(const Pending& call, const grpc::Status& status);

  const std::unique_ptr<v1::BroadcastService::Stub> stub_;
  std::atomic<int64_t> next_;
  std::atomic<int64_t> acknowledged_count_ = 0;
  std::atomic<bool> stopping_ = false;

  absl::Mutex mu_;
  int under_way_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<int64_t, std::string> outcomes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace broadcast::test

#endif  // BROADCASTD_FAULTS_CRASH_LOAD_H_
