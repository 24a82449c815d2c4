// Preloaded (LD_PRELOAD), it shifts the wall clock of one process, while it
// runs: by as many microseconds as the first eight bytes of the file
// SHIFTED_CLOCK say, a number that a test may change at any time. Steady clocks
// stay as they are. Waits until a wall time end when the shifted clock has
// reached it, as far as they begin after the shift.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* shift;

__attribute__((constructor)) static void MapShift(void) {
  const char* const path = getenv("SHIFTED_CLOCK");
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void* const page =
      mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (page != MAP_FAILED) shift = (const volatile int64_t*)page;
  close(file);
}

static int64_t Shift(void) { return shift == NULL ? 0 : *shift; }

static void Add(struct timespec* time, int64_t micros) {
  const int64_t nanos = time->tv_nsec + micros % 1000000 * 1000;
  time->tv_sec += micros / 1000000;
  if (nanos < 0) {
    time->tv_sec -= 1;
    time->tv_nsec = nanos + 1000000000;
  } else {
    time->tv_sec += nanos / 1000000000;
    time->tv_nsec = nanos % 1000000000;
  }
}

static int RealTime(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

// Past the C library, whose function this file takes the place of.
static int KernelTime(clockid_t clock, struct timespec* time) {
  typedef long (*Syscall)(long, ...);
  static Syscall real;
  if (real == NULL) real = (Syscall)dlsym(RTLD_NEXT, "syscall");
  return (int)real(SYS_clock_gettime, clock, time);
}

int clock_gettime(clockid_t clock, struct timespec* out) {
  typedef int (*GetTime)(clockid_t, struct timespec*);
  static GetTime real;
  if (real == NULL) real = (GetTime)dlsym(RTLD_NEXT, "clock_gettime");
  const int result = real == NULL ? KernelTime(clock, out) : real(clock, out);
  if (result == 0 && RealTime(clock)) Add(out, Shift());
  return result;
}

int gettimeofday(struct timeval* restrict out, void* restrict zone) {
  (void)zone;
  struct timespec now;
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  if (result == 0) {
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
  }
  return result;
}

time_t time(time_t* out) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return (time_t)-1;
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_clockwait(pthread_cond_t* restrict condition,
                           pthread_mutex_t* restrict mutex, clockid_t clock,
                           const struct timespec* restrict until) {
  typedef int (*Wait)(pthread_cond_t*, pthread_mutex_t*, clockid_t,
                      const struct timespec*);
  static Wait real;
  if (real == NULL) real = (Wait)dlsym(RTLD_NEXT, "pthread_cond_clockwait");
  struct timespec shifted = *until;
  if (RealTime(clock)) Add(&shifted, -Shift());
  return real(condition, mutex, clock, &shifted);
}

// Abseil waits by futex, past the C library.
long syscall(long number, ...) {
  typedef long (*Syscall)(long, ...);
  static Syscall real;
  if (real == NULL) real = (Syscall)dlsym(RTLD_NEXT, "syscall");
  va_list list;
  va_start(list, number);
  long words[6];
  for (int i = 0; i < 6; ++i) words[i] = va_arg(list, long);
  va_end(list);
  struct timespec shifted;
  if (number == SYS_futex && (words[1] & FUTEX_CLOCK_REALTIME) != 0 &&
      words[3] != 0) {
    shifted = *(const struct timespec*)words[3];
    Add(&shifted, -Shift());
    words[3] = (long)&shifted;
  }
  return real(number, words[0], words[1], words[2], words[3], words[4],
              words[5]);
}
