// A PostgreSQL that goes away and comes back: nothing acknowledged is lost,
// nothing is done twice, and nobody reopens anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "support/answer.h"
#include "support/postgres_server.h"
#include "support/status_matchers.h"
#include "support/tcp_proxy.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::Answer;
using test::HasReason;
using test::IsOk;
using test::Must;
using test::StatusIs;
using test::TcpProxy;
using testing::AllOf;
using testing::ElementsAre;

constexpr Sql kInsert{"INSERT INTO things (id) VALUES (:id)"};
constexpr Sql kIds{"SELECT id FROM things ORDER BY id"};
constexpr Sql kPid{"SELECT pg_backend_pid()::bigint"};

absl::Status Insert(Transaction& transaction, int64_t id) {
  return transaction.Execute(kInsert, {{"id", id}}).status();
}

absl::StatusOr<std::vector<int64_t>> ReadIds(Database& database,
                                             ReadKind kind) {
  std::vector<int64_t> ids;
  RETURN_IF_ERROR(database.Read(kind, [&](Transaction& read) {
    ids.clear();
    return read.Query<std::tuple<int64_t>>(kIds, {}, [&](auto row) {
      ids.push_back(std::get<0>(row));
      return absl::OkStatus();
    });
  }));
  return ids;
}

class PostgresFaultTest : public testing::Test {
 protected:
  void SetUp() override {
    test_.raw().Execute("CREATE TABLE things (id BIGINT)");
    name_ = test_.raw().Text("SELECT current_database()");
  }

  void Open(const std::string& url) {
    Database::Options options = test_.Options();
    options.location = Must(Location::Parse(url, ""));
    options.postgres_sessions = 1;
    Must(test_.Open(std::move(options)));
  }
  void OpenThroughProxy() {
    proxy_ = std::make_unique<TcpProxy>(test::PostgresServer::Shared().port());
    Open(test::PostgresServer::Shared().TcpUrl(name_, proxy_->port()));
  }
  Database& database() { return test_.database(); }

  // Ends the connection that `transaction` runs on.
  absl::Status Terminate(Transaction& transaction) {
    ASSIGN_OR_RETURN(const auto pid,
                     transaction.QueryOne<std::tuple<int64_t>>(kPid, {}));
    test_.raw().Execute(absl::StrCat("SELECT pg_terminate_backend(",
                                     std::get<0>(*pid), ", 10000)"));
    return absl::OkStatus();
  }

  std::vector<std::string> Ids() {
    return test_.raw().Column("SELECT id FROM things ORDER BY id");
  }

  test::TestDatabase test_{Backend::kPostgres};
  std::string name_;
  std::unique_ptr<TcpProxy> proxy_;
};

TEST_F(PostgresFaultTest, AConnectionKilledInATransactionIsMadeAnew) {
  Open(test_.url());
  int64_t id = 0;
  for (const WriteOptions& options :
       {WriteOptions{}, WriteOptions{.guarded = true},
        WriteOptions{.guarded = true, .single = true}}) {
    ++id;
    int runs = 0;
    EXPECT_THAT(database().Write(options,
                                 [&](Transaction& transaction) -> absl::Status {
                                   if (++runs == 1) {
                                     RETURN_IF_ERROR(Terminate(transaction));
                                   }
                                   return Insert(transaction, id);
                                 }),
                IsOk());
    EXPECT_EQ(runs, 2);
  }
  EXPECT_THAT(Ids(), ElementsAre("1", "2", "3"));
  EXPECT_TRUE(database().healthy());
}

TEST_F(PostgresFaultTest, AConnectionKilledAfterTheLastStatementIsMadeAnew) {
  Open(test_.url());
  int64_t id = 0;
  for (const WriteOptions& options :
       {WriteOptions{}, WriteOptions{.guarded = true}}) {
    ++id;
    int runs = 0;
    EXPECT_THAT(database().Write(options,
                                 [&](Transaction& transaction) -> absl::Status {
                                   RETURN_IF_ERROR(Insert(transaction, id));
                                   return ++runs == 1 ? Terminate(transaction)
                                                      : absl::OkStatus();
                                 }),
                IsOk());
    EXPECT_EQ(runs, 2);
  }
  EXPECT_THAT(Ids(), ElementsAre("1", "2"));
}

// As after a fail-over that left the connection on a standby.
TEST_F(PostgresFaultTest, AServerThatRefusesWritesIsToldAndLeft) {
  Open(test_.url());
  static constexpr Sql kReadOnly{"SET TRANSACTION READ ONLY"};
  std::set<int64_t> pids;
  const auto insert = [&](Transaction& transaction, bool refused) {
    const auto pid = transaction.QueryOne<std::tuple<int64_t>>(kPid, {});
    if (pid.ok()) pids.insert(std::get<0>(**pid));
    if (refused) transaction.Execute(kReadOnly).IgnoreError();
    return Insert(transaction, 1);
  };
  for (const bool guarded : {false, true}) {
    for (const bool refused : {true, false}) {
      const absl::Status answer =
          database().Write({.guarded = guarded}, [&](Transaction& transaction) {
            return insert(transaction, refused);
          });
      EXPECT_EQ(answer.ok(), !refused);
      if (refused) {
        EXPECT_THAT(answer, HasReason("STORAGE_READ_ONLY"));
      }
      EXPECT_EQ(database().healthy(), !refused);
    }
  }
  EXPECT_THAT(Ids(), ElementsAre("1", "1"));
  EXPECT_EQ(pids.size(), 3) << "connected anew after each refusal";
}

TEST_F(PostgresFaultTest, AReadWhoseConnectionIsKilledIsRunAgain) {
  Open(test_.url());
  for (ReadKind kind : {ReadKind::kPoint, ReadKind::kScan}) {
    int runs = 0;
    EXPECT_THAT(
        database().Read(
            kind,
            [&](Transaction& read) -> absl::Status {
              if (++runs == 1) {
                RETURN_IF_ERROR(Terminate(read));
              }
              return read.QueryOne<std::tuple<int64_t>>(kIds, {}).status();
            }),
        IsOk());
    EXPECT_EQ(runs, 2);
  }
}

// The outcome is asked for by the transaction's id.
TEST_F(PostgresFaultTest, ACommitWhoseAnswerIsLostIsNotDoneTwice) {
  OpenThroughProxy();
  for (int64_t id : {1, 2}) {
    int runs = 0;
    proxy_->CutNext(TcpProxy::Cut::kAfterCommit);
    EXPECT_THAT(database().Write({},
                                 [&](Transaction& transaction) {
                                   ++runs;
                                   return Insert(transaction, id);
                                 }),
                IsOk());
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(proxy_->cuts(), id);
  }
  EXPECT_THAT(Ids(), ElementsAre("1", "2"));
}

TEST_F(PostgresFaultTest, ACommitThatNeverArrivedIsRepeated) {
  OpenThroughProxy();
  for (int64_t id : {1, 2}) {
    int runs = 0;
    proxy_->CutNext(TcpProxy::Cut::kBeforeCommit);
    EXPECT_THAT(database().Write({},
                                 [&](Transaction& transaction) {
                                   ++runs;
                                   return Insert(transaction, id);
                                 }),
                IsOk());
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(proxy_->cuts(), id);
  }
  EXPECT_THAT(Ids(), ElementsAre("1", "2"));
}

TEST_F(PostgresFaultTest, AGuardedBodyIsRepeatedWhenItsCommitIsLost) {
  OpenThroughProxy();
  static constexpr Sql kGuarded{
      "INSERT INTO things (id) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM "
      "things)"};
  for (TcpProxy::Cut cut :
       {TcpProxy::Cut::kAfterCommit, TcpProxy::Cut::kBeforeCommit}) {
    int runs = 0;
    proxy_->CutNext(cut);
    EXPECT_THAT(
        database().Write({.guarded = true},
                         [&](Transaction& transaction) {
                           ++runs;
                           return transaction.Execute(kGuarded).status();
                         }),
        IsOk());
    EXPECT_EQ(runs, 2);
  }
  EXPECT_THAT(Ids(), ElementsAre("1"));
}

TEST_F(PostgresFaultTest, AnOutcomeThatCannotBeLearntIsToldAsUnknown) {
  OpenThroughProxy();
  Answer answer;
  std::atomic<int> runs = 0;
  proxy_->CutNext(TcpProxy::Cut::kAfterCommit);
  proxy_->Refuse(true);
  database().Write(
      {},
      [&](Transaction& transaction) {
        ++runs;
        return Insert(transaction, 1);
      },
      answer.Done());
  EXPECT_TRUE(test::Eventually([&] { return proxy_->cuts() == 1; }));
  EXPECT_TRUE(test::Eventually([&] {
    test_.clock().AdvanceSteady(absl::Seconds(6));
    return answer.answered();
  }));
  EXPECT_THAT(answer.Wait(), AllOf(StatusIs(absl::StatusCode::kUnavailable),
                                   HasReason("OUTCOME_UNKNOWN")));
  EXPECT_EQ(runs, 1);
  EXPECT_THAT(Ids(), ElementsAre("1"));
  proxy_->Refuse(false);
  EXPECT_THAT(
      database().Write(
          {}, [](Transaction& transaction) { return Insert(transaction, 2); }),
      IsOk());
  EXPECT_THAT(Ids(), ElementsAre("1", "2"));
}

class PostgresDownTest : public testing::Test {
 protected:
  void SetUp() override {
    Database::Options options = {.location = location_,
                                 .clock = &clock_,
                                 .log = &log_,
                                 .registry = &registry_,
                                 .postgres_sessions = 2};
    database_ = Must(Database::Open(std::move(options)));
    test::RawConnection(location_).Execute("CREATE TABLE things (id BIGINT)");
  }

  Body Inserting(int64_t id) {
    return [id](Transaction& transaction) { return Insert(transaction, id); };
  }

  test::PostgresServer server_;
  const Location location_ = Must(Location::Parse(server_.Url("postgres"), ""));
  test::FakeClock clock_;
  Log log_{&clock_, Severity::kError};
  prometheus::Registry registry_;
  std::unique_ptr<Database> database_;
};

TEST_F(PostgresDownTest, WhileItIsDownAllIsUnavailableAndThenItGoesOn) {
  const auto unavailable = AllOf(StatusIs(absl::StatusCode::kUnavailable),
                                 HasReason("STORAGE_UNAVAILABLE"));
  ASSERT_THAT(database_->Write({}, Inserting(1)), IsOk());
  for (const bool crash : {false, true}) {
    crash ? server_.Crash() : server_.Halt();
    Answer answer;
    database_->Write({}, Inserting(100), answer.Done());
    EXPECT_THAT(ReadIds(*database_, ReadKind::kPoint), unavailable);
    EXPECT_THAT(ReadIds(*database_, ReadKind::kScan), unavailable);
    EXPECT_TRUE(test::Eventually([&] { return !database_->healthy(); }));
    clock_.AdvanceSteady(absl::Seconds(6));
    EXPECT_THAT(answer.Wait(), unavailable);

    server_.Resume();
    EXPECT_THAT(database_->Write({}, Inserting(2)), IsOk());
    EXPECT_THAT(ReadIds(*database_, ReadKind::kPoint), IsOk());
    EXPECT_THAT(ReadIds(*database_, ReadKind::kScan), IsOk());
    EXPECT_TRUE(database_->healthy());
  }
  EXPECT_THAT(ReadIds(*database_, ReadKind::kScan),
              test::IsOkAndHolds(ElementsAre(1, 2, 2)));
}

TEST_F(PostgresDownTest, AWriteOutlivesARestart) {
  server_.Halt();
  Answer answer;
  database_->Write({}, Inserting(1), answer.Done());
  EXPECT_TRUE(test::Eventually([&] { return !database_->healthy(); }));
  server_.Resume();
  EXPECT_THAT(answer.Wait(), IsOk());
  EXPECT_THAT(ReadIds(*database_, ReadKind::kScan),
              test::IsOkAndHolds(ElementsAre(1)));
}

}  // namespace
}  // namespace broadcast::storage
