#include "storage/database.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/status_macros.h"
#include "storage/session.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

constexpr Sql kUseWal{"PRAGMA journal_mode = WAL", "SELECT 'wal'"};

absl::Status CannotOpen(const absl::Status& cause, Backend backend) {
  const absl::string_view remedy =
      backend == Backend::kSqlite
          ? "check that the file and its folder can be written and that the "
            "file is an SQLite database"
          : "check that the server runs, and the host, name, user and "
            "password in --database";
  return absl::UnavailableError(absl::StrCat("cannot open the database (",
                                             SqlCodeOf(cause), "); ", remedy));
}

absl::Status MakeFolder(const std::string& path) {
  const std::filesystem::path folder =
      std::filesystem::path(path).parent_path();
  std::error_code failed;
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (failed) {
    return absl::UnavailableError(
        absl::StrCat("cannot make the database's folder: ", failed.message(),
                     "; make it, or give another path in --database"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(Options options) {
  std::unique_ptr<Database> database(new Database(std::move(options)));
  RETURN_IF_ERROR(database->Start());
  return database;
}

Database::Database(Options options)
    : options_(std::move(options)),
      metrics_(*options_.registry),
      time_(options_.clock, options_.postgres_clock_offset) {}

Database::~Database() { Stop(); }

absl::Status Database::OpenSchema() {
  auto session = Session::Open(options_.location, SessionRole::kMaintenance);
  if (!session.ok()) return CannotOpen(session.status(), backend());
  std::string mode;
  const auto asked = (*session)->Run(
      kUseWal, {}, ColumnTypesOf<std::tuple<std::string>>(), [&](Row& row) {
        row(mode);
        return absl::OkStatus();
      });
  if (!asked.ok()) return CannotOpen(asked.status(), backend());
  if (mode != "wal") {
    return absl::UnavailableError(
        "the database cannot keep a write-ahead log where it is; put it on a "
        "local disk, which network file systems are not");
  }
  ASSIGN_OR_RETURN(schema_, options_.migrate
                                ? Migrate(**session, options_.migrations,
                                          options_.clock->Now())
                                : CheckSchema(**session, options_.migrations));
  return absl::OkStatus();
}

absl::Status Database::Start() {
  const bool sqlite = backend() == Backend::kSqlite;
  if (sqlite) {
    RETURN_IF_ERROR(MakeFolder(options_.location.path));
    ASSIGN_OR_RETURN(
        lock_, FileLock::Take(absl::StrCat(options_.location.path, ".lock")));
  }
  RETURN_IF_ERROR(OpenSchema());

  if (sqlite) {
    checkpointer_ = std::make_unique<Checkpointer>(
        options_.location, options_.clock, options_.log, &metrics_);
    RETURN_IF_ERROR(checkpointer_->Start());
  }
  writer_ = std::make_unique<Writer>(
      options_.location,
      Writer::Options{
          .sessions = sqlite ? 1 : options_.postgres_sessions,
          .group = sqlite && options_.group_commit ? limits::kMaxGroup : 1,
          .queue = options_.write_queue},
      options_.clock, &time_, options_.log, &metrics_, checkpointer_.get(),
      options_.on_fatal);
  RETURN_IF_ERROR(writer_->Start());
  readers_ = std::make_unique<Readers>(
      options_.location,
      Readers::Options{
          .threads = sqlite ? options_.scan_threads
                            : std::max(1, options_.postgres_sessions / 2),
          .queue = options_.read_queue},
      options_.clock, &time_, options_.log, &metrics_);
  return readers_->Start();
}

void Database::Stop() {
  if (readers_ != nullptr) readers_->Stop();
  if (writer_ != nullptr) writer_->Stop();
  if (checkpointer_ != nullptr) checkpointer_->Stop();
}

bool Database::healthy() const {
  return writer_->healthy() && readers_->healthy();
}

void Database::Write(WriteOptions options, Body body, Done done) {
  writer_->Submit({.body = std::move(body),
                   .done = std::move(done),
                   .patience = std::move(options.patience),
                   .priority = options.priority,
                   .guarded = options.guarded,
                   .single = options.single && options.guarded && !options.undo,
                   .undo = options.undo});
}

void Database::Read(ReadKind kind, Patience patience, Body body, Done done) {
  readers_->Read(kind, std::move(patience), std::move(body), std::move(done));
}

absl::Status Database::Write(WriteOptions options, Body body) {
  absl::Notification answered;
  absl::Status answer;
  Write(std::move(options), std::move(body), [&](absl::Status status) {
    answer = std::move(status);
    answered.Notify();
  });
  answered.WaitForNotification();
  return answer;
}

absl::Status Database::Read(ReadKind kind, Body body) {
  absl::Notification answered;
  absl::Status answer;
  Read(kind, {}, std::move(body), [&](absl::Status status) {
    answer = std::move(status);
    answered.Notify();
  });
  answered.WaitForNotification();
  return answer;
}

}  // namespace broadcast::storage
