// The etag of a resource: its revision, quoted as RFC 7232 has it. Free
// functions without state; any thread.
#ifndef BROADCASTD_BASE_ETAG_H_
#define BROADCASTD_BASE_ETAG_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace broadcast {

inline std::string EtagOf(int64_t revision) {
  return absl::StrCat("\"", revision, "\"");
}

// True if the caller gave no etag, or that of `revision`.
inline bool EtagAllows(absl::string_view given, int64_t revision) {
  return given.empty() || given == EtagOf(revision);
}

}  // namespace broadcast

#endif  // BROADCASTD_BASE_ETAG_H_
