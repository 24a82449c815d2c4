// A hash that is the same on every machine and in every release (FNV-1a, 64
// bits), for what is stored or handed out; not against those who choose the
// text. One thread at a time.
#ifndef BROADCASTD_BASE_STABLE_HASH_H_
#define BROADCASTD_BASE_STABLE_HASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace broadcast {

class StableHash {
 public:
  void Add(absl::string_view bytes) {
    for (const char c : bytes) {
      value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  }

  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace broadcast

#endif  // BROADCASTD_BASE_STABLE_HASH_H_
