// Makes and checks the ids of resources: UUIDs in canonical lower-case form.
// The environment owns one IdSource; any thread may call it.
#ifndef BROADCASTD_BASE_IDS_H_
#define BROADCASTD_BASE_IDS_H_

#include <cstdint>
#include <random>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"

namespace broadcast {

// True for 36 characters of lower-case hexadecimal in the form 8-4-4-4-12.
bool IsUuid(absl::string_view text);

class IdSource {
 public:
  // `clock` outlives this. The same seed and clock give the same ids.
  IdSource(const Clock* clock, uint64_t seed);

  // A UUIDv7 that sorts after every id this source made before, so that
  // primary keys are appended to their index.
  std::string Next();

 private:
  // Constant after construction.
  const Clock* const clock_;

  absl::Mutex mu_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mu_);
  int64_t last_ms_ ABSL_GUARDED_BY(mu_) = 0;
  uint32_t sequence_ ABSL_GUARDED_BY(mu_) = 0;  // 12 bits, within last_ms_
};

}  // namespace broadcast

#endif  // BROADCASTD_BASE_IDS_H_
