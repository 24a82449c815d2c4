// What Database promises of writes, on both backends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>

#include "storage/sql_error.h"
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
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Sql kInsert{"INSERT INTO things (id) VALUES (:id)"};
constexpr Sql kCount{"SELECT count(*) FROM things"};

class WriterTest : public test::DatabaseTest {
 protected:
  void SetUp() override {
    raw().Execute(sqlite()
                      ? "CREATE TABLE things (id INTEGER PRIMARY KEY) STRICT"
                      : "CREATE TABLE things (id BIGINT PRIMARY KEY)");
    DatabaseTest::SetUp();
  }

  Database::Options Options() override {
    Database::Options options = DatabaseTest::Options();
    // One thread, so that a body that waits holds up all those behind it.
    options.postgres_sessions = 1;
    return options;
  }

  static Body Inserting(int64_t id) {
    return [id](Transaction& transaction) {
      return transaction.Execute(kInsert, {{"id", id}}).status();
    };
  }

  // Occupies the writer until the returned function is called.
  std::function<absl::Status()> Block() {
    auto started = std::make_shared<absl::Notification>();
    auto go = std::make_shared<absl::Notification>();
    auto answer = std::make_shared<Answer>();
    database().Write(
        {},
        [=](Transaction&) {
          if (!started->HasBeenNotified()) started->Notify();
          go->WaitForNotificationWithTimeout(test::kLongWait);
          return absl::OkStatus();
        },
        answer->Done());
    started->WaitForNotification();
    return [=] {
      go->Notify();
      return answer->Wait();
    };
  }

  std::vector<std::string> Ids() {
    return raw().Column("SELECT id FROM things ORDER BY id");
  }
};

TEST_P(WriterTest, AWriteIsThereWhenItIsAnswered) {
  constexpr int kWrites = 20;
  std::deque<Answer> answers(kWrites);
  std::atomic<int> seen = 0;
  const auto unblock = Block();
  for (int i = 0; i < kWrites; ++i) {
    database().Write(
        {}, Inserting(i),
        [&, i, done = answers[i].Done()](absl::Status status) mutable {
          test::RawConnection other(test().location());
          seen += static_cast<int>(other.Number(
              "SELECT count(*) FROM things WHERE id = " + std::to_string(i)));
          done(std::move(status));
        });
  }
  EXPECT_THAT(unblock(), IsOk());
  for (Answer& answer : answers) EXPECT_THAT(answer.Wait(), IsOk());
  EXPECT_EQ(seen, kWrites);
}

TEST_P(WriterTest, AFailingBodyIsUndoneAloneWhileItsNeighboursCommit) {
  std::deque<Answer> answers(10);
  const auto unblock = Block();
  for (int i = 0; i < 10; ++i) {
    database().Write(
        {},
        [i](Transaction& transaction) -> absl::Status {
          RETURN_IF_ERROR(transaction.Execute(kInsert, {{"id", i}}).status());
          if (i == 3) return absl::AlreadyExistsError("the body's own word");
          // A constraint's error in the middle of the group.
          if (i == 6) return transaction.Execute(kInsert, {{"id", 0}}).status();
          return absl::OkStatus();
        },
        answers[i].Done());
  }
  EXPECT_THAT(unblock(), IsOk());
  for (int i = 0; i < 10; ++i) {
    if (i == 3) {
      EXPECT_THAT(answers[i].Wait(), StatusIs(absl::StatusCode::kAlreadyExists,
                                              "the body's own word"));
    } else if (i == 6) {
      EXPECT_EQ(FailureOf(answers[i].Wait()), SqlFailure::kUnique);
    } else {
      EXPECT_THAT(answers[i].Wait(), IsOk());
    }
  }
  EXPECT_THAT(Ids(), ElementsAre("0", "1", "2", "4", "5", "7", "8", "9"));
}

// What a group may do without savepoints for.
TEST_P(WriterTest, OnlyAFailureAfterAChangeRunsAGroupAgain) {
  if (!sqlite()) GTEST_SKIP() << "PostgreSQL has no groups";
  const auto runs_of_a_neighbour = [&](int64_t id, bool change_first) {
    auto runs = std::make_shared<std::atomic<int>>(0);
    std::deque<Answer> answers(2);
    const auto unblock = Block();
    database().Write(
        {},
        [=](Transaction& transaction) {
          ++*runs;
          return transaction.Execute(kInsert, {{"id", id}}).status();
        },
        answers[0].Done());
    database().Write(
        {},
        [=](Transaction& transaction) -> absl::Status {
          if (change_first) {
            const int64_t next = id + 1;
            RETURN_IF_ERROR(
                transaction.Execute(kInsert, {{"id", next}}).status());
          }
          return absl::NotFoundError("the body's own word");
        },
        answers[1].Done());
    EXPECT_THAT(unblock(), IsOk());
    EXPECT_THAT(answers[0].Wait(), IsOk());
    EXPECT_THAT(answers[1].Wait(), StatusIs(absl::StatusCode::kNotFound));
    return runs->load();
  };
  EXPECT_EQ(runs_of_a_neighbour(10, /*change_first=*/false), 1);
  EXPECT_EQ(runs_of_a_neighbour(20, /*change_first=*/true), 2);
  // Now every body has its savepoint.
  EXPECT_EQ(runs_of_a_neighbour(30, /*change_first=*/true), 1);
  EXPECT_THAT(Ids(), ElementsAre("10", "20", "30"));
}

TEST_P(WriterTest, WhatFailsAloneLeavesNothing) {
  EXPECT_THAT(Write([](Transaction& transaction) -> absl::Status {
                RETURN_IF_ERROR(Inserting(1)(transaction));
                return absl::NotFoundError("no");
              }),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_P(WriterTest, UndoTellsWhatWouldHappenAndLeavesNothing) {
  // Alone, and in a group with others.
  EXPECT_THAT(Write(Inserting(1), {.undo = true}), IsOk());
  EXPECT_THAT(Ids(), IsEmpty());
  Answer before, undone, failing, after;
  const auto unblock = Block();
  database().Write({}, Inserting(1), before.Done());
  database().Write({.undo = true}, Inserting(2), undone.Done());
  database().Write({.undo = true}, Inserting(1), failing.Done());
  database().Write({}, Inserting(3), after.Done());
  EXPECT_THAT(unblock(), IsOk());
  EXPECT_THAT(before.Wait(), IsOk());
  EXPECT_THAT(undone.Wait(), IsOk());
  EXPECT_EQ(FailureOf(failing.Wait()), SqlFailure::kUnique);
  EXPECT_THAT(after.Wait(), IsOk());
  EXPECT_THAT(Ids(), ElementsAre("1", "3"));
}

TEST_P(WriterTest, ASingleStatementNeedsNoTransactionOnPostgres) {
  std::vector<Transaction::Mode> modes;
  EXPECT_THAT(Write(
                  [&](Transaction& transaction) {
                    modes.push_back(transaction.mode());
                    return Inserting(1)(transaction);
                  },
                  {.guarded = true, .single = true}),
              IsOk());
  EXPECT_THAT(modes, ElementsAre(sqlite() ? Transaction::Mode::kWhole
                                          : Transaction::Mode::kSingle));
  EXPECT_THAT(Ids(), ElementsAre("1"));
}

TEST_P(WriterTest, ASingleStatementThatMeetsAConstraintIsRunAsAWhole) {
  raw().Execute("INSERT INTO things VALUES (1)");
  int runs = 0;
  Body body = [&](Transaction& transaction) -> absl::Status {
    ++runs;
    if (transaction.mode() == Transaction::Mode::kSingle) {
      return Inserting(1)(transaction);
    }
    RETURN_IF_ERROR(Inserting(2)(transaction));
    return Inserting(3)(transaction);
  };
  EXPECT_THAT(Write(std::move(body), {.guarded = true, .single = true}),
              IsOk());
  EXPECT_EQ(runs, sqlite() ? 1 : 2);
  EXPECT_THAT(Ids(), ElementsAre("1", "2", "3"));
}

TEST_P(WriterTest, ABodyMayAskForAWholeTransaction) {
  int runs = 0;
  EXPECT_THAT(Write(
                  [&](Transaction& transaction) -> absl::Status {
                    ++runs;
                    if (transaction.mode() == Transaction::Mode::kSingle) {
                      return NeedsWholeTransaction();
                    }
                    return Inserting(1)(transaction);
                  },
                  {.guarded = true, .single = true}),
              IsOk());
  EXPECT_EQ(runs, sqlite() ? 1 : 2);
  EXPECT_THAT(Ids(), ElementsAre("1"));
}

TEST_P(WriterTest, SingleIsOnlyForThoseWhoMayBeRepeated) {
  std::vector<Transaction::Mode> modes;
  const auto note = [&](Transaction& transaction) {
    modes.push_back(transaction.mode());
    return absl::OkStatus();
  };
  EXPECT_THAT(Write(note, {.single = true}), IsOk());
  EXPECT_THAT(Write(note, {.guarded = true, .single = true, .undo = true}),
              IsOk());
  EXPECT_THAT(
      modes, ElementsAre(Transaction::Mode::kWhole, Transaction::Mode::kWhole));
}

TEST_P(WriterTest, ADeadlineThatPassedWhileWaitingLeavesNoTrace) {
  Answer answer;
  const auto unblock = Block();
  database().Write(
      {.patience = {.deadline = clock().Steady() + std::chrono::seconds(10)}},
      Inserting(1), answer.Done());
  clock().AdvanceSteady(absl::Seconds(11));
  EXPECT_THAT(unblock(), IsOk());
  EXPECT_THAT(answer.Wait(),
              AllOf(StatusIs(absl::StatusCode::kDeadlineExceeded),
                    HasReason("DEADLINE_BEFORE_START")));
  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_P(WriterTest, ACallCancelledWhileWaitingLeavesNoTrace) {
  Answer cancelled, patient;
  std::atomic<bool> gone = false;
  const auto unblock = Block();
  database().Write({.patience = {.cancelled = [&] { return gone.load(); }}},
                   Inserting(1), cancelled.Done());
  database().Write({.patience = {.cancelled = [] { return false; }}},
                   Inserting(2), patient.Done());
  gone = true;
  EXPECT_THAT(unblock(), IsOk());
  EXPECT_THAT(cancelled.Wait(), AllOf(StatusIs(absl::StatusCode::kCancelled),
                                      HasReason("CANCELLED_BEFORE_START")));
  EXPECT_THAT(patient.Wait(), IsOk());
  EXPECT_THAT(Ids(), ElementsAre("2"));
}

TEST_P(WriterTest, AFullQueueIsToldAtOnce) {
  Database::Options options = Options();
  options.write_queue = 2;
  ASSERT_THAT(test().Open(std::move(options)), IsOk());
  Answer first, second, third;
  const auto unblock = Block();
  database().Write({}, Inserting(1), first.Done());
  database().Write({}, Inserting(2), second.Done());
  database().Write({}, Inserting(3), third.Done());
  ASSERT_TRUE(third.answered());
  EXPECT_THAT(third.Wait(),
              AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
                    HasReason("QUEUE_FULL")));
  EXPECT_THAT(unblock(), IsOk());
  EXPECT_THAT(first.Wait(), IsOk());
  EXPECT_THAT(second.Wait(), IsOk());
  EXPECT_THAT(Ids(), ElementsAre("1", "2"));
}

TEST_P(WriterTest, BackgroundWorkIsDoneWhileRequestsNeverEnd) {
  Answer background;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int64_t id = i + 1000; !stop; id += 4) {
        EXPECT_THAT(Write(Inserting(id)), IsOk());
      }
    });
  }
  EXPECT_TRUE(Eventually([&] { return Ids().size() > 20; }));
  database().Write({.priority = Priority::kBackground}, Inserting(1),
                   background.Done());
  EXPECT_THAT(background.Wait(), IsOk());
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

TEST_P(WriterTest, ABodyThatAsksToRunAgainIsRunAgain) {
  int runs = 0;
  EXPECT_THAT(Write([&](Transaction& transaction) -> absl::Status {
                RETURN_IF_ERROR(Inserting(++runs)(transaction));
                return runs < 3 ? RunAgain() : absl::OkStatus();
              }),
              IsOk());
  EXPECT_EQ(runs, 3);
  EXPECT_THAT(Ids(), ElementsAre("3"));
}

TEST_P(WriterTest, ManyThreadsWriteEverythingOnce) {
  Database::Options options = DatabaseTest::Options();
  options.postgres_sessions = 4;
  ASSERT_THAT(test().Open(std::move(options)), IsOk());
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        EXPECT_THAT(Write(Inserting(t * 25 + i)), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(raw().Number("SELECT count(*) FROM things"), 200);
}

TEST_P(WriterTest, WithoutGroupCommitEveryWriteIsStillDone) {
  Database::Options options = Options();
  options.group_commit = false;
  ASSERT_THAT(test().Open(std::move(options)), IsOk());
  std::deque<Answer> answers(5);
  const auto unblock = Block();
  for (int i = 0; i < 5; ++i) {
    database().Write({}, Inserting(i), answers[i].Done());
  }
  EXPECT_THAT(unblock(), IsOk());
  for (Answer& answer : answers) EXPECT_THAT(answer.Wait(), IsOk());
  EXPECT_EQ(Ids().size(), 5);
}

TEST_P(WriterTest, StopMakesDurableWhatIsQueued) {
  std::deque<Answer> answers(100);
  const auto unblock = Block();
  for (int i = 0; i < 100; ++i) {
    database().Write(
        {.priority = i % 2 == 0 ? Priority::kRequest : Priority::kBackground},
        Inserting(i), answers[i].Done());
  }
  std::thread stopping([&] { database().Stop(); });
  EXPECT_THAT(unblock(), IsOk());
  stopping.join();
  for (Answer& answer : answers) {
    ASSERT_TRUE(answer.answered());
    EXPECT_THAT(answer.Wait(), IsOk());
  }
  EXPECT_EQ(Ids().size(), 100);
}

TEST_P(WriterTest, AfterStopEverythingIsUnavailable) {
  database().Stop();
  const auto refused = AllOf(StatusIs(absl::StatusCode::kUnavailable),
                             HasReason("SHUTTING_DOWN"));
  EXPECT_THAT(Write(Inserting(1)), refused);
  const auto nothing = [](Transaction&) { return absl::OkStatus(); };
  EXPECT_THAT(Read(nothing, ReadKind::kPoint), refused);
  EXPECT_THAT(Read(nothing, ReadKind::kScan), refused);
  database().Stop();
  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_P(WriterTest, AWriteSeesWhatItsGroupWroteBefore) {
  Answer first, second;
  int64_t seen = 0;
  const auto unblock = Block();
  database().Write({}, Inserting(1), first.Done());
  database().Write(
      {},
      [&](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(const auto row,
                         transaction.QueryOne<std::tuple<int64_t>>(kCount, {}));
        seen = std::get<0>(*row);
        return absl::OkStatus();
      },
      second.Done());
  EXPECT_THAT(unblock(), IsOk());
  EXPECT_THAT(first.Wait(), IsOk());
  EXPECT_THAT(second.Wait(), IsOk());
  EXPECT_EQ(seen, 1);
}

INSTANTIATE_TEST_SUITE_P(Backends, WriterTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::storage
