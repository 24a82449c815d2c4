// A database of its own for one test, on either backend, with a clock that the
// test moves. Derive a fixture from DatabaseTest and instantiate it for both:
//
//   class EntriesTest : public test::DatabaseTest {};
//   INSTANTIATE_TEST_SUITE_P(Backends, EntriesTest, test::Backends(),
//                            test::BackendName);
//
// The test owns it; one thread at a time, except for what database() allows.
#ifndef BROADCASTD_SUPPORT_TEST_DATABASE_H_
#define BROADCASTD_SUPPORT_TEST_DATABASE_H_

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "storage/database.h"
#include "support/fake_clock.h"
#include "support/raw_connection.h"
#include "support/temp_dir.h"

namespace broadcast::test {

class TestDatabase {
 public:
  enum class Schema { kCurrent, kNone };

  // Makes a database with this binary's schema, or an empty one. Closed.
  explicit TestDatabase(storage::Backend backend,
                        Schema schema = Schema::kCurrent);
  // Closes and drops it.
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  storage::Backend backend() const { return location_.backend; }
  const storage::Location& location() const { return location_; }
  // As --database takes it.
  const std::string& url() const { return url_; }

  FakeClock& clock() { return clock_; }
  Log& log() { return log_; }
  prometheus::Registry& registry() { return registry_; }

  // What Open() takes, to be changed.
  storage::Database::Options Options();

  // Opens it, closing it before if need be. Advancing the clock moves the
  // time of PostgreSQL as well, which goes on by itself besides.
  absl::Status Open(storage::Database::Options options);
  void Open();
  void Close();
  storage::Database& database() { return *database_; }

  // A connection past our own code, made when first asked for.
  RawConnection& raw();

 private:
  void MoveTime(absl::Time now);

  FakeClock clock_;
  Log log_{&clock_, Severity::kError};
  prometheus::Registry registry_;
  TempDir folder_;
  storage::Location location_;
  std::string url_;
  std::string name_;  // PostgreSQL: of the database
  std::unique_ptr<RawConnection> raw_;
  std::unique_ptr<storage::Database> database_;
  std::function<void()> unlisten_;
};

class DatabaseTest : public testing::TestWithParam<storage::Backend> {
 protected:
  // Opens the database with what Options() answers.
  void SetUp() override;

  virtual storage::Database::Options Options() { return test_.Options(); }

  storage::Backend backend() const { return GetParam(); }
  bool sqlite() const { return backend() == storage::Backend::kSqlite; }
  storage::Database& database() { return test_.database(); }
  FakeClock& clock() { return test_.clock(); }
  RawConnection& raw() { return test_.raw(); }
  TestDatabase& test() { return test_; }

  // Closes the database and opens it again, as a new process would.
  void Reopen();

  // One write or read, waited for.
  absl::Status Write(storage::Body body, storage::WriteOptions options = {}) {
    return database().Write(std::move(options), std::move(body));
  }
  absl::Status Read(storage::Body body,
                    storage::ReadKind kind = storage::ReadKind::kScan) {
    return database().Read(kind, std::move(body));
  }

 private:
  TestDatabase test_{GetParam()};
};

// What to instantiate a suite with.
inline auto Backends() {
  return testing::Values(storage::Backend::kSqlite,
                         storage::Backend::kPostgres);
}
std::string BackendName(
    const testing::TestParamInfo<storage::Backend>& backend);

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_TEST_DATABASE_H_
