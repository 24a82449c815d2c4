// A fixture for what is private to storage: sessions on a database of their
// own, on either backend. Only for tests of storage, which link SOCI.
#ifndef BROADCASTD_SUPPORT_SESSION_FIXTURE_H_
#define BROADCASTD_SUPPORT_SESSION_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "storage/session.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::test {

class SessionTest : public testing::TestWithParam<storage::Backend> {
 protected:
  using Session = storage::Session;

  storage::Backend backend() const { return GetParam(); }
  bool sqlite() const { return backend() == storage::Backend::kSqlite; }
  TestDatabase& test() { return test_; }
  RawConnection& raw() { return test_.raw(); }

  std::unique_ptr<Session> Open(
      storage::SessionRole role = storage::SessionRole::kWriter) {
    return Must(Session::Open(test_.location(), role));
  }
  // A writer, opened when first asked for.
  Session& session() {
    if (session_ == nullptr) session_ = Open();
    return *session_;
  }

  // Runs a statement, kept prepared, that answers no rows.
  absl::StatusOr<int64_t> Execute(
      const storage::Sql& sql,
      std::initializer_list<storage::Bind> binds = {}) {
    return session().Run(sql, binds, {},
                         [](storage::Row&) { return absl::OkStatus(); });
  }

  // The rows of a statement, kept prepared.
  template <typename... T>
  absl::StatusOr<std::vector<std::tuple<T...>>> Rows(
      const storage::Sql& sql,
      std::initializer_list<storage::Bind> binds = {}) {
    std::vector<std::tuple<T...>> rows;
    RETURN_IF_ERROR(session()
                        .Run(sql, binds,
                             storage::ColumnTypesOf<std::tuple<T...>>(),
                             [&](storage::Row& row) {
                               storage::Columns<std::tuple<T...>>::Visit(
                                   row, rows.emplace_back());
                               return absl::OkStatus();
                             })
                        .status());
    return rows;
  }

  // Runs text once, as no statement that is kept.
  absl::Status Once(const std::string& sql) {
    return session()
        .RunOnce(sql, {}, {}, [](storage::Row&) { return absl::OkStatus(); })
        .status();
  }

 private:
  TestDatabase test_{GetParam(), TestDatabase::Schema::kNone};
  std::unique_ptr<Session> session_;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_SESSION_FIXTURE_H_
