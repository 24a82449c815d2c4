#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"
#include "storage/sql_error.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::IsOk;
using test::Must;
using test::StatusIs;
using testing::AllOf;
using testing::Ge;
using testing::Lt;

// How far PostgreSQL's clock, which runs on, may be ahead of the test's.
constexpr absl::Duration kSlack = absl::Seconds(30);

class TransactionTimeTest : public test::DatabaseTest {
 protected:
  absl::Time WriteTime() {
    absl::Time time;
    Must(Write([&](Transaction& transaction) {
      time = transaction.now();
      return absl::OkStatus();
    }));
    return time;
  }
  absl::Time ReadTime() {
    absl::Time time;
    Must(Read([&](Transaction& transaction) {
      time = transaction.now();
      return absl::OkStatus();
    }));
    return time;
  }
  auto IsNow() {
    return AllOf(Ge(clock().Now() - absl::Milliseconds(1)),
                 Lt(clock().Now() + kSlack));
  }
};

TEST_P(TransactionTimeTest, ABodyHasOneTime) {
  Must(Write([&](Transaction& transaction) {
    const absl::Time first = transaction.now();
    clock().Advance(absl::Hours(1));
    EXPECT_EQ(transaction.now(), first);
    return absl::OkStatus();
  }));
}

TEST_P(TransactionTimeTest, TimeFollowsTheClockOfTheTest) {
  EXPECT_THAT(WriteTime(), IsNow());
  clock().Advance(absl::Hours(25));
  EXPECT_THAT(WriteTime(), IsNow());
  EXPECT_THAT(ReadTime(), IsNow());
}

TEST_P(TransactionTimeTest, TimeNeverGoesBackwards) {
  const absl::Time first = WriteTime();
  clock().SetNow(clock().Now() - absl::Hours(1));
  EXPECT_GE(WriteTime(), first);
  EXPECT_GE(ReadTime(), first);
  clock().SetNow(clock().Now() + absl::Hours(2));
  EXPECT_GT(WriteTime(), first + absl::Minutes(59));
}

TEST_P(TransactionTimeTest, TimeGoesOnAfterTheClockWasSetBack) {
  if (!sqlite()) GTEST_SKIP() << "PostgreSQL's clock runs by itself";
  const absl::Time first = WriteTime();
  clock().SetNow(clock().Now() - absl::Hours(1));
  EXPECT_LT(WriteTime(), first + kSlack);
  clock().AdvanceSteady(absl::Minutes(10));
  EXPECT_THAT(WriteTime(), AllOf(Ge(first + absl::Minutes(9)),
                                 Lt(first + absl::Minutes(9) + kSlack)));
  // Slower than the clock, which catches up.
  for (int i = 0; i < 80; ++i) {
    clock().Advance(absl::Minutes(10));
    WriteTime();
  }
  EXPECT_THAT(WriteTime(), IsNow());
}

TEST_P(TransactionTimeTest, TimeIsWhatWillBeReadAgain) {
  clock().Advance(absl::Nanoseconds(1'234'567));
  const absl::Time time = WriteTime();
  EXPECT_EQ(absl::FromUnixMicros(absl::ToUnixMicros(time)), time);
}

TEST_P(TransactionTimeTest, PostgresDecidesByItsOwnClockPlusTheOffset) {
  if (sqlite()) GTEST_SKIP() << "SQLite decides by the injected clock";
  // The process' clock is wrong; only the offset moves the database's.
  database().time().SetPostgresOffset(absl::Hours(1000));
  const auto server = absl::FromUnixMicros(raw().Number(
      "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"));
  EXPECT_EQ(database().time().postgres_offset(), absl::Hours(1000));
  EXPECT_THAT(WriteTime(), AllOf(Ge(server + absl::Hours(1000)),
                                 Lt(server + absl::Hours(1000) + kSlack)));
}

TEST_P(TransactionTimeTest, WithoutATimeNothingIsCommitted) {
  if (sqlite()) GTEST_SKIP() << "SQLite's clock cannot fail";
  raw().Execute("CREATE TABLE things (id BIGINT)");
  static constexpr Sql kInsert{"INSERT INTO things (id) VALUES (1)"};
  static constexpr Sql kFail{"SELECT 1 / 0"};
  const absl::Status answer = Write([&](Transaction& transaction) {
    transaction.Execute(kInsert).IgnoreError();
    transaction.Execute(kFail).IgnoreError();
    transaction.now();
    return absl::OkStatus();
  });
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, TransactionTimeTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
