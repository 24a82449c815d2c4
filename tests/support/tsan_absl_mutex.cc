// Tells the thread sanitizer what absl::Mutex and absl::CondVar order.
//
// Debian's Abseil is not built with the sanitizer, which therefore sees neither
// the locks of our code nor those inside gRPC, and would report every value
// that they guard as a race. The functions here take the place of Abseil's in
// the programs that link this file (and in the libraries those load), and wrap
// the originals. Only for builds with -fsanitize=thread; belongs to no target
// otherwise. Every executable must compile it in: an archive will not do.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace absl {
ABSL_NAMESPACE_BEGIN

namespace {

void Acquire(void* mutex) { __tsan_acquire(mutex); }
void Release(void* mutex) { __tsan_release(mutex); }

// The function that this one hides; `name` is the mangled name.
template <typename Function>
Function* Hidden(const char* name) {
  void* const function = dlsym(RTLD_NEXT, name);
  if (function == nullptr) {
    std::fprintf(stderr, "tsan_absl_mutex: no %s in this Abseil\n", name);
    std::abort();
  }
  return reinterpret_cast<Function*>(function);
}

// A condition that is evaluated as if under the lock. Whoever holds the lock
// may be the one to evaluate it, after having told that it lets go.
class LockedCondition {
 public:
  LockedCondition(Mutex* mutex, const Condition& condition)
      : mutex_(mutex), original_(condition), wrapped_(&Eval, this) {}

  const Condition& wrapped() const { return wrapped_; }

 private:
  static bool Eval(LockedCondition* self) {
    Acquire(self->mutex_);
    const bool holds = self->original_.Eval();
    Release(self->mutex_);
    return holds;
  }

  Mutex* const mutex_;
  const Condition& original_;
  const Condition wrapped_;
};

}  // namespace

// Debian names the inline namespace of its Abseil itself.
#define BROADCASTD_ABSL "_ZN4absl7debian3"

void Mutex::Lock() {
  static auto* const hidden =
      Hidden<void(Mutex*)>(BROADCASTD_ABSL "5Mutex4LockEv");
  hidden(this);
  Acquire(this);
}

bool Mutex::TryLock() {
  static auto* const hidden =
      Hidden<bool(Mutex*)>(BROADCASTD_ABSL "5Mutex7TryLockEv");
  const bool locked = hidden(this);
  if (locked) Acquire(this);
  return locked;
}

void Mutex::Unlock() {
  static auto* const hidden =
      Hidden<void(Mutex*)>(BROADCASTD_ABSL "5Mutex6UnlockEv");
  Release(this);
  hidden(this);
}

void Mutex::ReaderLock() {
  static auto* const hidden =
      Hidden<void(Mutex*)>(BROADCASTD_ABSL "5Mutex10ReaderLockEv");
  hidden(this);
  Acquire(this);
}

bool Mutex::ReaderTryLock() {
  static auto* const hidden =
      Hidden<bool(Mutex*)>(BROADCASTD_ABSL "5Mutex13ReaderTryLockEv");
  const bool locked = hidden(this);
  if (locked) Acquire(this);
  return locked;
}

void Mutex::ReaderUnlock() {
  static auto* const hidden =
      Hidden<void(Mutex*)>(BROADCASTD_ABSL "5Mutex12ReaderUnlockEv");
  Release(this);
  hidden(this);
}

void Mutex::Await(const Condition& cond) {
  static auto* const hidden = Hidden<void(Mutex*, const Condition&)>(
      BROADCASTD_ABSL "5Mutex5AwaitERKNS0_9ConditionE");
  const LockedCondition locked(this, cond);
  Release(this);
  hidden(this, locked.wrapped());
  Acquire(this);
}

bool Mutex::AwaitWithTimeout(const Condition& cond, Duration timeout) {
  static auto* const hidden = Hidden<bool(Mutex*, const Condition&, Duration)>(
      BROADCASTD_ABSL
      "5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  const LockedCondition locked(this, cond);
  Release(this);
  const bool holds = hidden(this, locked.wrapped(), timeout);
  Acquire(this);
  return holds;
}

bool Mutex::AwaitWithDeadline(const Condition& cond, Time deadline) {
  static auto* const hidden = Hidden<bool(Mutex*, const Condition&, Time)>(
      BROADCASTD_ABSL "5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  const LockedCondition locked(this, cond);
  Release(this);
  const bool holds = hidden(this, locked.wrapped(), deadline);
  Acquire(this);
  return holds;
}

void Mutex::LockWhen(const Condition& cond) {
  static auto* const hidden = Hidden<void(Mutex*, const Condition&)>(
      BROADCASTD_ABSL "5Mutex8LockWhenERKNS0_9ConditionE");
  const LockedCondition locked(this, cond);
  hidden(this, locked.wrapped());
  Acquire(this);
}

bool Mutex::LockWhenWithTimeout(const Condition& cond, Duration timeout) {
  static auto* const hidden = Hidden<bool(Mutex*, const Condition&, Duration)>(
      BROADCASTD_ABSL
      "5Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  const LockedCondition locked(this, cond);
  const bool holds = hidden(this, locked.wrapped(), timeout);
  Acquire(this);
  return holds;
}

bool Mutex::LockWhenWithDeadline(const Condition& cond, Time deadline) {
  static auto* const hidden = Hidden<bool(Mutex*, const Condition&, Time)>(
      BROADCASTD_ABSL
      "5Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  const LockedCondition locked(this, cond);
  const bool holds = hidden(this, locked.wrapped(), deadline);
  Acquire(this);
  return holds;
}

void CondVar::Wait(Mutex* mu) {
  static auto* const hidden = Hidden<void(CondVar*, Mutex*)>(
      BROADCASTD_ABSL "7CondVar4WaitEPNS0_5MutexE");
  Release(mu);
  hidden(this, mu);
  Acquire(mu);
}

bool CondVar::WaitWithTimeout(Mutex* mu, Duration timeout) {
  static auto* const hidden = Hidden<bool(CondVar*, Mutex*, Duration)>(
      BROADCASTD_ABSL "7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  Release(mu);
  const bool timed_out = hidden(this, mu, timeout);
  Acquire(mu);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mu, Time deadline) {
  static auto* const hidden = Hidden<bool(CondVar*, Mutex*, Time)>(
      BROADCASTD_ABSL "7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  Release(mu);
  const bool timed_out = hidden(this, mu, deadline);
  Acquire(mu);
  return timed_out;
}

// Its fast path is an atomic flag inside the library, which nothing shows to
// the sanitizer.
void Notification::Notify() {
  static auto* const hidden =
      Hidden<void(Notification*)>(BROADCASTD_ABSL "12Notification6NotifyEv");
  Release(this);
  hidden(this);
}

void Notification::WaitForNotification() const {
  static auto* const hidden = Hidden<void(const Notification*)>(
      "_ZNK4absl7debian312Notification19WaitForNotificationEv");
  hidden(this);
  Acquire(const_cast<Notification*>(this));
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static auto* const hidden = Hidden<bool(const Notification*, Duration)>(
      "_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_"
      "8DurationE");
  const bool notified = hidden(this, timeout);
  if (notified) Acquire(const_cast<Notification*>(this));
  return notified;
}

#undef BROADCASTD_ABSL

ABSL_NAMESPACE_END
}  // namespace absl
