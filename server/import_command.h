// `broadcastd import`: takes over what the files of another system hold, by
// what the settings say. A free function; it waits for the database.
#ifndef BROADCASTD_IMPORT_COMMAND_H_
#define BROADCASTD_IMPORT_COMMAND_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "settings/settings.h"
#include "storage/database.h"

namespace broadcast {

// Answers what was done, for people.
// Returns INVALID_ARGUMENT with a line for everything that is wrong with the
// files; then nothing was imported. Else what Database::Write returns.
absl::StatusOr<std::string> RunImport(const Settings& settings,
                                      const ImportRequest& request,
                                      storage::Database& database,
                                      IdSource& ids);

}  // namespace broadcast

#endif  // BROADCASTD_IMPORT_COMMAND_H_
