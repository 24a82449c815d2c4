// Times and durations for people, and durations from them. Pure; any thread.
#ifndef BROADCASTD_CLI_TIME_TEXT_H_
#define BROADCASTD_CLI_TIME_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace broadcast::cli {

// The two largest units: `4m17s`, `3h`, `2d4h`, `0.3s`. Rounded down.
std::string SpanText(absl::Duration span);

// The same rounded up, for times to wait: who waits that long is not too early.
std::string WaitText(absl::Duration span);

// `in 4m17s`, `3h12m ago` or `now`.
std::string RelativeTime(absl::Time time, absl::Time now);

// RFC 3339 in UTC, in whole seconds.
std::string IsoTime(absl::Time time);

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp);

absl::Duration DurationOf(const google::protobuf::Duration& duration);

google::protobuf::Duration ToProto(absl::Duration duration);

// A duration with units, such as `90m`, `1h30m` or `7d`, not below zero.
// Returns INVALID_ARGUMENT for anything else.
absl::StatusOr<absl::Duration> ReadDuration(absl::string_view text);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_TIME_TEXT_H_
