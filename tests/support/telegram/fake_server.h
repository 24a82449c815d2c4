// The whole platform behind one port of loopback. Start() and Run() are called
// by one thread; Stop() may be by any.
#ifndef BROADCASTD_TELEGRAM_FAKE_SERVER_H_
#define BROADCASTD_TELEGRAM_FAKE_SERVER_H_

#include <memory>

#include "absl/status/status.h"
#include "base/clock.h"
#include "telegram/fake_options.h"

namespace broadcast::telegram {

class FakeServer {
 public:
  // `clock` must outlive it.
  FakeServer(FakeOptions options, const Clock& clock);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  // Arranges what the options say, and listens.
  // Returns INVALID_ARGUMENT for options that make no sense; UNAVAILABLE if a
  // file or the address cannot be had.
  absl::Status Start();
  int port() const;

  // SIGTERM and SIGINT call Stop from now on.
  void StopOnSignals();
  // Serves until Stop().
  void Run();
  void Stop();

 private:
  struct Parts;

  const FakeOptions options_;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_FAKE_SERVER_H_
