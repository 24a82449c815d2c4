// Feeds ParseFilter with what libFuzzer invents. Built with clang only:
// cmake --build … --target filter_fuzz, then run it with -max_len=3000.
#include <cstddef>
#include <cstdint>

#include "base/limits.h"
#include "storage/filter.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = broadcast::storage::ParseFilter(text);
  if (parsed.ok() && parsed->size() > broadcast::limits::kMaxFilterConditions) {
    __builtin_trap();
  }
  return 0;
}
