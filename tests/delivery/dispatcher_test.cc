// What waits is sent: once, in order, fairly, within limits, and what comes of
// it is recorded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "dispatcher_fixture.h"

namespace broadcast::delivery {
namespace {

using senders::Attempt;
using senders::LimitScope;
using senders::Report;
using senders::Verdict;
using storage::DeliveryState;
using test::Eventually;
using testing::Each;
using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

INSTANTIATE_TEST_SUITE_P(Backends, DispatcherTest, test::Backends(),
                         test::BackendName);

TEST_P(DispatcherTest, SendsEachOnceAndRecordsIt) {
  test::Plant(raw(), {.client = 1, .pairs = 300, .entries = false});
  const std::string operation = Enqueue(ToPairs(1, 300));
  const auto dispatcher = Started(With("a"));
  ASSERT_TRUE(Eventually([&] { return Sent(operation) == 600; }));
  EXPECT_THAT(sender_.times(), SizeIs(600));
  EXPECT_THAT(sender_.times(), Each(Pair(testing::_, 1)));
  const storage::Delivery first = Find(1);
  EXPECT_EQ(first.state, DeliveryState::kSent);
  EXPECT_EQ(first.attempts, 1);
  EXPECT_TRUE(first.platform_message_id.has_value());
  const Attempt attempt = sender_.attempts().front();
  EXPECT_EQ(attempt.content.text, "Doors are open");
  EXPECT_FALSE(attempt.address.empty());
}

TEST_P(DispatcherTest, WakesForWhatIsNew) {
  test::Plant(raw(), {.client = 1, .pairs = 1, .entries = false});
  Dispatcher::Options options = With("a");
  options.poll_period = std::chrono::hours(1);
  const auto dispatcher = Started(std::move(options));
  for (int round = 0; round < 5; ++round) {
    const std::string operation = Enqueue(ToPairs(1, 1));
    dispatcher->Wake();
    ASSERT_TRUE(Eventually([&] { return Sent(operation) == 2; })) << round;
  }
}

TEST_P(DispatcherTest, AChannelGetsOneAfterTheOther) {
  test::Plant(raw(), {.client = 1, .pairs = 1, .entries = false});
  std::vector<Planned> planned;
  for (int i = 0; i < 20; ++i) planned.push_back({1, test::OpenId(1, 0)});
  const std::string operation = Enqueue(planned);
  const auto dispatcher = Started(With("a"));
  ASSERT_TRUE(Eventually([&] { return Sent(operation) == 20; }));
  std::vector<std::string> order;
  for (const Attempt& attempt : sender_.attempts()) {
    order.push_back(attempt.delivery_id);
  }
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_P(DispatcherTest, TheNextInAChannelWaitsForTheOutcomeBefore) {
  test::Plant(raw(), {.client = 1, .pairs = 1, .entries = false});
  const std::string operation =
      Enqueue({{1, test::OpenId(1, 0)}, {1, test::OpenId(1, 0)}});
  sender_.HoldAll();
  const auto dispatcher = Started(With("a"));
  ASSERT_TRUE(Eventually([&] { return sender_.begun() == 1; }));
  EXPECT_EQ(StateOf(1), DeliveryState::kSending);
  EXPECT_EQ(StateOf(2), DeliveryState::kPending);
  sender_.LetGo();
  EXPECT_TRUE(Eventually([&] { return Sent(operation) == 2; }));
}

TEST_P(DispatcherTest, AClientWithLittleDoesNotWaitForOneWithMuch) {
  test::Plant(raw(), {.client = 1, .pairs = 2000, .entries = false});
  test::Plant(raw(), {.client = 2, .pairs = 1, .entries = false});
  Enqueue(ToPairs(1, 2000));
  Dispatcher::Options options = With("a");
  options.accounts["main"].limits.account = {.count = 100, .burst = 5};
  options.window = 16;
  const auto dispatcher = Started(std::move(options));
  ASSERT_TRUE(Eventually([&] { return sender_.begun() >= 20; }));
  const std::string operation = Enqueue(ToPairs(2, 1));
  const size_t before = sender_.begun();
  dispatcher->Wake();
  ASSERT_TRUE(Eventually([&] { return Sent(operation) == 2; }));
  // What was intended by then, and about one of the other's for each.
  EXPECT_LE(sender_.begun() - before, 40);
}

TEST_P(DispatcherTest, KeepsTheAccountsLimitExactly) {
  test::Plant(raw(), {.client = 1, .pairs = 60, .entries = false});
  std::vector<SteadyTime> sent;  // under the sender's lock
  sender_.Play([&](const Attempt&) {
    sent.push_back(clock().Steady());
    return ScriptedSender::Done(static_cast<int>(sent.size()));
  });
  const std::string operation = Enqueue(ToPairs(1, 60));
  Dispatcher::Options options = With("a");
  options.accounts["main"].limits.account = {.count = 40, .burst = 5};
  auto dispatcher = Started(std::move(options));
  ASSERT_TRUE(Eventually([&] { return Sent(operation) == 120; }));
  dispatcher.reset();
  ASSERT_THAT(sent, SizeIs(120));
  for (size_t i = 40; i < sent.size(); ++i) {
    EXPECT_GT(sent[i] - sent[i - 40], std::chrono::seconds(1)) << i;
  }
}

TEST_P(DispatcherTest, ALimitedAccountPausesAndBurnsNothing) {
  test::Plant(raw(), {.client = 1, .pairs = 5, .entries = false});
  const std::string operation = Enqueue(ToPairs(1, 5));
  sender_.Play([](const Attempt&) {
    return Report{.verdict = Verdict::kRetry,
                  .phase = senders::Phase::kResponseRead,
                  .reason = "too_many_requests",
                  .retry_after = absl::Seconds(3600),
                  .limit = LimitScope::kAccount,
                  .http_status = 429};
  });
  Dispatcher::Options options = With("a");
  options.window = 2;  // one at a time
  auto dispatcher = Started(std::move(options));
  ASSERT_TRUE(Eventually([&] {
    return sender_.begun() >= 1 && StateOf(1) == DeliveryState::kRetry;
  }));
  // One that was taken before that was known is given back: else it would be
  // unknown to whoever takes over.
  ASSERT_TRUE(Eventually(
      [&] { return raw().Number("SELECT count(*) FROM inflight") == 0; }));
  sender_.Play(nullptr);
  const size_t limited = sender_.begun();
  EXPECT_LE(limited, 2);

  // Nor does another owner send before that.
  dispatcher.reset();
  LetLeasesEnd();
  dispatcher = Started(With("b"));
  clock().Advance(absl::Minutes(30));
  dispatcher->Wake();
  EXPECT_FALSE(Eventually([&] { return sender_.begun() > limited; },
                          absl::Milliseconds(300)));

  clock().Advance(absl::Minutes(31));
  dispatcher->Wake();
  ASSERT_TRUE(Eventually([&] { return Sent(operation) == 10; }));
  for (const Attempt& attempt : sender_.attempts()) {
    EXPECT_EQ(attempt.attempt, 1);
  }
}

TEST_P(DispatcherTest, ALimitedChatHoldsNobodyElseUp) {
  test::Plant(raw(), {.client = 1, .pairs = 20, .entries = false});
  std::vector<Planned> planned = ToPairs(1, 20);
  planned.push_back(planned.front());
  const std::string operation = Enqueue(planned);
  sender_.Play([](const Attempt& attempt) {
    if (attempt.delivery_id != DeliveryId(1)) return ScriptedSender::Done(1);
    return Report{.verdict = Verdict::kRetry,
                  .phase = senders::Phase::kResponseRead,
                  .reason = "too_many_requests",
                  .retry_after = absl::Seconds(600),
                  .limit = LimitScope::kChat,
                  .http_status = 429};
  });
  const auto dispatcher = Started(With("a"));
  ASSERT_TRUE(Eventually([&] { return Sent(operation) == 39; }));
  EXPECT_EQ(StateOf(1), DeliveryState::kRetry);
  EXPECT_EQ(StateOf(41), DeliveryState::kPending);
  sender_.Play(nullptr);
  clock().Advance(absl::Seconds(602));
  dispatcher->Wake();
  EXPECT_TRUE(Eventually([&] { return Sent(operation) == 41; }));
}

TEST_P(DispatcherTest, TriesAgainUntilItIsSent) {
  test::Plant(raw(), {.client = 1, .pairs = 1, .entries = false});
  const std::string operation = Enqueue({{1, test::OpenId(1, 0)}});
  sender_.Play([](const Attempt& attempt) {
    if (attempt.attempt == 3) return ScriptedSender::Done(1);
    return Report{.verdict = Verdict::kRetry, .reason = "connect_failed"};
  });
  const auto dispatcher = Started(With("a"));
  for (size_t attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_TRUE(Eventually([&] { return sender_.begun() == attempt; }));
    if (attempt == 3) break;
    ASSERT_TRUE(
        Eventually([&] { return StateOf(1) == DeliveryState::kRetry; }));
    clock().Advance(absl::Seconds(3));
    dispatcher->Wake();
  }
  EXPECT_TRUE(Eventually([&] { return Sent(operation) == 1; }));
  EXPECT_EQ(Find(1).attempts, 3);
}

TEST_P(DispatcherTest, AStoppedAccountKeepsItsDeliveries) {
  test::Plant(raw(), {.client = 1, .pairs = 4, .entries = false});
  const std::string operation = Enqueue(ToPairs(1, 4));
  sender_.Play([](const Attempt&) {
    return Report{.verdict = Verdict::kAccountStopped,
                  .phase = senders::Phase::kResponseRead,
                  .reason = "unauthorized",
                  .http_status = 401};
  });
  Dispatcher::Options options = With("a");
  options.window = 2;
  const auto dispatcher = Started(std::move(options));
  ASSERT_TRUE(Eventually([&] { return sender_.begun() >= 1; }));
  EXPECT_FALSE(
      Eventually([&] { return sender_.begun() > 2; }, absl::Milliseconds(300)));
  EXPECT_EQ(ProgressOf(operation).waiting(), 8);
  sender_.Play(nullptr);
  clock().Advance(absl::Minutes(3));
  dispatcher->Wake();
  EXPECT_TRUE(Eventually([&] { return Sent(operation) == 8; }));
}

TEST_P(DispatcherTest, AChatThatMovedIsTriedAtItsNewAddress) {
  test::Plant(raw(), {.client = 1, .pairs = 1, .entries = false});
  const std::string operation = Enqueue({{1, test::OpenId(1, 0)}});
  sender_.Play([](const Attempt& attempt) {
    if (attempt.address == "moved") return ScriptedSender::Done(1);
    return Report{.verdict = Verdict::kMoved,
                  .phase = senders::Phase::kResponseRead,
                  .reason = "chat_migrated",
                  .new_address = "moved",
                  .http_status = 400};
  });
  const auto dispatcher = Started(With("a"));
  EXPECT_TRUE(
      EventuallyAsTimeGoes(*dispatcher, [&] { return Sent(operation) == 1; }));
}

TEST_P(DispatcherTest, ASuspectChannelIsProbedBeforeItIsDisabled) {
  test::Plant(raw(), {.client = 1, .pairs = 4, .entries = false});
  const std::string operation = Enqueue({{1, test::OpenId(1, 0)}});
  sender_.Play([](const Attempt&) {
    return Report{.verdict = Verdict::kChannelSuspect,
                  .phase = senders::Phase::kResponseRead,
                  .reason = "chat_not_found",
                  .http_status = 400};
  });
  sender_.AnswerProbesWith(
      {.report = {.verdict = Verdict::kDone}, .chat = {.present = false}});
  Dispatcher::Options options = With("a");
  options.policy.suspect_failures = 1;
  options.policy.suspect_period = absl::ZeroDuration();
  options.policy.incident_share = 2;
  const auto dispatcher = Started(std::move(options));
  ASSERT_TRUE(Eventually([&] { return ProgressOf(operation).failed == 1; }));
  EXPECT_TRUE(Eventually([&] {
    return raw().Number(
               "SELECT count(*) FROM channels WHERE state = 'disabled'") == 1;
  }));
  EXPECT_THAT(sender_.probed(), ElementsAre(test::OpenId(1, 0)));
}

}  // namespace
}  // namespace broadcast::delivery
