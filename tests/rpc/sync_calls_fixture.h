// Feeds in channels whose messages a test has put in or out of order, and a
// platform that answers as it is told to. Derive a fixture from SyncCallTest as
// from RpcTest. The test owns it; its thread.
#ifndef BROADCASTD_RPC_SYNC_CALLS_FIXTURE_H_
#define BROADCASTD_RPC_SYNC_CALLS_FIXTURE_H_

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "feed_calls_fixture.h"

namespace broadcast::test {

class SyncCallTest : public FeedsTest {
 protected:
  void Configure(rpc::Policy& policy) override {
    FeedsTest::Configure(policy);
    policy.probe = [this](const std::string&, const std::string& address,
                          absl::Duration,
                          const std::function<void(rpc::Probed)>& done) {
      rpc::Probed answer;
      {
        const absl::MutexLock lock(&mu_);
        ++asked_[address];
        const auto found = answers_.find(address);
        answer = found == answers_.end() ? Good() : found->second;
      }
      done(answer);
    };
  }

  void SetUp() override {
    FeedsTest::SetUp();
    channel_ = Channel(1);
    feed_ = FeedOn(channel_);
  }

  static rpc::Probed Good() {
    return {.result = rpc::Probed::Result::kAnswered,
            .present = true,
            .may_post = true,
            .may_edit = true,
            .may_delete = true};
  }
  void AnswerOf(const v1::Channel& channel, rpc::Probed answer) {
    const absl::MutexLock lock(&mu_);
    answers_[channel.address()] = std::move(answer);
  }

  // As if what was to be posted had failed.
  void LoseMessages() { raw().Execute("DELETE FROM messages"); }

  // As if nothing waited any more of what was set in motion.
  void EndOperations() {
    raw().Execute("UPDATE plans SET done = 1");
    raw().Execute(
        "UPDATE operations SET state = 'finished', settled = 1, "
        "sent = planned, finish_time = 1 WHERE state <> 'finished'");
  }

  absl::Mutex mu_;
  std::map<std::string, rpc::Probed> answers_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int> asked_ ABSL_GUARDED_BY(mu_);
  v1::Channel channel_;
  v1::Feed feed_;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_RPC_SYNC_CALLS_FIXTURE_H_
