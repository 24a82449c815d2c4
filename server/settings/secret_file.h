// A secret kept in a file or in a variable: a password, a token, a key. Free
// functions; any thread.
#ifndef BROADCASTD_SETTINGS_SECRET_FILE_H_
#define BROADCASTD_SETTINGS_SECRET_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "settings/settings.h"

namespace broadcast {

// The one line that `path` holds, without its line end.
// Returns INVALID_ARGUMENT, naming the path and the remedy but never what it
// holds, if it cannot be read, is empty, longer than 4 KiB or several lines.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

// The secret at `source`, read now: a file may hold another one later.
// Returns NOT_FOUND if the source is none, or a variable that is not set or
// empty, and INVALID_ARGUMENT as ReadSecretFile does; no message holds a
// secret.
absl::StatusOr<std::string> ReadSecret(const SecretSource& source,
                                       const EnvironmentReader& environment);

// The file `name` of `directory`, a folder of mounted secrets; none if either
// is not there.
SecretSource SecretIn(const std::string& directory, absl::string_view name);

}  // namespace broadcast

#endif  // BROADCASTD_SETTINGS_SECRET_FILE_H_
