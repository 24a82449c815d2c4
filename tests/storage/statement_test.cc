// The traps of SOCI 4.0.3 and of both backends, which the wrapper must make
// loud or impossible.
#include "storage/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <limits>
#include <optional>

#include "storage/sql_error.h"
#include "support/session_fixture.h"

namespace broadcast::storage {
namespace {

using test::IsOk;
using test::IsOkAndHolds;
using test::Must;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto kInternal = absl::StatusCode::kInternal;

constexpr Sql kCreate{
    "CREATE TABLE things (id INTEGER PRIMARY KEY, number INTEGER, name TEXT) "
    "STRICT",
    "CREATE TABLE things (id BIGINT PRIMARY KEY, number BIGINT, name TEXT)"};
constexpr Sql kInsert{
    "INSERT INTO things (id, number, name) VALUES (:id, :number, :name)"};
constexpr Sql kSelectAll{"SELECT id, number, name FROM things ORDER BY id"};
constexpr Sql kSelectOne{"SELECT name FROM things WHERE id = :id"};

class StatementTest : public test::SessionTest {
 protected:
  using OptionalInt = std::optional<int64_t>;
  using OptionalText = std::optional<std::string>;

  void SetUp() override {
    if (sqlite()) raw().Execute("PRAGMA journal_mode = WAL");
    Must(Execute(kCreate).status());
  }

  absl::StatusOr<int64_t> Insert(int64_t id, OptionalInt number,
                                 OptionalText name) {
    return Execute(kInsert, {{"id", id}, {"number", number}, {"name", name}});
  }

  int TransactionState(Session& session) {
    return sqlite_api::sqlite3_txn_state(
        static_cast<soci::sqlite3_session_backend*>(session.raw().get_backend())
            ->conn_,
        nullptr);
  }
};

TEST(ParameterNamesTest, NamesAreFoundOnceInOrder) {
  EXPECT_THAT(ParameterNames("SELECT :b, :a_1 WHERE :b = :a"),
              ElementsAre("b", "a_1", "a"));
  EXPECT_THAT(ParameterNames("SELECT 1"), IsEmpty());
  EXPECT_THAT(ParameterNames(""), IsEmpty());
}

TEST(ParameterNamesTest, QuotesCommentsAndCastsHoldNone) {
  EXPECT_THAT(ParameterNames("SELECT ':a', \":b\", 'it''s :c', :d::uuid"),
              ElementsAre("d"));
  EXPECT_THAT(ParameterNames("SELECT 1 -- :a\n, :b /* :c */, x::text"),
              ElementsAre("b"));
  EXPECT_THAT(ParameterNames("SELECT 'open :a"), IsEmpty());
}

TEST_P(StatementTest, SixtyFourBitsSurviveInAndOut) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  const int64_t least = std::numeric_limits<int64_t>::min();
  ASSERT_THAT(Insert(1, 5'000'000'000, "x"), IsOkAndHolds(1));
  ASSERT_THAT(Insert(2, most, "x"), IsOkAndHolds(1));
  ASSERT_THAT(Insert(3, least, "x"), IsOkAndHolds(1));
  ASSERT_THAT(Insert(-1'001'234'567'890, 0, "a chat of Telegram"), IsOk());
  static constexpr Sql kNumbers{"SELECT id, number FROM things ORDER BY id"};
  EXPECT_THAT(
      (Rows<int64_t, int64_t>(kNumbers)),
      IsOkAndHolds(ElementsAre(std::tuple(-1'001'234'567'890, 0),
                               std::tuple(1, 5'000'000'000),
                               std::tuple(2, most), std::tuple(3, least))));
  EXPECT_EQ(raw().Text("SELECT number FROM things WHERE id = 2"),
            std::to_string(most));
}

TEST_P(StatementTest, ExpressionsAreReadAsNumbers) {
  Must(Insert(1, 3'000'000'000, "x").status());
  Must(Insert(2, 3'000'000'000, "x").status());
  static constexpr Sql kSum{
      "SELECT count(*), sum(number), max(number) FROM things",
      "SELECT count(*), sum(number)::bigint, max(number) FROM things"};
  EXPECT_THAT(
      (Rows<int64_t, int64_t, int64_t>(kSum)),
      IsOkAndHolds(ElementsAre(std::tuple(2, 6'000'000'000, 3'000'000'000))));
}

TEST_P(StatementTest, AMissingNameIsRefusedAndNotBoundAsNull) {
  EXPECT_THAT(Execute(kInsert, {{"id", 1}, {"number", 2}}),
              StatusIs(kInternal));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 0);
}

TEST_P(StatementTest, AnExtraNameIsRefused) {
  EXPECT_THAT(
      Execute(kInsert,
              {{"id", 1}, {"number", 2}, {"name", "x"}, {"colour", "red"}}),
      StatusIs(kInternal));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 0);
}

TEST_P(StatementTest, ANameGivenTwiceIsRefused) {
  EXPECT_THAT(Execute(kInsert,
                      {{"id", 1}, {"number", 2}, {"name", "x"}, {"name", "y"}}),
              StatusIs(kInternal));
}

TEST_P(StatementTest, AMisspeltNameIsRefused) {
  EXPECT_THAT(Execute(kInsert, {{"id", 1}, {"number", 2}, {"nmae", "x"}}),
              StatusIs(kInternal));
}

TEST_P(StatementTest, ANameUsedTwiceInTheTextIsGivenOnce) {
  static constexpr Sql kTwice{
      "SELECT :a || '-' || :b || '-' || :a",
      "SELECT :a::text || '-' || :b::text || '-' || :a::text"};
  EXPECT_THAT(Rows<std::string>(kTwice, {{"a", "x"}, {"b", "y"}}),
              IsOkAndHolds(ElementsAre(std::tuple("x-y-x"))));
  EXPECT_THAT(Rows<std::string>(kTwice, {{"a", "1"}, {"b", "2"}}),
              IsOkAndHolds(ElementsAre(std::tuple("1-2-1"))));
}

TEST_P(StatementTest, TheOrderOfNamesDoesNotMatterToTheDatabase) {
  Must(Execute(kInsert, {{"name", "n"}, {"number", 7}, {"id", 1}}).status());
  EXPECT_THAT(raw().Rows("SELECT id, number, name FROM things"),
              ElementsAre(ElementsAre("1", "7", "n")));
}

TEST_P(StatementTest, AKeptStatementRefusesOtherNamesAndTypes) {
  Must(Insert(1, 2, "x").status());
  EXPECT_THAT(Execute(kInsert, {{"id", 2}, {"number", 2}}),
              StatusIs(kInternal));
  EXPECT_THAT(Execute(kInsert, {{"number", 3}, {"id", 2}, {"name", "x"}}),
              StatusIs(kInternal));
  EXPECT_THAT(Execute(kInsert, {{"id", 2}, {"number", "3"}, {"name", "x"}}),
              StatusIs(kInternal));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 1);
}

TEST_P(StatementTest, EveryRunExchangesItsValues) {
  for (int64_t i = 1; i <= 3; ++i) {
    ASSERT_THAT(Insert(i, i * 10, std::string(1, static_cast<char>('a' + i))),
                IsOkAndHolds(1));
  }
  EXPECT_THAT(
      raw().Rows("SELECT id, number, name FROM things ORDER BY id"),
      ElementsAre(ElementsAre("1", "10", "b"), ElementsAre("2", "20", "c"),
                  ElementsAre("3", "30", "d")));
}

TEST_P(StatementTest, ChangesAreCounted) {
  Must(Insert(1, 1, "x").status());
  Must(Insert(2, 1, "x").status());
  static constexpr Sql kUpdate{
      "UPDATE things SET number = number + :by WHERE number = :was"};
  EXPECT_THAT(Execute(kUpdate, {{"by", 1}, {"was", 1}}), IsOkAndHolds(2));
  EXPECT_THAT(Execute(kUpdate, {{"by", 1}, {"was", 1}}), IsOkAndHolds(0));
  Must(Rows<OptionalText>(kSelectOne, {{"id", 1}}).status());
  EXPECT_THAT(Execute(kUpdate, {{"by", 1}, {"was", 1}}), IsOkAndHolds(0));
}

TEST_P(StatementTest, NullsGoInAndComeOut) {
  Must(Insert(1, std::nullopt, std::nullopt).status());
  Must(Insert(2, 0, "").status());
  Must(Insert(3, std::nullopt, "n").status());
  Must(Insert(4, 4, std::nullopt).status());
  EXPECT_EQ(raw().Text("SELECT count(*) FROM things WHERE number IS NULL"),
            "2");
  EXPECT_THAT(
      (Rows<int64_t, OptionalInt, OptionalText>(kSelectAll)),
      IsOkAndHolds(ElementsAre(
          std::tuple(1, std::nullopt, std::nullopt), std::tuple(2, 0, ""),
          std::tuple(3, std::nullopt, "n"), std::tuple(4, 4, std::nullopt))));
}

TEST_P(StatementTest, ANullThatNobodyExpectsIsAnErrorAndNotTheRowBefore) {
  Must(Insert(1, 5, "five").status());
  Must(Insert(2, std::nullopt, "x").status());
  Must(Insert(3, 5, std::nullopt).status());
  EXPECT_THAT((Rows<int64_t, int64_t, OptionalText>(kSelectAll)),
              StatusIs(kInternal));
  static constexpr Sql kOthers{
      "SELECT id, number, name FROM things WHERE id <> 2 ORDER BY id"};
  EXPECT_THAT((Rows<int64_t, OptionalInt, std::string>(kOthers)),
              StatusIs(kInternal));
}

TEST_P(StatementTest, ANulCharacterIsRefusedAndNotCut) {
  EXPECT_THAT(Insert(1, 1, std::string("ab\0cd", 5)), StatusIs(kInternal));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 0);
  EXPECT_THAT(Insert(1, 1, "ab"), IsOk());
}

TEST_P(StatementTest, TextSurvivesWhateverItHolds) {
  const std::string text =
      "quote ' double \" back\\slash :name $1 ? % _ \n\t\x7f emoji 🎉 кириллица";
  Must(Insert(1, 1, text).status());
  EXPECT_EQ(raw().Text("SELECT name FROM things"), text);
  EXPECT_THAT(Rows<std::string>(kSelectOne, {{"id", 1}}),
              IsOkAndHolds(ElementsAre(std::tuple(text))));
}

TEST_P(StatementTest, LongTextSurvives) {
  const std::string text(1 << 20, 'x');
  Must(Insert(1, 1, text).status());
  EXPECT_THAT(Rows<std::string>(kSelectOne, {{"id", 1}}),
              IsOkAndHolds(ElementsAre(std::tuple(text))));
}

TEST_P(StatementTest, AStatementWithoutRowsEndsAndMayRunAgain) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Rows<std::string>(kSelectOne, {{"id", 1}}),
                IsOkAndHolds(IsEmpty()));
  }
  Must(Insert(1, 1, "now").status());
  EXPECT_THAT(Rows<std::string>(kSelectOne, {{"id", 1}}),
              IsOkAndHolds(ElementsAre(std::tuple("now"))));
  EXPECT_THAT(Rows<std::string>(kSelectOne, {{"id", 2}}),
              IsOkAndHolds(IsEmpty()));
}

TEST_P(StatementTest, AReturningStatementWithoutRowsEnds) {
  static constexpr Sql kDelete{
      "DELETE FROM things WHERE id = :id "
      "RETURNING id"};
  EXPECT_THAT(Rows<int64_t>(kDelete, {{"id", 1}}), IsOkAndHolds(IsEmpty()));
  Must(Insert(1, 1, "x").status());
  EXPECT_THAT(Rows<int64_t>(kDelete, {{"id", 1}}),
              IsOkAndHolds(ElementsAre(std::tuple(1))));
}

TEST_P(StatementTest, EveryRowIsAnswered) {
  for (int64_t i = 0; i < 500; ++i) Must(Insert(i, i, "x").status());
  const auto rows = Rows<int64_t, OptionalInt, OptionalText>(kSelectAll);
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 500);
  EXPECT_EQ(std::get<0>(rows->back()), 499);
}

TEST_P(StatementTest, AnInsertThatReturnsRunsOnce) {
  static constexpr Sql kReturning{
      "INSERT INTO things (id, number, name) VALUES (:id, 1, 'x') "
      "RETURNING id, number, name"};
  EXPECT_THAT((Rows<int64_t, int64_t, std::string>(kReturning, {{"id", 7}})),
              IsOkAndHolds(ElementsAre(std::tuple(7, 1, "x"))));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 1);
}

TEST_P(StatementTest, ACallbackThatStopsLeavesTheStatementUsable) {
  Must(Insert(1, 1, "a").status());
  Must(Insert(2, 2, "b").status());
  int seen = 0;
  const auto stop = [&](Row&) {
    ++seen;
    return absl::AbortedError("enough");
  };
  using Types = std::tuple<int64_t, OptionalInt, OptionalText>;
  EXPECT_THAT(session().Run(kSelectAll, {}, ColumnTypesOf<Types>(), stop),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(seen, 1);
  const auto rows = Rows<int64_t, OptionalInt, OptionalText>(kSelectAll);
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(rows->size(), 2);
  // Neither does it keep another session from changing the table.
  raw().Execute("DELETE FROM things");
}

TEST_P(StatementTest, MoreColumnsAskedThanAnsweredIsAnError) {
  static constexpr Sql kTwo{"SELECT id, name FROM things"};
  Must(Insert(1, 1, "a").status());
  EXPECT_THAT((Rows<int64_t, std::string, std::string>(kTwo)), Not(IsOk()));
}

TEST_P(StatementTest, FewerColumnsAskedThanAnsweredIsAnError) {
  static constexpr Sql kTwo{"SELECT id, name FROM things"};
  Must(Insert(1, 1, "a").status());
  EXPECT_THAT(Rows<int64_t>(kTwo), Not(IsOk()));
}

TEST_P(StatementTest, QuotedColonsAndCastsAreNoParameters) {
  static constexpr Sql kQuoted{"SELECT 'a:b' || ':c' || :d AS \"x:y\"",
                               "SELECT 'a:b' || ':c' || :d::text AS \"x\""};
  EXPECT_THAT(Rows<std::string>(kQuoted, {{"d", "e"}}),
              IsOkAndHolds(ElementsAre(std::tuple("a:b:ce"))));
}

TEST_P(StatementTest, AColonInAQuotedNameIsNoParameter) {
  static constexpr Sql kName{"SELECT :d AS \"x:y\"",
                             "SELECT :d::text AS \"x:y\""};
  EXPECT_THAT(Rows<std::string>(kName, {{"d", "e"}}),
              IsOkAndHolds(ElementsAre(std::tuple("e"))));
}

TEST_P(StatementTest, AColonInACommentIsNeverBoundByMistake) {
  static constexpr Sql kComment{"SELECT :d -- at 12:30\n",
                                "SELECT :d::text -- at 12:30\n"};
  const auto rows = Rows<std::string>(kComment, {{"d", "e"}});
  if (sqlite()) {
    EXPECT_THAT(rows, IsOkAndHolds(ElementsAre(std::tuple("e"))));
  } else {
    // SOCI takes it for a parameter: an error, not a wrong value.
    EXPECT_THAT(rows, StatusIs(kInternal));
  }
}

TEST_P(StatementTest, IdsAreCastToUuidsInPostgres) {
  if (sqlite()) GTEST_SKIP() << "SQLite keeps ids as text";
  raw().Execute("CREATE TABLE named (id UUID PRIMARY KEY)");
  static constexpr Sql kInsertId{"INSERT INTO named (id) VALUES (:id::uuid)"};
  static constexpr Sql kSelectId{
      "SELECT id::text FROM named WHERE id = :id::uuid"};
  const std::string id = "01900000-0000-7000-8000-000000000001";
  ASSERT_THAT(Execute(kInsertId, {{"id", id}}), IsOkAndHolds(1));
  EXPECT_THAT(Rows<std::string>(kSelectId, {{"id", id}}),
              IsOkAndHolds(ElementsAre(std::tuple(id))));
  EXPECT_THAT(Rows<std::string>(kSelectId, {{"id", "no uuid"}}),
              StatusIs(kInternal));
}

TEST_P(StatementTest, AnErrorNeverSpeaksOfValuesOrSql) {
  Must(Insert(1, 1, "a-secret-token").status());
  const absl::Status failed = Insert(1, 1, "a-secret-token").status();
  EXPECT_EQ(FailureOf(failed), SqlFailure::kUnique);
  for (const std::string& text :
       {failed.ToString(), std::string(failed.message()), SqlCodeOf(failed)}) {
    EXPECT_THAT(text, Not(HasSubstr("secret")));
    EXPECT_THAT(text, Not(HasSubstr("things")));
    EXPECT_THAT(text, Not(HasSubstr("INSERT")));
  }
  const absl::Status bad = Once("SELECT 'a-secret-token' FROM nowhere");
  EXPECT_THAT(bad, StatusIs(kInternal, Not(HasSubstr("secret"))));
  EXPECT_THAT(bad.ToString(), Not(HasSubstr("nowhere")));
}

TEST_P(StatementTest, AFailedRunLeavesTheStatementUsable) {
  Must(Insert(1, 1, "a").status());
  EXPECT_THAT(Insert(1, 1, "a"), Not(IsOk()));
  EXPECT_THAT(Insert(2, 2, "b"), IsOkAndHolds(1));
}

TEST_P(StatementTest, StatementsAreMadeAnewAfterReconnect) {
  Must(Insert(1, 1, "a").status());
  Must(Rows<std::string>(kSelectOne, {{"id", 1}}).status());
  ASSERT_THAT(session().Reconnect(), IsOk());
  EXPECT_THAT(Insert(2, 2, "b"), IsOkAndHolds(1));
  EXPECT_THAT(Rows<std::string>(kSelectOne, {{"id", 2}}),
              IsOkAndHolds(ElementsAre(std::tuple("b"))));
}

TEST_P(StatementTest, ALostConnectionIsToldAndCuredByReconnect) {
  if (sqlite()) GTEST_SKIP() << "SQLite has no connection to lose";
  Must(Insert(1, 1, "a").status());
  raw().Execute(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE "
      "datname = current_database() AND pid <> pg_backend_pid()");
  const auto lost = Insert(2, 2, "b");
  EXPECT_EQ(FailureOf(lost.status()), SqlFailure::kConnection);
  EXPECT_TRUE(session().Broken());
  EXPECT_FALSE(Insert(2, 2, "b").ok());
  ASSERT_THAT(session().Reconnect(), IsOk());
  EXPECT_FALSE(session().Broken());
  EXPECT_THAT(Insert(2, 2, "b"), IsOkAndHolds(1));
}

TEST_P(StatementTest, AFailedOnceLeaksNoStatementOnTheServer) {
  if (sqlite()) GTEST_SKIP() << "SQLite keeps no statements on a server";
  static constexpr Sql kBegin{"BEGIN"};
  static constexpr Sql kRollback{"ROLLBACK"};
  static constexpr Sql kCount{"SELECT count(*) FROM pg_prepared_statements"};
  Must(Execute(kBegin).status());
  Must(Execute(kRollback).status());
  const auto before = Must(Rows<int64_t>(kCount));
  for (int i = 0; i < 3; ++i) {
    Must(Execute(kBegin).status());
    EXPECT_THAT(Once("SELECT 1 / 0"), Not(IsOk()));
    Must(Execute(kRollback).status());
  }
  EXPECT_EQ(Must(Rows<int64_t>(kCount)), before);
}

TEST_P(StatementTest, OneTextHoldsOneStatement) {
  // SQLite would run the first and drop the rest in silence.
  const absl::Status two = Once(
      "INSERT INTO things (id) VALUES (1); INSERT INTO things (id) VALUES "
      "(2)");
  EXPECT_THAT(two, Not(IsOk()));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 0);
}

TEST_P(StatementTest, ASelectLeavesNoCursorBehind) {
  Must(Insert(1, 1, "old").status());
  Must(Rows<std::string>(kSelectOne, {{"id", 1}}).status());
  if (sqlite()) {
    EXPECT_EQ(TransactionState(session()), SQLITE_TXN_NONE);
  }
  raw().Execute("UPDATE things SET name = 'new'");
  EXPECT_THAT(Rows<std::string>(kSelectOne, {{"id", 1}}),
              IsOkAndHolds(ElementsAre(std::tuple("new"))));
  EXPECT_THAT(Insert(2, 2, "x"), IsOk());
}

TEST_P(StatementTest, AnInsertThatReturnsLeavesNoLockBehind) {
  static constexpr Sql kReturning{
      "INSERT INTO things (id) VALUES (:id) RETURNING id"};
  Must(Rows<int64_t>(kReturning, {{"id", 1}}).status());
  if (sqlite()) {
    EXPECT_EQ(TransactionState(session()), SQLITE_TXN_NONE);
  }
  raw().Execute("INSERT INTO things (id) VALUES (2)");
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 2);
}

TEST_P(StatementTest, ACommitFollowsAnInsertThatReturns) {
  static constexpr Sql kBegin{"BEGIN IMMEDIATE", "BEGIN"};
  static constexpr Sql kCommit{"COMMIT"};
  static constexpr Sql kReturning{
      "INSERT INTO things (id) VALUES (:id) RETURNING id"};
  Must(Execute(kBegin).status());
  Must(Rows<int64_t>(kReturning, {{"id", 1}}).status());
  EXPECT_TRUE(session().InTransaction());
  EXPECT_THAT(Execute(kCommit), IsOk());
  EXPECT_FALSE(session().InTransaction());
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 1);
}

TEST_P(StatementTest, ReadersDoNotKeepACheckpointFromFinishing) {
  if (!sqlite()) GTEST_SKIP() << "PostgreSQL has no such log";
  auto reader = Open(SessionRole::kReader);
  using Name = std::tuple<OptionalText>;
  for (int64_t i = 0; i < 20; ++i) {
    Must(Insert(i, i, "x").status());
    Must(reader
             ->Run(kSelectOne, {{"id", i}}, ColumnTypesOf<Name>(),
                   [](Row&) { return absl::OkStatus(); })
             .status());
  }
  // busy, pages in the log, pages copied
  test::RawConnection other(test().location());
  EXPECT_THAT(other.Rows("PRAGMA wal_checkpoint(TRUNCATE)").at(0),
              ElementsAre("0", "0", "0"));
}

INSTANTIATE_TEST_SUITE_P(Backends, StatementTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
