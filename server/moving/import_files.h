// Takes over what files of another system hold: reads them whole, tries all of
// it without effect, and only if nothing is wrong writes it, in transactions of
// limits::kChunkRows lines each. Whoever is interrupted, or does it again, goes
// on where it was, since what is there already stays as it is. The caller's
// thread; it waits for the database.
#ifndef BROADCASTD_MOVING_IMPORT_FILES_H_
#define BROADCASTD_MOVING_IMPORT_FILES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "moving/import_messages.h"
#include "storage/database.h"

namespace broadcast::moving {

struct ImportOptions {
  std::string messages;  // CSV files; empty: none
  std::string pairs;
  bool dry_run = false;  // only try
  ImportPolicy policy;
};

struct Counted {
  int64_t imported = 0;
  int64_t unchanged = 0;
};

struct Imported {
  bool dry_run = false;
  Counted messages;
  Counted pairs;
};

// Returns INVALID_ARGUMENT for a file that cannot be read, and for lines that
// cannot be imported: a line each, with file, number and column, the first 100
// of them; then nothing was imported. Else what Database::Write returns.
absl::StatusOr<Imported> ImportFiles(storage::Database& database, IdSource& ids,
                                     const ImportOptions& options);

// For people.
std::string ToText(const Imported& imported);

}  // namespace broadcast::moving

#endif  // BROADCASTD_MOVING_IMPORT_FILES_H_
