// Collects everything that is wrong with a request, so that the caller learns
// it all at once. A description says what is wrong and what would be right,
// and never repeats what the caller sent: it could be a secret. Owned by one
// request; one thread at a time.
#ifndef BROADCASTD_CONTENT_VIOLATIONS_H_
#define BROADCASTD_CONTENT_VIOLATIONS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/error_detail.h"

namespace broadcast {

class Violations {
 public:
  // Keeps the first limits::kMaxFieldViolations and counts the others.
  void Add(absl::string_view field, absl::string_view description);

  bool empty() const { return kept_.empty(); }
  const std::vector<FieldViolation>& kept() const { return kept_; }
  size_t omitted() const { return omitted_; }

  // OK if there is none, else error::InvalidFields.
  absl::Status ToStatus() const;

 private:
  std::vector<FieldViolation> kept_;
  size_t omitted_ = 0;
};

// The path of a field of a message: "open_channel.address". `message` may be
// empty.
std::string Subfield(absl::string_view message, absl::string_view field);

// The path of an element of a repeated field: "requests[3]".
std::string Element(absl::string_view field, size_t index);

}  // namespace broadcast

#endif  // BROADCASTD_CONTENT_VIOLATIONS_H_
