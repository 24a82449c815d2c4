// A secret kept in a file: a password, a token. A free function; any thread.
#ifndef BROADCASTD_SETTINGS_SECRET_FILE_H_
#define BROADCASTD_SETTINGS_SECRET_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadcast {

// The one line that `path` holds, without its line end.
// Returns INVALID_ARGUMENT, naming the path and the remedy but never what it
// holds, if it cannot be read, is empty, longer than 4 KiB or several lines.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_SECRET_FILE_H_
