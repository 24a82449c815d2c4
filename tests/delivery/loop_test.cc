// The dispatcher's thread: tasks in order, rounds between them, nothing after
// its end.
#include "delivery/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "support/answer.h"
#include "support/fake_clock.h"

namespace broadcast::delivery {
namespace {

using test::Eventually;

TEST(LoopTest, RunsTasksInOrderAndARoundAfterThem) {
  test::FakeClock clock;
  std::vector<int> done;  // the loop's
  std::atomic<size_t> seen = 0;
  Loop loop(&clock, [&](SteadyTime) {
    seen = done.size();
    return SteadyTime::max();
  });
  loop.Start();
  for (int i = 0; i < 100; ++i) {
    loop.mailbox()->Post([&done, i] { done.push_back(i); });
  }
  ASSERT_TRUE(Eventually([&] { return seen == 100; }));
  loop.Stop();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[static_cast<size_t>(i)], i);
}

TEST(LoopTest, TakesARoundWhenItWasAskedFor) {
  test::FakeClock clock;
  std::atomic<int> rounds = 0;
  Loop loop(&clock, [&](SteadyTime now) {
    ++rounds;
    return rounds < 3 ? now + std::chrono::milliseconds(5) : SteadyTime::max();
  });
  loop.Start();
  EXPECT_TRUE(Eventually([&] { return rounds == 3; }));
  EXPECT_FALSE(Eventually([&] { return rounds > 3; }, absl::Milliseconds(30)));
}

TEST(LoopTest, WhatIsPostedToAnEndedLoopIsDropped) {
  test::FakeClock clock;
  std::shared_ptr<Mailbox> mailbox;
  const auto kept = std::make_shared<int>(1);
  bool ran = false;
  {
    Loop loop(&clock, [](SteadyTime) { return SteadyTime::max(); });
    loop.Start();
    mailbox = loop.mailbox();
  }
  mailbox->Post([&ran, kept] { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_EQ(kept.use_count(), 1);
}

}  // namespace
}  // namespace broadcast::delivery
