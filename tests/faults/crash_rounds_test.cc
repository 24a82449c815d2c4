// The server is killed at a random moment under load, and started again:
// nothing that it acknowledged is lost, nothing is half done, and no request
// id answers twice differently.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broadcast/v1/admin_service.grpc.pb.h"
#include "crash_load.h"
#include "server_process.h"
#include "support/answer.h"
#include "support/postgres_server.h"
#include "support/raw_connection.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "support/test_database.h"

namespace broadcast::test {
namespace {

constexpr int kDefaultRounds = 5;

int Rounds() {
  const char* const given = std::getenv("BROADCASTD_CRASH_ROUNDS");
  int rounds = 0;
  return given != nullptr && absl::SimpleAtoi(given, &rounds) ? rounds
                                                              : kDefaultRounds;
}

class CrashTest : public testing::TestWithParam<storage::Backend> {
 protected:
  CrashTest() {
    if (GetParam() == storage::Backend::kPostgres) {
      postgres_.emplace();
      RawConnection(Location(postgres_->Url("postgres")))
          .Execute("CREATE DATABASE crash");
    }
    server_.emplace(
        std::vector<std::string>{"--listen=127.0.0.1:0", "--metrics_listen=",
                                 absl::StrCat("--database=", Url()),
                                 "--default_pair_quota=1000000"},
        folder_.File("log"));
  }

  static storage::Location Location(const std::string& url) {
    return Must(storage::Location::Parse(url, ""));
  }

  std::string Url() {
    return postgres_.has_value()
               ? postgres_->Url("crash")
               : absl::StrCat("sqlite:", folder_.File("b.db"));
  }

  // Lets 64 clients work until so many entries are acknowledged and some time
  // has passed, then kills the server under them.
  void CrashUnderLoad() {
    CrashLoad load(server_->address(), next_request_);
    const int64_t enough = std::uniform_int_distribution(1, 600)(random_);
    EXPECT_TRUE(
        Eventually([&] { return load.acknowledged_count() >= enough; }));
    // A moment that is in no step with the calls.
    std::this_thread::sleep_for(std::chrono::microseconds(
        std::uniform_int_distribution(0, 3000)(random_)));
    server_->Kill();
    load.Stop();
    outcomes_ = load.Outcomes();
    next_request_ = load.next_request();
    for (const auto& [number, entry_id] : outcomes_) {
      if (entry_id.empty()) {
        ++unknown_;
      } else {
        ++acknowledged_;
        entries_[number] = entry_id;
      }
    }
  }

  // What the database holds by itself, before anything is repeated.
  void CheckRows() {
    RawConnection raw{Location(Url())};
    WaitForBackends(raw);
    const std::vector<std::string> ids =
        raw.Column("SELECT entry_id FROM entries");
    const std::set<std::string> stored(ids.begin(), ids.end());
    int64_t lost = 0;
    for (const auto& [number, entry_id] : entries_) {
      lost += stored.count(entry_id) == 0 ? 1 : 0;
    }
    EXPECT_EQ(lost, 0) << "acknowledged entries are lost";
    const auto count = [&](const char* from) {
      return raw.Number(absl::StrCat("SELECT count(*) FROM ", from));
    };
    const int64_t pairs = count("channel_pairs");
    EXPECT_EQ(count("entries"), pairs);
    EXPECT_EQ(count("channels"), 2 * pairs);
    EXPECT_EQ(count("request_ids"), pairs);
    EXPECT_EQ(count("channel_pairs p WHERE NOT EXISTS (SELECT 1 FROM entries e "
                    "WHERE e.channel_pair_id = p.channel_pair_id)"),
              0);
    EXPECT_EQ(count("clients c WHERE pair_count <> (SELECT count(*) FROM "
                    "channel_pairs p WHERE p.client_id = c.client_id)"),
              0);
    if (GetParam() == storage::Backend::kSqlite) {
      EXPECT_EQ(raw.Text("PRAGMA integrity_check"), "ok");
      EXPECT_EQ(raw.Rows("PRAGMA foreign_key_check").size(), 0);
    }
  }

  // What the server had sent before it died PostgreSQL may still commit.
  static void WaitForBackends(RawConnection& raw) {
    if (GetParam() != storage::Backend::kPostgres) return;
    ASSERT_TRUE(Eventually([&] {
      return raw.Number(
                 "SELECT count(*) FROM pg_stat_activity "
                 "WHERE datname = current_database() "
                 "AND backend_type = 'client backend' "
                 "AND pid <> pg_backend_pid()") == 0;
    }));
  }

  void CheckIntegrity() {
    const auto stub = v1::AdminService::NewStub(grpc::CreateChannel(
        server_->address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    v1::CheckIntegrityResponse response;
    const grpc::Status status =
        stub->CheckIntegrity(&context, v1::CheckIntegrityRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(response.clean()) << response.ShortDebugString();
  }

  // Repeats every request of the round, twice: those acknowledged tell their
  // entry, the others have exactly one from now on.
  void RepeatAll() {
    const auto stub = Connect(server_->address());
    for (const auto& [number, known] : outcomes_) {
      for (const bool again : {false, true}) {
        grpc::ClientContext context;
        v1::CreateEntryResponse response;
        const grpc::Status status =
            stub->CreateEntry(&context, NumberedRequest(number), &response);
        ASSERT_TRUE(status.ok()) << number << ": " << status.error_message();
        const std::string& entry_id = response.entry().entry_id();
        const auto [told, first] = entries_.emplace(number, entry_id);
        EXPECT_EQ(told->second, entry_id) << number;
        if (again || !known.empty()) {
          EXPECT_TRUE(response.replayed()) << number;
        }
      }
    }
    RawConnection raw{Location(Url())};
    EXPECT_EQ(raw.Number("SELECT count(*) FROM entries"),
              static_cast<int64_t>(entries_.size()));
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  TempDir folder_;
  std::optional<PostgresServer> postgres_;
  std::optional<ServerProcess> server_;

  int64_t next_request_ = 1;
  std::map<int64_t, std::string> outcomes_;  // of the round
  std::map<int64_t, std::string> entries_;   // by request, of all rounds
  int64_t acknowledged_ = 0;
  int64_t unknown_ = 0;
};

TEST_P(CrashTest, NothingAcknowledgedIsLostAndNothingIsHalfDone) {
  const int rounds = Rounds();
  server_->Start();
  int done = 0;
  while (done < rounds && !HasFailure()) {
    CrashUnderLoad();
    CheckRows();
    server_->Start();
    CheckIntegrity();
    RepeatAll();
    ++done;
  }
  std::cout << "crash rounds: " << done
            << ", entries acknowledged: " << acknowledged_
            << ", of unknown fate: " << unknown_ << ", seed: " << seed_
            << std::endl;
  EXPECT_EQ(done, rounds);
  EXPECT_GT(acknowledged_, 0);
  EXPECT_GT(unknown_, 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, CrashTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
