// A transport and what it takes to post to this machine. For the tests of the
// transport.
#ifndef BROADCASTD_HTTP_TRANSPORT_FIXTURE_H_
#define BROADCASTD_HTTP_TRANSPORT_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "http/transport.h"
#include "support/answer.h"
#include "support/loopback_server.h"

namespace broadcast::http {

using test::HttpAnswer;
using test::LoopbackServer;
using test::SeenRequest;
using test::ServerReply;
using Then = ServerReply::Then;

inline std::shared_ptr<const Destinations> Loopback() {
  return std::make_shared<const Destinations>(
      *Destinations::Create({.loopback_only = true, .http = true}));
}

// What a POST will be answered.
class Pending {
 public:
  // Pass this as `done`, once.
  std::function<void(Response)> Done() {
    return [state = state_](Response response) {
      EXPECT_FALSE(state->answered.HasBeenNotified()) << "answered twice";
      state->response = std::move(response);
      state->answered.Notify();
    };
  }
  bool answered() const { return state_->answered.HasBeenNotified(); }
  Response Wait() const {
    EXPECT_TRUE(
        state_->answered.WaitForNotificationWithTimeout(test::kLongWait));
    return state_->response;
  }

 private:
  struct State {
    absl::Notification answered;
    Response response;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

class TransportTest : public testing::Test {
 protected:
  explicit TransportTest(Transport::Options options = {})
      : transport_(*Transport::Create(options, &clock_)) {}

  static Post PostTo(std::string url, std::string body = "{}") {
    return {.url = std::move(url),
            .headers = {"Content-Type: application/json"},
            .body = std::move(body),
            .timeout = absl::Seconds(20),
            .destinations = Loopback()};
  }
  Pending Start(Post post) {
    Pending pending;
    transport_->Start(std::move(post), pending.Done());
    return pending;
  }
  Response Send(Post post) { return Start(std::move(post)).Wait(); }

  const SystemClock clock_;
  std::unique_ptr<Transport> transport_;
};

MATCHER_P2(EndsWith, failure, phase, "") {
  *result_listener << "failure " << static_cast<int>(arg.failure) << ", phase "
                   << static_cast<int>(arg.phase) << ", status " << arg.status;
  return arg.failure == failure && arg.phase == phase;
}

}  // namespace broadcast::http

#endif  // BROADCASTD_HTTP_TRANSPORT_FIXTURE_H_
