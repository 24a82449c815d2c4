// Feeds, channels and posts to call FeedService with. Derive a fixture from
// FeedsTest as from RpcTest. The test owns it; its thread.
#ifndef BROADCASTD_RPC_FEED_CALLS_FIXTURE_H_
#define BROADCASTD_RPC_FEED_CALLS_FIXTURE_H_

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"
#include "rpc_fixture.h"

namespace broadcast::test {

class FeedsTest : public RpcTest {
 protected:
  void Configure(rpc::Policy& policy) override {
    policy.wake_dispatcher = [this] { ++dispatcher_woken_; };
    policy.wake_planner = [this] { ++planner_woken_; };
    policy.wake_expirer = [this] { ++expirer_woken_; };
  }

  static v1::CreateFeedRequest NewFeed(int client, const std::string& name) {
    v1::CreateFeedRequest request;
    request.mutable_feed()->set_client_id(ClientId(client));
    request.mutable_feed()->set_name(name);
    return request;
  }

  // A feed of a client that exists.
  v1::Feed Feed(const std::string& name = "news", int client = 1) {
    const auto made = Call(NewFeed(client, name));
    EXPECT_THAT(made, Succeeds());
    return made->feed();
  }

  // A channel of a pair of its own, which registers the client too.
  v1::Channel Channel(int pair, int client = 1) {
    const auto made = Call(NewPair(client, pair));
    EXPECT_THAT(made, Succeeds());
    return made->channel_pair().open_channel();
  }

  // A Telegram channel likewise.
  v1::Channel Chat(int pair, int client = 1) {
    auto request = NewPair(client, pair);
    *request.mutable_open_channel() =
        TelegramChannel(absl::StrCat("-100", client, pair));
    const auto made = Call(request);
    EXPECT_THAT(made, Succeeds());
    return made->channel_pair().open_channel();
  }

  static v1::AddFeedChannelRequest AddTo(const v1::Feed& feed,
                                         const v1::Channel& channel) {
    v1::AddFeedChannelRequest request;
    request.set_feed_id(feed.feed_id());
    request.set_channel_id(channel.channel_id());
    return request;
  }

  // A feed that is published to `channel`.
  v1::Feed FeedOn(const v1::Channel& channel,
                  const std::string& name = "news") {
    const v1::Feed feed = Feed(name);
    EXPECT_THAT(Call(AddTo(feed, channel)), Succeeds());
    return feed;
  }

  static v1::PostSpec Spec(const std::string& external_id,
                           const std::string& text) {
    v1::PostSpec spec;
    spec.set_external_id(external_id);
    *spec.mutable_content() = TextContent(text);
    return spec;
  }

  static v1::UpsertPostRequest Upsert(const v1::Feed& feed,
                                      const std::string& external_id,
                                      const std::string& text) {
    v1::UpsertPostRequest request;
    request.set_feed_id(feed.feed_id());
    *request.mutable_post() = Spec(external_id, text);
    return request;
  }

  v1::UpsertPostResponse Post(const v1::Feed& feed,
                              const std::string& external_id = "a",
                              const std::string& text = "hello") {
    auto reply = Call(Upsert(feed, external_id, text));
    EXPECT_THAT(reply, Succeeds());
    return std::move(reply.value);
  }

  static v1::ClosePostRequest Close(const std::string& post_id) {
    v1::ClosePostRequest request;
    request.set_post_id(post_id);
    return request;
  }

  static v1::DeletePostRequest Delete(const std::string& post_id) {
    v1::DeletePostRequest request;
    request.set_post_id(post_id);
    return request;
  }

  v1::Post PostOf(const std::string& post_id) {
    v1::GetPostRequest request;
    request.set_post_id(post_id);
    const auto reply = Call(request);
    EXPECT_THAT(reply, Succeeds());
    return reply->post();
  }

  v1::ListMessagesResponse Messages(const v1::Feed& feed) {
    v1::ListMessagesRequest request;
    request.set_feed_id(feed.feed_id());
    auto reply = Call(request);
    EXPECT_THAT(reply, Succeeds());
    return std::move(reply.value);
  }

  v1::ListDeliveriesResponse Deliveries(const v1::Operation& operation) {
    v1::ListDeliveriesRequest request;
    request.set_operation_id(operation.operation_id());
    auto reply = Call(request);
    EXPECT_THAT(reply, Succeeds());
    return std::move(reply.value);
  }

  // As if all that waits had been sent at this time.
  void SendAll() {
    raw().Execute(absl::StrCat(
        "UPDATE messages SET state = 'live', platform_message_id = "
        "message_id, post_time = ",
        absl::ToUnixMicros(clock().Now()), " WHERE state = 'pending'"));
  }

  std::atomic<int> dispatcher_woken_{0};
  std::atomic<int> planner_woken_{0};
  std::atomic<int> expirer_woken_{0};
};

}  // namespace broadcast::test

#endif  // BROADCASTD_RPC_FEED_CALLS_FIXTURE_H_
