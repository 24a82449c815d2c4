#include "storage/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "support/answer.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::Answer;
using test::Eventually;
using test::HasReason;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr Sql kNumber{"SELECT number FROM things"};

class DatabaseTest : public test::DatabaseTest {
 protected:
  void SetUp() override {
    raw().Execute(
        "CREATE TABLE things (number INTEGER);"
        "INSERT INTO things VALUES (1)");
    test::DatabaseTest::SetUp();
  }

  absl::StatusOr<int64_t> ReadNumber(ReadKind kind) {
    int64_t number = 0;
    RETURN_IF_ERROR(Read(
        [&](Transaction& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(
              const auto row,
              transaction.QueryOne<std::tuple<int64_t>>(kNumber, {}));
          number = std::get<0>(*row);
          return absl::OkStatus();
        },
        kind));
    return number;
  }
};

TEST_P(DatabaseTest, ReadsSeeWhatIsCommitted) {
  for (ReadKind kind : {ReadKind::kPoint, ReadKind::kScan}) {
    raw().Execute("UPDATE things SET number = number + 1");
    EXPECT_THAT(ReadNumber(kind),
                test::IsOkAndHolds(raw().Number("SELECT number FROM things")));
  }
}

TEST_P(DatabaseTest, AScanSeesOneSnapshot) {
  EXPECT_THAT(Read([&](Transaction& transaction) -> absl::Status {
                ASSIGN_OR_RETURN(
                    const auto before,
                    transaction.QueryOne<std::tuple<int64_t>>(kNumber, {}));
                raw().Execute("UPDATE things SET number = 100");
                ASSIGN_OR_RETURN(
                    const auto after,
                    transaction.QueryOne<std::tuple<int64_t>>(kNumber, {}));
                EXPECT_EQ(*before, *after);
                return absl::OkStatus();
              }),
              IsOk());
  EXPECT_THAT(ReadNumber(ReadKind::kScan), test::IsOkAndHolds(100));
}

TEST_P(DatabaseTest, ReadersCannotWrite) {
  static constexpr Sql kUpdate{"UPDATE things SET number = 7"};
  for (ReadKind kind : {ReadKind::kPoint, ReadKind::kScan}) {
    EXPECT_THAT(Read(
                    [](Transaction& transaction) {
                      return transaction.Execute(kUpdate).status();
                    },
                    kind),
                HasReason("STORAGE_READ_ONLY"));
    EXPECT_THAT(ReadNumber(kind), test::IsOkAndHolds(1));
  }
}

TEST_P(DatabaseTest, AReadThatFailsAnswersItsOwnWord) {
  for (ReadKind kind : {ReadKind::kPoint, ReadKind::kScan}) {
    EXPECT_THAT(
        Read([](Transaction&) { return absl::NotFoundError("no"); }, kind),
        StatusIs(absl::StatusCode::kNotFound, "no"));
  }
}

TEST_P(DatabaseTest, AFullReadQueueIsToldAtOnce) {
  Database::Options options = Options();
  options.read_queue = 1;
  options.scan_threads = options.postgres_sessions = 1;
  ASSERT_THAT(test().Open(std::move(options)), IsOk());
  absl::Notification started, go;
  Answer running, waiting, refused;
  const auto nothing = [](Transaction&) { return absl::OkStatus(); };
  database().Read(
      ReadKind::kScan, {},
      [&](Transaction&) {
        started.Notify();
        go.WaitForNotificationWithTimeout(test::kLongWait);
        return absl::OkStatus();
      },
      running.Done());
  started.WaitForNotification();
  database().Read(ReadKind::kScan, {}, nothing, waiting.Done());
  database().Read(ReadKind::kScan, {}, nothing, refused.Done());
  EXPECT_TRUE(refused.answered());
  EXPECT_THAT(refused.Wait(),
              AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
                    HasReason("QUEUE_FULL")));
  go.Notify();
  EXPECT_THAT(running.Wait(), IsOk());
  EXPECT_THAT(waiting.Wait(), IsOk());
}

TEST_P(DatabaseTest, AReadWhosePatienceEndedIsNotRun) {
  bool ran = false;
  const auto run = [&](Transaction&) {
    ran = true;
    return absl::OkStatus();
  };
  Answer late, cancelled;
  database().Read(ReadKind::kScan,
                  {.deadline = clock().Steady() - std::chrono::seconds(1)}, run,
                  late.Done());
  database().Read(ReadKind::kScan, {.cancelled = [] { return true; }}, run,
                  cancelled.Done());
  EXPECT_THAT(late.Wait(), HasReason("DEADLINE_BEFORE_START"));
  EXPECT_THAT(cancelled.Wait(), HasReason("CANCELLED_BEFORE_START"));
  EXPECT_FALSE(ran);
}

TEST_P(DatabaseTest, WhatWasWrittenIsThereAfterReopening) {
  static constexpr Sql kUpdate{"UPDATE things SET number = 42"};
  ASSERT_THAT(Write([](Transaction& transaction) {
                return transaction.Execute(kUpdate).status();
              }),
              IsOk());
  Reopen();
  EXPECT_THAT(ReadNumber(ReadKind::kPoint), test::IsOkAndHolds(42));
  EXPECT_EQ(database().schema().version, Migrations().back().version);
  EXPECT_TRUE(database().healthy());
}

TEST_P(DatabaseTest, AnEmptyDatabaseIsMigratedOrRefused) {
  test::TestDatabase empty(backend(), test::TestDatabase::Schema::kNone);
  Database::Options options = empty.Options();
  options.migrate = false;
  EXPECT_THAT(empty.Open(options),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("broadcastd migrate")));
  options.migrate = true;
  EXPECT_THAT(empty.Open(options), IsOk());
}

TEST_P(DatabaseTest, AnUnreachableDatabaseIsRefusedWithTheRemedy) {
  Database::Options options = Options();
  test::TempDir folder;
  options.location.path = folder.path();
  options.location.conninfo =
      "host='127.0.0.1' port='1' user='me' password='hunter2'";
  EXPECT_THAT(
      test().Open(std::move(options)),
      StatusIs(kUnavailable,
               AllOf(HasSubstr("cannot open the database"),
                     HasSubstr("check that"), Not(HasSubstr("hunter2")))));
}

INSTANTIATE_TEST_SUITE_P(Backends, DatabaseTest, test::Backends(),
                         test::BackendName);

class SqliteFileTest : public DatabaseTest {
 protected:
  std::string path() { return test().location().path; }
};

TEST_P(SqliteFileTest, ItsFolderIsMade) {
  test::TempDir folder;
  Database::Options options = Options();
  options.location.path = folder.File("a/b/new.db");
  EXPECT_THAT(test().Open(std::move(options)), IsOk());
  EXPECT_TRUE(std::filesystem::exists(folder.File("a/b/new.db")));
}

TEST_P(SqliteFileTest, AFileThatIsNoDatabaseIsRefused) {
  test::TempDir folder;
  Database::Options options = Options();
  options.location.path = folder.File("text.db");
  std::ofstream(options.location.path) << std::string(10'000, 'x');
  EXPECT_THAT(test().Open(std::move(options)),
              StatusIs(kUnavailable, HasSubstr("is an SQLite database")));
  EXPECT_EQ(std::filesystem::file_size(folder.File("text.db")), 10'000);
}

TEST_P(SqliteFileTest, AnotherProcessIsKeptAwayWhileItIsOpen) {
  const std::string command = "flock -n '" + path() + ".lock' true";
  EXPECT_NE(std::system(command.c_str()), 0);
  test().Close();
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST_P(SqliteFileTest, AFileThatAnotherProcessHasOpenIsRefused) {
  test().Close();
  const std::string held = path() + ".held";
  const std::string command =
      "flock '" + path() + ".lock' sh -c ': > \"" + held + "\"; read line'";
  FILE* const other = popen(command.c_str(), "w");
  ASSERT_NE(other, nullptr);
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(held); }));
  EXPECT_THAT(test().Open(Options()),
              StatusIs(kUnavailable, HasSubstr("another broadcastd")));
  fputs("\n", other);
  EXPECT_EQ(pclose(other), 0);
  EXPECT_THAT(test().Open(Options()), IsOk());
}

TEST_P(SqliteFileTest, AFileThatMayNotBeWrittenIsRefused) {
  test().Close();
  for (const char* end : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::permissions(path() + end,
                                 std::filesystem::perms::owner_read, ignored);
  }
  // The folder and the lock can be written; root becomes somebody else.
  const auto nobody = [&](const std::string& of) {
    return chown(of.c_str(), 65534, 65534) == 0;
  };
  const bool root = geteuid() == 0;
  if (root) {
    const std::string folder =
        std::filesystem::path(path()).parent_path().string();
    ASSERT_TRUE(nobody(folder) && nobody(path()) && nobody(path() + ".lock"));
    setfsuid(65534);
  }
  const absl::Status refused = test().Open(Options());
  if (root) setfsuid(0);
  EXPECT_THAT(refused, StatusIs(kUnavailable));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("can be written"));
}

TEST_P(SqliteFileTest, NothingIsLeftInTheLogAfterStop) {
  static constexpr Sql kUpdate{"UPDATE things SET number = 42"};
  ASSERT_THAT(Write([](Transaction& transaction) {
                return transaction.Execute(kUpdate).status();
              }),
              IsOk());
  EXPECT_GT(std::filesystem::file_size(path() + "-wal"), 0);
  database().Stop();
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), 0);
}

TEST_P(SqliteFileTest, TheLogStaysShortWhileWritesGoOn) {
  raw().Execute("CREATE TABLE blobs (body TEXT NOT NULL)");
  static constexpr Sql kInsert{"INSERT INTO blobs (body) VALUES (:body)"};
  const std::string body(200'000, 'x');
  uintmax_t longest = 0;
  for (int i = 0; i < 900; ++i) {
    ASSERT_THAT(
        Write([&](Transaction& transaction) {
          return transaction.Execute(kInsert, {{"body", body}}).status();
        }),
        IsOk());
    longest = std::max(longest, std::filesystem::file_size(path() + "-wal"));
  }
  EXPECT_GT(longest, 4 << 20);
  // 16 MiB, and what a fast disk takes within the 200 ms between checkpoints.
  EXPECT_LT(longest, 64 << 20) << "of 180 MB written";
}

INSTANTIATE_TEST_SUITE_P(Backends, SqliteFileTest,
                         testing::Values(Backend::kSqlite), test::BackendName);

}  // namespace
}  // namespace broadcast::storage
