// Times and durations between absl and protobuf. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_TIME_H_
#define BROADCASTD_RPC_CONVERT_TIME_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>

#include "absl/time/time.h"
#include "content/violations.h"

namespace broadcast::rpc {

google::protobuf::Timestamp TimeToProto(absl::Time time);
google::protobuf::Duration DurationToProto(absl::Duration duration);

// The time in microseconds, or a violation of `field` unless it lies within
// the years 1970 to 9999.
absl::Time TimeFromProto(const google::protobuf::Timestamp& time,
                         absl::string_view field, Violations& violations);

// Exact. Infinite, which no field allows, if seconds and nanos disagree or are
// out of protobuf's range.
absl::Duration DurationFromProto(const google::protobuf::Duration& duration);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_TIME_H_
