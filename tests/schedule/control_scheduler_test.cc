#include "schedule/control_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/firing_test.h"

namespace broadcast::schedule {
namespace {

using storage::Transaction;
using test::HasReason;
using test::Must;

class ControlSchedulerTest : public test::FiringTest {
 protected:
  absl::StatusOr<ControlledScheduler> Pause(
      const std::string& reason, const storage::RequestKey& request = {}) {
    return Do([&](Transaction& transaction) {
      return PauseScheduler(transaction, request, reason);
    });
  }
  absl::StatusOr<ControlledScheduler> Resume(
      const storage::RequestKey& request = {}) {
    return Do([&](Transaction& transaction) {
      return ResumeScheduler(transaction, request);
    });
  }
};

TEST_P(ControlSchedulerTest, APauseIsKeptOverARestart) {
  const auto paused = Must(Pause("holidays"));
  EXPECT_TRUE(paused.state.pause_time.has_value());
  EXPECT_EQ(paused.state.pause_reason, "holidays");
  Reopen();
  const auto again = Must(Pause("longer holidays"));
  EXPECT_EQ(again.state.pause_time, paused.state.pause_time);
  EXPECT_EQ(again.state.pause_reason, "longer holidays");
  EXPECT_EQ(Must(Resume()).state.pause_time, std::nullopt);
  EXPECT_EQ(Must(Resume()).state.pause_time, std::nullopt);
  EXPECT_EQ(Count("events WHERE kind = 'scheduler.paused'"), 1);
  EXPECT_EQ(Count("events WHERE kind = 'scheduler.resumed'"), 1);
}

TEST_P(ControlSchedulerTest, ARepetitionTellsTheStateOfNow) {
  const auto request = Request("PauseScheduler", "r1");
  EXPECT_FALSE(Must(Pause("holidays", request)).replayed);
  Must(Resume());
  const auto again = Must(Pause("holidays", request));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.state.pause_time, std::nullopt);
  EXPECT_THAT(Pause("x", Request("PauseScheduler", "r1", "other")),
              HasReason("REQUEST_ID_REUSED"));
}

INSTANTIATE_TEST_SUITE_P(Backends, ControlSchedulerTest, test::Backends(),
                         test::BackendName);

}  // namespace
}  // namespace broadcast::schedule
