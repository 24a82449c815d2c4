// Times and durations as people read and write them.
#include "cli/time_text.h"

#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace broadcast::cli {
namespace {

using test::Must;
using test::StatusIs;

TEST(TimeTextTest, SpansHaveTheirTwoLargestUnits) {
  EXPECT_EQ(SpanText(absl::ZeroDuration()), "0s");
  EXPECT_EQ(SpanText(absl::Milliseconds(340)), "0.3s");
  EXPECT_EQ(SpanText(absl::Seconds(1)), "1s");
  EXPECT_EQ(SpanText(absl::Milliseconds(59'900)), "59s");
  EXPECT_EQ(SpanText(absl::Seconds(257)), "4m17s");
  EXPECT_EQ(SpanText(absl::Hours(3)), "3h");
  EXPECT_EQ(SpanText(absl::Hours(3) + absl::Seconds(59)), "3h");
  EXPECT_EQ(SpanText(absl::Hours(3) + absl::Minutes(12)), "3h12m");
  EXPECT_EQ(SpanText(absl::Hours(24)), "1d");
  EXPECT_EQ(SpanText(absl::Hours(52) + absl::Minutes(59)), "2d4h");
}

TEST(TimeTextTest, WhoWaitsIsNeverTooEarly) {
  EXPECT_EQ(WaitText(absl::Milliseconds(1)), "1s");
  EXPECT_EQ(WaitText(absl::Milliseconds(256'001)), "4m17s");
  EXPECT_EQ(WaitText(absl::Milliseconds(3'599'500)), "1h");
  EXPECT_EQ(WaitText(absl::Hours(3) + absl::Seconds(1)), "3h1m");
  EXPECT_EQ(WaitText(absl::Hours(24) + absl::Seconds(1)), "1d1h");
}

TEST(TimeTextTest, TimesAreToldFromNow) {
  const absl::Time now = absl::FromUnixSeconds(1'900'000'000);
  EXPECT_EQ(RelativeTime(now, now), "now");
  EXPECT_EQ(RelativeTime(now + absl::Seconds(257), now), "in 4m17s");
  EXPECT_EQ(RelativeTime(now - absl::Hours(26), now), "1d2h ago");
}

TEST(TimeTextTest, IsoTimesAreInUtc) {
  EXPECT_EQ(IsoTime(absl::FromUnixMillis(1'900'000'000'900)),
            "2030-03-17T17:46:40Z");
}

TEST(TimeTextTest, DurationsNeedAUnit) {
  EXPECT_EQ(Must(ReadDuration("90m")), absl::Minutes(90));
  EXPECT_EQ(Must(ReadDuration("1h30m")), absl::Minutes(90));
  EXPECT_EQ(Must(ReadDuration("7d")), absl::Hours(168));
  EXPECT_EQ(Must(ReadDuration("500ms")), absl::Milliseconds(500));
  EXPECT_EQ(Must(ReadDuration("0")), absl::ZeroDuration());
  for (const char* text : {"", "5", "-1s", "inf", "1y", "d", "-1d", "99999d"}) {
    EXPECT_THAT(ReadDuration(text).status(),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(TimeTextTest, DurationsSurviveTheContract) {
  for (const absl::Duration span :
       {absl::ZeroDuration(), absl::Milliseconds(1'500), absl::Hours(8'784)}) {
    EXPECT_EQ(DurationOf(ToProto(span)), span);
  }
}

}  // namespace
}  // namespace broadcast::cli
