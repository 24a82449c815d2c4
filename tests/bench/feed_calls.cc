// Calls that are not made again and again: a plan of Sync, and a stream of
// ImportPosts.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "broadcast/v1/feed_service.grpc.pb.h"
#include "commands.h"
#include "new_entries.h"
#include "new_posts.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  auto channel =
      grpc::CreateChannel(target, grpc::InsecureChannelCredentials());
  if (!channel->WaitForConnected(std::chrono::system_clock::now() +
                                 std::chrono::seconds(10))) {
    Die("there is no server at " + target);
  }
  return channel;
}

void Check(const grpc::Status& status, const char* method) {
  if (!status.ok()) Die(std::string(method) + ": " + status.error_message());
}

// One stream of ImportPosts. The next message is on its way while the one
// before is decided, as a caller who has the posts at hand sends them.
class ImportStream {
 public:
  ImportStream(v1::FeedService::Stub& stub, int64_t posts_a_message)
      : posts_a_message_(posts_a_message),
        stream_(stub.ImportPosts(&context_)) {
    v1::ImportPostsRequest request;
    request.mutable_settings()->set_feed_id(kSeededFeedId);
    request.mutable_settings()->set_mode(v1::IMPORT_MODE_MERGE);
    Write(request);
    Answer();
  }

  void Send() {
    v1::ImportPostsRequest request;
    for (int64_t i = 0; i < posts_a_message_; ++i) {
      NewPost post = posts_.Next();
      v1::PostSpec& spec = *request.mutable_posts()->add_posts();
      spec.set_external_id(std::move(post.external_id));
      spec.mutable_content()->set_text(std::move(post.text));
    }
    Write(request);
  }

  // How many posts the import has by the answer to the message before.
  int64_t Answer() {
    v1::ImportPostsResponse response;
    if (!stream_->Read(&response)) {
      Check(stream_->Finish(), "ImportPosts");
      Die("ImportPosts ended early");
    }
    return response.progress().created_count();
  }

  int64_t Complete(int64_t posts) {
    v1::ImportPostsRequest request;
    request.mutable_completion()->set_expected_count(posts);
    Write(request);
    const int64_t created = Answer();
    Check(stream_->Finish(), "ImportPosts");
    return created;
  }

 private:
  void Write(const v1::ImportPostsRequest& request) {
    if (stream_->Write(request)) return;
    Check(stream_->Finish(), "ImportPosts");
  }

  const int64_t posts_a_message_;
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::ImportPostsRequest, v1::ImportPostsResponse>>
      stream_;
  NewPosts posts_;
};

}  // namespace

int SyncPlan(Flags& flags) {
  const std::string target = flags.Text("target");
  flags.Done();
  const auto stub = v1::BroadcastService::NewStub(Connect(target));
  v1::SyncRequest request;
  request.set_channel_id(kSeededChannelId);
  request.set_validate_only(true);
  v1::SyncResponse response;
  grpc::ClientContext context;
  const SteadyTime start = SteadyClock::now();
  Check(stub->Sync(&context, request, &response), "Sync");
  const double seconds = MicrosSince(start) / 1e6;
  const v1::SyncPlan& plan = response.plan();
  const int64_t rows = plan.open_post_count() + plan.tracked_message_count();
  const nlohmann::ordered_json result = {
      {"rows", rows},
      {"kept", plan.kept_count()},
      {"edits", plan.edit_count()},
      {"seconds", seconds},
      {"rate", static_cast<double>(rows) / seconds},
  };
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

int Import(Flags& flags) {
  const std::string target = flags.Text("target");
  const int64_t posts_a_message = flags.Number("posts_a_message", 1000);
  const double seconds = flags.Seconds("seconds", 5);
  const double warmup = flags.Seconds("warmup", 1);
  flags.Done();
  const auto stub = v1::FeedService::NewStub(Connect(target));
  ImportStream stream(*stub, posts_a_message);
  stream.Send();
  int64_t sent = posts_a_message;
  Pace pace(warmup, seconds);
  int64_t created = 0;
  while (!pace.over()) {
    stream.Send();
    sent += posts_a_message;
    const int64_t before = created;
    created = stream.Answer();
    pace.Did(created - before);
  }
  stream.Answer();
  const int64_t total = stream.Complete(sent);
  const nlohmann::ordered_json result = {{"rate", pace.PerSecond()},
                                         {"posts", total}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
