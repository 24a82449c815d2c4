#include "settings/environment_variables.h"

#include <cstdlib>

namespace broadcast {

std::optional<std::string> ReadEnvironmentVariable(absl::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace broadcast
