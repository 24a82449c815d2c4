// A disk without space, as a small file system of the process' own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "support/answer.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::HasReason;
using test::IsOk;
using test::IsOkAndHolds;
using test::StatusIs;
using testing::AllOf;

constexpr Sql kInsert{"INSERT INTO things (body) VALUES (:body)"};
constexpr Sql kCount{"SELECT count(*) FROM things"};

class DiskFullTest : public testing::Test {
 protected:
  void SetUp() override {
    // The mount is seen by this process alone and ends with it.
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=6m") != 0) {
      GTEST_SKIP() << "cannot mount a small file system: " << strerror(errno);
    }
    mounted_ = true;
    Database::Options options = test_.Options();
    options.location.path = folder_.File("test.db");
    options.on_fatal = [this] { fatal_ = true; };
    location_ = options.location;
    ASSERT_THAT(test_.Open(std::move(options)), IsOk());
    test::RawConnection(location_).Execute(
        "CREATE TABLE things (id INTEGER PRIMARY KEY, body TEXT NOT NULL) "
        "STRICT");
  }

  void TearDown() override {
    test_.Close();
    if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
  }

  // Leaves no more than `bytes` free.
  void Fill(uintmax_t bytes) {
    const uintmax_t free = std::filesystem::space(folder_.path()).available;
    std::ofstream(folder_.File("ballast"))
        << std::string(free > bytes ? free - bytes : 0, 'x');
  }
  void Free() { std::filesystem::remove(folder_.File("ballast")); }

  absl::Status Insert(size_t bytes) {
    const std::string body(bytes, 'x');
    return test_.database().Write({}, [&](Transaction& transaction) {
      return transaction.Execute(kInsert, {{"body", body}}).status();
    });
  }

  absl::StatusOr<int64_t> Count(ReadKind kind) {
    int64_t count = 0;
    RETURN_IF_ERROR(
        test_.database().Read(kind, [&](Transaction& read) -> absl::Status {
          ASSIGN_OR_RETURN(const auto row,
                           read.QueryOne<std::tuple<int64_t>>(kCount, {}));
          count = std::get<0>(*row);
          return absl::OkStatus();
        }));
    return count;
  }

  test::TempDir folder_;
  test::TestDatabase test_{Backend::kSqlite};
  Location location_;
  bool mounted_ = false;
  std::atomic<bool> fatal_ = false;
};

TEST_F(DiskFullTest, WritesAreRefusedReadsGoOnAndFreedSpaceCures) {
  ASSERT_THAT(Insert(100), IsOk());
  Fill(256 << 10);
  int64_t written = 1;
  absl::Status refused;
  for (int i = 0; i < 100 && refused.ok(); ++i) {
    refused = Insert(50'000);
    if (refused.ok()) ++written;
  }
  EXPECT_THAT(refused, AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
                             HasReason("STORAGE_FULL")));
  EXPECT_THAT(Insert(50'000), HasReason("STORAGE_FULL"));
  EXPECT_THAT(Count(ReadKind::kPoint), IsOkAndHolds(written));
  EXPECT_THAT(Count(ReadKind::kScan), IsOkAndHolds(written));
  Free();
  EXPECT_THAT(Insert(50'000), IsOk());
  EXPECT_THAT(Count(ReadKind::kPoint), IsOkAndHolds(written + 1));
  EXPECT_TRUE(test_.database().healthy());
  EXPECT_FALSE(fatal_);
  test_.Close();
  EXPECT_EQ(test::RawConnection(location_).Text("PRAGMA integrity_check"),
            "ok");
}

TEST_F(DiskFullTest, InAGroupThoseThatFitAreDone) {
  absl::Notification started, go;
  test::Answer blocking, large, small;
  test_.database().Write(
      {},
      [&](Transaction&) {
        if (!started.HasBeenNotified()) started.Notify();
        go.WaitForNotificationWithTimeout(test::kLongWait);
        return absl::OkStatus();
      },
      blocking.Done());
  started.WaitForNotification();
  const auto insert = [&](size_t bytes, test::Answer& answer) {
    test_.database().Write(
        {},
        [body = std::string(bytes, 'x')](Transaction& transaction) {
          return transaction.Execute(kInsert, {{"body", body}}).status();
        },
        answer.Done());
  };
  insert(2 << 20, large);
  insert(100, small);
  Fill(256 << 10);
  go.Notify();
  EXPECT_THAT(blocking.Wait(), IsOk());
  EXPECT_THAT(large.Wait(), HasReason("STORAGE_FULL"));
  EXPECT_THAT(small.Wait(), IsOk());
  EXPECT_THAT(Count(ReadKind::kPoint), IsOkAndHolds(1));
  Free();
  EXPECT_THAT(Insert(2 << 20), IsOk());
  EXPECT_FALSE(fatal_);
}

// The index of the log grows by 32 KiB for each 4,096 pages.
TEST_F(DiskFullTest, AnIndexOfTheLogThatCannotGrowIsNoBrokenDisk) {
  ASSERT_EQ(
      mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_REMOUNT, "size=64m"),
      0);
  // A reader keeps the log from starting over.
  test::RawConnection reader(location_);
  reader.Execute("BEGIN; SELECT count(*) FROM things");
  absl::Status refused;
  for (int64_t pages = 0; pages < 3 * 4096 && refused.ok(); pages += 50) {
    // Enough for 50 pages of the log, and not for the index as well.
    Fill(225'000);
    refused = Insert(200'000);
  }
  EXPECT_THAT(refused, HasReason("STORAGE_FULL"));
  EXPECT_FALSE(fatal_);
  reader.Execute("COMMIT");
  Free();
  EXPECT_THAT(Insert(100), IsOk());
}

}  // namespace
}  // namespace broadcast::storage
