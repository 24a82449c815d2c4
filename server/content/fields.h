// The rules of the fields that requests share. Each function adds at most one
// violation a value and returns the form that is stored, which is empty, or
// the value itself for numbers, if there was a violation. Free functions
// without state; any thread.
#ifndef BROADCASTD_CONTENT_FIELDS_H_
#define BROADCASTD_CONTENT_FIELDS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "content/violations.h"

namespace broadcast {

// Required. Upper case is accepted and lowered.
std::string Uuid(absl::string_view text, absl::string_view field,
                 Violations& violations);

// Up to 36 printable ASCII characters; may be empty.
std::string RequestId(absl::string_view text, absl::string_view field,
                      Violations& violations);

// A title or display name: up to 128 characters in one line; may be empty.
std::string Title(absl::string_view text, absl::string_view field,
                  Violations& violations);

// Why someone did something: up to 256 characters in one line; may be empty.
std::string Reason(absl::string_view text, absl::string_view field,
                   Violations& violations);

// Required. Matches [a-z][a-z0-9_-]{0,62}.
std::string AccountName(absl::string_view text, absl::string_view field,
                        Violations& violations);

// Required. Matches [a-z][a-z0-9_.-]{0,62}.
std::string FeedName(absl::string_view text, absl::string_view field,
                     Violations& violations);

// Required. Up to 128 printable ASCII characters without spaces.
std::string ExternalId(absl::string_view text, absl::string_view field,
                       Violations& violations);

// 60 seconds to 366 days in whole seconds.
absl::Duration Interval(absl::Duration interval, absl::string_view field,
                        Violations& violations);

// 0 to 1,000,000.
int64_t PairQuota(int64_t quota, absl::string_view field,
                  Violations& violations);

using LabelMap = std::map<std::string, std::string>;

// The canonical JSON object: keys sorted, no white space. "{}" if there was a
// violation; one is added for each label that is wrong.
std::string Labels(const LabelMap& labels, absl::string_view field,
                   Violations& violations);

// Returns INTERNAL if `object` is not one of Labels.
absl::StatusOr<LabelMap> LabelsFromJson(absl::string_view object);

}  // namespace broadcast

#endif  // BROADCASTD_CONTENT_FIELDS_H_
