#include "rpc/convert/time.h"

namespace broadcast::rpc {
namespace {

constexpr int64_t kLatestSecond = 253402300799;    // 9999-12-31T23:59:59Z
constexpr int64_t kLongestSeconds = 315576000000;  // protobuf's own limit
constexpr int32_t kNanosPerSecond = 1'000'000'000;

}  // namespace

google::protobuf::Timestamp TimeToProto(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  google::protobuf::Timestamp proto;
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(rest * 1000));
  return proto;
}

google::protobuf::Duration DurationToProto(absl::Duration duration) {
  const int64_t micros = absl::ToInt64Microseconds(duration);
  google::protobuf::Duration proto;
  proto.set_seconds(micros / 1'000'000);
  proto.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
  return proto;
}

absl::Time TimeFromProto(const google::protobuf::Timestamp& time,
                         absl::string_view field, Violations& violations) {
  if (time.seconds() < 0 || time.seconds() > kLatestSecond ||
      time.nanos() < 0 || time.nanos() >= kNanosPerSecond) {
    violations.Add(field, "must be a time within the years 1970 to 9999");
    return absl::UnixEpoch();
  }
  return absl::FromUnixMicros(time.seconds() * 1'000'000 + time.nanos() / 1000);
}

absl::Duration DurationFromProto(const google::protobuf::Duration& duration) {
  const bool signs_agree = duration.seconds() == 0 || duration.nanos() == 0 ||
                           (duration.seconds() < 0) == (duration.nanos() < 0);
  if (!signs_agree || duration.seconds() > kLongestSeconds ||
      duration.seconds() < -kLongestSeconds ||
      duration.nanos() >= kNanosPerSecond ||
      duration.nanos() <= -kNanosPerSecond) {
    return absl::InfiniteDuration();
  }
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

}  // namespace broadcast::rpc
