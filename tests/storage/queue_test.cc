#include "storage/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace broadcast::storage {
namespace {

using testing::ElementsAre;

// Jobs are told apart by their deadlines.
Job Numbered(int number, Priority priority = Priority::kRequest) {
  return {.patience = {.deadline = SteadyTime(std::chrono::seconds(number))},
          .priority = priority};
}

bool Push(JobQueue& queue, int number, Priority priority = Priority::kRequest) {
  Job job = Numbered(number, priority);
  return queue.Push(job);
}

std::vector<int> Take(JobQueue& queue, size_t most) {
  std::vector<int> numbers;
  for (const Job& job : queue.Take(most)) {
    numbers.push_back(
        static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(
                             job.patience.deadline.time_since_epoch())
                             .count()));
  }
  return numbers;
}

TEST(JobQueueTest, JobsLeaveInTheOrderInWhichTheyCame) {
  JobQueue queue(10);
  for (int i = 1; i <= 5; ++i) EXPECT_TRUE(Push(queue, i));
  EXPECT_EQ(queue.size(), 5);
  EXPECT_THAT(Take(queue, 3), ElementsAre(1, 2, 3));
  EXPECT_THAT(Take(queue, 3), ElementsAre(4, 5));
  EXPECT_EQ(queue.size(), 0);
}

TEST(JobQueueTest, AFullQueueLeavesTheJobAsItWas) {
  JobQueue queue(2);
  EXPECT_TRUE(Push(queue, 1));
  EXPECT_TRUE(Push(queue, 2, Priority::kBackground));
  bool answered = false;
  Job job = Numbered(3);
  job.done = [&](const absl::Status&) { answered = true; };
  EXPECT_FALSE(queue.Push(job));
  job.done(absl::OkStatus());
  EXPECT_TRUE(answered);
  EXPECT_FALSE(queue.closed());
}

TEST(JobQueueTest, RequestsGoBeforeBackgroundWork) {
  JobQueue queue(10);
  EXPECT_TRUE(Push(queue, 100, Priority::kBackground));
  EXPECT_TRUE(Push(queue, 1));
  EXPECT_TRUE(Push(queue, 2));
  EXPECT_THAT(Take(queue, 10), ElementsAre(1, 2));
  EXPECT_THAT(Take(queue, 10), ElementsAre(100));
}

TEST(JobQueueTest, BackgroundWorkGetsItsTurnWhileRequestsNeverEnd) {
  for (size_t group : {1, 4}) {
    JobQueue queue(1000);
    EXPECT_TRUE(Push(queue, 1000, Priority::kBackground));
    bool came = false;
    for (int turn = 0; turn < 8 && !came; ++turn) {
      for (size_t i = 0; i < group; ++i) EXPECT_TRUE(Push(queue, 1));
      for (int number : Take(queue, group)) came |= number == 1000;
    }
    EXPECT_TRUE(came) << group;
  }
}

TEST(JobQueueTest, BackgroundWorkGoesOneAtATime) {
  JobQueue queue(10);
  EXPECT_TRUE(Push(queue, 1, Priority::kBackground));
  EXPECT_TRUE(Push(queue, 2, Priority::kBackground));
  EXPECT_THAT(Take(queue, 10), ElementsAre(1));
  EXPECT_THAT(Take(queue, 10), ElementsAre(2));
}

TEST(JobQueueTest, AClosedQueueIsDrainedAndThenEmpty) {
  JobQueue queue(10);
  EXPECT_TRUE(Push(queue, 1));
  EXPECT_TRUE(Push(queue, 2, Priority::kBackground));
  queue.Close();
  EXPECT_TRUE(queue.closed());
  EXPECT_FALSE(Push(queue, 3));
  EXPECT_THAT(Take(queue, 10), ElementsAre(1));
  EXPECT_THAT(Take(queue, 10), ElementsAre(2));
  EXPECT_THAT(Take(queue, 10), ElementsAre());
}

TEST(JobQueueTest, ClosingWakesThoseWhoWait) {
  JobQueue queue(10);
  std::thread waiting([&] { EXPECT_THAT(Take(queue, 10), ElementsAre()); });
  queue.Close();
  waiting.join();
}

TEST(JobQueueTest, EveryJobOfManyThreadsIsTakenOnce) {
  JobQueue queue(10'000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 250; ++i) Push(queue, t * 250 + i);
    });
  }
  absl::Mutex mu;
  std::vector<int> taken;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      while (true) {
        const std::vector<int> numbers = Take(queue, 7);
        absl::MutexLock lock(&mu);
        taken.insert(taken.end(), numbers.begin(), numbers.end());
        if (numbers.empty() || taken.size() == 1000) {
          queue.Close();
          return;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(taken.begin(), taken.end());
  ASSERT_EQ(taken.size(), 1000);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(taken[i], i);
}

}  // namespace
}  // namespace broadcast::storage
