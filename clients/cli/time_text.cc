#include "cli/time_text.h"

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace broadcast::cli {
namespace {

struct Unit {
  absl::Duration size;
  absl::string_view name;
};

const Unit kUnits[] = {
    {absl::Hours(24), "d"},
    {absl::Hours(1), "h"},
    {absl::Minutes(1), "m"},
    {absl::Seconds(1), "s"},
};

// The unit below the largest one of `span`, which is what it is rounded to.
absl::Duration Precision(absl::Duration span) {
  if (span >= absl::Hours(24)) return absl::Hours(1);
  if (span >= absl::Hours(1)) return absl::Minutes(1);
  return absl::Seconds(1);
}

std::string InTwoUnits(absl::Duration span) {
  std::string text;
  int units = 0;
  for (const Unit& unit : kUnits) {
    if (units == 0 && span < unit.size) continue;
    if (++units > 2) break;
    absl::Duration rest;
    const int64_t count = absl::IDivDuration(span, unit.size, &rest);
    span = rest;
    if (count > 0) absl::StrAppend(&text, count, unit.name);
  }
  return text;
}

}  // namespace

std::string SpanText(absl::Duration span) {
  if (span < absl::Seconds(1)) {
    const double seconds = absl::ToDoubleSeconds(span);
    return seconds < 0.05 ? "0s" : absl::StrFormat("%.1fs", seconds - 0.05);
  }
  return InTwoUnits(span);
}

std::string WaitText(absl::Duration span) {
  span = absl::Ceil(span, absl::Seconds(1));
  return SpanText(absl::Ceil(span, Precision(span)));
}

std::string RelativeTime(absl::Time time, absl::Time now) {
  const absl::Duration ahead = time - now;
  if (absl::AbsDuration(ahead) < absl::Seconds(1)) return "now";
  if (ahead > absl::ZeroDuration()) return absl::StrCat("in ", SpanText(ahead));
  return absl::StrCat(SpanText(-ahead), " ago");
}

std::string IsoTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", time, absl::UTCTimeZone());
}

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  const int64_t seconds = absl::ToInt64Seconds(duration);
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
  return proto;
}

absl::StatusOr<absl::Duration> ReadDuration(absl::string_view text) {
  absl::Duration duration;
  int64_t days = 0;
  if (absl::string_view number = text; absl::ConsumeSuffix(&number, "d") &&
                                       absl::SimpleAtoi(number, &days) &&
                                       days >= 0 && days <= 36'600) {
    return absl::Hours(24) * days;
  }
  if (!absl::ParseDuration(text, &duration) ||
      duration < absl::ZeroDuration() || duration > absl::Hours(24 * 36'600)) {
    return absl::InvalidArgumentError(
        "not a duration; write one with a unit, such as 500ms, 60s, 90m, 24h "
        "or 7d");
  }
  return duration;
}

}  // namespace broadcast::cli
