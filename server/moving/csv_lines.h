// Text as RFC 4180 has it: fields with commas between, quoted where they hold
// commas, quotes or line ends, the first line their names. Pure; any thread.
#ifndef BROADCASTD_MOVING_CSV_LINES_H_
#define BROADCASTD_MOVING_CSV_LINES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadcast::moving {

struct CsvLine {
  int64_t number = 0;  // of its first line in the text, from 1
  std::vector<std::string> fields;
};

// Blank lines are left out, and blanks around fields without quotes; line ends
// may be of either kind, and a byte order mark may stand before all.
// Returns INVALID_ARGUMENT for a quote that is not closed or has text behind
// it, with the line's number in front.
absl::StatusOr<std::vector<CsvLine>> ReadCsv(absl::string_view text);

}  // namespace broadcast::moving

#endif  // BROADCASTD_MOVING_CSV_LINES_H_
