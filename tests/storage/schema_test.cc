// What holds of every migration's tables, read from the catalogs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/migrate.h"
#include "support/session_fixture.h"

namespace broadcast::storage {
namespace {

using test::IsOk;
using test::Must;
using test::TestDatabase;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;

using Lines = std::vector<std::string>;

Lines Sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

// One line a column: table.column, its type, and whether it may be NULL.
Lines Columns(TestDatabase& test) {
  return Sorted(test.raw().Column(
      test.backend() == Backend::kSqlite
          ? "SELECT t.name || '.' || c.name || ' ' || lower(c.type) || "
            "  iif(c.\"notnull\" OR c.pk, '', ' null') "
            "FROM sqlite_schema t JOIN pragma_table_info(t.name) c "
            "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
          : "SELECT table_name || '.' || column_name || CASE data_type "
            "  WHEN 'bigint' THEN ' integer' WHEN 'uuid' THEN ' text' "
            "  ELSE ' ' || data_type END || "
            "  CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END "
            "FROM information_schema.columns WHERE table_schema = 'public' "));
}

// One line an index of ours: its name, columns in order, unique, partial.
Lines Indexes(TestDatabase& test) {
  return Sorted(test.raw().Column(
      test.backend() == Backend::kSqlite
          ? "SELECT t.name || '.' || i.name || ' (' || "
            "  (SELECT group_concat(name, ',') FROM "
            "    (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) "
            "  || ')' || iif(i.\"unique\", ' unique', '') || "
            "  iif(i.partial, ' partial', '') "
            "FROM sqlite_schema t JOIN pragma_index_list(t.name) i "
            "WHERE t.type = 'table' AND i.origin = 'c'"
          : "SELECT t.relname || '.' || c.relname || ' (' || "
            "  (SELECT string_agg(a.attname, ',' ORDER BY k.at) "
            "   FROM unnest(i.indkey) WITH ORDINALITY k (number, at) "
            "   JOIN pg_attribute a ON a.attrelid = t.oid "
            "     AND a.attnum = k.number) || ')' || "
            "  CASE WHEN i.indisunique THEN ' unique' ELSE '' END || "
            "  CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END "
            "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "JOIN pg_class t ON t.oid = i.indrelid "
            "JOIN pg_namespace n ON n.oid = t.relnamespace "
            "WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM "
            "  pg_constraint k WHERE k.conindid = i.indexrelid "
            "  AND k.contype IN ('p', 'u')) "));
}

// One line a constraint that the database checks and both can list.
Lines ForeignKeys(TestDatabase& test) {
  return Sorted(test.raw().Column(
      test.backend() == Backend::kSqlite
          ? "SELECT t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || "
            "  '.' || f.\"to\" || ' ' || lower(f.on_delete) "
            "FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f "
            "WHERE t.type = 'table'"
          : "SELECT t.relname || '.' || a.attname || ' -> ' || p.relname || "
            "  '.' || b.attname || CASE k.confdeltype WHEN 'c' THEN "
            "  ' cascade' WHEN 'a' THEN ' no action' ELSE ' other' END "
            "FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid "
            "JOIN pg_class p ON p.oid = k.confrelid "
            "JOIN pg_attribute a ON a.attrelid = t.oid "
            "  AND a.attnum = k.conkey[1] "
            "JOIN pg_attribute b ON b.attrelid = p.oid "
            "  AND b.attnum = k.confkey[1] "
            "WHERE k.contype = 'f'"));
}

// The foreign keys without an index that begins with their column.
Lines UnindexedForeignKeys(TestDatabase& test) {
  if (test.backend() == Backend::kPostgres) {
    return test.raw().Column(
        "SELECT conrelid::regclass || '.' || conname FROM pg_constraint k "
        "WHERE contype = 'f' AND NOT EXISTS (SELECT 1 FROM pg_index i "
        "  WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])");
  }
  // What the planner would do to find the children of a deleted parent.
  Lines missing;
  for (const auto& row : test.raw().Rows(
           "SELECT t.name, f.\"from\" FROM sqlite_schema t "
           "JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'")) {
    const std::string plan =
        test.raw()
            .Rows(absl::StrCat("EXPLAIN QUERY PLAN SELECT 1 FROM ", row[0],
                               " WHERE ", row[1], " = 'x'"))
            .at(0)
            .at(3);
    if (!absl::StartsWith(plan, "SEARCH") ||
        !absl::StrContains(plan, absl::StrCat("(", row[1], "=?"))) {
      missing.push_back(absl::StrCat(row[0], ".", row[1], ": ", plan));
    }
  }
  return missing;
}

// SQLite: the tables for each of whose rows that are inserted it makes another,
// of the words that a column may have.
Lines TablesThatMakeTables(TestDatabase& test) {
  Lines found;
  for (const auto& row : test.raw().Rows(
           "SELECT t.name, group_concat('NULL') FROM sqlite_schema t "
           "JOIN pragma_table_info(t.name) WHERE t.type = 'table' "
           "AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name")) {
    for (const auto& step : test.raw().Rows(absl::StrCat(
             "EXPLAIN INSERT INTO ", row[0], " VALUES (", row[1], ")"))) {
      if (step.at(1) == "OpenEphemeral") found.push_back(row[0]);
    }
  }
  return found;
}

class SchemaTest : public testing::TestWithParam<Backend> {
 protected:
  TestDatabase test_{GetParam()};
};

TEST_P(SchemaTest, EveryTableIsStrict) {
  if (GetParam() != Backend::kSqlite) {
    GTEST_SKIP() << "PostgreSQL has no other tables";
  }
  EXPECT_THAT(test_.raw().Column("SELECT name FROM pragma_table_list WHERE "
                                 "type = 'table' AND NOT strict AND "
                                 "name NOT LIKE 'sqlite_%'"),
              IsEmpty());
}

// With them a row of messages takes three times as long to insert.
TEST_P(SchemaTest, NoRowNeedsATableToBeInserted) {
  if (GetParam() != Backend::kSqlite) {
    GTEST_SKIP() << "PostgreSQL compares with an array";
  }
  EXPECT_THAT(TablesThatMakeTables(test_), IsEmpty());
}

TEST_P(SchemaTest, EveryForeignKeyHasAnIndexBehindIt) {
  EXPECT_THAT(ForeignKeys(test_), Not(IsEmpty()));
  EXPECT_THAT(UnindexedForeignKeys(test_), IsEmpty());
}

TEST_P(SchemaTest, EveryOlderVersionBecomesThisOne) {
  const auto all = Migrations();
  for (size_t from = 0; from <= all.size(); ++from) {
    TestDatabase old(GetParam(), TestDatabase::Schema::kNone);
    auto session =
        Must(Session::Open(old.location(), SessionRole::kMaintenance));
    ASSERT_THAT(Migrate(*session, all.first(from), absl::UnixEpoch()), IsOk());
    const auto schema = Migrate(*session, all, absl::UnixEpoch());
    ASSERT_THAT(schema, IsOk());
    EXPECT_EQ(schema->version, all.back().version);
    EXPECT_THAT(Columns(old), ElementsAreArray(Columns(test_)));
    EXPECT_THAT(Indexes(old), ElementsAreArray(Indexes(test_)));
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, SchemaTest, test::Backends(),
                         test::BackendName);

TEST(SchemasTest, BothBackendsHaveTheSame) {
  TestDatabase sqlite(Backend::kSqlite);
  TestDatabase postgres(Backend::kPostgres);
  EXPECT_THAT(Columns(sqlite), Not(IsEmpty()));
  EXPECT_THAT(Columns(sqlite), ElementsAreArray(Columns(postgres)));
  EXPECT_THAT(Indexes(sqlite), ElementsAreArray(Indexes(postgres)));
  EXPECT_THAT(ForeignKeys(sqlite), ElementsAreArray(ForeignKeys(postgres)));
}

TEST(SchemasTest, VersionsCountFromOneAndCompatibilityOnlyRises) {
  int version = 0;
  int oldest = 0;
  for (const Migration& step : Migrations()) {
    EXPECT_EQ(step.version, ++version);
    EXPECT_GE(step.oldest_compatible, oldest);
    EXPECT_LE(step.oldest_compatible, step.version);
    oldest = step.oldest_compatible;
  }
}

}  // namespace
}  // namespace broadcast::storage
