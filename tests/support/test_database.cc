#include "support/test_database.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/migrate.h"
#include "storage/session.h"
#include "support/postgres_server.h"
#include "support/status_matchers.h"

namespace broadcast::test {
namespace {

using storage::Backend;
using storage::Location;

RawConnection& Administrator() {
  static RawConnection& connection = *new RawConnection(
      Must(Location::Parse(PostgresServer::Shared().Url("postgres"), "")));
  return connection;
}

void Migrate(const Location& location) {
  auto session = Must(
      storage::Session::Open(location, storage::SessionRole::kMaintenance));
  Must(storage::Migrate(*session, storage::Migrations(),
                        FakeClock::DefaultStart()));
}

// Every test's database is a copy of one that is migrated once a process.
const std::string& SqliteTemplate() {
  static const TempDir folder;
  static const std::string& path = *[] {
    auto* const path = new std::string(folder.File("template.db"));
    Location location;
    location.path = *path;
    RawConnection(location).Execute("PRAGMA journal_mode = WAL");
    Migrate(location);
    return path;
  }();
  return path;
}

class PostgresTemplate {
 public:
  static const std::string& Name() {
    static const PostgresTemplate made;
    return made.name_;
  }

 private:
  PostgresTemplate() : name_(absl::StrCat("test_", getpid(), "_template")) {
    Administrator().Execute(
        absl::StrCat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
    Administrator().Execute(absl::StrCat("CREATE DATABASE ", name_));
    Migrate(Must(Location::Parse(PostgresServer::Shared().Url(name_), "")));
  }
  ~PostgresTemplate() {
    try {
      Administrator().Execute(
          absl::StrCat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    }
  }

  const std::string name_;
};

}  // namespace

TestDatabase::TestDatabase(Backend backend, Schema schema) {
  if (backend == Backend::kSqlite) {
    url_ = absl::StrCat("sqlite:", folder_.File("test.db"));
    location_ = Must(Location::Parse(url_, ""));
    if (schema == Schema::kCurrent) {
      std::filesystem::copy_file(SqliteTemplate(), location_.path);
    }
    return;
  }
  static std::atomic<int> count = 0;
  name_ = absl::StrCat("test_", getpid(), "_", ++count);
  Administrator().Execute(
      absl::StrCat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
  Administrator().Execute(absl::StrCat(
      "CREATE DATABASE ", name_, " TEMPLATE ",
      schema == Schema::kCurrent ? PostgresTemplate::Name() : "template0"));
  url_ = PostgresServer::Shared().Url(name_);
  location_ = Must(Location::Parse(url_, ""));
}

TestDatabase::~TestDatabase() {
  Close();
  raw_.reset();
  if (name_.empty()) return;
  try {
    Administrator().Execute(
        absl::StrCat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
  } catch (const std::exception& exception) {
    ADD_FAILURE() << exception.what();
  }
}

storage::Database::Options TestDatabase::Options() {
  return {.location = location_,
          .clock = &clock_,
          .log = &log_,
          .registry = &registry_};
}

absl::Status TestDatabase::Open(storage::Database::Options options) {
  Close();
  options.postgres_clock_offset = clock_.Now() - absl::Now();
  auto opened = storage::Database::Open(std::move(options));
  if (!opened.ok()) return opened.status();
  database_ = *std::move(opened);
  unlisten_ = clock_.Listen([this](absl::Time now) { MoveTime(now); });
  return absl::OkStatus();
}

void TestDatabase::Open() { Must(Open(Options())); }

void TestDatabase::Close() {
  if (database_ == nullptr) return;
  unlisten_();
  database_->Stop();
  database_.reset();
}

RawConnection& TestDatabase::raw() {
  if (raw_ == nullptr) raw_ = std::make_unique<RawConnection>(location_);
  return *raw_;
}

void TestDatabase::MoveTime(absl::Time now) {
  database_->time().SetPostgresOffset(now - absl::Now());
}

void DatabaseTest::SetUp() { Must(test_.Open(Options())); }

void DatabaseTest::Reopen() { Must(test_.Open(Options())); }

std::string BackendName(const testing::TestParamInfo<Backend>& backend) {
  return backend.param == Backend::kSqlite ? "Sqlite" : "Postgres";
}

}  // namespace broadcast::test
