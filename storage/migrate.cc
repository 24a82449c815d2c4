#include "storage/migrate.h"

#include <tuple>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "storage/session.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

constexpr Sql kTableExists{
    "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'",
    "SELECT count(*) FROM pg_tables WHERE tablename = 'schema_migrations' "
    "AND schemaname = current_schema()"};
constexpr Sql kCreateTable{
    R"sql(CREATE TABLE IF NOT EXISTS schema_migrations (
            version INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            oldest_compatible INTEGER NOT NULL,
            apply_time INTEGER NOT NULL) STRICT)sql",
    R"sql(CREATE TABLE IF NOT EXISTS schema_migrations (
            version BIGINT PRIMARY KEY,
            name TEXT NOT NULL,
            oldest_compatible BIGINT NOT NULL,
            apply_time BIGINT NOT NULL))sql"};
constexpr Sql kReadVersion{
    "SELECT COALESCE(max(version), 0), COALESCE(max(oldest_compatible), 0) "
    "FROM schema_migrations"};
constexpr Sql kRecord{
    "INSERT INTO schema_migrations (version, name, oldest_compatible, "
    "apply_time) VALUES (:version, :name, :oldest, :now)"};
constexpr Sql kBegin{"BEGIN IMMEDIATE", "BEGIN"};
constexpr Sql kCommit{"COMMIT"};
constexpr Sql kRollback{"ROLLBACK"};
// One replica migrates; the others wait here and find nothing left to do.
constexpr Sql kLock{"SELECT 1", "SELECT 1 FROM pg_advisory_lock(7246011)"};
constexpr Sql kUnlock{"SELECT 1", "SELECT 1 FROM pg_advisory_unlock(7246011)"};

constexpr auto kNoRow = [](Row&) { return absl::OkStatus(); };

absl::StatusOr<int64_t> OneNumber(Session& session, const Sql& sql) {
  int64_t number = 0;
  RETURN_IF_ERROR(session
                      .Run(sql, {}, ColumnTypesOf<std::tuple<int64_t>>(),
                           [&](Row& row) {
                             row(number);
                             return absl::OkStatus();
                           })
                      .status());
  return number;
}

// Tells the database's code of the cause, never its words.
absl::Status StepFailed(const Migration& step, absl::string_view part,
                        const absl::Status& cause) {
  return absl::InternalError(absl::StrCat(
      "migration ", step.version, " (", step.name, "): ", part, " failed: ",
      SqlCodeOf(cause), "; the database is as it was before this step"));
}

absl::Status Apply(Session& session, const Migration& step, absl::Time now) {
  const absl::string_view text =
      session.backend() == Backend::kSqlite ? step.sqlite : step.postgres;
  int number = 0;
  for (const std::string& statement : SplitStatements(text)) {
    ++number;
    const auto done = session.RunOnce(statement, {}, {}, kNoRow);
    if (!done.ok()) {
      return StepFailed(step, absl::StrCat("statement ", number),
                        done.status());
    }
  }
  int64_t holds = 0;
  const auto checked =
      session.RunOnce(std::string(step.check), {},
                      ColumnTypesOf<std::tuple<int64_t>>(), [&](Row& row) {
                        row(holds);
                        return absl::OkStatus();
                      });
  if (!checked.ok() || holds != 1) {
    return StepFailed(step, "its check", checked.status());
  }
  return session
      .Run(kRecord,
           {{"version", step.version},
            {"name", step.name},
            {"oldest", step.oldest_compatible},
            {"now", now}},
           {}, kNoRow)
      .status();
}

absl::Status RefuseNewer(const SchemaVersion& schema, int known) {
  if (schema.oldest_compatible <= known) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the database has schema ", schema.version,
      ", which needs a broadcastd that knows schema ", schema.oldest_compatible,
      " or later, and this one knows ", known,
      "; run the newer broadcastd, or restore the backup made before the "
      "upgrade"));
}

int Known(absl::Span<const Migration> migrations) {
  return migrations.empty() ? 0 : migrations.back().version;
}

}  // namespace

std::vector<std::string> SplitStatements(absl::string_view sql) {
  std::vector<std::string> statements;
  std::string statement;
  for (absl::string_view line : absl::StrSplit(sql, '\n')) {
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (text.empty() || text.substr(0, 2) == "--") continue;
    absl::StrAppend(&statement, line, "\n");
    if (text.back() == ';') {
      statement.resize(statement.rfind(';'));
      statements.push_back(std::move(statement));
      statement.clear();
    }
  }
  if (!statement.empty()) statements.push_back(std::move(statement));
  return statements;
}

absl::StatusOr<SchemaVersion> ReadSchemaVersion(Session& session) {
  ASSIGN_OR_RETURN(const int64_t tables, OneNumber(session, kTableExists));
  SchemaVersion schema;
  if (tables == 0) return schema;
  RETURN_IF_ERROR(
      session
          .Run(kReadVersion, {}, ColumnTypesOf<std::tuple<int64_t, int64_t>>(),
               [&](Row& row) {
                 int64_t version = 0;
                 int64_t oldest = 0;
                 row(version);
                 row(oldest);
                 schema = {static_cast<int>(version), static_cast<int>(oldest)};
                 return absl::OkStatus();
               })
          .status());
  return schema;
}

absl::StatusOr<SchemaVersion> Migrate(Session& session,
                                      absl::Span<const Migration> migrations,
                                      absl::Time now) {
  RETURN_IF_ERROR(OneNumber(session, kLock).status());
  const auto unlock = absl::MakeCleanup(
      [&] { OneNumber(session, kUnlock).status().IgnoreError(); });
  for (const Migration& step : migrations) {
    // Read again each time: on SQLite another process may have come first.
    RETURN_IF_ERROR(session.Run(kBegin));
    const absl::Status applied = [&]() -> absl::Status {
      RETURN_IF_ERROR(session.Run(kCreateTable));
      ASSIGN_OR_RETURN(const SchemaVersion schema, ReadSchemaVersion(session));
      RETURN_IF_ERROR(RefuseNewer(schema, Known(migrations)));
      if (schema.version >= step.version) return absl::OkStatus();
      RETURN_IF_ERROR(Apply(session, step, now));
      return session.Run(kCommit);
    }();
    if (session.InTransaction()) session.Run(kRollback).IgnoreError();
    RETURN_IF_ERROR(applied);
  }
  return ReadSchemaVersion(session);
}

absl::StatusOr<SchemaVersion> CheckSchema(
    Session& session, absl::Span<const Migration> migrations) {
  ASSIGN_OR_RETURN(const SchemaVersion schema, ReadSchemaVersion(session));
  RETURN_IF_ERROR(RefuseNewer(schema, Known(migrations)));
  if (schema.version < Known(migrations)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the database has schema ", schema.version,
        " and this broadcastd needs ", Known(migrations),
        "; run `broadcastd migrate` with the same --database, or start with "
        "--migrate=auto"));
  }
  return schema;
}

}  // namespace broadcast::storage
