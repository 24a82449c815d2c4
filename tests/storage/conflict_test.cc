// Writes that meet other writers: run again with patience, and no longer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <utility>

#include "storage/sql_error.h"
#include "support/answer.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::Answer;
using test::HasReason;
using test::IsOk;
using test::Must;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;

constexpr Sql kAdd{"UPDATE things SET number = number + 1 WHERE id = :id"};

class ConflictTest : public test::DatabaseTest {
 protected:
  void SetUp() override {
    raw().Execute(
        "CREATE TABLE things (id INTEGER PRIMARY KEY, number INTEGER);"
        "INSERT INTO things VALUES (1, 0), (2, 0)");
    DatabaseTest::SetUp();
  }

  static Body Adding(int64_t id) {
    return [id](Transaction& transaction) {
      return transaction.Execute(kAdd, {{"id", id}}).status();
    };
  }
};

class SqliteConflictTest : public ConflictTest {};

TEST_P(SqliteConflictTest, AWriteWaitsForAnotherProcessThatIsQuick) {
  raw().Execute("BEGIN IMMEDIATE; UPDATE things SET number = 10");
  Answer answer;
  database().Write({}, Adding(1), answer.Done());
  EXPECT_FALSE(test::Eventually([&] { return answer.answered(); },
                                absl::Milliseconds(200)));
  raw().Execute("COMMIT");
  EXPECT_THAT(answer.Wait(), IsOk());
  EXPECT_THAT(raw().Column("SELECT number FROM things ORDER BY id"),
              ElementsAre("11", "10"));
}

TEST_P(SqliteConflictTest, AWriteThatWaitsTooLongIsBusyAndReadsGoOn) {
  raw().Execute("BEGIN IMMEDIATE");
  Answer answer;
  database().Write({}, Adding(1), answer.Done());
  static constexpr Sql kNumber{"SELECT number FROM things WHERE id = 1"};
  for (ReadKind kind : {ReadKind::kPoint, ReadKind::kScan}) {
    EXPECT_THAT(Read(
                    [](Transaction& transaction) {
                      return transaction
                          .QueryOne<std::tuple<int64_t>>(kNumber, {})
                          .status();
                    },
                    kind),
                IsOk());
  }
  clock().AdvanceSteady(absl::Seconds(6));
  EXPECT_THAT(answer.Wait(), AllOf(StatusIs(absl::StatusCode::kUnavailable),
                                   HasReason("STORAGE_BUSY")));
  raw().Execute("ROLLBACK");
  EXPECT_THAT(Write(Adding(1)), IsOk());
  EXPECT_EQ(raw().Number("SELECT number FROM things WHERE id = 1"), 1);
}

INSTANTIATE_TEST_SUITE_P(Backends, SqliteConflictTest,
                         testing::Values(Backend::kSqlite), test::BackendName);

class PostgresConflictTest : public ConflictTest {};

TEST_P(PostgresConflictTest, TwoWritesInADeadlockBothSucceed) {
  std::atomic<int> holding = 0;
  std::atomic<int> runs = 0;
  const auto body = [&](int64_t first, int64_t second) -> Body {
    return [&, first, second,
            ran = false](Transaction& transaction) mutable -> absl::Status {
      ++runs;
      RETURN_IF_ERROR(Adding(first)(transaction));
      if (!std::exchange(ran, true)) {
        ++holding;
        EXPECT_TRUE(test::Eventually([&] { return holding == 2; }));
      }
      return Adding(second)(transaction);
    };
  };
  Answer one, other;
  database().Write({}, body(1, 2), one.Done());
  database().Write({}, body(2, 1), other.Done());
  EXPECT_THAT(one.Wait(), IsOk());
  EXPECT_THAT(other.Wait(), IsOk());
  EXPECT_GT(runs, 2);
  EXPECT_THAT(raw().Column("SELECT number FROM things ORDER BY id"),
              ElementsAre("2", "2"));
}

TEST_P(PostgresConflictTest, ASerializationFailureIsRunAgain) {
  static constexpr Sql kIsolate{
      "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"};
  static constexpr Sql kNumber{"SELECT number FROM things WHERE id = 1"};
  int runs = 0;
  EXPECT_THAT(Write(
                  [&](Transaction& transaction) -> absl::Status {
                    RETURN_IF_ERROR(transaction.Execute(kIsolate).status());
                    RETURN_IF_ERROR(
                        transaction.QueryOne<std::tuple<int64_t>>(kNumber, {})
                            .status());
                    if (++runs == 1)
                      raw().Execute("UPDATE things SET number = 10");
                    return Adding(1)(transaction);
                  },
                  {.guarded = true}),
              IsOk());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(raw().Number("SELECT number FROM things WHERE id = 1"), 11);
}

TEST_P(PostgresConflictTest, AConflictInASingleStatementIsRunAgain) {
  int runs = 0;
  EXPECT_THAT(Write(
                  [&](Transaction& transaction) -> absl::Status {
                    if (++runs == 1) return RunAgain();
                    return Adding(1)(transaction);
                  },
                  {.guarded = true, .single = true}),
              IsOk());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(raw().Number("SELECT number FROM things WHERE id = 1"), 1);
}

TEST_P(PostgresConflictTest, AChangedTableDoesNotStopAWrite) {
  static constexpr Sql kAll{"SELECT * FROM things WHERE id = 1"};
  const auto read = [&](Transaction& transaction) {
    return transaction.QueryOne<std::tuple<std::string, std::string>>(kAll, {})
        .status();
  };
  Database::Options options = Options();
  options.postgres_sessions = 1;
  ASSERT_THAT(test().Open(std::move(options)), IsOk());
  EXPECT_THAT(Write(read), IsOk());
  EXPECT_THAT(Read(read), IsOk());
  raw().Execute("ALTER TABLE things ALTER COLUMN number TYPE TEXT");
  EXPECT_THAT(Write(read), IsOk());
  EXPECT_THAT(Read(read), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Backends, PostgresConflictTest,
                         testing::Values(Backend::kPostgres),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
