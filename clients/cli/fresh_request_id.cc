#include "cli/fresh_request_id.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"

namespace broadcast::cli {

std::string NewRequestId() {
  std::random_device device;
  const auto random64 = [&device] {
    return (static_cast<uint64_t>(device()) << 32) | device();
  };
  const uint64_t high =
      (random64() & 0xffff'ffff'ffff'0fff) | 0x0000'0000'0000'4000;
  const uint64_t low =
      (random64() & 0x3fff'ffff'ffff'ffff) | 0x8000'0000'0000'0000;
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32,
                         (high >> 16) & 0xffff, high & 0xffff, low >> 48,
                         low & 0xffff'ffff'ffff);
}

}  // namespace broadcast::cli
