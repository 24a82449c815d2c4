// SHA-256. Pure; any thread.
#ifndef BROADCASTD_BASE_SHA256_H_
#define BROADCASTD_BASE_SHA256_H_

#include <array>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast {

std::array<char, 32> Sha256(absl::string_view bytes);

// In lower-case hexadecimal.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace broadcast

#endif  // BROADCASTD_BASE_SHA256_H_
