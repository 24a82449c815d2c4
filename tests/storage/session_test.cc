#include "storage/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/sql_error.h"
#include "support/session_fixture.h"

namespace broadcast::storage {
namespace {

using test::IsOk;
using test::IsOkAndHolds;
using test::Must;
using test::StatusIs;
using testing::ElementsAre;
using testing::Not;

class SessionTest : public test::SessionTest {
 protected:
  std::string Setting(Session& session, const std::string& sql, bool number) {
    std::string value;
    const auto take = [&](Row& row) {
      int64_t of_number = 0;
      if (number) {
        row(of_number);
        value = std::to_string(of_number);
      } else {
        row(value);
      }
      return absl::OkStatus();
    };
    Must(session
             .RunOnce(sql, {},
                      number ? ColumnTypesOf<std::tuple<int64_t>>()
                             : ColumnTypesOf<std::tuple<std::string>>(),
                      take)
             .status());
    return value;
  }
  std::string Pragma(Session& session, const std::string& name) {
    return Setting(session, "PRAGMA " + name, name != "journal_mode");
  }
  std::string Show(Session& session, const std::string& name) {
    return Setting(session, "SELECT current_setting('" + name + "')", false);
  }

  static constexpr SessionRole kRoles[] = {
      SessionRole::kWriter, SessionRole::kReader, SessionRole::kMaintenance};
};

TEST_P(SessionTest, EveryRoleHasItsSettings) {
  test().Open();
  for (SessionRole role : kRoles) {
    auto opened = Open(role);
    for (const bool again : {false, true}) {
      if (again) Must(opened->Reconnect());
      const bool reader = role == SessionRole::kReader;
      if (sqlite()) {
        EXPECT_EQ(Pragma(*opened, "foreign_keys"), "1");
        EXPECT_EQ(Pragma(*opened, "synchronous"), "2") << "FULL";
        EXPECT_EQ(Pragma(*opened, "journal_mode"), "wal");
        EXPECT_EQ(Pragma(*opened, "busy_timeout"), "1000");
        EXPECT_EQ(Pragma(*opened, "wal_autocheckpoint"), "0");
        EXPECT_EQ(Pragma(*opened, "temp_store"), "2") << "MEMORY";
        EXPECT_EQ(Pragma(*opened, "query_only"), reader ? "1" : "0");
      } else {
        // A writer that is halted must not keep its lanes locked for long.
        EXPECT_EQ(Show(*opened, "idle_in_transaction_session_timeout"),
                  role == SessionRole::kWriter ? "3s" : "30s");
        EXPECT_EQ(Show(*opened, "lock_timeout"),
                  role == SessionRole::kMaintenance ? "0" : "2s");
        EXPECT_EQ(Show(*opened, "statement_timeout"),
                  role == SessionRole::kWriter   ? "5s"
                  : role == SessionRole::kReader ? "30s"
                                                 : "10min");
        EXPECT_EQ(Show(*opened, "default_transaction_read_only"),
                  reader ? "on" : "off");
        EXPECT_EQ(Show(*opened, "client_encoding"), "UTF8");
        EXPECT_EQ(Show(*opened, "application_name"), "broadcastd");
        EXPECT_EQ(Show(*opened, "synchronous_commit"), "on");
        EXPECT_EQ(Show(*opened, "transaction_isolation"), "read committed");
      }
    }
  }
}

TEST_P(SessionTest, AReaderCannotWrite) {
  raw().Execute("CREATE TABLE things (id INTEGER PRIMARY KEY)");
  auto reader = Open(SessionRole::kReader);
  const auto written =
      reader->RunOnce("INSERT INTO things (id) VALUES (1)", {}, {},
                      [](Row&) { return absl::OkStatus(); });
  EXPECT_EQ(FailureOf(written.status()), SqlFailure::kReadOnly);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 0);
}

TEST_P(SessionTest, ForeignKeysAreEnforced) {
  raw().Execute(
      "CREATE TABLE parents (id INTEGER PRIMARY KEY);"
      "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER "
      "REFERENCES parents (id) ON DELETE CASCADE)");
  EXPECT_EQ(FailureOf(Once("INSERT INTO children VALUES (1, 7)")),
            SqlFailure::kForeignKey);
  EXPECT_THAT(Once("INSERT INTO parents VALUES (7)"), IsOk());
  EXPECT_THAT(Once("INSERT INTO children VALUES (1, 7)"), IsOk());
  EXPECT_THAT(Once("DELETE FROM parents"), IsOk());
  EXPECT_EQ(raw().Number("SELECT count(*) FROM children"), 0);
}

TEST_P(SessionTest, AnUnreachableDatabaseIsUnavailable) {
  Location nowhere = test().location();
  nowhere.path = "/nowhere/at/all.db";
  nowhere.conninfo = "host='127.0.0.1' port='1' connect_timeout='1'";
  const auto opened = Session::Open(nowhere, SessionRole::kWriter);
  EXPECT_THAT(opened, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(FailureOf(opened.status()), SqlFailure::kConnection);
}

TEST_P(SessionTest, AnUnknownDatabaseIsUnavailable) {
  if (sqlite()) GTEST_SKIP() << "SQLite makes it";
  Location other = test().location();
  other.conninfo += " dbname='no_such_database'";
  EXPECT_THAT(Session::Open(other, SessionRole::kWriter),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(SessionTest, PathsMayHoldSpacesAndSingleQuotes) {
  if (!sqlite()) GTEST_SKIP() << "PostgreSQL has no path";
  test::TempDir folder;
  Location location;
  location.path = folder.File("a b 'c' ü.db");
  auto opened = Must(Session::Open(location, SessionRole::kWriter));
  EXPECT_THAT(opened->RunOnce("CREATE TABLE t (id INTEGER)", {}, {},
                              [](Row&) { return absl::OkStatus(); }),
              IsOk());
  EXPECT_EQ(test::RawConnection(location).Number(
                "SELECT count(*) FROM sqlite_schema WHERE name = 't'"),
            1);
}

TEST_P(SessionTest, AStalePlanIsToldAndCuredByForgetting) {
  if (sqlite()) GTEST_SKIP() << "SQLite prepares again by itself";
  raw().Execute(
      "CREATE TABLE things (id BIGINT); INSERT INTO things VALUES "
      "(1)");
  static constexpr Sql kAll{"SELECT * FROM things"};
  Must(Rows<int64_t>(kAll).status());
  raw().Execute("ALTER TABLE things ALTER COLUMN id TYPE TEXT");
  const auto stale = Rows<int64_t>(kAll);
  EXPECT_EQ(FailureOf(stale.status()), SqlFailure::kStalePlan);
  session().ForgetStatements();
  EXPECT_THAT(Rows<int64_t>(kAll), IsOkAndHolds(ElementsAre(std::tuple(1))));
}

TEST_P(SessionTest, AChangedSchemaDoesNotDisturbKeptStatements) {
  raw().Execute(
      "CREATE TABLE things (id INTEGER); INSERT INTO things VALUES "
      "(1)");
  static constexpr Sql kIds{"SELECT id FROM things"};
  Must(Rows<int64_t>(kIds).status());
  raw().Execute("ALTER TABLE things ADD COLUMN more TEXT");
  EXPECT_THAT(Rows<int64_t>(kIds), IsOkAndHolds(ElementsAre(std::tuple(1))));
}

INSTANTIATE_TEST_SUITE_P(Backends, SessionTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
