// Calls that the server has no room or no time for leave no trace.

#include <algorithm>
#include <deque>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

class PatienceTest : public RpcTest {
 protected:
  static constexpr size_t kQueue = 2;

  storage::Database::Options Options() override {
    storage::Database::Options options = RpcTest::Options();
    options.write_queue = kQueue;
    options.postgres_sessions = 1;
    return options;
  }

  // A call under way.
  struct Pending {
    grpc::ClientContext context;
    v1::CreateEntryRequest request;
    Reply<v1::CreateEntryResponse> reply;
    absl::Notification answered;

    const Reply<v1::CreateEntryResponse>& Wait() {
      if (!answered.WaitForNotificationWithTimeout(kLongWait)) {
        ADD_FAILURE() << "a call got no answer";
      }
      return reply;
    }
  };

  Pending& Begin(const v1::CreateEntryRequest& request,
                 absl::Duration deadline = kLongWait) {
    Pending& pending = pending_.emplace_back();
    pending.request = request;
    pending.context.set_deadline(std::chrono::system_clock::now() +
                                 absl::ToChronoMicroseconds(deadline));
    broadcast().async()->CreateEntry(&pending.context, &pending.request,
                                     &pending.reply.value,
                                     [&pending](grpc::Status status) {
                                       pending.reply.status = std::move(status);
                                       pending.answered.Notify();
                                     });
    return pending;
  }

  // Keeps every write from going on until ReleaseWriter.
  void BlockWriter() {
    raw().Execute(sqlite() ? "BEGIN IMMEDIATE"
                           : "BEGIN; LOCK TABLE clients IN ACCESS EXCLUSIVE "
                             "MODE");
  }
  void ReleaseWriter() { raw().Execute("ROLLBACK"); }

  // How many writes the writer has taken from its queue.
  uint64_t Taken() {
    for (const auto& family : test().registry().Collect()) {
      if (family.name == "broadcastd_storage_wait_seconds") {
        return family.metric[0].histogram.sample_count;
      }
    }
    return 0;
  }
  // How many CreateEntry calls have ended with this code, by the metrics.
  double Ended(const std::string& code) {
    for (const auto& family : test().registry().Collect()) {
      if (family.name != "broadcastd_rpc_calls_total") continue;
      for (const auto& metric : family.metric) {
        bool code_fits = false;
        bool method_fits = false;
        for (const auto& label : metric.label) {
          code_fits |= label.name == "code" && label.value == code;
          method_fits |= label.name == "method" && label.value == "CreateEntry";
        }
        if (code_fits && method_fits) return metric.counter.value;
      }
    }
    return 0;
  }

  // Blocks the writer with a call that it has taken.
  Pending& BlockWithCall() {
    BlockWriter();
    const uint64_t taken = Taken();
    Pending& first = Begin(NewEntry(1, 0));
    EXPECT_TRUE(Eventually([&] { return Taken() == taken + 1; }));
    return first;
  }

  std::deque<Pending> pending_;
};

TEST_P(PatienceTest, AFullQueueSaysWhenToComeAgain) {
  Pending& first = BlockWithCall();
  // The queue takes two; of these some find it full.
  std::vector<Pending*> others;
  for (int pair = 1; pair <= 6; ++pair) {
    others.push_back(&Begin(NewEntry(1, pair)));
  }
  EXPECT_TRUE(Eventually([&] { return Ended("RESOURCE_EXHAUSTED") == 4; }));
  ReleaseWriter();
  EXPECT_THAT(first.Wait(), Succeeds());
  int full = 0;
  for (Pending* other : others) {
    const auto& reply = other->Wait();
    if (reply.ok()) continue;
    ++full;
    EXPECT_THAT(reply, Fails(StatusCode::RESOURCE_EXHAUSTED, "QUEUE_FULL"));
    EXPECT_EQ(Broken(reply.failure()), "");
    EXPECT_GT(reply.failure().retry_after, absl::ZeroDuration());
  }
  EXPECT_EQ(full, 4);
  EXPECT_EQ(Count("entries"), 3);
  // There is room again.
  EXPECT_THAT(Call(NewEntry(2, 1)), Succeeds());
}

TEST_P(PatienceTest, ReadsGoOnWhileWritesWait) {
  const v1::Entry entry = Create(NewEntry(3, 0)).entry();
  if (sqlite()) {
    Pending& first = BlockWithCall();
    EXPECT_EQ(Get(entry.entry_id()).entry_id(), entry.entry_id());
    EXPECT_EQ(Call(v1::ListEntriesRequest())->entries_size(), 1);
    ReleaseWriter();
    EXPECT_THAT(first.Wait(), Succeeds());
  }
}

TEST_P(PatienceTest, ADeadlineThatPassesInTheQueueLeavesNoTrace) {
  Pending& first = BlockWithCall();
  Pending& late = Begin(NewEntry(1, 1), absl::Milliseconds(30));
  EXPECT_EQ(late.Wait().status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  ReleaseWriter();
  EXPECT_THAT(first.Wait(), Succeeds());
  EXPECT_TRUE(Eventually(
      [&] { return Ended("DEADLINE_EXCEEDED") + Ended("CANCELLED") == 1; }));
  EXPECT_EQ(Count("entries"), 1);
  EXPECT_EQ(Count("channels"), 2);
}

TEST_P(PatienceTest, ACallCancelledInTheQueueLeavesNoTrace) {
  Pending& first = BlockWithCall();
  std::vector<Pending*> others;
  for (int pair = 1; pair <= 3; ++pair) {
    v1::CreateEntryRequest request = NewEntry(1, pair);
    request.set_request_id(RequestId(pair));
    others.push_back(&Begin(request));
  }
  // One finds the queue full: so the other two are in it.
  const auto refused = [&] {
    return std::find_if(others.begin(), others.end(), [](Pending* other) {
      return other->answered.HasBeenNotified();
    });
  };
  ASSERT_TRUE(Eventually([&] { return refused() != others.end(); }));
  EXPECT_THAT((*refused())->reply, FailsWith("QUEUE_FULL"));
  others.erase(refused());
  others[0]->context.TryCancel();
  EXPECT_EQ(others[0]->Wait().status.error_code(), StatusCode::CANCELLED);
  ReleaseWriter();
  EXPECT_THAT(first.Wait(), Succeeds());
  EXPECT_THAT(others[1]->Wait(), Succeeds());
  EXPECT_TRUE(Eventually([&] { return Ended("CANCELLED") == 1; }));
  EXPECT_EQ(Count("entries"), 2);
  EXPECT_EQ(Count("request_ids"), 1);
  // Its request id tells that it was not made.
  EXPECT_FALSE(Create(others[0]->request).replayed());
}

// Too late for the body: the call may have been made, and its id tells.
TEST_P(PatienceTest, ACallCancelledWhileItRunsIsToldByItsRequestId) {
  BlockWriter();
  const uint64_t taken = Taken();
  v1::CreateEntryRequest request = NewEntry(1, 0);
  request.set_request_id(RequestId(1));
  Pending& running = Begin(request);
  EXPECT_TRUE(Eventually([&] { return Taken() == taken + 1; }));
  running.context.TryCancel();
  EXPECT_EQ(running.Wait().status.error_code(), StatusCode::CANCELLED);
  ReleaseWriter();
  EXPECT_TRUE(
      Eventually([&] { return Ended("OK") + Ended("CANCELLED") == 1; }));
  const bool made = Count("entries") == 1;
  EXPECT_EQ(Create(request).replayed(), made);
  EXPECT_EQ(Count("entries"), 1);
}

TEST_P(PatienceTest, AnOversizedMessageLeavesNoTrace) {
  v1::CreateEntryRequest request = NewEntry(1, 1);
  request.mutable_open_channel()->set_title(std::string(5 << 20, 'x'));
  auto reply = Call(request);
  EXPECT_EQ(reply.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(AllRows(), 0);
  // Large, but within the limit: what is wrong is told as usual.
  request.mutable_open_channel()->set_title(std::string(3 << 20, 'x'));
  EXPECT_THAT(Call(request),
              HasViolationsOf(std::vector<std::string>{"open_channel.title"}));
  EXPECT_EQ(AllRows(), 0);
}

TEST_P(PatienceTest, AStoppedDatabaseIsUnavailable) {
  Create(NewEntry(1, 1));
  database().Stop();
  EXPECT_THAT(Call(NewEntry(1, 2)),
              Fails(StatusCode::UNAVAILABLE, "SHUTTING_DOWN"));
  EXPECT_THAT(Call(v1::ListEntriesRequest()), FailsWith("SHUTTING_DOWN"));
  EXPECT_EQ(Count("entries"), 1);
}

// Those who hold the lock for longer than the server waits.
TEST_P(PatienceTest, ALockedDatabaseIsATypedErrorAndRecovers) {
  BlockWriter();
  const auto reply = Call(NewEntry(1, 1));
  EXPECT_THAT(reply, Fails(StatusCode::UNAVAILABLE, "STORAGE_BUSY"));
  EXPECT_TRUE(reply.failure().retry_after.has_value());
  ReleaseWriter();
  EXPECT_EQ(AllRows(), 0);
  EXPECT_THAT(Call(NewEntry(1, 1)), Succeeds());
}

INSTANTIATE_TEST_SUITE_P(Backends, PatienceTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
