// A folder of its own for one test, removed with all that is in it. The test
// owns it; any thread.
#ifndef BROADCASTD_SUPPORT_TEMP_DIR_H_
#define BROADCASTD_SUPPORT_TEMP_DIR_H_

#include <string>

#include "absl/strings/string_view.h"

namespace broadcast::test {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

  // The path of `name` within.
  std::string File(absl::string_view name) const;

 private:
  const std::string path_;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_TEMP_DIR_H_
