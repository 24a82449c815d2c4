// Preloaded (LD_PRELOAD), it makes every fsync and fdatasync take longer, as a
// network disk does: SLOW_FSYNC_US microseconds after the real call, 1000
// unless set.
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

typedef int (*Sync)(int);

static void Delay(void) {
  const int saved_errno = errno;
  const char* text = getenv("SLOW_FSYNC_US");
  const long us = text != NULL ? atol(text) : 1000;
  struct timespec left = {us / 1000000, us % 1000000 * 1000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
  errno = saved_errno;
}

static int SyncSlowly(const char* name, int file) {
  const Sync real = (Sync)dlsym(RTLD_NEXT, name);
  if (real == NULL) {
    errno = ENOSYS;
    return -1;
  }
  const int result = real(file);
  Delay();
  return result;
}

int fsync(int file) { return SyncSlowly("fsync", file); }
int fdatasync(int file) { return SyncSlowly("fdatasync", file); }
