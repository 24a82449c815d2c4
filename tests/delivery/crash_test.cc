// What becomes of what is under way when a dispatcher dies, stands still, is
// stopped, or cannot reach the database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dispatcher_fixture.h"
#include "storage/outbox.h"

namespace broadcast::delivery {
namespace {

using senders::Attempt;
using storage::DeliveryState;
using test::Eventually;
using testing::Each;
using testing::Le;
using testing::Pair;
using testing::SizeIs;

class CrashTest : public DispatcherTest {
 protected:
  // Every INSERT into `table` fails until AllowInserts.
  void ForbidInserts(const std::string& table) {
    if (sqlite()) {
      raw().Execute(absl::StrCat("CREATE TRIGGER forbidden BEFORE INSERT ON ",
                                 table,
                                 " BEGIN SELECT RAISE(ABORT, 'no'); END"));
      return;
    }
    raw().Execute(
        "CREATE FUNCTION forbid() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION "
        "'no'; END $$ LANGUAGE plpgsql");
    raw().Execute(absl::StrCat("CREATE TRIGGER forbidden BEFORE INSERT ON ",
                               table,
                               " FOR EACH ROW EXECUTE FUNCTION forbid()"));
  }
  void AllowInserts(const std::string& table) {
    raw().Execute(sqlite() ? "DROP TRIGGER forbidden"
                           : absl::StrCat("DROP TRIGGER forbidden ON ", table));
  }

  int64_t Owned() {
    return raw().Number("SELECT count(*) FROM lanes WHERE owner IS NOT NULL");
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, CrashTest, test::Backends(),
                         test::BackendName);

TEST_P(CrashTest, WhatWasUnderWayIsUnknownAndNeverSentAgain) {
  test::Plant(raw(), {.client = 1, .pairs = 20, .entries = false});
  const std::string operation = Enqueue(ToPairs(1, 20));
  sender_.HoldAll();
  Dispatcher::Options options = With("a");
  options.window = 8;
  auto dispatcher = Started(std::move(options));
  ASSERT_TRUE(Eventually([&] { return sender_.begun() == 8; }));
  dispatcher.reset();
  sender_.LetGo();  // answers that nobody hears

  LetLeasesEnd();
  dispatcher = Started(With("b"));
  ASSERT_TRUE(Eventually([&] { return Sent(operation) == 32; }));
  EXPECT_EQ(ProgressOf(operation).unknown, 8);
  EXPECT_EQ(ProgressOf(operation).waiting(), 0);
  EXPECT_THAT(sender_.times(), Each(Pair(testing::_, 1)));
}

TEST_P(CrashTest, WhatMayBeRepeatedIsSentAgain) {
  test::Plant(raw(), {.client = 1, .pairs = 1, .entries = false});
  const std::string operation =
      Enqueue({{1, test::OpenId(1, 0), storage::OnUnknown::kResend}});
  sender_.HoldAll();
  auto dispatcher = Started(With("a"));
  ASSERT_TRUE(Eventually([&] { return sender_.begun() == 1; }));
  dispatcher.reset();
  sender_.LetGo();
  LetLeasesEnd();
  dispatcher = Started(With("b"));
  ASSERT_TRUE(Eventually([&] {
    clock().Advance(absl::Seconds(1));
    dispatcher->Wake();
    return Sent(operation) == 1;
  }));
  EXPECT_EQ(sender_.begun(), 2);
}

TEST_P(CrashTest, WhoIsLateSettlesWhatWasUnknownAndSendsNoMore) {
  if (sqlite()) GTEST_SKIP() << "one process owns every lane";
  test::Plant(raw(), {.client = 1, .pairs = 2, .entries = false});
  const std::string operation = Enqueue(ToPairs(1, 2));
  sender_.HoldAll();
  Dispatcher::Options options = With("a");
  options.window = 2;  // one at a time
  const auto late = Started(std::move(options));
  ASSERT_TRUE(Eventually([&] { return sender_.begun() == 1; }));

  // As if it had stood still: its lease is over before it can renew it.
  ScriptedSender other;
  Dispatcher::Options others = With("b");
  others.accounts["main"].sender = &other;
  LetLeasesEnd();
  const auto dispatcher = Started(std::move(others));
  if (!Eventually([&] { return other.begun() > 0; }, absl::Seconds(3))) {
    // The first one was quicker and took its lane again.
    sender_.LetGo();
    EXPECT_TRUE(Eventually([&] { return Sent(operation) == 4; }));
    return;
  }
  ASSERT_TRUE(Eventually([&] { return Sent(operation) == 3; }));
  EXPECT_EQ(ProgressOf(operation).unknown, 1);
  sender_.LetGo();
  EXPECT_TRUE(Eventually([&] { return Sent(operation) == 4; }));
  EXPECT_EQ(ProgressOf(operation).unknown, 0);
  EXPECT_EQ(sender_.begun(), 1);
  EXPECT_EQ(other.begun(), 3);
}

TEST_P(CrashTest, OneOwnerAtATime) {
  if (sqlite()) GTEST_SKIP() << "one process owns every lane";
  test::Plant(raw(), {.client = 1, .pairs = 100, .entries = false});
  ScriptedSender other;
  Dispatcher::Options others = With("b");
  others.accounts["main"].sender = &other;
  const std::string operation = Enqueue(ToPairs(1, 100));
  const auto first = Started(With("a"));
  const auto second = Started(std::move(others));
  ASSERT_TRUE(Eventually([&] { return Sent(operation) == 200; }));
  EXPECT_TRUE(sender_.begun() == 0 || other.begun() == 0);
  EXPECT_EQ(sender_.begun() + other.begun(), 200);
}

TEST_P(CrashTest, AReplicaThatComesIsLeftItsShare) {
  if (sqlite()) GTEST_SKIP() << "one process owns every lane";
  const auto shared = [&](const std::string& owner) {
    Dispatcher::Options options = With(owner);
    options.accounts["main"].lane_ids = {"main#0", "main#1", "main#2",
                                         "main#3", "main#4", "main#5"};
    return options;
  };
  const auto owned_by = [&](const std::string& owner) {
    return raw().Number(
        absl::StrCat("SELECT count(*) FROM lanes WHERE owner = '", owner, "'"));
  };
  const auto first = Started(shared("a"));
  ASSERT_TRUE(Eventually([&] { return owned_by("a") == 6; }));
  auto second = Started(shared("b"));
  // An even share, and one more.
  ASSERT_TRUE(Eventually([&] { return owned_by("b") == 2; }));
  EXPECT_EQ(owned_by("a"), 4);

  EXPECT_TRUE(second->Drain(clock().Steady() + std::chrono::seconds(20)));
  EXPECT_TRUE(Eventually([&] { return owned_by("a") == 6; }));
}

TEST_P(CrashTest, DrainedItWaitsForAnswersAndGivesTheRestBack) {
  test::Plant(raw(), {.client = 1, .pairs = 20, .entries = false});
  const std::string operation = Enqueue(ToPairs(1, 20));
  sender_.HoldAll();
  Dispatcher::Options options = With("a");
  options.window = 8;
  const auto dispatcher = Started(std::move(options));
  ASSERT_TRUE(Eventually([&] { return sender_.begun() == 8; }));
  std::thread answers([&] {
    Eventually([&] { return Sent(operation) == 8; }, absl::Milliseconds(100));
    sender_.LetGo();
  });
  EXPECT_TRUE(dispatcher->Drain(clock().Steady() + std::chrono::seconds(20)));
  answers.join();
  EXPECT_EQ(Sent(operation), 8);
  EXPECT_EQ(ProgressOf(operation).waiting(), 32);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM inflight"), 0);
  EXPECT_EQ(Owned(), 0);
  EXPECT_EQ(raw().Number("SELECT count(*) FROM ready WHERE attempts > 0"), 0);

  // Another one goes on at once.
  const auto next = Started(With("b"));
  EXPECT_TRUE(
      EventuallyAsTimeGoes(*next, [&] { return Sent(operation) == 40; }));
  EXPECT_THAT(sender_.times(), Each(Pair(testing::_, 1)));
}

TEST_P(CrashTest, DrainedWithoutTimeItRecordsWhatNobodyAnsweredAsUnknown) {
  test::Plant(raw(), {.client = 1, .pairs = 4, .entries = false});
  std::vector<Planned> planned = ToPairs(1, 4);
  planned[0].on_unknown = storage::OnUnknown::kResend;
  const std::string operation = Enqueue(planned);
  sender_.HoldAll();
  const auto dispatcher = Started(With("a"));
  ASSERT_TRUE(Eventually([&] { return sender_.begun() == 8; }));
  EXPECT_TRUE(dispatcher->Drain(clock().Steady()));
  sender_.LetGo();
  EXPECT_EQ(ProgressOf(operation).unknown, 7);
  EXPECT_EQ(StateOf(1), DeliveryState::kRetry);
  EXPECT_EQ(Owned(), 0);
}

TEST_P(CrashTest, OutcomesAreWrittenUntilTheDatabaseTakesThem) {
  test::Plant(raw(), {.client = 1, .pairs = 10, .entries = false});
  const std::string operation = Enqueue(ToPairs(1, 10));
  sender_.HoldAll();
  const auto dispatcher = Started(With("a"));
  ASSERT_TRUE(Eventually([&] { return sender_.begun() == 20; }));
  ForbidInserts("results");
  sender_.LetGo();
  EXPECT_FALSE(
      Eventually([&] { return Sent(operation) > 0; }, absl::Milliseconds(300)));
  AllowInserts("results");
  EXPECT_TRUE(Eventually([&] { return Sent(operation) == 20; }));
  EXPECT_THAT(sender_.times(), Each(Pair(testing::_, 1)));
}

TEST_P(CrashTest, AnIntentWhoseAnswerWasLostIsFoundAndSent) {
  test::Plant(raw(), {.client = 1, .pairs = 10, .entries = false});
  Dispatcher::Options options = With("a");
  options.poll_period = std::chrono::hours(1);
  const auto dispatcher = Started(std::move(options));
  ASSERT_TRUE(Eventually([&] { return Owned() == 1; }));
  const std::string first = Enqueue({{1, test::OpenId(1, 0)}});
  dispatcher->Wake();
  ASSERT_TRUE(Eventually([&] { return Sent(first) == 1; }));

  const std::string operation = Enqueue(ToPairs(1, 10));
  // Committed in the dispatcher's name, and it does not know.
  storage::TakenIntents lost;
  test::Must(Write([&](storage::Transaction& write) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<storage::Lane> lanes,
                     storage::ListLanes(write));
    ASSIGN_OR_RETURN(lost, storage::RecordIntents(
                               write, {.claim = {.lane_id = "main",
                                                 .owner = "a",
                                                 .epoch = lanes.at(0).epoch},
                                       .channel_ids = {test::OpenId(1, 3)}}));
    return absl::OkStatus();
  }));
  ASSERT_THAT(lost.taken, SizeIs(1));
  ForbidInserts("inflight");
  const std::string next = Enqueue({{1, test::OpenId(1, 0)}});
  dispatcher->Wake();
  EXPECT_FALSE(
      Eventually([&] { return Sent(next) > 0; }, absl::Milliseconds(200)));
  AllowInserts("inflight");
  EXPECT_TRUE(EventuallyAsTimeGoes(
      *dispatcher, [&] { return Sent(operation) + Sent(next) == 21; }));
  EXPECT_THAT(sender_.times(), SizeIs(22));
  EXPECT_THAT(sender_.times(), Each(Pair(testing::_, 1)));
}

}  // namespace
}  // namespace broadcast::delivery
