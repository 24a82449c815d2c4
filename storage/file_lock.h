// Keeps a second broadcastd away from one SQLite file: an exclusive lock on
// PATH.lock, released by the kernel when the process ends. Owned by Database.
#ifndef BROADCASTD_STORAGE_FILE_LOCK_H_
#define BROADCASTD_STORAGE_FILE_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace broadcast::storage {

class FileLock {
 public:
  // Returns UNAVAILABLE if another process holds it, or if the file cannot be
  // made.
  static absl::StatusOr<std::unique_ptr<FileLock>> Take(
      const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_FILE_LOCK_H_
