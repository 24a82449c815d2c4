// AdminService.ExecuteDue, PauseScheduler and ResumeScheduler.

#include <atomic>

#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using testing::IsEmpty;

class SchedulerCallsTest : public RpcTest {
 protected:
  void Configure(rpc::Policy& policy) override {
    policy.external_scheduler = true;
    policy.wake_dispatcher = [this] { ++sent_; };
    policy.wake_scheduler = [this] { ++woken_; };
  }

  void CreateDue(int pairs) {
    for (int pair = 0; pair < pairs; ++pair) {
      v1::CreateEntryRequest request = NewEntry(1, pair);
      *request.mutable_open_content() = TextContent("a");
      *request.mutable_closed_content() = TextContent("b");
      Create(request);
    }
  }

  v1::SchedulerState State() {
    return Call(v1::GetServerInfoRequest())->scheduler_state();
  }

  int64_t AuditEvents(const std::string& event) {
    v1::ListAuditEventsRequest request;
    request.set_filter("event = " + event);
    return Call(request)->audit_events_size();
  }

  std::atomic<int> sent_{0};
  std::atomic<int> woken_{0};
};

TEST_P(SchedulerCallsTest, ExecuteDueFiresOncePassByPass) {
  CreateDue(3);
  v1::ExecuteDueRequest request;
  request.set_max_firing_count(2);
  const auto first = Call(request);
  ASSERT_THAT(first, Succeeds());
  EXPECT_EQ(first->fired_count(), 2);
  EXPECT_EQ(first->skipped_count(), 0);
  EXPECT_TRUE(first->more_due());
  const auto second = Call(request);
  EXPECT_EQ(second->fired_count(), 1);
  EXPECT_FALSE(second->more_due());
  EXPECT_EQ(sent_, 2);
  EXPECT_EQ(AuditEvents("scheduler.executed"), 2);
  // With nothing to do it leaves no trace.
  const auto third = Call(request);
  EXPECT_EQ(third->fired_count(), 0);
  EXPECT_EQ(AuditEvents("scheduler.executed"), 2);
  EXPECT_EQ(Count("operations"), 3);
}

TEST_P(SchedulerCallsTest, ExecuteDueSaysWhatItSkipped) {
  Create(NewEntry(1, 1));
  const auto reply = Call(v1::ExecuteDueRequest());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply->fired_count(), 0);
  EXPECT_EQ(reply->skipped_count(), 1);
  EXPECT_EQ(Count("operations"), 0);
  v1::ExecuteDueRequest request;
  request.set_max_firing_count(-1);
  EXPECT_THAT(Call(request),
              HasViolationsOf(std::vector<std::string>{"max_firing_count"}));
  request.set_max_firing_count(1'000'000);
  EXPECT_THAT(Call(request), Succeeds());
}

TEST_P(SchedulerCallsTest, APauseHoldsForAllAndOverRestarts) {
  CreateDue(1);
  v1::PauseSchedulerRequest request;
  request.set_reason("maintenance");
  request.set_request_id(RequestId(1));
  const auto paused = Call(request);
  ASSERT_THAT(paused, Succeeds());
  EXPECT_TRUE(paused->scheduler_state().paused());
  EXPECT_EQ(paused->scheduler_state().pause_reason(), "maintenance");
  EXPECT_EQ(paused->scheduler_state().mode(),
            v1::SchedulerState::MODE_EXTERNAL);
  EXPECT_TRUE(Call(request)->replayed());
  EXPECT_EQ(Call(v1::ExecuteDueRequest())->fired_count(), 0);
  Serve();
  EXPECT_THAT(State(), EqualsProto(paused->scheduler_state()));
  const int woken = woken_;
  const auto resumed = Call(v1::ResumeSchedulerRequest());
  ASSERT_THAT(resumed, Succeeds());
  EXPECT_FALSE(resumed->scheduler_state().paused());
  EXPECT_FALSE(resumed->scheduler_state().has_pause_time());
  EXPECT_THAT(resumed->scheduler_state().pause_reason(), IsEmpty());
  EXPECT_GT(woken_, woken);
  EXPECT_EQ(Call(v1::ExecuteDueRequest())->fired_count(), 1);
  EXPECT_EQ(AuditEvents("scheduler.paused"), 1);
  EXPECT_EQ(AuditEvents("scheduler.resumed"), 1);
}

TEST_P(SchedulerCallsTest, WhateverMayMakeAnEntryDueWakesTheScheduler) {
  const v1::Entry entry = Create(NewEntry(1, 1)).entry();
  EXPECT_EQ(woken_, 1);
  v1::PauseEntryRequest pause;
  pause.set_entry_id(entry.entry_id());
  Call(pause);
  v1::ResumeEntryRequest resume;
  resume.set_entry_id(entry.entry_id());
  Call(resume);
  v1::BatchCreateEntriesRequest batch;
  *batch.add_requests() = NewEntry(1, 2);
  Call(batch);
  EXPECT_GE(woken_, 3);
  const int woken = woken_;
  Call(NewPair(1, 3));
  v1::BackfillEntriesRequest backfill;
  backfill.mutable_all();
  EXPECT_EQ(Call(backfill)->created_count(), 1);
  EXPECT_GT(woken_, woken);
}

INSTANTIATE_TEST_SUITE_P(Backends, SchedulerCallsTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
