#include "storage/sql_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <new>
#include <stdexcept>
#include <thread>

#include "support/session_fixture.h"

namespace broadcast::storage {
namespace {

using test::HasReason;
using test::IsOk;
using test::Must;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(SqlErrorTest, SqliteCodesAreClassified) {
  const std::pair<int, SqlFailure> kTable[] = {
      {SQLITE_CONSTRAINT_UNIQUE, SqlFailure::kUnique},
      {SQLITE_CONSTRAINT_PRIMARYKEY, SqlFailure::kUnique},
      {SQLITE_CONSTRAINT_ROWID, SqlFailure::kUnique},
      {SQLITE_CONSTRAINT_FOREIGNKEY, SqlFailure::kForeignKey},
      {SQLITE_CONSTRAINT_CHECK, SqlFailure::kConstraint},
      {SQLITE_CONSTRAINT_NOTNULL, SqlFailure::kConstraint},
      {SQLITE_CONSTRAINT_DATATYPE, SqlFailure::kConstraint},
      {SQLITE_CONSTRAINT_TRIGGER, SqlFailure::kConstraint},
      {SQLITE_CONSTRAINT, SqlFailure::kConstraint},
      {SQLITE_BUSY, SqlFailure::kBusy},
      {SQLITE_BUSY_SNAPSHOT, SqlFailure::kBusy},
      {SQLITE_BUSY_RECOVERY, SqlFailure::kBusy},
      {SQLITE_BUSY_TIMEOUT, SqlFailure::kBusy},
      {SQLITE_LOCKED, SqlFailure::kBusy},
      {SQLITE_LOCKED_SHAREDCACHE, SqlFailure::kBusy},
      {SQLITE_SCHEMA, SqlFailure::kStalePlan},
      {SQLITE_FULL, SqlFailure::kFull},
      {SQLITE_IOERR_SHMSIZE, SqlFailure::kFull},
      {SQLITE_NOMEM, SqlFailure::kNoMemory},
      {SQLITE_IOERR_NOMEM, SqlFailure::kNoMemory},
      {SQLITE_READONLY, SqlFailure::kReadOnly},
      {SQLITE_READONLY_DBMOVED, SqlFailure::kReadOnly},
      {SQLITE_READONLY_DIRECTORY, SqlFailure::kReadOnly},
      {SQLITE_PERM, SqlFailure::kReadOnly},
      {SQLITE_CANTOPEN, SqlFailure::kConnection},
      {SQLITE_CANTOPEN_ISDIR, SqlFailure::kConnection},
      {SQLITE_INTERRUPT, SqlFailure::kTimeout},
      {SQLITE_IOERR, SqlFailure::kIo},
      {SQLITE_IOERR_WRITE, SqlFailure::kIo},
      {SQLITE_IOERR_FSYNC, SqlFailure::kIo},
      {SQLITE_CORRUPT, SqlFailure::kIo},
      {SQLITE_CORRUPT_INDEX, SqlFailure::kIo},
      {SQLITE_NOTADB, SqlFailure::kIo},
      {SQLITE_ERROR, SqlFailure::kOther},
      {SQLITE_MISUSE, SqlFailure::kOther},
      {SQLITE_RANGE, SqlFailure::kOther},
      {SQLITE_TOOBIG, SqlFailure::kOther},
  };
  for (const auto& [code, failure] : kTable) {
    EXPECT_EQ(ClassifySqlite(code), failure) << code;
  }
}

TEST(SqlErrorTest, SqlStatesAreClassified) {
  const std::pair<absl::string_view, SqlFailure> kTable[] = {
      {"23505", SqlFailure::kUnique},     {"23503", SqlFailure::kForeignKey},
      {"23514", SqlFailure::kConstraint}, {"23502", SqlFailure::kConstraint},
      {"23P01", SqlFailure::kConstraint}, {"40001", SqlFailure::kConflict},
      {"40P01", SqlFailure::kConflict},   {"55P03", SqlFailure::kBusy},
      {"0A000", SqlFailure::kStalePlan},  {"26000", SqlFailure::kStalePlan},
      {"57014", SqlFailure::kTimeout},    {"25P03", SqlFailure::kTimeout},
      {"53100", SqlFailure::kFull},       {"53200", SqlFailure::kNoMemory},
      {"25006", SqlFailure::kReadOnly},   {"08000", SqlFailure::kConnection},
      {"08006", SqlFailure::kConnection}, {"57P01", SqlFailure::kConnection},
      {"57P02", SqlFailure::kConnection}, {"57P03", SqlFailure::kConnection},
      {"53300", SqlFailure::kConnection}, {"58030", SqlFailure::kIo},
      {"XX000", SqlFailure::kIo},         {"XX001", SqlFailure::kIo},
      {"42P01", SqlFailure::kOther},      {"42601", SqlFailure::kOther},
      {"22012", SqlFailure::kOther},      {"25P02", SqlFailure::kOther},
      {"", SqlFailure::kOther},
  };
  for (const auto& [state, failure] : kTable) {
    EXPECT_EQ(ClassifySqlState(state), failure) << state;
  }
}

TEST(SqlErrorTest, AFailureShowsToCallersAsCodeAndReason) {
  using Code = absl::StatusCode;
  const std::tuple<SqlFailure, Code, const char*> kTable[] = {
      {SqlFailure::kConflict, Code::kUnavailable, "STORAGE_BUSY"},
      {SqlFailure::kBusy, Code::kUnavailable, "STORAGE_BUSY"},
      {SqlFailure::kConnection, Code::kUnavailable, "STORAGE_UNAVAILABLE"},
      {SqlFailure::kFull, Code::kResourceExhausted, "STORAGE_FULL"},
      {SqlFailure::kReadOnly, Code::kUnavailable, "STORAGE_READ_ONLY"},
      {SqlFailure::kTimeout, Code::kDeadlineExceeded, "STORAGE_TIMEOUT"},
      {SqlFailure::kUnique, Code::kInternal, "STORAGE_FAILED"},
      {SqlFailure::kForeignKey, Code::kInternal, "STORAGE_FAILED"},
      {SqlFailure::kConstraint, Code::kInternal, "STORAGE_FAILED"},
      {SqlFailure::kStalePlan, Code::kInternal, "STORAGE_FAILED"},
      {SqlFailure::kNoMemory, Code::kInternal, "STORAGE_FAILED"},
      {SqlFailure::kIo, Code::kInternal, "STORAGE_FAILED"},
      {SqlFailure::kOther, Code::kInternal, "STORAGE_FAILED"},
  };
  for (const auto& [failure, code, reason] : kTable) {
    const absl::Status status = SqlErrorStatus(failure, "the code");
    EXPECT_THAT(status, AllOf(StatusIs(code, Not(HasSubstr("the code"))),
                              HasReason(reason)));
    EXPECT_EQ(FailureOf(status), failure);
    EXPECT_EQ(SqlCodeOf(status), "the code");
  }
}

TEST(SqlErrorTest, OtherStatusesHaveNoFailure) {
  EXPECT_EQ(FailureOf(absl::OkStatus()), SqlFailure::kNone);
  EXPECT_EQ(FailureOf(absl::InternalError("x")), SqlFailure::kNone);
  EXPECT_THAT(SqlCodeOf(absl::InternalError("x")), IsEmpty());
}

TEST(SqlErrorTest, OtherExceptionsAreClassifiedAndNotQuoted) {
  EXPECT_EQ(FailureOf(FromException(Backend::kSqlite, std::bad_alloc())),
            SqlFailure::kNoMemory);
  const absl::Status other =
      FromException(Backend::kSqlite, std::runtime_error("a secret"));
  EXPECT_EQ(FailureOf(other), SqlFailure::kOther);
  EXPECT_THAT(other.ToString(), Not(HasSubstr("secret")));
}

class FailingStatementTest : public test::SessionTest {
 protected:
  void SetUp() override {
    raw().Execute(
        sqlite() ? "PRAGMA journal_mode = WAL;"
                   "CREATE TABLE parents (id INTEGER PRIMARY KEY, "
                   "number INTEGER NOT NULL CHECK (number > 0)) STRICT;"
                   "CREATE TABLE children (id INTEGER PRIMARY KEY, "
                   "name TEXT UNIQUE, parent INTEGER REFERENCES parents (id)) "
                   "STRICT"
                 : "CREATE TABLE parents (id BIGINT PRIMARY KEY, "
                   "number BIGINT NOT NULL CHECK (number > 0));"
                   "CREATE TABLE children (id BIGINT PRIMARY KEY, "
                   "name TEXT UNIQUE, parent BIGINT REFERENCES parents (id))");
    raw().Execute(
        "INSERT INTO parents VALUES (1, 1);"
        "INSERT INTO children VALUES (1, 'one', 1)");
  }

  SqlFailure Fails(const std::string& sql) { return FailureOf(Once(sql)); }
};

TEST_P(FailingStatementTest, ConstraintsAreTold) {
  EXPECT_EQ(Fails("INSERT INTO parents VALUES (1, 1)"), SqlFailure::kUnique);
  EXPECT_EQ(Fails("INSERT INTO children VALUES (2, 'one', 1)"),
            SqlFailure::kUnique);
  EXPECT_EQ(Fails("INSERT INTO children VALUES (2, 'two', 9)"),
            SqlFailure::kForeignKey);
  EXPECT_EQ(Fails("DELETE FROM parents"), SqlFailure::kForeignKey);
  EXPECT_EQ(Fails("INSERT INTO parents VALUES (2, 0)"),
            SqlFailure::kConstraint);
  EXPECT_EQ(Fails("INSERT INTO parents VALUES (2, NULL)"),
            SqlFailure::kConstraint);
}

TEST_P(FailingStatementTest, MistakesInTheTextAreOther) {
  EXPECT_EQ(Fails("SELEKT 1"), SqlFailure::kOther);
  EXPECT_EQ(Fails("SELECT * FROM nowhere"), SqlFailure::kOther);
  EXPECT_EQ(Fails("SELECT nothing FROM parents"), SqlFailure::kOther);
}

TEST_P(FailingStatementTest, WritingWhereOnlyReadingIsAllowedIsReadOnly) {
  if (sqlite()) {
    Must(Once("PRAGMA query_only = ON"));
  } else {
    Must(Once("SET default_transaction_read_only = on"));
  }
  EXPECT_EQ(Fails("INSERT INTO parents VALUES (2, 1)"), SqlFailure::kReadOnly);
}

TEST_P(FailingStatementTest, ATypeThatDoesNotFitIsToldOnSqlite) {
  if (!sqlite()) GTEST_SKIP() << "PostgreSQL calls it 22P02";
  EXPECT_EQ(Fails("INSERT INTO parents VALUES (2, 'many')"),
            SqlFailure::kConstraint);
}

TEST_P(FailingStatementTest, ALockThatAnotherHoldsIsBusy) {
  if (sqlite()) {
    Must(Once("PRAGMA busy_timeout = 10"));
    raw().Execute("BEGIN IMMEDIATE");
    EXPECT_EQ(Fails("BEGIN IMMEDIATE"), SqlFailure::kBusy);
  } else {
    Must(Once("SET lock_timeout = '10ms'"));
    raw().Execute("BEGIN; SELECT * FROM parents FOR UPDATE");
    EXPECT_EQ(Fails("UPDATE parents SET number = 2"), SqlFailure::kBusy);
  }
  raw().Execute("ROLLBACK");
}

TEST_P(FailingStatementTest, AnOldSnapshotIsBusyOrAConflict) {
  static constexpr Sql kBegin{"BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ"};
  static constexpr Sql kSelect{"SELECT number FROM parents"};
  static constexpr Sql kUpdate{"UPDATE parents SET number = 3"};
  Must(Execute(kBegin).status());
  Must(Rows<int64_t>(kSelect).status());
  raw().Execute("UPDATE parents SET number = 2");
  EXPECT_EQ(FailureOf(Execute(kUpdate).status()),
            sqlite() ? SqlFailure::kBusy : SqlFailure::kConflict);
  static constexpr Sql kRollback{"ROLLBACK"};
  EXPECT_THAT(Execute(kRollback), IsOk());
}

TEST_P(FailingStatementTest, AStatementThatTakesTooLongIsATimeout) {
  if (sqlite()) GTEST_SKIP() << "SQLite has no such limit";
  Must(Once("SET statement_timeout = '20ms'"));
  EXPECT_EQ(Fails("SELECT pg_sleep(10)"), SqlFailure::kTimeout);
}

TEST_P(FailingStatementTest, AFileThatIsNoDatabaseIsIo) {
  if (!sqlite()) GTEST_SKIP() << "PostgreSQL has no such file";
  test::TempDir folder;
  Location location;
  location.path = folder.File("text.db");
  FILE* const file = fopen(location.path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  for (int i = 0; i < 1000; ++i) fputs("this is no database\n", file);
  fclose(file);
  auto opened = Session::Open(location, SessionRole::kWriter);
  absl::Status status = opened.status();
  if (opened.ok()) {
    status = (*opened)
                 ->RunOnce("SELECT * FROM sqlite_schema", {}, {},
                           [](Row&) { return absl::OkStatus(); })
                 .status();
  }
  EXPECT_EQ(FailureOf(status), SqlFailure::kIo);
}

INSTANTIATE_TEST_SUITE_P(Backends, FailingStatementTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
