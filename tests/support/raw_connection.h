// A connection to a database past everything of ours, to arrange what a test
// needs and to see what is truly there. The test owns it; one thread at a time.
#ifndef BROADCASTD_SUPPORT_RAW_CONNECTION_H_
#define BROADCASTD_SUPPORT_RAW_CONNECTION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "storage/location.h"

namespace broadcast::test {

class RawConnection {
 public:
  // All of this throws with the database's words if it fails.
  explicit RawConnection(const storage::Location& location);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  // Runs any number of statements, separated by semicolons.
  void Execute(const std::string& sql);

  // The rows of one statement as text; NULL is "<null>".
  std::vector<std::vector<std::string>> Rows(const std::string& sql);

  // The first column of the first row; "<none>" without a row.
  std::string Text(const std::string& sql);
  int64_t Number(const std::string& sql);

  // The first column of every row.
  std::vector<std::string> Column(const std::string& sql);

 private:
  struct Handles;
  Handles* const handles_;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_RAW_CONNECTION_H_
