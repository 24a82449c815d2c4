// ChannelService.CheckChannel.

#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/limits.h"
#include "rpc_fixture.h"

namespace broadcast::test {
namespace {

using testing::AllOf;
using testing::Gt;
using testing::Le;

// A platform that answers when it is told to.
class CheckChannelTest : public RpcTest {
 protected:
  struct Asked {
    std::string account;
    std::string address;
    absl::Duration timeout;
    std::function<void(rpc::Probed)> done;
  };

  void Configure(rpc::Policy& policy) override {
    policy.probe = [this](const std::string& account,
                          const std::string& address, absl::Duration timeout,
                          std::function<void(rpc::Probed)> done) {
      {
        absl::MutexLock lock(&mu_);
        asked_.push_back({account, address, timeout, done});
        if (!answer_.has_value()) return;
      }
      done(*answer_);
    };
  }

  void AnswerWith(rpc::Probed answer) { answer_ = std::move(answer); }

  static rpc::Probed Good() {
    return {.result = rpc::Probed::Result::kAnswered,
            .present = true,
            .may_post = true,
            .may_edit = true,
            .may_delete = false,
            .title = "News",
            .type = "channel"};
  }

  v1::CheckChannelRequest OpenChannel() {
    v1::CheckChannelRequest request;
    request.set_channel_id(
        Create(NewEntry(1, 1)).channel_pair().open_channel().channel_id());
    return request;
  }

  absl::Mutex mu_;
  std::vector<Asked> asked_;
  std::optional<rpc::Probed> answer_;
};

TEST_P(CheckChannelTest, TellsWhatThePlatformSays) {
  AnswerWith(Good());
  const v1::CheckChannelRequest request = OpenChannel();
  const int64_t rows = AllRows();
  const auto reply = Call(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply->present());
  EXPECT_TRUE(reply->may_post());
  EXPECT_TRUE(reply->may_edit());
  EXPECT_FALSE(reply->may_delete());
  EXPECT_EQ(reply->title(), "News");
  EXPECT_EQ(reply->type(), "channel");
  EXPECT_EQ(reply->problem(), "");
  EXPECT_TRUE(reply->has_check_time());
  ASSERT_EQ(asked_.size(), 1U);
  EXPECT_EQ(asked_[0].account, "log");
  EXPECT_EQ(asked_[0].address, "open-1-1");
  EXPECT_THAT(asked_[0].timeout,
              AllOf(Gt(absl::ZeroDuration()), Le(absl::Seconds(15))));
  EXPECT_EQ(AllRows(), rows);
}

TEST_P(CheckChannelTest, AProblemIsAnAnswer) {
  AnswerWith(
      {.result = rpc::Probed::Result::kAnswered, .problem = "chat_not_found"});
  const auto reply = Call(OpenChannel());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply->present());
  EXPECT_EQ(reply->problem(), "chat_not_found");
}

TEST_P(CheckChannelTest, APlatformThatCannotBeAskedIsAFailure) {
  const v1::CheckChannelRequest request = OpenChannel();
  AnswerWith(
      {.result = rpc::Probed::Result::kNotAsked, .problem = "connect_failed"});
  const auto failed = Call(request);
  EXPECT_THAT(failed, FailsWith("PROBE_FAILED"));
  EXPECT_EQ(failed.failure().metadata.at("problem"), "connect_failed");
  AnswerWith({.result = rpc::Probed::Result::kNoAccount});
  EXPECT_THAT(Call(request), FailsWith("ACCOUNT_UNAVAILABLE"));
  Serve([](rpc::Policy& policy) { policy.accounts.erase("log"); });
  EXPECT_THAT(Call(request), FailsWith("ACCOUNT_UNAVAILABLE"));
  Serve([](rpc::Policy& policy) { policy.probe = nullptr; });
  EXPECT_THAT(Call(request), FailsWith("ACCOUNT_UNAVAILABLE"));
}

TEST_P(CheckChannelTest, OnlyWhatIsThereIsChecked) {
  v1::CheckChannelRequest request;
  EXPECT_THAT(Call(request),
              HasViolationsOf(std::vector<std::string>{"channel_id"}));
  request.set_channel_id(OpenId(9, 9));
  EXPECT_THAT(Call(request), FailsWith("CHANNEL_NOT_FOUND"));
  EXPECT_TRUE(asked_.empty());
}

TEST_P(CheckChannelTest, TooManyAtOnceAreRefused) {
  const v1::CheckChannelRequest request = OpenChannel();
  for (int i = 0; i < limits::kMaxChecks; ++i) {
    ASSERT_TRUE(calls().BeginCheck());
  }
  EXPECT_THAT(Call(request), FailsWith("QUEUE_FULL"));
  for (int i = 0; i < limits::kMaxChecks; ++i) calls().EndCheck();
  AnswerWith(Good());
  EXPECT_THAT(Call(request), Succeeds());
}

INSTANTIATE_TEST_SUITE_P(Backends, CheckChannelTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
