#include "cli/interruption.h"

#include <signal.h>

#include <cstdlib>
#include <thread>

#include "cli/exit_status.h"

namespace broadcast::cli {
namespace {

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Interruption::Interruption() {
  const sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([this] { WaitForSignals(); }).detach();
}

bool Interruption::caught() const {
  absl::MutexLock lock(&mutex_);
  return caught_;
}

void Interruption::WaitForSignals() {
  const sigset_t signals = Signals();
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) == 0) Catch();
  }
}

void Interruption::Catch() {
  absl::MutexLock lock(&mutex_);
  if (caught_ || catchers_ == 0) std::_Exit(kExitInterrupted);
  caught_ = true;
  if (call_ != nullptr) call_->TryCancel();
}

Interruption::Catcher::Catcher(Interruption& interruption)
    : interruption_(interruption) {
  absl::MutexLock lock(&interruption_.mutex_);
  ++interruption_.catchers_;
}

Interruption::Catcher::~Catcher() {
  absl::MutexLock lock(&interruption_.mutex_);
  --interruption_.catchers_;
}

Interruption::Call::Call(Interruption& interruption,
                         grpc::ClientContext* context)
    : interruption_(interruption) {
  absl::MutexLock lock(&interruption_.mutex_);
  interruption_.call_ = context;
  if (interruption_.caught_) context->TryCancel();
}

Interruption::Call::~Call() {
  absl::MutexLock lock(&interruption_.mutex_);
  interruption_.call_ = nullptr;
}

}  // namespace broadcast::cli
