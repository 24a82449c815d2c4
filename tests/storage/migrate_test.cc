#include "storage/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/session_fixture.h"

namespace broadcast::storage {
namespace {

using test::IsOk;
using test::Must;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Migration kSteps[] = {
    {1, "one", "CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT;",
     "CREATE TABLE one (id BIGINT PRIMARY KEY);",
     "SELECT count(*) + 1 FROM one", 1},
    {2, "two",
     "-- Two statements.\nCREATE TABLE two (id INTEGER PRIMARY KEY) STRICT;\n"
     "INSERT INTO one VALUES (7);\n",
     "-- Two statements.\nCREATE TABLE two (id BIGINT PRIMARY KEY);\n"
     "INSERT INTO one VALUES (7);\n",
     "SELECT count(*) FROM one", 1},
    {3, "three", "ALTER TABLE two ADD COLUMN name TEXT;",
     "ALTER TABLE two ADD COLUMN name TEXT;",
     "SELECT 1 WHERE NOT EXISTS (SELECT name FROM two)", 2},
};
constexpr absl::Span<const Migration> kAll(kSteps);
const absl::Time kNow = absl::FromUnixSeconds(1'780'000'000);

class MigrateTest : public test::SessionTest {
 protected:
  std::vector<std::string> Applied() {
    return raw().Column("SELECT name FROM schema_migrations ORDER BY version");
  }
  bool Exists(const std::string& table) {
    return raw().Number(
               (sqlite() ? "SELECT count(*) FROM sqlite_schema WHERE name = '"
                         : "SELECT count(*) FROM pg_tables WHERE tablename = "
                           "'") +
               table + "'") > 0;
  }
};

TEST(SplitStatementsTest, StatementsEndWhereALineEndsInASemicolon) {
  EXPECT_THAT(SplitStatements(""), IsEmpty());
  EXPECT_THAT(SplitStatements("\n-- nothing;\n  \n"), IsEmpty());
  EXPECT_THAT(SplitStatements("SELECT 1;"), ElementsAre("SELECT 1"));
  EXPECT_THAT(SplitStatements("SELECT 1"), ElementsAre("SELECT 1\n"));
  EXPECT_THAT(SplitStatements("-- first\nSELECT\n  1;\n\n-- second\nSELECT "
                              "'a;b';  \nSELECT 3"),
              ElementsAre("SELECT\n  1", "SELECT 'a;b'", "SELECT 3\n"));
}

TEST_P(MigrateTest, AnEmptyDatabaseHasVersionZero) {
  const auto schema = ReadSchemaVersion(session());
  ASSERT_THAT(schema, IsOk());
  EXPECT_EQ(schema->version, 0);
  EXPECT_EQ(schema->oldest_compatible, 0);
}

TEST_P(MigrateTest, EveryStepIsAppliedInOrderAndRecorded) {
  const auto schema = Migrate(session(), kAll, kNow);
  ASSERT_THAT(schema, IsOk());
  EXPECT_EQ(schema->version, 3);
  EXPECT_EQ(schema->oldest_compatible, 2);
  EXPECT_THAT(raw().Rows("SELECT version, name, oldest_compatible, apply_time "
                         "FROM schema_migrations ORDER BY version"),
              ElementsAre(ElementsAre("1", "one", "1", "1780000000000000"),
                          ElementsAre("2", "two", "1", "1780000000000000"),
                          ElementsAre("3", "three", "2", "1780000000000000")));
  EXPECT_EQ(raw().Number("SELECT id FROM one"), 7);
  EXPECT_FALSE(session().InTransaction());
}

TEST_P(MigrateTest, ASecondTimeNothingIsDone) {
  ASSERT_THAT(Migrate(session(), kAll, kNow), IsOk());
  const auto again = Migrate(session(), kAll, kNow + absl::Hours(1));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->version, 3);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM one"), 1);
  EXPECT_EQ(raw().Number("SELECT max(apply_time) FROM schema_migrations"),
            absl::ToUnixMicros(kNow));
}

TEST_P(MigrateTest, EveryOlderVersionIsBroughtForward) {
  for (size_t from = 0; from < kAll.size(); ++from) {
    ASSERT_THAT(Migrate(session(), kAll.first(from), kNow), IsOk());
    EXPECT_EQ(Must(ReadSchemaVersion(session())).version, from);
  }
  ASSERT_THAT(Migrate(session(), kAll, kNow), IsOk());
  EXPECT_THAT(Applied(), ElementsAre("one", "two", "three"));
}

TEST_P(MigrateTest, TwoAtOnceApplyEveryStepOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      auto own = Open(SessionRole::kMaintenance);
      const auto schema = Migrate(*own, kAll, kNow);
      ASSERT_THAT(schema, IsOk());
      EXPECT_EQ(schema->version, 3);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(Applied(), ElementsAre("one", "two", "three"));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM one"), 1);
}

TEST_P(MigrateTest, AStepThatFailsLeavesTheVersionBefore) {
  Migration steps[] = {kSteps[0], kSteps[1]};
  steps[1].sqlite = steps[1].postgres =
      "CREATE TABLE two (id INTEGER PRIMARY KEY);\n"
      "INSERT INTO nowhere VALUES ('a-secret');";
  EXPECT_THAT(
      Migrate(session(), steps, kNow),
      StatusIs(absl::StatusCode::kInternal,
               AllOf(HasSubstr("migration 2 (two): statement 2"),
                     HasSubstr(sqlite() ? "sqlite 1" : "sqlstate 42P01"),
                     testing::Not(HasSubstr("a-secret")))));
  EXPECT_FALSE(session().InTransaction());
  EXPECT_THAT(Applied(), ElementsAre("one"));
  EXPECT_FALSE(Exists("two"));
  // Once mended, it goes on from there.
  EXPECT_THAT(Migrate(session(), kAll, kNow), IsOk());
  EXPECT_THAT(Applied(), ElementsAre("one", "two", "three"));
}

TEST_P(MigrateTest, AStepWhoseCheckDoesNotHoldIsUndone) {
  Migration steps[] = {kSteps[0], kSteps[1]};
  steps[1].check = "SELECT 0";
  EXPECT_THAT(Migrate(session(), steps, kNow),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("its check")));
  EXPECT_THAT(Applied(), ElementsAre("one"));
  EXPECT_FALSE(Exists("two"));
}

TEST_P(MigrateTest, ANewerSchemaIsFineAsFarBackAsItSays) {
  ASSERT_THAT(Migrate(session(), kAll, kNow), IsOk());
  for (const auto& schema : {Migrate(session(), kAll.first(2), kNow),
                             CheckSchema(session(), kAll.first(2))}) {
    ASSERT_THAT(schema, IsOk());
    EXPECT_EQ(schema->version, 3);
  }
}

TEST_P(MigrateTest, ABinaryThatIsTooOldIsRefusedWithTheRemedy) {
  ASSERT_THAT(Migrate(session(), kAll, kNow), IsOk());
  const auto refused = StatusIs(
      absl::StatusCode::kFailedPrecondition,
      AllOf(HasSubstr("has schema 3"), HasSubstr("knows schema 2 or later"),
            HasSubstr("run the newer broadcastd")));
  EXPECT_THAT(Migrate(session(), kAll.first(1), kNow), refused);
  EXPECT_THAT(CheckSchema(session(), kAll.first(1)), refused);
  EXPECT_THAT(Applied(), ElementsAre("one", "two", "three"));
}

TEST_P(MigrateTest, CheckSchemaAppliesNothingAndSaysWhatToRun) {
  const auto refused = StatusIs(absl::StatusCode::kFailedPrecondition,
                                HasSubstr("broadcastd migrate"));
  EXPECT_THAT(CheckSchema(session(), kAll), refused);
  EXPECT_FALSE(Exists("schema_migrations"));
  ASSERT_THAT(Migrate(session(), kAll.first(2), kNow), IsOk());
  EXPECT_THAT(CheckSchema(session(), kAll), refused);
  ASSERT_THAT(Migrate(session(), kAll, kNow), IsOk());
  EXPECT_THAT(CheckSchema(session(), kAll), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Backends, MigrateTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
