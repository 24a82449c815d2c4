// How POSTs end before their time: cancelled, or with the transport.
#include <atomic>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "transport_fixture.h"

namespace broadcast::http {
namespace {

class EndTest : public TransportTest {
 protected:
  // A POST that does not begin: the server answers no handshake.
  Post Unbegun() const {
    return PostTo(absl::StrCat("https://127.0.0.1:", server_.port(), "/"));
  }

  // Answers when it is told to.
  LoopbackServer server_{[this](const SeenRequest&) -> ServerReply {
    seen_ = true;
    go_.WaitForNotificationWithTimeout(test::kLongWait);
    return {HttpAnswer(200, "answered")};
  }};

  void AwaitRequest() {
    ASSERT_TRUE(test::Eventually([&] { return seen_.load(); }));
  }

  void TearDown() override {
    if (!go_.HasBeenNotified()) go_.Notify();
  }

  std::atomic<bool> seen_ = false;
  absl::Notification go_;
};

TEST_F(EndTest, WhatHasNotBegunIsCancelled) {
  const Pending first = Start(PostTo(server_.Url("/1")));
  AwaitRequest();
  Pending second;
  const Transport::Id id = transport_->Start(Unbegun(), second.Done());
  transport_->Cancel(id);
  EXPECT_THAT(second.Wait(),
              EndsWith(Failure::kCancelled, Phase::kNotConnected));
  go_.Notify();
  EXPECT_EQ(first.Wait().body, "answered");
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(EndTest, WhatHasBegunRunsOnToItsAnswer) {
  Pending pending;
  const Transport::Id id =
      transport_->Start(PostTo(server_.Url("/")), pending.Done());
  AwaitRequest();
  transport_->Cancel(id);
  transport_->Cancel(id + 7);  // nobody's
  // What was cancelled before this was dealt with before this.
  Pending blocked;
  transport_->Start(PostTo("no url"), blocked.Done());
  blocked.Wait();
  EXPECT_FALSE(pending.answered());
  go_.Notify();
  EXPECT_THAT(pending.Wait(), EndsWith(Failure::kNone, Phase::kResponseRead));
}

TEST_F(EndTest, StopWaitsForWhatHasBegunAndCancelsTheRest) {
  const Pending first = Start(PostTo(server_.Url("/1")));
  AwaitRequest();
  const Pending second = Start(Unbegun());
  std::thread stopping([&] { transport_->Stop(test::kLongWait); });
  EXPECT_THAT(second.Wait(),
              EndsWith(Failure::kCancelled, Phase::kNotConnected));
  EXPECT_FALSE(first.answered());
  go_.Notify();
  EXPECT_THAT(first.Wait(), EndsWith(Failure::kNone, Phase::kResponseRead));
  stopping.join();
  EXPECT_THAT(Send(PostTo(server_.Url("/3"))),
              EndsWith(Failure::kCancelled, Phase::kNotConnected));
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(EndTest, WhatIsNotAnsweredInTheGraceEndsInThePhaseItHadComeTo) {
  const Pending pending = Start(PostTo(server_.Url("/")));
  AwaitRequest();
  transport_->Stop(absl::Milliseconds(100));
  ASSERT_TRUE(pending.answered());
  EXPECT_THAT(pending.Wait(),
              EndsWith(Failure::kCancelled, Phase::kRequestSent));
}

TEST_F(EndTest, ASecondStopMakesTheGraceShorter) {
  const Pending pending = Start(PostTo(server_.Url("/")));
  AwaitRequest();
  std::thread stopping([&] { transport_->Stop(absl::InfiniteDuration()); });
  transport_->Stop(absl::ZeroDuration());
  stopping.join();
  EXPECT_THAT(pending.Wait(),
              EndsWith(Failure::kCancelled, Phase::kRequestSent));
}

TEST_F(EndTest, EveryPostIsAnsweredWhenTheTransportGoes) {
  std::vector<Pending> pending;
  for (int i = 0; i < 50; ++i) {
    pending.push_back(Start(i % 2 == 0 ? PostTo(server_.Url("/")) : Unbegun()));
  }
  transport_.reset();
  for (const Pending& each : pending) EXPECT_TRUE(each.answered());
}

}  // namespace
}  // namespace broadcast::http
