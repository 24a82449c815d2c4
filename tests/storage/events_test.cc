// Events are read in an order that a watch can resume in, none twice, none
// left out.
#include "storage/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "storage/delivery_retention.h"
#include "support/delivery_seed.h"
#include "support/status_matchers.h"
#include "support/test_database.h"

namespace broadcast::storage {
namespace {

using test::ClientId;
using test::HasReason;
using test::Must;
using test::OperationId;
using test::PlantEvent;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Scope kAll = Scope::AllClients();

class EventsTest : public test::DatabaseTest {
 protected:
  // Other databases of the same server hold events back as well: waits until
  // none does.
  void Settle() {
    if (sqlite()) return;
    const SteadyTime give_up = clock().Steady() + std::chrono::seconds(60);
    while (raw().Number("SELECT count(*) FROM events WHERE xid >= "
                        "pg_snapshot_xmin(pg_current_snapshot())"
                        "::text::bigint") > 0) {
      ASSERT_LT(clock().Steady(), give_up);
    }
  }

  std::string Newest(const Scope& scope = kAll) {
    Settle();
    return NewestNow(scope);
  }

  std::string NewestNow(const Scope& scope = kAll) {
    std::string token;
    Must(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(token, NewestEventToken(read, scope));
      return absl::OkStatus();
    }));
    return token;
  }

  absl::StatusOr<EventPage> TryPage(const std::string& token,
                                    const Scope& scope = kAll,
                                    const EventFilter& filter = {},
                                    int64_t most = 100) {
    EventPage page;
    RETURN_IF_ERROR(Read([&](Transaction& read) -> absl::Status {
      ASSIGN_OR_RETURN(page, ReadEvents(read, scope, token, filter, most));
      return absl::OkStatus();
    }));
    return page;
  }

  // The kinds of the events behind `token`, which moves on.
  std::vector<std::string> Kinds(std::string& token, const Scope& scope = kAll,
                                 const EventFilter& filter = {},
                                 int64_t most = 100) {
    Settle();
    return KindsNow(token, scope, filter, most);
  }

  std::vector<std::string> KindsNow(std::string& token,
                                    const Scope& scope = kAll,
                                    const EventFilter& filter = {},
                                    int64_t most = 100) {
    std::vector<std::string> kinds;
    EventPage page;
    do {
      page = Must(TryPage(token, scope, filter, most));
      for (const Event& event : page.rows) kinds.push_back(event.kind);
      token = page.token;
    } while (page.more);
    return kinds;
  }

  int64_t Expire(int64_t before, int64_t most = 100) {
    int64_t gone = 0;
    Must(Write([&](Transaction& write) -> absl::Status {
      ASSIGN_OR_RETURN(
          gone, DeleteExpiredEvents(write, absl::FromUnixMicros(before), most));
      return absl::OkStatus();
    }));
    return gone;
  }
};

TEST_P(EventsTest, AWatchHearsWhatComesAfterItBegan) {
  PlantEvent(raw(), 1, "before", 1);
  std::string token = Newest();
  EXPECT_THAT(Kinds(token), IsEmpty());
  PlantEvent(raw(), 1, "first", 2);
  PlantEvent(raw(), 0, "second", 2);
  EXPECT_THAT(Kinds(token), ElementsAre("first", "second"));
  EXPECT_THAT(Kinds(token), IsEmpty());
  EXPECT_EQ(token, Newest());
}

TEST_P(EventsTest, AnEmptyLogHasATokenToBeginFrom) {
  std::string token = Newest();
  EXPECT_THAT(Kinds(token), IsEmpty());
  PlantEvent(raw(), 1, "first", 1);
  EXPECT_THAT(Kinds(token), ElementsAre("first"));
}

TEST_P(EventsTest, AnEventIsReadWhole) {
  const std::string token = Newest();
  PlantEvent(raw(), 1, "operation.finished", 7, 3);
  Settle();
  const EventPage page = Must(TryPage(token));
  ASSERT_THAT(page.rows, SizeIs(1));
  const Event& event = page.rows[0];
  EXPECT_EQ(event.token, page.token);
  EXPECT_EQ(event.client_id, ClientId(1));
  EXPECT_EQ(event.operation_id, OperationId(3));
  EXPECT_EQ(event.entry_id, std::nullopt);
  EXPECT_EQ(event.detail, "{}");
  EXPECT_EQ(event.create_time, absl::FromUnixMicros(7));
}

TEST_P(EventsTest, EveryEventsTokenResumesBehindIt) {
  const std::string begin = Newest();
  for (const char* kind : {"a", "b", "c", "d", "e"}) {
    PlantEvent(raw(), 1, kind, 1);
  }
  Settle();
  const EventPage page = Must(TryPage(begin, kAll, {}, 3));
  EXPECT_TRUE(page.more);
  ASSERT_THAT(page.rows, SizeIs(3));
  std::string token = page.rows[1].token;
  EXPECT_THAT(Kinds(token), ElementsAre("c", "d", "e"));
  token = begin;
  EXPECT_THAT(Kinds(token, kAll, {}, 1), ElementsAre("a", "b", "c", "d", "e"));
}

TEST_P(EventsTest, AScopeAndAFilterPassOthersBy) {
  const Scope one = Scope::OneClient(ClientId(1));
  std::string all = Newest();
  std::string own = Newest(one);
  std::string filtered = all;
  for (int i = 0; i < 20; ++i) PlantEvent(raw(), 2, "other", 1, 8);
  PlantEvent(raw(), 0, "of nobody", 1);
  PlantEvent(raw(), 1, "own", 1, 9);
  PlantEvent(raw(), 2, "other", 1, 8);
  const std::string before = own;
  EXPECT_THAT(Kinds(own, one), ElementsAre("own"));
  EXPECT_NE(own, before);
  EXPECT_THAT(Kinds(filtered, kAll, {.operation_id = OperationId(9)}),
              ElementsAre("own"));
  EXPECT_THAT(Kinds(filtered), IsEmpty());  // it moved past those
  std::string by_entry = all;
  EXPECT_THAT(Kinds(by_entry, kAll, {.entry_id = test::EntryId(1, 0)}),
              IsEmpty());
  EXPECT_THAT(Kinds(all), SizeIs(23));
}

TEST_P(EventsTest, APageExaminesBoundedlyManyAndMovesOn) {
  std::string token = Newest();
  std::vector<std::string> rows(
      limits::kMaxRowsExaminedPerPage + 5,
      absl::StrCat("('", ClientId(2), "','other','{}',1)"));
  test::Insert(raw(), "events (client_id, kind, detail, create_time)", rows);
  Settle();
  EventPage page = Must(TryPage(token, kAll, {.operation_id = OperationId(1)}));
  EXPECT_THAT(page.rows, IsEmpty());
  EXPECT_TRUE(page.more);
  EXPECT_NE(page.token, token);
  page = Must(TryPage(page.token, kAll, {.operation_id = OperationId(1)}));
  EXPECT_FALSE(page.more);
  EXPECT_THAT(Kinds(page.token), IsEmpty());
}

TEST_P(EventsTest, ATokenOfAnotherScopeOrOfNobodyIsRefused) {
  const auto refused = AllOf(StatusIs(absl::StatusCode::kInvalidArgument),
                             HasReason("INVALID_RESUME_TOKEN"));
  EXPECT_THAT(TryPage(Newest(), Scope::OneClient(ClientId(1))).status(),
              refused);
  EXPECT_THAT(TryPage(Newest(Scope::OneClient(ClientId(1)))).status(), refused);
  const std::string good = Newest();
  for (const std::string& bad :
       {std::string(), std::string("x"), good + "A", good.substr(1),
        std::string(good.size(), '!'), std::string(good.size(), 'A')}) {
    EXPECT_THAT(TryPage(bad).status(), refused) << bad;
  }
}

TEST_P(EventsTest, ATokenExpiresOnceEventsBehindItAreGone) {
  const std::string begin = Newest();
  PlantEvent(raw(), 1, "a", 10);
  std::string after_a = Newest();
  PlantEvent(raw(), 1, "b", 20);
  PlantEvent(raw(), 1, "c", 30);
  EXPECT_EQ(Expire(10), 0);
  EXPECT_EQ(Expire(11), 1);
  const auto expired = AllOf(StatusIs(absl::StatusCode::kOutOfRange),
                             HasReason("WATCH_EXPIRED"));
  EXPECT_THAT(TryPage(begin).status(), expired);
  std::string token = after_a;
  EXPECT_THAT(Kinds(token), ElementsAre("b", "c"));
  const std::string newest = token;
  EXPECT_EQ(Expire(1000), 2);
  EXPECT_EQ(Expire(1000), 0);
  EXPECT_THAT(TryPage(after_a).status(), expired);
  EXPECT_THAT(Kinds(token), IsEmpty());
  EXPECT_EQ(Newest(), newest);  // though nothing is left
  PlantEvent(raw(), 1, "d", 40);
  EXPECT_THAT(Kinds(token), ElementsAre("d"));
}

TEST_P(EventsTest, EventsGoInBoundedStepsOldestFirst) {
  std::vector<std::string> rows;
  for (int i = 0; i < 25; ++i) {
    rows.push_back(absl::StrCat("('k','{}',", i, ")"));
  }
  test::Insert(raw(), "events (kind, detail, create_time)", rows);
  EXPECT_EQ(Expire(20, 15), 15);
  EXPECT_EQ(raw().Number("SELECT min(create_time) FROM events"), 15);
  EXPECT_EQ(Expire(20, 15), 5);
  EXPECT_EQ(Expire(20, 15), 0);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM events"), 5);
}

// PostgreSQL gives out sequence values before it is known who commits first.
TEST_P(EventsTest, ASlowTransactionsEventIsNotPassedOver) {
  if (sqlite()) GTEST_SKIP() << "SQLite commits in order";
  std::string token = Newest();
  test::RawConnection slow(test().location());
  slow.Execute("BEGIN");
  PlantEvent(slow, 1, "slow", 1);
  PlantEvent(raw(), 1, "quick", 2);
  // The later one is there, and waits for the earlier one.
  EXPECT_EQ(raw().Number("SELECT count(*) FROM events"), 1);
  EXPECT_THAT(KindsNow(token), IsEmpty());
  std::string meanwhile = NewestNow();
  slow.Execute("COMMIT");
  EXPECT_THAT(Kinds(token), ElementsAre("slow", "quick"));
  EXPECT_THAT(Kinds(meanwhile), ElementsAre("slow", "quick"));
}

TEST_P(EventsTest, ATransactionThatIsUndoneHoldsNothingUp) {
  if (sqlite()) GTEST_SKIP() << "SQLite commits in order";
  std::string token = Newest();
  test::RawConnection slow(test().location());
  slow.Execute("BEGIN");
  PlantEvent(slow, 1, "slow", 1);
  PlantEvent(raw(), 1, "quick", 2);
  slow.Execute("ROLLBACK");
  EXPECT_THAT(Kinds(token), ElementsAre("quick"));
}

INSTANTIATE_TEST_SUITE_P(Backends, EventsTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
