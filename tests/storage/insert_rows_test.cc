#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "storage/sql_error.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::IsOk;
using test::IsOkAndHolds;
using test::StatusIs;
using testing::ElementsAre;

const InsertInto kThings("things", {{"id", "bigint"},
                                    {"name", "text"},
                                    {"number", "bigint"}});
const InsertInto kThingsOnce(
    "things", {{"id", "bigint"}, {"name", "text"}, {"number", "bigint"}},
    "ON CONFLICT DO NOTHING");

class InsertRowsTest : public test::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    raw().Execute(sqlite() ? "CREATE TABLE things (id INTEGER PRIMARY KEY, "
                             "name TEXT UNIQUE, number INTEGER) STRICT"
                           : "CREATE TABLE things (id BIGINT PRIMARY KEY, "
                             "name TEXT UNIQUE, number BIGINT)");
  }

  absl::StatusOr<int64_t> Insert(const InsertInto& into,
                                 const std::vector<ValueRow>& rows) {
    int64_t inserted = 0;
    RETURN_IF_ERROR(Write([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(inserted, transaction.InsertRows(into, rows));
      return absl::OkStatus();
    }));
    return inserted;
  }
};

TEST_P(InsertRowsTest, EveryKindOfTextSurvives) {
  const std::vector<std::string> texts = {
      "plain",   "",           " ",           "NULL",    "null",
      "it's",    "\"quoted\"", "back\\slash", "\\",      "\\\"",
      "a,b",     "{a,b}",      "{}",          "}",       "line\nfeed\ttab",
      ":name",   "$1",         "100%",        "emoji 🎉", "кириллица",
      "\x7f\x01"};
  std::vector<ValueRow> rows;
  for (size_t i = 0; i < texts.size(); ++i) {
    rows.push_back({static_cast<int64_t>(i), texts[i], int64_t{1}});
  }
  ASSERT_THAT(Insert(kThings, rows), IsOkAndHolds(texts.size()));
  EXPECT_EQ(raw().Column("SELECT name FROM things ORDER BY id"), texts);
}

TEST_P(InsertRowsTest, NullsAndWideNumbersSurvive) {
  const std::optional<std::string> no_text;
  const std::optional<int64_t> no_number;
  ASSERT_THAT(Insert(kThings, {{1, no_text, int64_t{-1'001'234'567'890}},
                               {2, "x", no_number},
                               {3, no_text, no_number},
                               {4, "", std::numeric_limits<int64_t>::min()}}),
              IsOkAndHolds(4));
  EXPECT_THAT(
      raw().Rows("SELECT name, number FROM things ORDER BY id"),
      ElementsAre(ElementsAre("<null>", "-1001234567890"),
                  ElementsAre("x", "<null>"), ElementsAre("<null>", "<null>"),
                  ElementsAre("", "-9223372036854775808")));
}

TEST_P(InsertRowsTest, NoRowsAreNoWork) {
  EXPECT_THAT(Insert(kThings, {}), IsOkAndHolds(0));
}

TEST_P(InsertRowsTest, RowsThatConflictAreNotCounted) {
  ASSERT_THAT(Insert(kThingsOnce, {{1, "a", 1}, {2, "b", 1}}), IsOkAndHolds(2));
  EXPECT_THAT(Insert(kThingsOnce,
                     {{1, "other", 1}, {3, "c", 1}, {4, "b", 1}, {5, "d", 1}}),
              IsOkAndHolds(2));
  EXPECT_THAT(Insert(kThingsOnce, {{1, "a", 1}}), IsOkAndHolds(0));
  EXPECT_THAT(raw().Column("SELECT id FROM things ORDER BY id"),
              ElementsAre("1", "2", "3", "5"));
}

TEST_P(InsertRowsTest, AConflictWithoutAClauseUndoesTheWholeBody) {
  ASSERT_THAT(Insert(kThings, {{1, "a", 1}}), IsOkAndHolds(1));
  const auto failed = Insert(kThings, {{2, "b", 1}, {3, "a", 1}});
  EXPECT_EQ(FailureOf(failed.status()), SqlFailure::kUnique);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 1);
}

TEST_P(InsertRowsTest, ANulCharacterIsRefused) {
  EXPECT_THAT(
      Insert(kThings, {{1, "fine", 1}, {2, absl::string_view("a\0b", 3), 1}}),
      StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 0);
}

TEST_P(InsertRowsTest, ARowOfTheWrongWidthIsRefused) {
  EXPECT_THAT(Insert(kThings, {{1, "fine", 1}, {2, "short"}}),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Insert(kThings, {{1, "fine", 1, 9}}),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 0);
}

TEST_P(InsertRowsTest, AThousandRowsGoInAtOnce) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("name " + std::to_string(i));
  std::vector<ValueRow> rows;
  for (int i = 0; i < 1000; ++i) rows.push_back({i, names[i], i});
  EXPECT_THAT(Insert(kThings, rows), IsOkAndHolds(1000));
  EXPECT_EQ(raw().Number("SELECT sum(number) FROM things"), 499'500);
}

TEST_P(InsertRowsTest, AStatementRunsOverRows) {
  static const RowsSql kRename(
      {{"id", "bigint"}, {"name", "text"}},
      "UPDATE things SET name = :name, number = number + :by WHERE id = :id "
      "RETURNING id, number",
      "UPDATE things t SET name = x.name, number = t.number + :by::bigint "
      "FROM @rows WHERE t.id = x.id RETURNING t.id, t.number");
  static const RowsSql kDelete({{"id", "bigint"}},
                               "DELETE FROM things WHERE id = :id",
                               "DELETE FROM things "
                               "WHERE id = ANY(:id::bigint[])");
  ASSERT_THAT(Insert(kThings, {{1, "a", 1}, {2, "b", 2}, {3, "c", 3}}),
              IsOkAndHolds(3));
  std::map<int64_t, int64_t> numbers;
  int64_t deleted = 0;
  const std::vector<ValueRow> renamed = {
      {1, "x \"'\\,{}"}, {3, std::optional<std::string>()}, {9, "none"}};
  ASSERT_THAT(
      Write([&](Transaction& write) -> absl::Status {
        numbers.clear();
        RETURN_IF_ERROR((write.QueryRows<std::tuple<int64_t, int64_t>>(
            kRename, renamed, {{"by", 10}},
            [&](const std::tuple<int64_t, int64_t>& row) {
              numbers.insert({std::get<0>(row), std::get<1>(row)});
              return absl::OkStatus();
            })));
        ASSIGN_OR_RETURN(deleted, write.ExecuteRows(kDelete, {{2}, {9}}));
        return write.ExecuteRows(kDelete, {}).status();
      }),
      IsOk());
  EXPECT_THAT(numbers, ElementsAre(std::pair(1, 11), std::pair(3, 13)));
  EXPECT_EQ(deleted, 1);
  EXPECT_THAT(raw().Column("SELECT COALESCE(name, '-') FROM things "
                           "ORDER BY id"),
              ElementsAre("x \"'\\,{}", "-"));
}

TEST_P(InsertRowsTest, AChangeTellsWhichRowsItWasMadeTo) {
  static const RowsSql kAdd({{"name", "text"}, {"by", "bigint"}},
                            "UPDATE things SET number = number + :by "
                            "WHERE name = :name AND number < :most",
                            "UPDATE things t SET number = t.number + x.by "
                            "FROM @rows WHERE t.name = x.name "
                            "AND t.number < :most::bigint RETURNING t.name");
  ASSERT_THAT(Insert(kThings, {{1, "a", 1}, {2, "b", 50}, {3, "c", 3}}),
              IsOkAndHolds(3));
  std::set<std::string> changed = {"what was there"};
  ASSERT_THAT(Write([&](Transaction& write) -> absl::Status {
                ASSIGN_OR_RETURN(
                    changed,
                    write.ChangeRows(
                        kAdd, {{"a", 10}, {"b", 10}, {"c", 20}, {"none", 1}},
                        {{"most", 50}}));
                return absl::OkStatus();
              }),
              IsOk());
  EXPECT_THAT(changed, ElementsAre("a", "c"));
  EXPECT_THAT(raw().Column("SELECT number FROM things ORDER BY id"),
              ElementsAre("11", "50", "23"));
}

INSTANTIATE_TEST_SUITE_P(Backends, InsertRowsTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
