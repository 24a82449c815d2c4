// A transport, a server on this machine and what it takes to wait for a
// sender. For the tests of the senders.
#ifndef BROADCASTD_SENDERS_SENDER_FIXTURE_H_
#define BROADCASTD_SENDERS_SENDER_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "http/transport.h"
#include "senders/sender.h"
#include "support/answer.h"
#include "support/fake_clock.h"
#include "support/loopback_server.h"

namespace broadcast::senders {

using test::HttpAnswer;
using test::LoopbackServer;
using test::SeenRequest;
using test::ServerReply;
using Then = ServerReply::Then;

// The value that a sender calls back with, once.
template <typename Value>
class Pending {
 public:
  std::function<void(Value)> Done() {
    return [state = state_](Value value) {
      EXPECT_FALSE(state->answered.HasBeenNotified()) << "answered twice";
      state->value = std::move(value);
      state->answered.Notify();
    };
  }
  bool answered() const { return state_->answered.HasBeenNotified(); }
  Value Wait() const {
    EXPECT_TRUE(
        state_->answered.WaitForNotificationWithTimeout(test::kLongWait));
    return state_->value;
  }

 private:
  struct State {
    absl::Notification answered;
    Value value;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

class SenderTest : public testing::Test {
 protected:
  static Report Deliver(Sender& sender, Attempt attempt) {
    Pending<Report> pending;
    sender.Start(std::move(attempt), pending.Done());
    return pending.Wait();
  }
  static ProbeResult Probe(Sender& sender, std::string address) {
    Pending<ProbeResult> pending;
    sender.Probe(std::move(address), absl::Seconds(20), pending.Done());
    return pending.Wait();
  }

  const SystemClock system_clock_;
  const std::unique_ptr<http::Transport> transport_ =
      *http::Transport::Create({}, &system_clock_);
};

}  // namespace broadcast::senders

#endif  // BROADCASTD_SENDERS_SENDER_FIXTURE_H_
