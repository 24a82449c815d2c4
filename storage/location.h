// Where the database is: what --database names. A value; any thread.
#ifndef BROADCASTD_STORAGE_LOCATION_H_
#define BROADCASTD_STORAGE_LOCATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/sql.h"

namespace broadcast::storage {

struct Location {
  Backend backend = Backend::kSqlite;
  std::string path;      // SQLite: the file
  std::string conninfo;  // PostgreSQL: libpq's key=value form, with password

  // Parses `sqlite:PATH` or a `postgresql://` URL. `password` replaces the
  // one of the URL unless it is empty.
  // Returns INVALID_ARGUMENT if `text` is neither; the message never repeats
  // the text, which may hold a password.
  static absl::StatusOr<Location> Parse(absl::string_view text,
                                        absl::string_view password);
};

// `text` with any password replaced by "***", to print.
std::string RedactLocation(absl::string_view text);

// True if `text` is a URL that carries a password.
bool LocationHasPassword(absl::string_view text);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_LOCATION_H_
