#include "http/retry_after.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace broadcast::http {
namespace {

constexpr absl::Duration kWeek = absl::Hours(24 * 7);

// 12:00:00 GMT on Monday, June 1, 2026.
std::optional<absl::Duration> Parse(absl::string_view value) {
  return ParseRetryAfter(value, test::FakeClock::DefaultStart());
}

TEST(RetryAfterTest, SecondsOrADate) {
  EXPECT_EQ(Parse("0"), absl::ZeroDuration());
  EXPECT_EQ(Parse(" 120\r\n"), absl::Seconds(120));
  EXPECT_EQ(Parse("86400"), absl::Hours(24));
  EXPECT_EQ(Parse("Mon, 01 Jun 2026 12:05:00 GMT"), absl::Minutes(5));
}

TEST(RetryAfterTest, ItIsNeverNegativeAndNeverForever) {
  EXPECT_EQ(Parse("Mon, 01 Jun 2026 11:00:00 GMT"), absl::ZeroDuration());
  EXPECT_EQ(Parse("Fri, 31 Dec 9999 23:59:59 GMT"), kWeek);
  EXPECT_EQ(Parse("604801"), kWeek);
  EXPECT_EQ(Parse("9223372036854775807"), kWeek);
  EXPECT_EQ(Parse("99999999999999999999999999"), kWeek);
}

TEST(RetryAfterTest, AnythingElseIsNothing) {
  for (const char* value : {"", " ", "-1", "+1", "1.5", "soon", "0x10", "1 2",
                            "Mon, 01 Jun 2026", "2026-06-01T12:05:00Z"}) {
    EXPECT_FALSE(Parse(value).has_value()) << value;
  }
}

}  // namespace
}  // namespace broadcast::http
