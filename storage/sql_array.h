// A one-dimensional array of PostgreSQL in its text form, to bind as text and
// cast in the statement (`:ids::uuid[]`), so that one statement takes many
// rows. A value; any thread.
#ifndef BROADCASTD_STORAGE_SQL_ARRAY_H_
#define BROADCASTD_STORAGE_SQL_ARRAY_H_

#include <string>

#include "storage/sql.h"

namespace broadcast::storage {

class SqlArray {
 public:
  void Add(const Value& value);

  // What was added so far.
  std::string text() const { return values_ + "}"; }

 private:
  std::string values_ = "{";
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_SQL_ARRAY_H_
